// SPDX-License-Identifier: Apache-2.0
/* What the kernel does to memory behind everybody's back, and the hugepages partitions take. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/units.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
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
	if (strstr(text, "[never]") != NULL)
		doctor_say(result, DOCTOR_PASS, "never");
	else if (strstr(text, "[madvise]") != NULL)
		doctor_say(result, DOCTOR_WARN, "madvise");
	else if (strstr(text, "[always]") != NULL)
		doctor_say(result, DOCTOR_FAIL, "always");
	else
		doctor_unknown(result, THP, EINVAL);
	if (result->verdict == DOCTOR_FAIL || result->verdict == DOCTOR_WARN)
		doctor_advise(result, "echo never > " THP "; and boot with transparent_hugepage=never");
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
		doctor_advise(result, "swapoff -a; and take its lines out of /etc/fstab");
}

/* Pages of one size that all partitions of the file take together. */
static uint64_t pages_needed(const struct machine_config *machine, uint64_t page_bytes)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (partition->page_bytes == page_bytes &&
		    __builtin_add_overflow(pages, partition->memory_bytes / page_bytes +
					   (partition->memory_bytes % page_bytes != 0), &pages))
			return UINT64_MAX;
	}
	return pages;
}

static void advise_pool(struct doctor_result *result, uint64_t page_bytes, uint64_t pages)
{
	if (page_bytes == UINT64_C(2) << 20)
		doctor_advise(result, "echo %" PRIu64 " > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages; "
			      "early, while memory is whole, or boot with hugepagesz=2M hugepages=%" PRIu64,
			      pages, pages);
	else
		doctor_advise(result, "boot with hugepagesz=1G hugepages=%" PRIu64, pages);
}

/* One pool against a file; whether it holds all, and is free. Else @result says what is missing. */
static bool pool_suffices(const struct doctor_subject *subject, const struct host_pool *pool,
			  struct doctor_result *result)
{
	uint64_t needed = pages_needed(subject->machine, pool->page_bytes);
	char size[32];

	if (needed == 0)
		return true;
	size_format(pool->page_bytes, size, sizeof(size));
	if (!pool->known) {
		doctor_say(result, DOCTOR_UNKNOWN, "the pool of %s pages could not be read", size);
		return false;
	}
	if (pool->free >= needed)
		return true;
	bool in_use = pool->total >= needed;

	doctor_say(result, in_use ? DOCTOR_WARN : DOCTOR_FAIL, "%" PRIu64 " of %" PRIu64 " pages of %s are free, "
		   "the file takes %" PRIu64, pool->free, pool->total, size, needed);
	if (in_use)
		doctor_advise(result, "grep -l hugetlbfs /proc/[0-9]*/maps # names who holds them, partitions that "
			      "run already among them");
	else
		advise_pool(result, pool->page_bytes, needed);
	return false;
}

static void look_pools_in_general(const struct host_pool *pool, struct doctor_result *result)
{
	struct doctor_items items = {0};
	bool known = true;

	doctor_expect(result, "some pages, to be taken by partitions");
	for (size_t i = 0; i < HOST_POOLS; i++) {
		char size[32];

		known &= pool[i].known;
		if (pool[i].known && pool[i].total > 0)
			doctor_items_add(&items, "%" PRIu64 " of %" PRIu64 " pages of %s are free",
					 pool[i].free, pool[i].total,
					 size_format(pool[i].page_bytes, size, sizeof(size)));
	}
	if (items.count > 0) {
		doctor_say(result, DOCTOR_PASS, "%s", doctor_items_end(&items));
		return;
	}
	if (!known) {
		doctor_say(result, DOCTOR_UNKNOWN, "the hugepage pools could not be read");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "no pool has a page");
	doctor_advise(result, "echo 512 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages, for 1 GiB of "
		      "partitions");
}

static void look_hugepages(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_pool *pool = subject->host->memory.pool;

	if (!subject->needs_hugepages) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition takes hugepages");
		return;
	}
	if (subject->machine == NULL) {
		look_pools_in_general(pool, result);
		return;
	}
	doctor_expect(result, "as many free pages as the file takes");
	for (size_t i = 0; i < HOST_POOLS; i++) {
		if (!pool_suffices(subject, &pool[i], result))
			return;
	}
	doctor_say(result, DOCTOR_PASS, "enough pages are free");
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
	 "TLB a miss.", look_hugepages},
};

const struct doctor_table doctor_memory = {checks, sizeof(checks) / sizeof(checks[0])};
