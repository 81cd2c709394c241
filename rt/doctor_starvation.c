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
#include "core/config/machine.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

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

/* The fair server runs ordinary threads alone, not those of a low real-time priority. */
static enum fact fair_server_runs(const struct doctor_subject *subject)
{
	const struct host_facts *host = subject->host;
	uint64_t runtime = 0;
	uint64_t period = 0;

	for (unsigned cpu = 0; (cpu = cpulist_next(&subject->rt_cpus, cpu)) < CPULIST_MAX; cpu++) {
		if (!cpulist_has(&host->topology.online, cpu))
			continue;
		if (host_fair_server(host, cpu, &runtime, &period) != 0)
			return FACT_UNKNOWN;
		if (runtime == 0)
			return FACT_NO;
	}
	return host->kernel.has_fair_server;
}

/*
 * What gives threads below a vCPU a little time all the same. @ordinary: all of them are SCHED_OTHER.
 * Returns NULL where nothing is known to, and then tells in @ret_unknown whether anything might.
 */
static const char *find_guard(const struct doctor_subject *subject, const struct host_threads *threads,
			      bool ordinary, bool *ret_unknown)
{
	enum fact throttles = doctor_throttles(subject->host);
	enum fact served = ordinary ? fair_server_runs(subject) : FACT_NO;

	*ret_unknown = throttles == FACT_UNKNOWN || served == FACT_UNKNOWN;
	if (threads_find(threads, "stalld") != NULL)
		return "stalld";
	if (throttles == FACT_YES)
		return "throttling";
	return served == FACT_YES ? "the fair server" : NULL;
}

/* struct low - threads that a vCPU keeps from running. @ordinary: none of them is real-time. */
struct low {
	struct doctor_items items;
	struct doctor_items tids;
	bool ordinary;
};

static void find_low(const struct doctor_subject *subject, const struct host_threads *threads,
		     struct low *low)
{
	for (size_t i = 0; i < threads->count; i++) {
		const struct host_thread *thread = &threads->thread[i];
		int cpu = served_cpu(thread);

		if (cpu < 0 || !cpulist_has(&subject->rt_cpus, (unsigned)cpu) ||
		    thread->priority > subject->fifo_priority)
			continue;
		low->ordinary &= thread->priority == 0;
		doctor_items_add(&low->items, "%s %u", thread->name, thread->priority);
		doctor_items_add(&low->tids, "%u", thread->tid);
	}
}

static void say_low(const struct doctor_subject *subject, const struct host_threads *threads,
		    struct low *low, struct doctor_result *result)
{
	bool unknown = false;
	const char *guard = find_guard(subject, threads, low->ordinary, &unknown);
	const char *list = doctor_items_end(&low->items);

	if (guard != NULL)
		doctor_say(result, DOCTOR_WARN, "%s; %s", list, guard);
	else if (unknown)
		doctor_say(result, DOCTOR_UNKNOWN, "%s; whether throttling or the fair server lets them run is "
			   "not known", list);
	else
		doctor_say(result, DOCTOR_FAIL, "%s; neither throttling nor stalld%s", list,
			   low->ordinary ? " nor the fair server" : "");
	doctor_advise(result, "for t in %s; do chrt -f -p %u $t; done%s", low->tids.text,
		      subject->fifo_priority + 1, low->tids.left_out > 0 ?
		      " # and look again, there are more" : "");
}

/* Whether a partition of the file keeps its vCPUs on their CPUs even while its guest has nothing to do. */
static bool never_sleeps(const struct doctor_subject *subject)
{
	const struct machine_config *machine = subject->machine;

	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (partition->schedule.policy == VCPU_POLICY_FIFO &&
		    (partition->exits_disabled & EXITS_DISABLED_HLT) != 0)
			return true;
	}
	return false;
}

/* Workers bound to a CPU are SCHED_OTHER always, so that what is queued there waits for a guard. */
static void say_high(const struct doctor_subject *subject, const struct host_threads *threads,
		     struct doctor_result *result)
{
	bool unknown = false;
	const char *guard = find_guard(subject, threads, true, &unknown);

	if (guard != NULL || !never_sleeps(subject)) {
		doctor_say(result, DOCTOR_PASS, "so they are%s%s", guard != NULL ? "; " : "",
			   guard != NULL ? guard : "");
		return;
	}
	if (unknown)
		doctor_say(result, DOCTOR_UNKNOWN, "so they are; whether throttling or the fair server lets kworkers "
			   "run is not known");
	else
		doctor_say(result, DOCTOR_WARN, "so they are, but nothing lets a kworker run beside a vCPU that keeps "
			   "its HLT exits off");
	doctor_advise(result, "systemctl enable --now stalld # or leave hlt out of exits.disable, where the guest "
		      "sleeps at times");
}

void doctor_look_starvation(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct low low = {.tids = {.separator = " "}, .ordinary = true};

	doctor_expect(result, "ksoftirqd, ktimers and rcuc of real-time CPUs above priority %u",
		      subject->fifo_priority);
	if (subject->fifo_priority == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_FIFO");
		return;
	}
	if (doctor_no_cpus(subject, result) || !doctor_threads_read(subject, result, &threads))
		return;
	find_low(subject, &threads, &low);
	if (low.items.count > 0)
		say_low(subject, &threads, &low, result);
	else if (!all_seen(subject, &threads))
		doctor_unknown(result, "ksoftirqd of a real-time CPU", ENODATA);
	else
		say_high(subject, &threads, result);
}
