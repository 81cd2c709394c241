// SPDX-License-Identifier: Apache-2.0
/* What the kernel does to memory behind everybody's back. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_hugepages.h"
#include "rt/doctor_words.h"

#define KSM "/sys/kernel/mm/ksm/"
#define THP "/sys/kernel/mm/transparent_hugepage/enabled"
#define NUMA_BALANCING "/proc/sys/kernel/numa_balancing"
#define STAT_INTERVAL "/proc/sys/vm/stat_interval"

enum { STAT_INTERVAL_GOOD_S = 10 };

static void look_ksm(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t run = 0;
	int64_t shared = 0;

	doctor_expect(result, "run 0 or 2 and no shared page");
	if (host_number(&subject->host->files, &run, KSM "run") == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "the kernel has no KSM");
		return;
	}
	if (!doctor_number(subject, result, &run, KSM "run") ||
	    !doctor_number(subject, result, &shared, KSM "pages_shared"))
		return;
	if (run == 1)
		doctor_say(result, DOCTOR_FAIL, "run 1, %" PRId64 " pages shared", shared);
	else if (run != 0 && run != 2)
		doctor_say(result, DOCTOR_UNKNOWN, KSM "run: %" PRId64 " is not understood", run);
	else
		doctor_say(result, shared != 0 ? DOCTOR_WARN : DOCTOR_PASS,
			   "run %" PRId64 ", %" PRId64 " pages shared", run, shared);
	if (result->verdict == DOCTOR_FAIL || result->verdict == DOCTOR_WARN)
		doctor_advise(result, "echo 2 > " KSM "run");
}

/*
 * Linux 6.8 has the same choice for each size, which may also be to inherit that for all, and there is one
 * for shared memory. Returns the first that is not off, or NULL, and then in @ret_error why one is not known.
 */
static const struct host_file *find_thp(const struct doctor_subject *subject, int *ret_error)
{
	static const char *const pattern[] = {
		"/sys/kernel/mm/transparent_hugepage/hugepages-*/enabled",
		"/sys/kernel/mm/transparent_hugepage/shmem_enabled",
	};
	const struct host_file *file;

	*ret_error = 0;
	for (size_t i = 0; i < sizeof(pattern) / sizeof(pattern[0]); i++) {
		size_t at = 0;

		while ((file = host_files_next(&subject->host->files, pattern[i], &at)) != NULL) {
			if (file->text == NULL)
				*ret_error = file->error;
			else if (strstr(file->text, "[never]") == NULL && strstr(file->text, "[deny]") == NULL &&
				 strstr(file->text, "[inherit]") == NULL)
				return file;
		}
	}
	return NULL;
}

/* For all sizes it is off. */
static void look_thp_sizes(const struct doctor_subject *subject, struct doctor_result *result)
{
	int error = 0;
	const struct host_file *file = find_thp(subject, &error);

	if (file != NULL) {
		doctor_say(result, DOCTOR_WARN, "never, but in %s: %s", file->path, file->text);
		doctor_advise(result, "echo never > %.160s", file->path);
	} else if (error != 0) {
		doctor_unknown(result, "/sys/kernel/mm/transparent_hugepage", error);
	} else {
		doctor_say(result, DOCTOR_PASS, "never");
	}
}

static void look_thp(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *text = NULL;

	doctor_expect(result, "never");
	if (host_text(&subject->host->files, &text, THP) == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "the kernel has no transparent hugepages");
		return;
	}
	if (!doctor_text(subject, result, &text, THP))
		return;
	if (strstr(text, "[never]") != NULL) {
		look_thp_sizes(subject, result);
		return;
	}
	if (strstr(text, "[madvise]") != NULL)
		doctor_say(result, DOCTOR_WARN, "madvise");
	else if (strstr(text, "[always]") != NULL)
		doctor_say(result, DOCTOR_FAIL, "always");
	else
		doctor_unknown(result, THP, EINVAL);
	if (result->verdict == DOCTOR_FAIL || result->verdict == DOCTOR_WARN)
		doctor_advise(result, "echo never > " THP " # and boot with transparent_hugepage=never");
}

