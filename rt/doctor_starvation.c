// SPDX-License-Identifier: Apache-2.0
/*
 * Each CPU has kernel threads that everything else waits for: ksoftirqd, on PREEMPT_RT ktimers as well, and
 * rcuc where RCU callbacks have threads. Kernel Documentation/admin-guide/kernel-per-CPU-kthreads.rst.
 */
#include "rt/doctor_starvation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

enum { THROTTLING_LEFT = 6 << 16 | 12 << 8 };

static const char softirqs[] = "ksoftirqd/";

/* The CPU that a thread serves by its name, "ksoftirqd/2"; -1 where it has another. */
static int cpu_of(const struct host_thread *thread, const char *prefix)
{
	size_t length = strlen(prefix);
	char *end;

	if (!thread->kernel || strncmp(thread->name, prefix, length) != 0 ||
	    strspn(thread->name + length, "0123456789") == 0)
		return -1;
	unsigned long cpu = strtoul(thread->name + length, &end, 10);

	return *end == '\0' && cpu < CPULIST_MAX ? (int)cpu : -1;
}

/* The CPU that an indispensable thread serves, or -1 for any other thread. */
static int served_cpu(const struct host_thread *thread)
{
	static const char *const prefix[] = {softirqs, "ktimers/", "ktimersoftd/", "rcuc/"};
	int cpu = -1;

	for (size_t i = 0; cpu < 0 && i < sizeof(prefix) / sizeof(prefix[0]); i++)
		cpu = cpu_of(thread, prefix[i]);
	return cpu;
}

/* Each CPU that is online has a ksoftirqd: one without was not seen, and proves nothing. */
static bool all_seen(const struct doctor_subject *subject, const struct host_threads *threads)
{
	struct cpulist missing;

	cpulist_and(&subject->rt_cpus, &subject->host->topology.online, &missing);
	for (size_t i = 0; i < threads->count; i++) {
		int cpu = cpu_of(&threads->thread[i], softirqs);

		if (cpu >= 0)
			cpulist_remove(&missing, (unsigned)cpu);
	}
	return cpulist_empty(&missing);
}

/* Since Linux 6.12 only groups of CONFIG_RT_GROUP_SCHED are throttled. */
static bool throttles(const struct host_facts *host)
{
	const struct host_kernel *kernel = &host->kernel;
	bool possible = (kernel->version != 0 && kernel->version < THROTTLING_LEFT) ||
		doctor_root_group_runtime(host) > 0;

	return possible && kernel->rt_runtime_us.known && kernel->rt_period_us.known &&
		kernel->rt_runtime_us.value >= 0 && kernel->rt_runtime_us.value < kernel->rt_period_us.value;
}

/* What gives such threads a little time all the same; NULL where nothing is known to. */
static const char *find_guard(const struct doctor_subject *subject, const struct host_threads *threads)
{
	const struct host_kernel *kernel = &subject->host->kernel;
	uint64_t runtime = 0;
	uint64_t period = 0;
	bool served = kernel->has_fair_server == FACT_YES;

	if (threads_find(threads, "stalld") != NULL)
		return "stalld";
	if (throttles(subject->host))
		return "throttling";
	for (unsigned cpu = 0; served && (cpu = cpulist_next(&subject->rt_cpus, cpu)) < CPULIST_MAX; cpu++)
		served = host_fair_server(subject->host, cpu, &runtime, &period) == 0 && runtime > 0;
	return served ? "the fair server" : NULL;
}

/* Those on real-time CPUs that a vCPU keeps from running, and their numbers. */
static void find_low(const struct doctor_subject *subject, const struct host_threads *threads,
		     struct doctor_items *low, struct doctor_items *tids)
{
	for (size_t i = 0; i < threads->count; i++) {
		const struct host_thread *thread = &threads->thread[i];
		int cpu = served_cpu(thread);

		if (cpu < 0 || !cpulist_has(&subject->rt_cpus, (unsigned)cpu) ||
		    thread->priority > subject->fifo_priority)
			continue;
		doctor_items_add(low, "%s %u", thread->name, thread->priority);
		doctor_items_add(tids, "%u", thread->tid);
	}
}

void doctor_look_starvation(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct doctor_items low = {0};
	struct doctor_items tids = {.separator = " "};

	doctor_expect(result, "ksoftirqd, ktimers and rcuc of real-time CPUs above priority %u",
		      subject->fifo_priority);
	if (subject->fifo_priority == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_FIFO");
		return;
	}
	if (doctor_no_cpus(subject, result) || !doctor_threads_read(subject, result, &threads))
		return;
	find_low(subject, &threads, &low, &tids);
	if (low.count == 0 && !all_seen(subject, &threads)) {
		doctor_unknown(result, "ksoftirqd of a real-time CPU", ENODATA);
		return;
	}
	if (low.count == 0) {
		doctor_say(result, DOCTOR_PASS, "so they are");
		return;
	}
	const char *guard = find_guard(subject, &threads);

	doctor_say(result, guard != NULL ? DOCTOR_WARN : DOCTOR_FAIL, "%s; %s", doctor_items_end(&low),
		   guard != NULL ? guard : "neither throttling nor stalld");
	doctor_advise(result, "for t in %s; do chrt -f -p %u $t; done%s", tids.text, subject->fifo_priority + 1,
		      tids.left_out > 0 ? " # and look again, there are more" : "");
}
