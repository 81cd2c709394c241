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
static const char callbacks[] = "rcuc/";
static const char boosters[] = "rcub/";

/* The number in a kernel thread's name, "ksoftirqd/2"; -1 where it has another. */
static int number_of(const struct host_thread *thread, const char *prefix)
{
	size_t length = strlen(prefix);
	char *end;

	if (!thread->kernel || strncmp(thread->name, prefix, length) != 0 ||
	    strspn(thread->name + length, "0123456789") == 0)
		return -1;
	unsigned long number = strtoul(thread->name + length, &end, 10);

	return *end == '\0' && number < CPULIST_MAX ? (int)number : -1;
}

int doctor_served_cpu(const struct host_thread *thread)
{
	static const char *const prefix[] = {softirqs, "ktimers/", "ktimersoftd/", callbacks};
	int cpu = -1;

	for (size_t i = 0; cpu < 0 && i < sizeof(prefix) / sizeof(prefix[0]); i++)
		cpu = number_of(thread, prefix[i]);
	return cpu;
}

bool doctor_boosts_readers(const struct host_thread *thread)
{
	return number_of(thread, boosters) >= 0;
}

bool doctor_serves_rcu(const struct host_thread *thread)
{
	return number_of(thread, callbacks) >= 0 || doctor_boosts_readers(thread);
}

/* Each CPU that is online has a ksoftirqd: one without was not seen, and proves nothing. */
static bool all_seen(const struct doctor_subject *subject, const struct host_threads *threads)
{
	struct cpulist missing;

	cpulist_and(&subject->rt_cpus, &subject->host->topology.online, &missing);
	for (size_t i = 0; i < threads->count; i++) {
		int cpu = number_of(&threads->thread[i], softirqs);

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

/* Without groups all real-time threads of a CPU are throttled together: those below a vCPU gain nothing. */
static enum fact throttling_helps(const struct host_facts *host, bool ordinary)
{
	enum fact apart = ordinary ? FACT_YES : doctor_has_rt_groups(host);
	enum fact throttles = doctor_throttles(host);

	if (apart == FACT_NO)
		return FACT_NO;
	return throttles == FACT_YES ? apart : throttles;
}

/*
 * What gives threads below a vCPU a little time all the same. @ordinary: all of them are SCHED_OTHER.
 * Returns NULL where nothing is known to, and then tells in @ret_unknown whether anything might.
 */
static const char *find_guard(const struct doctor_subject *subject, const struct host_threads *threads,
			      bool ordinary, bool *ret_unknown)
{
	enum fact throttles = throttling_helps(subject->host, ordinary);
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
		int cpu = doctor_served_cpu(thread);

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
		doctor_say(result, DOCTOR_FAIL, "%s; %s", list, low->ordinary ?
			   "neither throttling nor stalld nor the fair server" : "no stalld, and nothing else helps");
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

/*
 * Whether readers are boosted. Without CONFIG_RCU_BOOST the parameter is 0 unless somebody sets it; with it,
 * kernel/rcu/tree.c makes it 1 at least.
 */
static bool has_boost(const struct doctor_subject *subject, int64_t priority)
{
	char value[16];

	if (host_config(subject->host, "RCU_BOOST", value, sizeof(value)) == 0)
		return strcmp(value, "y") == 0;
	return priority > 0;
}

/* The lowest of rcub; @otherwise where none of them is seen. */
static int64_t lowest_boost(const struct host_threads *threads, int64_t otherwise)
{
	int64_t lowest = -1;

	for (size_t i = 0; i < threads->count; i++) {
		const struct host_thread *thread = &threads->thread[i];

		if (doctor_boosts_readers(thread) && (lowest < 0 || thread->priority < lowest))
			lowest = thread->priority;
	}
	return lowest < 0 ? otherwise : lowest;
}

/*
 * kernel/rcu/tree_plugin.h, rcu_boost(): a reader that was preempted gets the priority that rcub has at that
 * moment, which is rcutree.kthread_prio unless somebody has changed it since. Throttling does not help one that
 * is real-time by then.
 */
void doctor_look_rcu_boost(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	int64_t parameter = 0;

	doctor_expect(result, "rcutree.kthread_prio above %u", subject->fifo_priority);
	if (subject->fifo_priority == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is SCHED_FIFO");
		return;
	}
	if (doctor_no_cpus(subject, result) ||
	    !doctor_number(subject, result, &parameter, "/sys/module/rcutree/parameters/kthread_prio"))
		return;
	if (!has_boost(subject, parameter)) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "this kernel boosts no RCU readers (CONFIG_RCU_BOOST)");
		return;
	}
	if (!doctor_threads_read(subject, result, &threads))
		return;
	int64_t boost = lowest_boost(&threads, parameter);

	if (boost > subject->fifo_priority)
		doctor_say(result, DOCTOR_PASS, boost == parameter ? "%lld" : "%lld, to which rcub was raised",
			   (long long)boost);
	else
		doctor_say(result, threads_find(&threads, "stalld") != NULL ? DOCTOR_WARN : DOCTOR_FAIL, "%lld",
			   (long long)boost);
	if (boost <= subject->fifo_priority)
		doctor_advise(result, "add rcutree.kthread_prio=%u to the kernel command line and reboot # until then: for t "
			      "in $(pgrep ^rcub/); do chrt -f -p %u $t; done", subject->fifo_priority + 1,
			      subject->fifo_priority + 1);
}
