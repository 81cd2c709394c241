// SPDX-License-Identifier: Apache-2.0
/* Which parameters of the kernel's command line a machine wants, and which release of Linux knows each. */
#include <errno.h>
#include <linux/version.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/boot_draft.h"
#include "rt/doctor_checks.h"

enum {
	PRIORITY_MARGIN = 3, /* the vCPUs' softirq threads stand in between */
	PRIORITY_MAX = 99,
};

static const struct host_facts *host_of(const struct boot_draft *draft)
{
	return draft->request->host;
}

static bool give(char ret[BOOT_VALUE_MAX], const char *value)
{
	snprintf(ret, BOOT_VALUE_MAX, "%s", value);
	return true;
}

static bool has_cpus(const struct boot_draft *draft)
{
	return draft->rt[0] != '\0' && draft->housekeeping[0] != '\0';
}

/* Whether it stands on the command line now: what a boot has turned off can no longer be seen elsewhere. */
static bool is_given(const struct boot_draft *draft, const char *name, const char *value)
{
	char text[BOOT_VALUE_MAX];

	return host_parameter(host_of(draft), name, text, sizeof(text)) == 0 && strcmp(text, value) == 0;
}

static bool is_there(const struct boot_draft *draft, const char *path)
{
	const char *text = NULL;

	return host_text(&host_of(draft)->files, &text, "%s", path) == 0;
}

static bool want_partition_cpus(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && give(ret, draft->rt);
}

static bool want_housekeeping(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && give(ret, draft->housekeeping);
}

static bool want_one(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && give(ret, "1");
}

static bool want_managed(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	if (!has_cpus(draft) || draft->request->isolcpus)
		return false;
	snprintf(ret, BOOT_VALUE_MAX, "managed_irq,%s", draft->rt);
	return true;
}

static bool want_domain(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	if (!has_cpus(draft) || !draft->request->isolcpus)
		return false;
	snprintf(ret, BOOT_VALUE_MAX, "managed_irq,domain,%s", draft->rt);
	return true;
}

static bool has_nohz_full(const struct boot_draft *draft)
{
	char value[16] = "";

	return host_config(host_of(draft), "NO_HZ_FULL", value, sizeof(value)) != 0 ||
	       strcmp(value, "n") != 0;
}

static bool want_patience(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && has_nohz_full(draft) && give(ret, "1000");
}

static bool want_tsc(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	const char *cpuinfo = NULL;

	return has_cpus(draft) && host_text(&host_of(draft)->files, &cpuinfo, "/proc/cpuinfo") == 0 &&
	       doctor_has_flag(cpuinfo, "constant_tsc") && doctor_has_flag(cpuinfo, "nonstop_tsc") &&
	       give(ret, "reliable");
}

/* PREEMPT_RT does so by itself. */
static bool want_normal(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return host_of(draft)->kernel.preempt_rt != FACT_YES && want_one(draft, ret);
}

static bool want_kthread_prio(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	unsigned priority = draft->subject.fifo_priority + PRIORITY_MARGIN;

	if (!has_cpus(draft) || draft->subject.fifo_priority == 0)
		return false;
	snprintf(ret, BOOT_VALUE_MAX, "%u", priority < PRIORITY_MAX ? priority : PRIORITY_MAX);
	return true;
}

/* With nohz_full both watchdogs begin on the other CPUs alone, where they do good. */
static bool want_no_softlockup(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	ret[0] = '\0';
	return has_cpus(draft) && !has_nohz_full(draft) &&
	       is_there(draft, "/proc/sys/kernel/soft_watchdog");
}

static bool want_no_nmi(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && !has_nohz_full(draft) &&
	       is_there(draft, "/proc/sys/kernel/nmi_watchdog") && give(ret, "0");
}

static bool want_no_thp(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && is_there(draft, "/sys/kernel/mm/transparent_hugepage/enabled") &&
	       give(ret, "never");
}

static bool want_no_pressure(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && (is_there(draft, "/proc/pressure/cpu") || is_given(draft, "psi", "0")) &&
	       give(ret, "0");
}

static bool want_no_scaling(const struct boot_draft *draft, const char *vendor, const char *name,
			    const char *status, char ret[BOOT_VALUE_MAX])
{
	return has_cpus(draft) && strcmp(host_of(draft)->cpu_vendor, vendor) == 0 &&
	       (is_there(draft, status) || is_given(draft, name, "disable")) && give(ret, "disable");
}

static bool want_no_intel_pstate(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return want_no_scaling(draft, "GenuineIntel", "intel_pstate",
			       "/sys/devices/system/cpu/intel_pstate/status", ret);
}

static bool want_no_amd_pstate(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return want_no_scaling(draft, "AuthenticAMD", "amd_pstate",
			       "/sys/devices/system/cpu/amd_pstate/status", ret);
}

