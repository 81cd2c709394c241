// SPDX-License-Identifier: Apache-2.0
/*
 * Where threads of the kernel may run, and which of them go before vCPUs. A thread that already is where it
 * should be, or above what it must be above, is wanted as it is.
 */
#include "rt/host_changes.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor.h"
#include "rt/doctor_starvation.h"
#include "rt/doctor_words.h"
#include "rt/housekeeping.h"

#define DOMAIN "threads"

enum {
	PRIORITY_MAX = 99,
	ABOVE_VCPUS = 1,
	RCU_ABOVE_VCPUS = 2, /* so that ksoftirqd and ktimers do not keep RCU from ending what they wait for */
	POLICY_TEXT_MAX = 32,
};

/* struct thread_plan - @fifo_priority: the highest of a vCPU, 0 where none is SCHED_FIFO. @bound: threads that stay. */
struct thread_plan {
	const struct machine_config *machine;
	const struct host_facts *host;
	const struct cpu_division *cpus;
	struct changes *changes;
	struct findings *findings;
	unsigned fifo_priority;
	struct doctor_items bound;
};

static struct diag *begin(const struct thread_plan *plan, enum finding_kind kind, const char *rule)
{
	struct diag *diag = findings_add(plan->findings, kind, rule, FINDING_MACHINE);

	if (plan->machine != NULL)
		diag_at(diag, plan->machine->file, 0, 0);
	return diag;
}

static void say_unread(const struct thread_plan *plan, int error)
{
	struct diag *diag = begin(plan, FINDING_UNKNOWN, "thread-unknown");

	diag_set(diag, -error, "threads of the kernel: %s, so that none can be moved", host_unknown(error));
	diag_remedy(diag, error == -ENODATA ? "run outside of PID namespaces, as root, or capture the host again with "
		    "its threads" : "run as root");
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/*
 * Workers go where their workqueues' masks say, and the thread of an interrupt is taken along by the kernel
 * whenever that moves. A SCHED_DEADLINE thread must keep all CPUs of its root domain.
 */
static bool follows_others(const struct host_thread *thread)
{
	return thread->worker || begins(thread->name, "irq/") || thread->policy == SCHED_DEADLINE;
}

static struct change *add(const struct thread_plan *plan, enum change_kind kind,
			  const struct host_thread *thread)
{
	struct change *change = changes_add(plan->changes, kind, DOMAIN, "/proc/%u/task/%u", thread->pid,
					    thread->tid);

	change->started = thread->started;
	snprintf(change->name, sizeof(change->name), "%s", thread->name);
	return change;
}

/*
 * Of a mask, sched_setaffinity() keeps and sched_getaffinity() shows what is online: CPUs that only might be
 * are neither asked for nor given back.
 */
static void want_affinity(const struct thread_plan *plan, const struct host_thread *thread)
{
	struct doctor_cpu_text partitions;
	char text[CPULIST_TEXT_MAX];
	char old[CPULIST_TEXT_MAX];
	struct cpulist cpus;

	cpulist_and(&thread->cpus, &plan->host->topology.online, &cpus);
	cpulist_format(&cpus, old, sizeof(old));
	if (cpulist_empty(&cpus) || !housekeeping_part(&cpus, plan->cpus, &cpus))
		return;
	struct change *change = add(plan, CHANGE_AFFINITY, thread);

	change_text(plan->changes, change, COMPARE_CPUS, old, "%s", cpulist_format(&cpus, text, sizeof(text)));
	change->check = begins(thread->name, "vhost-") ? "P20-vhost" : "T2-kernel-threads";
	change_reason(change, "a thread of the kernel that is allowed on CPU %s is woken there beside a vCPU",
		      doctor_cpu_text(&plan->cpus->partitions, &partitions));
}

static void place(struct thread_plan *plan, const struct host_thread *thread)
{
	if (follows_others(thread))
		return;
	if (!thread->bound)
		want_affinity(plan, thread);
	else if (cpulist_count(&thread->cpus) > 1 && doctor_cpus_meet(&thread->cpus, &plan->cpus->partitions))
		doctor_items_add(&plan->bound, "%s (%u)", thread->name, thread->tid);
}

/* Returns the priority that a thread must have, or 0 for one that need not be above a vCPU. */
static unsigned priority_wanted(const struct thread_plan *plan, const struct host_thread *thread)
{
	int cpu = doctor_served_cpu(thread);
	bool serves = doctor_boosts_readers(thread) ||
		(cpu >= 0 && cpulist_has(&plan->cpus->partitions, (unsigned)cpu));
	unsigned priority = plan->fifo_priority +
		(doctor_serves_rcu(thread) ? RCU_ABOVE_VCPUS : ABOVE_VCPUS);

	if (!serves || plan->fifo_priority == 0)
		return 0;
	return priority < PRIORITY_MAX ? priority : PRIORITY_MAX;
}

/* The policy as a change writes it; false for one that only sched_setattr() knows. */
static bool policy_text(const struct host_thread *thread, char ret[POLICY_TEXT_MAX])
{
	static const struct {
		unsigned policy;
		const char *name;
	} known[] = {
		{SCHED_OTHER, "other"}, {SCHED_BATCH, "batch"}, {SCHED_IDLE, "idle"}, {SCHED_FIFO, "fifo"},
		{SCHED_RR, "rr"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].policy != thread->policy)
			continue;
		if (thread_is_real_time(thread))
			snprintf(ret, POLICY_TEXT_MAX, "%s %u", known[i].name, thread->priority);
		else
			snprintf(ret, POLICY_TEXT_MAX, "%s", known[i].name);
		return true;
	}
	return false;
}

