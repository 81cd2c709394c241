// SPDX-License-Identifier: Apache-2.0
/* Threads on real-time CPUs: those of virtual machines, of the kernel, and everybody else's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cpumask.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_found.h"
#include "rt/doctor_starvation.h"
#include "rt/doctor_tuned.h"
#include "rt/doctor_words.h"

enum { MASK_TEXT_MAX = 256 };

/* struct thread_group - the threads of one process: those from @first up to @end. */
struct thread_group {
	const struct host_threads *all;
	size_t first;
	size_t end;
};

/* Moves on to the next process; false after the last. Begin with zeros but for @all. */
static bool group_next(struct thread_group *group)
{
	const struct host_threads *all = group->all;

	group->first = group->end;
	if (group->first >= all->count)
		return false;
	do {
		group->end++;
	} while (group->end < all->count && all->thread[group->end].pid == all->thread[group->first].pid);
	return true;
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* Our own partitions: the process is named after its program. */
static bool group_is_partition(const struct thread_group *group)
{
	for (size_t i = group->first; i < group->end; i++) {
		const struct host_thread *thread = &group->all->thread[i];

		if (thread->tid == thread->pid)
			return strcmp(thread->name, "bulkhead-vmm") == 0;
	}
	return false;
}

/* Of a partition's process, which names its vCPU threads so. */
static bool is_vcpu(const struct host_thread *thread)
{
	return !thread->kernel && begins(thread->name, "vcpu/");
}

static bool is_vhost(const struct host_thread *thread)
{
	return begins(thread->name, "vhost-");
}

static void partition_thread(const struct doctor_subject *subject, const struct host_thread *thread,
			     struct doctor_found *found)
{
	found->seen++;
	if (is_vcpu(thread) || is_vhost(thread))
		return;
	if (thread_is_real_time(thread))
		doctor_found_add(found, thread, "real-time");
	else if (thread->error != 0)
		found->error = thread->error;
	else if (doctor_cpus_meet(&thread->cpus, &subject->rt_cpus))
		doctor_found_on_cpus(found, thread);
}

static void look_vmm_threads(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct thread_group group = {.all = &threads};
	struct doctor_found found = DOCTOR_NOTHING_FOUND;

	doctor_expect(result, "vCPU threads alone are real-time and on real-time CPUs");
	if (!doctor_threads_read(subject, result, &threads))
		return;
	while (group_next(&group)) {
		bool ours = group_is_partition(&group);

		for (size_t i = group.first; ours && i < group.end; i++)
			partition_thread(subject, &threads.thread[i], &found);
	}
	if (found.items.count > 0) {
		doctor_say(result, DOCTOR_FAIL, "%s", doctor_items_end(&found.items));
		struct doctor_cpu_text text;

		doctor_advise(result, "for t in %s; do chrt -o -p 0 $t; taskset -pc %s $t; done",
			      found.tids.text, doctor_housekeeping_text(subject, &text));
	} else if (found.error != 0) {
		doctor_unknown(result, "CPUs of a thread of bulkhead-vmm", found.error);
	} else if (found.seen == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition runs");
	} else {
		doctor_say(result, DOCTOR_PASS, "so it is, of %u threads", found.seen);
	}
}

static bool is_vfio(const struct host_thread *thread)
{
	return thread->kernel && begins(thread->name, "irq/") && strstr(thread->name, "-vfio") != NULL;
}

/* CPUs on which no priority helps: SCHED_DEADLINE vCPUs of the file go before any. */
static void deadline_cpus(const struct doctor_subject *subject, struct cpulist *ret)
{
	const struct machine_config *machine = subject->machine;

	*ret = (struct cpulist){0};
	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		if (machine->partition[i].schedule.policy == VCPU_POLICY_DEADLINE)
			cpulist_or(ret, &machine->partition[i].cpus, ret);
	}
}

/* Those below a vCPU: @low of one that is SCHED_FIFO, @below of one that is SCHED_DEADLINE. */
static void find_vfio(const struct doctor_subject *subject, const struct host_threads *threads,
		      struct doctor_found *low, struct doctor_found *below)
{
	struct cpulist deadline;

	deadline_cpus(subject, &deadline);
	for (size_t i = 0; i < threads->count; i++) {
		const struct host_thread *thread = &threads->thread[i];
		char what[32];

		if (!is_vfio(thread))
			continue;
		low->seen++;
		below->error = thread->error != 0 ? thread->error : below->error;
		snprintf(what, sizeof(what), "priority %u", thread->priority);
		if (thread->error == 0 && doctor_cpus_meet(&thread->cpus, &deadline))
			doctor_found_on_cpus(below, thread);
		else if (thread->priority <= subject->fifo_priority)
			doctor_found_add(low, thread, what);
	}
	/* Where there is no such vCPU, the threads' CPUs do not matter. */
	if (cpulist_empty(&deadline))
		below->error = 0;
}