static void look_numa_balancing(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t value = 0;

	doctor_expect(result, "0");
	if (host_number(&subject->host->files, &value, NUMA_BALANCING) == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "the kernel does not balance NUMA nodes");
		return;
	}
	if (!doctor_number(subject, result, &value, NUMA_BALANCING))
		return;
	doctor_say(result, value == 0 ? DOCTOR_PASS : DOCTOR_FAIL, "%" PRId64, value);
	if (value != 0)
		doctor_advise(result, "sysctl -w kernel.numa_balancing=0");
}

static void look_stat_interval(const struct doctor_subject *subject, struct doctor_result *result)
{
	int64_t seconds = 0;

	doctor_expect(result, "at least %d s", STAT_INTERVAL_GOOD_S);
	if (!doctor_number(subject, result, &seconds, STAT_INTERVAL))
		return;
	doctor_say(result, seconds >= STAT_INTERVAL_GOOD_S ? DOCTOR_PASS : DOCTOR_WARN, "%" PRId64 " s",
		   seconds);
	if (seconds < STAT_INTERVAL_GOOD_S)
		doctor_advise(result, "sysctl -w vm.stat_interval=%d", STAT_INTERVAL_GOOD_S);
}

/* One line says what the columns are; each further one is a device or file in use. */
static void look_swap(const struct doctor_subject *subject, struct doctor_result *result)
{
	struct doctor_items items = {0};
	const char *text = NULL;

	doctor_expect(result, "none in use");
	if (host_text(&subject->host->files, &text, "/proc/swaps") == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "the kernel has no swap");
		return;
	}
	if (!doctor_text(subject, result, &text, "/proc/swaps"))
		return;
	if (strncmp(text, "Filename", strlen("Filename")) != 0) {
		doctor_unknown(result, "/proc/swaps", EINVAL);
		return;
	}
	for (text = strchr(text, '\n'); text != NULL; text = strchr(text, '\n')) {
		text++;
		if (*text != '\0' && *text != '\n')
			doctor_items_add(&items, "%.*s", (int)strcspn(text, " \t\n"), text);
	}
	doctor_say(result, items.count > 0 ? DOCTOR_WARN : DOCTOR_PASS, "%s",
		   items.count > 0 ? doctor_items_end(&items) : "none in use");
	if (items.count > 0)
		doctor_advise(result, "swapoff -a # and take its lines out of /etc/fstab");
}

static const struct doctor_check checks[] = {
	{"P26-ksm", DOCTOR_JITTER, "merging of equal pages (KSM)",
	 "Merging changes page tables under running guests, and the first write to a merged page waits for a copy.",
	 look_ksm},
	{"P26-thp", DOCTOR_JITTER, "transparent hugepages",
	 "khugepaged moves pages together, and asks every CPU to empty its lists of pages before it does.",
	 look_thp},
	{"P26-numa-balancing", DOCTOR_STALLS, "balancing between NUMA nodes",
	 "To learn who uses a page the kernel takes it out of the page tables and waits for the fault, in guest "
	 "memory as well.", look_numa_balancing},
	{"P26-stat-interval", DOCTOR_JITTER, "update of memory statistics (vm.stat_interval)",
	 "Each CPU folds its memory statistics in a kernel worker at this interval, one second unless told "
	 "otherwise.", look_stat_interval},
	{"P26-swap", DOCTOR_STALLS, "swap",
	 "What is not locked may be on a disk when it is needed: the shell that should stop a machine, or the "
	 "memory of a best-effort partition.", look_swap},
	{"M1-hugepages", DOCTOR_BREAKS, "hugepage pools",
	 "A partition whose hugepages are not free does not start; without hugepages each guest page costs the "
	 "TLB a miss.", doctor_look_hugepages},
};

const struct doctor_table doctor_memory = {checks, sizeof(checks) / sizeof(checks[0])};