static void want_priority(const struct thread_plan *plan, const struct host_thread *thread)
{
	unsigned wanted = priority_wanted(plan, thread);
	char old[POLICY_TEXT_MAX];
	char value[POLICY_TEXT_MAX];

	if (wanted == 0 || !policy_text(thread, old))
		return;
	snprintf(value, sizeof(value), "fifo %u", wanted);
	struct change *change = add(plan, CHANGE_POLICY, thread);

	change_text(plan->changes, change, COMPARE_EXACT, old, "%s", thread->priority >= wanted ? old : value);
	if (doctor_boosts_readers(thread)) {
		change->check = "P6-rcu-boost";
		change_reason(change, "an RCU reader that a vCPU has preempted ends only above its priority, %u",
			      plan->fifo_priority);
	} else {
		change->check = "P6-starvation";
		change_reason(change, "the whole host waits for it while a vCPU of priority %u spins on its CPU",
			      plan->fifo_priority);
	}
}

static void say_bound(struct thread_plan *plan)
{
	struct doctor_cpu_text text;

	if (plan->bound.count == 0)
		return;
	diag_set(begin(plan, FINDING_NOTE, "thread-bound"), 0,
		 "threads that stay on CPU %s, since the kernel lets nobody move them: %s",
		 doctor_cpu_text(&plan->cpus->partitions, &text), doctor_items_end(&plan->bound));
}

int thread_changes(const struct machine_config *machine, const struct host_facts *host,
		   const struct cpu_division *cpus, struct changes *ret, struct findings *findings)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct thread_plan plan = {
		.machine = machine, .host = host, .cpus = cpus, .changes = ret, .findings = findings,
	};
	struct doctor_subject subject;
	int unread = 0;

	if (cpulist_empty(&cpus->partitions))
		return 0;
	doctor_subject_init(&subject, host, machine);
	plan.fifo_priority = subject.fifo_priority;
	int error = threads_parse(&host->files, &threads);

	if (error == -ENOMEM)
		return error;
	if (error != 0)
		say_unread(&plan, error);
	for (size_t i = 0; i < threads.count; i++) {
		const struct host_thread *thread = &threads.thread[i];

		if (!thread->kernel)
			continue;
		if (thread->error == 0)
			place(&plan, thread);
		else
			unread = -thread->error;
		want_priority(&plan, thread);
	}
	if (unread != 0)
		say_unread(&plan, unread);
	say_bound(&plan);
	return ret->lost ? -ENOMEM : 0;
}