static void look_vfio_threads(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct doctor_found low = DOCTOR_NOTHING_FOUND;
	struct doctor_found below = DOCTOR_NOTHING_FOUND;

	doctor_expect(result, "SCHED_FIFO above %u, on no CPU of a SCHED_DEADLINE partition",
		      subject->fifo_priority);
	if (!doctor_threads_read(subject, result, &threads))
		return;
	find_vfio(subject, &threads, &low, &below);
	if (low.seen == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no interrupt of a passed-through device has a thread");
	} else if (low.items.count > 0) {
		doctor_say(result, DOCTOR_FAIL, "%s", doctor_items_end(&low.items));
		doctor_advise(result, "for t in %s; do chrt -f -p %u $t; done", low.tids.text,
			      subject->fifo_priority < 50 ? 50 : subject->fifo_priority + 1);
	} else if (below.items.count > 0) {
		doctor_say(result, DOCTOR_FAIL, "%s, below SCHED_DEADLINE", doctor_items_end(&below.items));
		doctor_advise_taskset(subject, result, &below);
	} else if (below.error != 0) {
		doctor_unknown(result, "CPUs of an interrupt's thread", below.error);
	} else {
		doctor_say(result, DOCTOR_PASS, "%u threads, all above vCPUs", low.seen);
	}
}

static void look_pit(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct doctor_found found = DOCTOR_NOTHING_FOUND;

	doctor_expect(result, "no kvm-pit thread");
	if (!doctor_threads_read(subject, result, &threads))
		return;
	for (size_t i = 0; i < threads.count; i++) {
		if (threads.thread[i].kernel && begins(threads.thread[i].name, "kvm-pit"))
			doctor_found_add(&found, &threads.thread[i], "");
	}
	doctor_say(result, found.items.count > 0 ? DOCTOR_WARN : DOCTOR_PASS, "%s",
		   found.items.count > 0 ? doctor_items_end(&found.items) : "none");
	if (found.items.count > 0)
		doctor_advise(result, "ps -e -o pid,args | grep -e '[q]emu' -e '[k]vm' # start the virtual machine whose "
			      "process the name ends with without a PIT (QEMU: -machine q35,pit=off; libvirt: <timer "
			      "name='pit' present='no'/>)");
}

static void look_vhost(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct doctor_found found = DOCTOR_NOTHING_FOUND;

	doctor_expect(result, "vhost threads on housekeeping CPUs");
	if (doctor_no_cpus(subject, result) || !doctor_threads_read(subject, result, &threads))
		return;
	for (size_t i = 0; i < threads.count; i++) {
		const struct host_thread *thread = &threads.thread[i];

		if (!is_vhost(thread))
			continue;
		found.seen++;
		found.error = thread->error != 0 ? thread->error : found.error;
		if (thread->error == 0 && doctor_cpus_meet(&thread->cpus, &subject->rt_cpus))
			doctor_found_on_cpus(&found, thread);
	}
	if (found.items.count > 0) {
		doctor_say(result, DOCTOR_FAIL, "%s", doctor_items_end(&found.items));
		doctor_advise_taskset(subject, result, &found);
	} else if (found.error != 0) {
		doctor_unknown(result, "CPUs of a vhost thread", found.error);
	} else if (found.seen == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no vhost thread");
	} else {
		doctor_say(result, DOCTOR_PASS, "%u, on other CPUs", found.seen);
	}
}

/*
 * A thread that others have to fear. Without a file nobody knows for whom the real-time CPUs are: what was
 * put there and nowhere else is taken to belong there.
 */
static bool is_stranger(const struct doctor_subject *subject, const struct host_thread *thread)
{
	return doctor_cpus_meet(&thread->cpus, &subject->rt_cpus) &&
		(subject->machine != NULL || !doctor_cpus_within(&thread->cpus, &subject->rt_cpus));
}

static void find_strangers(const struct doctor_subject *subject, struct thread_group *group,
			   struct doctor_found *found)
{
	while (group_next(group)) {
		bool ours = group_is_partition(group);

		for (size_t i = group->first; i < group->end; i++) {
			const struct host_thread *thread = &group->all->thread[i];

			if (thread->kernel || is_vhost(thread) || (ours && is_vcpu(thread)))
				continue;
			found->seen++;
			found->error = thread->error != 0 ? thread->error : found->error;
			if (thread->error == 0 && is_stranger(subject, thread))
				doctor_found_add(found, thread, "");
		}
	}
}

static void look_user_threads(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct thread_group group = {.all = &threads};
	struct doctor_found found = DOCTOR_NOTHING_FOUND;
	struct doctor_cpu_text text;

	doctor_expect(result, "no other thread is allowed on a real-time CPU");
	if (doctor_no_cpus(subject, result) || !doctor_threads_read(subject, result, &threads))
		return;
	find_strangers(subject, &group, &found);
	if (found.items.count == 0 && found.error != 0) {
		doctor_unknown(result, "CPUs of a thread", found.error);
		return;
	}
	if (found.items.count == 0) {
		doctor_say(result, DOCTOR_PASS, "none of %u", found.seen);
		return;
	}
	struct cpulist apart;

	doctor_partition_cpus(subject->host, false, &apart);
	cpulist_or(&apart, &subject->host->kernel.isolated, &apart);
	bool isolated = doctor_cpus_within(&subject->rt_cpus, &apart);

	doctor_say(result, isolated ? DOCTOR_FAIL : DOCTOR_WARN, "%u of %u threads are allowed on CPU %s: %s",
		   found.items.count, found.seen, doctor_cpu_text(&subject->rt_cpus, &text),
		   doctor_items_end(&found.items));
	doctor_housekeeping_text(subject, &text);
	if (isolated)
		doctor_advise_taskset(subject, result, &found);
	else
		doctor_advise(result, "for s in init.scope system.slice user.slice; do systemctl set-property "
			      "--runtime $s AllowedCPUs=%s; done # not while a partition runs in one of them", text.text);
}

