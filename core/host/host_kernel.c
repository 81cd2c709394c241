// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/host_parse.h"

enum { FAIR_SERVER_SINCE = 6 << 16 | 12 << 8 };

/* "6.1.0-37-rt-amd64" to KERNEL_VERSION(6, 1, 0); 0 for what is no release. */
static unsigned version_of(const char *release)
{
	char *dot = NULL;
	char *end = NULL;
	unsigned long major = strtoul(release, &dot, 10);
	unsigned long minor = *dot == '.' ? strtoul(dot + 1, &end, 10) : 0;

	if (dot == release || end == NULL || end == dot + 1 || major > 255 || minor > 255)
		return 0;
	return (unsigned)(major << 16 | minor << 8);
}

/* /proc/version begins "Linux version RELEASE (". */
static void parse_release(const struct host_files *files, struct host_kernel *kernel)
{
	static const char start[] = "Linux version ";
	const char *text = NULL;
	size_t length;

	if (host_text(files, &text, "/proc/sys/kernel/osrelease") != 0) {
		if (host_text(files, &text, "/proc/version") != 0 ||
		    strncmp(text, start, sizeof(start) - 1) != 0)
			return;
		text += sizeof(start) - 1;
	}
	length = strcspn(text, " \n");
	if (length >= sizeof(kernel->release))
		return;
	memcpy(kernel->release, text, length);
	kernel->release[length] = '\0';
	host_make_plain(kernel->release);
	kernel->version = version_of(kernel->release);
}

static enum fact parse_preempt_rt(const struct host_files *files)
{
	const char *text = NULL;
	int64_t realtime = 0;

	/* Kernels whose real-time parts came by patch have this file; since Linux 6.12 there is none. */
	if (host_number(files, &realtime, "/sys/kernel/realtime") == 0) {
		if (realtime == 0 || realtime == 1)
			return realtime == 1 ? FACT_YES : FACT_NO;
	}
	if (host_text(files, &text, "/proc/version") != 0 || strchr(text, '#') == NULL)
		return FACT_UNKNOWN;
	/* After the '#' stands what the kernel says of its own build; before it, whoever built it. */
	text = strrchr(text, '#');
	if (strstr(text, " PREEMPT_RT") != NULL || strstr(text, " PREEMPT RT") != NULL)
		return FACT_YES;
	return FACT_NO;
}

static enum fact parse_fair_server(const struct host_files *files, unsigned version)
{
	size_t at = 0;

	if (host_files_next(files, "/sys/kernel/debug/sched/fair_server/*/*", &at) != NULL)
		return FACT_YES;
	if (version == 0)
		return FACT_UNKNOWN;
	return version >= FAIR_SERVER_SINCE ? FACT_YES : FACT_NO;
}

/* A kernel built without the feature has no file; one that was not told of any CPUs may say "(null)". */
static bool parse_cpus(const struct host_files *files, const char *name, struct cpulist *ret)
{
	const char *text = NULL;
	int error = host_text(files, &text, "/sys/devices/system/cpu/%s", name);

	*ret = (struct cpulist){0};
	if (error == -ENOENT)
		return true;
	if (error != 0)
		return false;
	return strcmp(text, "(null)") == 0 || cpulist_parse_kernel(text, ret) == 0;
}

void host_kernel_parse(struct host_facts *facts)
{
	const struct fact_number unknown = {.error = ENODATA};
	struct host_kernel *kernel = &facts->kernel;

	*kernel = (struct host_kernel){
		.rt_runtime_us = unknown,
		.rt_period_us = unknown,
		.deadline_period_min_us = unknown,
		.deadline_period_max_us = unknown,
	};
	if ((facts->groups & HOST_KERNEL) == 0)
		return;
	parse_release(&facts->files, kernel);
	kernel->preempt_rt = parse_preempt_rt(&facts->files);
	host_fact_number(&facts->files, "/proc/sys/kernel/sched_rt_runtime_us",
			 &kernel->rt_runtime_us);
	host_fact_number(&facts->files, "/proc/sys/kernel/sched_rt_period_us",
			 &kernel->rt_period_us);
	host_fact_number(&facts->files, "/proc/sys/kernel/sched_deadline_period_min_us",
			 &kernel->deadline_period_min_us);
	host_fact_number(&facts->files, "/proc/sys/kernel/sched_deadline_period_max_us",
			 &kernel->deadline_period_max_us);
	kernel->has_fair_server = parse_fair_server(&facts->files, kernel->version);
	kernel->isolated_known = parse_cpus(&facts->files, "isolated", &kernel->isolated);
	kernel->nohz_full_known = parse_cpus(&facts->files, "nohz_full", &kernel->nohz_full);
}

static int fair_server_ns(const struct host_facts *facts, unsigned cpu, const char *name,
			  uint64_t *ret)
{
	int64_t value = 0;
	int error = host_number(&facts->files, &value, "/sys/kernel/debug/sched/fair_server/cpu%u/%s",
				cpu, name);

	if (error == -ENOENT) /* the kernel has the server, but debugfs is not mounted */
		return -ENODATA;
	if (error == 0 && value < 0)
		return -EINVAL;
	if (error == 0)
		*ret = (uint64_t)value;
	return error;
}

int host_fair_server(const struct host_facts *facts, unsigned cpu, uint64_t *ret_runtime_ns,
		     uint64_t *ret_period_ns)
{
	uint64_t runtime = 0;
	uint64_t period = 0;
	int error = 0;

	if (facts->kernel.has_fair_server == FACT_UNKNOWN)
		return -ENODATA;
	if (facts->kernel.has_fair_server == FACT_YES) {
		error = fair_server_ns(facts, cpu, "runtime", &runtime);
		if (error == 0)
			error = fair_server_ns(facts, cpu, "period", &period);
		if (error == 0 && runtime != 0 && period == 0)
			error = -EINVAL;
	}
	if (error != 0)
		return error;
	*ret_runtime_ns = runtime;
	*ret_period_ns = runtime == 0 ? 0 : period;
	return 0;
}