static bool has_devices(const struct boot_draft *draft)
{
	const struct machine_config *machine = draft->request->machine;

	for (size_t i = 0; i < machine->partition_count; i++) {
		if (machine->partition[i].device_count > 0)
			return true;
	}
	return false;
}

static bool want_intel_iommu(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_devices(draft) && strcmp(host_of(draft)->cpu_vendor, "GenuineIntel") == 0 &&
	       give(ret, "on");
}

static bool want_passthrough(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return has_devices(draft) && give(ret, "pt");
}

/* systemd mounts a hierarchy of version 1 of its own, by that name, wherever it does not use version 2 alone. */
static bool is_systemd_v1(const struct boot_draft *draft)
{
	const struct host_facts *host = host_of(draft);
	const char *mounts = NULL;

	return (host->cgroup.mode == CGROUP_V1 || host->cgroup.mode == CGROUP_HYBRID) &&
	       host_text(&host->files, &mounts, "/proc/mounts") == 0 &&
	       strstr(mounts, "name=systemd") != NULL;
}

static bool want_cgroup_v2(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return (is_systemd_v1(draft) || is_given(draft, "systemd.unified_cgroup_hierarchy", "1")) &&
	       give(ret, "1");
}

static bool want_no_cgroup_v1(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX])
{
	return want_cgroup_v2(draft, ret) && give(ret, "all");
}

/*
 * Never here, though often seen: mce=off (errors go unseen), idle=poll and max_cstate (all CPUs draw full
 * power at all times, where a running partition holds its own awake), default_hugepagesz (other programs' pages).
 */
static const struct boot_rule rules[] = {
	{"nohz_full", 0, "NO_HZ_FULL", want_partition_cpus,
	 "the scheduler's tick interrupts a running guest 100 to 1000 times a second"},
	{"rcu_nocbs", 0, "RCU_NOCB_CPU", want_partition_cpus,
	 "callbacks of the whole kernel stay off the CPUs that queued them"},
	{"irqaffinity", 0, NULL, want_housekeeping,
	 "device interrupts start on housekeeping CPUs: one that has begun elsewhere moves only when it next comes"},
	{"isolcpus", 0, "CPU_ISOLATION", want_managed,
	 "interrupts of queues, which the kernel places itself, come to these CPUs only where they have no other"},
	{"isolcpus", 0, "CPU_ISOLATION", want_domain,
	 "the file asks for isolation by isolcpus: no thread is moved here by itself, and no queue's interrupt"},
	{"skew_tick", 0, NULL, want_one, "the ticks of all CPUs do not come at once and wait for the same locks"},
	{"tsc", 0, NULL, want_tsc,
	 "no timer compares the TSC, which is constant here, with another clock on each CPU in turn"},
	{"rcutree.kthread_prio", 0, NULL, want_kthread_prio,
	 "a reader of RCU that a vCPU keeps from its CPU is lifted above it, else the whole host waits for it"},
	{"rcutree.nohz_full_patience_delay", KERNEL_VERSION(6, 11, 0), NULL, want_patience,
	 "RCU waits a second before it interrupts a CPU that is without its tick"},
	{"rcupdate.rcu_normal_after_boot", 0, NULL, want_normal,
	 "expedited grace periods interrupt every CPU that runs anything"},
	{"nosoftlockup", 0, "SOFTLOCKUP_DETECTOR", want_no_softlockup,
	 "its timer and its thread run on each CPU every 4 seconds"},
	{"nmi_watchdog", 0, "HARDLOCKUP_DETECTOR", want_no_nmi,
	 "its counter interrupts each CPU, and nothing holds that off"},
	{"transparent_hugepage", 0, NULL, want_no_thp,
	 "before khugepaged moves pages together it asks every CPU to empty its lists"},
	{"psi", 0, "PSI", want_no_pressure,
	 "averages of the whole host's pressure are kept by a worker on whichever CPU began it, every two seconds"},
	{"intel_pstate", 0, NULL, want_no_intel_pstate,
	 "the driver changes frequencies by itself, and each change takes time"},
	{"amd_pstate", KERNEL_VERSION(6, 2, 0), NULL, want_no_amd_pstate,
	 "the driver changes frequencies by itself, and each change takes time"},
	{"intel_iommu", 0, "INTEL_IOMMU", want_intel_iommu, "partitions have devices, which an IOMMU must keep apart"},
	{"iommu", 0, NULL, want_passthrough, "devices of the host itself are spared the IOMMU's tables"},
	{"systemd.unified_cgroup_hierarchy", 0, NULL, want_cgroup_v2,
	 "CPUs are set apart at run time by control groups version 2 alone"},
	{"cgroup_no_v1", 0, NULL, want_no_cgroup_v1, "version 1 of control groups leaves its controllers to version 2"},
};

const struct boot_rule *boot_rule_at(size_t index)
{
	return index < sizeof(rules) / sizeof(rules[0]) ? &rules[index] : NULL;
}