/*
 * Kernel threads that need not be there. Those of one CPU belong to it; a workqueue's worker follows the
 * workqueues' mask; its rescuers run where they are called; an interrupt's thread follows the interrupt;
 * and of the rest, those whose CPUs user space may not change are not worth a word.
 */
static bool is_movable(const struct host_thread *thread)
{
	if (!thread->kernel || cpulist_count(&thread->cpus) == 1 || begins(thread->name, "irq/"))
		return false;
	return thread->worker ? begins(thread->name, "kworker/u") : !thread->bound && !is_vhost(thread);
}

static void look_kernel_threads(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	struct doctor_found found = DOCTOR_NOTHING_FOUND;
	struct doctor_cpu_text text;
	char mask[MASK_TEXT_MAX];

	doctor_expect(result, "kernel threads that may be moved are on housekeeping CPUs");
	if (doctor_no_cpus(subject, result) || !doctor_threads_read(subject, result, &threads))
		return;
	for (size_t i = 0; i < threads.count; i++) {
		const struct host_thread *thread = &threads.thread[i];

		if (thread->kernel && thread->error != 0)
			found.error = thread->error;
		else if (is_movable(thread) && doctor_cpus_meet(&thread->cpus, &subject->rt_cpus))
			doctor_found_add(&found, thread, "");
	}
	if (found.items.count == 0 && found.error != 0) {
		doctor_unknown(result, "CPUs of a kernel thread", found.error);
		return;
	}
	if (found.items.count == 0) {
		doctor_say(result, DOCTOR_PASS, "so they are");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "%u are allowed on CPU %s: %s", found.items.count,
		   doctor_cpu_text(&subject->rt_cpus, &text), doctor_items_end(&found.items));
	/* Threads of interrupts stay where their interrupts go. */
	doctor_advise(result, "echo %s > /sys/devices/virtual/workqueue/cpumask; for t in $(ps --ppid 2 -o pid=,comm= | "
		      "grep -v irq/ | awk '{print $1}'); do taskset -pc %s $t; done 2> /dev/null",
		      cpumask_format(&subject->housekeeping, mask, sizeof(mask)),
		      doctor_housekeeping_text(subject, &text));
}

static const struct doctor_check checks[] = {
	{"P6-starvation", DOCTOR_STALLS, "kernel threads below a vCPU that never sleeps",
	 "A SCHED_FIFO vCPU that spins keeps lower kernel threads off its CPU, and minutes later the whole host "
	 "waits for them.", doctor_look_starvation},
	{"P6-rcu-boost", DOCTOR_BREAKS, "priority of RCU readers that were preempted",
	 "A vCPU that spins at the same priority or above never lets a preempted reader end, no memory is freed from "
	 "then on, and the host hangs for good.", doctor_look_rcu_boost},
	{"P8-vmm-threads", DOCTOR_JITTER, "threads of running partitions",
	 "A helper thread that is real-time or on a partition's CPU takes its time from a vCPU.",
	 look_vmm_threads},
	{"P13-vfio-threads", DOCTOR_JITTER, "interrupt threads of passed-through devices",
	 "On a PREEMPT_RT kernel a device's interrupt first wakes a thread; below the vCPU's priority it waits "
	 "for the vCPU it is meant for.", look_vfio_threads},
	{"P19-pit", DOCTOR_CARE, "emulated interval timers (PIT)",
	 "A guest's PIT ticks from an ordinary kernel thread: late on a busy host, and with interrupts that its "
	 "interrupt controller cannot take in hardware.", look_pit},
	{"P20-vhost", DOCTOR_JITTER, "vhost threads on real-time CPUs",
	 "A vhost thread inherits the CPUs of the thread that made it, and then moves packets beside a vCPU.",
	 look_vhost},
	{"P27-tuned", DOCTOR_STALLS, "tuned, which moves threads",
	 "A tuned profile with isolated cores moves each thread it does not know off them, running vCPUs too, "
	 "whenever it starts or reloads.", doctor_look_tuned},
	{"T1-user-threads", DOCTOR_JITTER, "other threads allowed on real-time CPUs",
	 "Any thread allowed on a partition's CPU may be woken on it.", look_user_threads},
	{"T2-kernel-threads", DOCTOR_JITTER, "kernel threads allowed on real-time CPUs",
	 "Kernel threads without a CPU of their own run wherever they are allowed.", look_kernel_threads},
};

const struct doctor_table doctor_threads = {checks, sizeof(checks) / sizeof(checks[0])};
