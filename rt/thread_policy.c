// SPDX-License-Identifier: Apache-2.0
#include "rt/thread_policy.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"

/* glibc 2.36 has no wrapper for either call, nor a CPU set of CPULIST_MAX bits on the stack. */
static int get_attr(pid_t tid, struct sched_attr *ret)
{
	return syscall(SYS_sched_getattr, tid, ret, sizeof(*ret), 0) < 0 ? -errno : 0;
}

static int set_attr(pid_t tid, const struct sched_attr *attr)
{
	return syscall(SYS_sched_setattr, tid, attr, 0) < 0 ? -errno : 0;
}

const char *thread_class_name(enum thread_class class)
{
	switch (class) {
	case THREAD_FIFO:
		return "SCHED_FIFO";
	case THREAD_DEADLINE:
		return "SCHED_DEADLINE";
	case THREAD_OTHER:
		break;
	}
	return "SCHED_OTHER";
}

static struct sched_attr attr_of(const struct thread_policy *policy)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_NORMAL,
		.sched_flags = SCHED_FLAG_RESET_ON_FORK,
	};

	if (policy->class == THREAD_FIFO) {
		attr.sched_policy = SCHED_FIFO;
		attr.sched_priority = policy->priority;
	}
	if (policy->class == THREAD_DEADLINE) {
		attr.sched_policy = SCHED_DEADLINE;
		attr.sched_runtime = policy->runtime_ns;
		attr.sched_deadline = policy->deadline_ns;
		attr.sched_period = policy->period_ns;
	}
	return attr;
}

/* With RT_GROUP_SCHED a cgroup without rt_runtime refuses FIFO to root itself. */
static bool rt_group_without_runtime(void)
{
	char value[32];

	return access("/sys/fs/cgroup/cpu/cpu.rt_runtime_us", F_OK) == 0 &&
	       sys_read_file("/sys/fs/cgroup/cpu/cpu.rt_runtime_us", value, sizeof(value)) > 0 &&
	       strcmp(value, "0") == 0;
}

static void set_remedy(const struct thread_policy *policy, int error, struct diag *why)
{
	if (error == -EBUSY)
		diag_remedy(why, "lower runtime/period: the root domain admits 95%% of its CPUs "
			    "(/proc/sys/kernel/sched_rt_runtime_us) less what others reserved");
	else if (error == -EPERM && policy->class == THREAD_DEADLINE)
		diag_remedy(why, "a pinned SCHED_DEADLINE thread is admitted only where its CPU is a "
			    "cpuset root partition of its own; also run with CAP_SYS_NICE, or leave "
			    "the vCPU unpinned");
	else if (error == -EPERM && rt_group_without_runtime())
		diag_remedy(why, "this kernel has RT_GROUP_SCHED and the cgroup no real-time runtime: "
			    "write cpu.rt_runtime_us, or boot with rt_group_sched=0");
	else if (error == -EPERM)
		diag_remedy(why, "run as root or with CAP_SYS_NICE (setcap cap_sys_nice+ep, or "
			    "LimitRTPRIO= in the unit), or add --best-effort");
	else
		diag_remedy(why, "runtime <= deadline <= period, runtime at least 1024ns, period as "
			    "/proc/sys/kernel/sched_deadline_period_{min,max}_us allow");
}

int thread_policy_set(pid_t tid, const struct thread_policy *policy, struct diag *why)
{
	struct sched_attr want = attr_of(policy);
	struct thread_policy got = {0};
	int error = set_attr(tid, &want);

	if (error != 0) {
		diag_set(why, -error, "%s was refused to the vCPU threads (%s)",
			 thread_class_name(policy->class), strerror(-error));
		set_remedy(policy, error, why);
		return error;
	}
	error = thread_policy_get(tid, &got);
	if (error == 0 && memcmp(&got, policy, sizeof(got)) != 0)
		error = -EPROTO;
	if (error != 0)
		return diag_set(why, -error, "%s was accepted but reads back as %s",
				thread_class_name(policy->class), thread_class_name(got.class));
	return 0;
}

int thread_policy_get(pid_t tid, struct thread_policy *ret)
{
	struct sched_attr attr = {.size = sizeof(attr)};
	struct thread_policy policy;
	int error = get_attr(tid, &attr);

	if (error != 0)
		return error;
	/* Padding too: policies are compared as bytes. */
	memset(&policy, 0, sizeof(policy));
	if (attr.sched_policy == SCHED_FIFO || attr.sched_policy == SCHED_RR) {
		policy.class = THREAD_FIFO;
		policy.priority = attr.sched_priority;
	} else if (attr.sched_policy == SCHED_DEADLINE) {
		policy.class = THREAD_DEADLINE;
		policy.runtime_ns = attr.sched_runtime;
		policy.deadline_ns = attr.sched_deadline;
		policy.period_ns = attr.sched_period;
	}
	*ret = policy;
	return 0;
}

int thread_affinity_set(pid_t tid, const struct cpulist *cpus, struct diag *why)
{
	struct cpulist got;
	char text[64];
	int error = 0;

	if (syscall(SYS_sched_setaffinity, tid, sizeof(*cpus), cpus->word) < 0)
		error = -errno;
	if (error == 0)
		error = thread_affinity_get(tid, &got);
	if (error == 0 && memcmp(&got, cpus, sizeof(got)) != 0)
		error = -EINVAL;
	if (error == 0)
		return 0;
	diag_set(why, -error, "no thread can be placed on exactly CPU %s (%s)",
		 cpulist_format(cpus, text, sizeof(text)), strerror(-error));
	diag_remedy(why, "name CPUs that are online and in this cgroup's cpuset "
		    "(Cpus_allowed_list in /proc/self/status)");
	return error;
}

int thread_affinity_get(pid_t tid, struct cpulist *ret)
{
	struct cpulist cpus = {0};

	if (syscall(SYS_sched_getaffinity, tid, sizeof(cpus), cpus.word) < 0)
		return -errno;
	*ret = cpus;
	return 0;
}
