// SPDX-License-Identifier: Apache-2.0
/*
 * Some files look harmless and are not, because Linux interrupts the CPU that they are about in order to
 * read one of its registers. None of these may come in here: cpufreq's scaling_cur_freq,
 * cpuinfo_cur_freq, energy_performance_preference and base_frequency, acpi_cppc, resctrl's mon_data and
 * mbm_*_config. Nor may /proc/PID/cmdline: it takes a lock of that process, and may hold secrets.
 */
#include "core/host/patterns.h"

#include <stdio.h>
#include <string.h>

#include "core/host/files.h"

#define CPU "/sys/devices/system/cpu"
#define ANY_CPU CPU "/cpu[0-9]*"
#define ANY_NODE "/sys/devices/system/node/node[0-9]*"

static const struct host_pattern patterns[] = {
	/* The two samples' files, read before all others. */
	{HOST_INTERRUPTS | HOST_WINDOW | HOST_DEVICES, PATTERN_LARGE, "/proc", "interrupts"},
	{HOST_LOG | HOST_WINDOW, 0, "/bulkhead/msr", "0x34"},
	{HOST_WINDOW, PATTERN_LARGE, "/bulkhead/later/proc", "interrupts"},
	{HOST_WINDOW, 0, "/bulkhead/later/bulkhead/msr", "0x34"},
	{HOST_WINDOW, 0, "/bulkhead", "window-ns"},

	{HOST_TOPOLOGY, 0, "/bulkhead", "allowed-cpus"},
	{HOST_TOPOLOGY, 0, CPU, "present online offline possible isolated nohz_full kernel_max"},
	{HOST_TOPOLOGY, 0, CPU "/smt", "active control"},
	{HOST_TOPOLOGY, 0, CPU "/types/*", "cpulist"},
	{HOST_TOPOLOGY, 0, "/sys/devices/cpu_core", "cpus"},
	{HOST_TOPOLOGY, 0, "/sys/devices/cpu_atom", "cpus"},
	{HOST_TOPOLOGY, 0, "/sys/devices/cpu_lowpower", "cpus"},
	{HOST_TOPOLOGY, 0, "/sys/devices/system/node", "online possible has_cpu has_memory has_normal_memory"},
	{HOST_TOPOLOGY | HOST_MEMORY, 0, ANY_NODE, "cpulist meminfo distance"},
	{HOST_TOPOLOGY | HOST_MEMORY, 0, ANY_NODE "/hugepages/hugepages-*",
	 "nr_hugepages free_hugepages surplus_hugepages"},
	{HOST_TOPOLOGY | HOST_KERNEL, PATTERN_FIXED, "/proc", "cpuinfo"},
	{HOST_CACHES, 0, ANY_CPU "/topology",
	 "core_cpus_list thread_siblings_list core_siblings_list package_cpus_list physical_package_id die_id "
	 "die_cpus_list cluster_id cluster_cpus_list core_id"},
	{HOST_CACHES, 0, ANY_CPU "/cache/index[0-9]*",
	 "level type size shared_cpu_list ways_of_associativity number_of_sets coherency_line_size id"},
	{HOST_CACHES, 0, ANY_CPU, "cpu_capacity online"},

	{HOST_MEMORY, 0, "/proc", "meminfo swaps"},
	{HOST_MEMORY, 0, "/sys/kernel/mm/hugepages/hugepages-*",
	 "nr_hugepages free_hugepages resv_hugepages surplus_hugepages nr_overcommit_hugepages"},
	{HOST_MEMORY, 0, "/sys/kernel/mm/ksm", "run pages_shared pages_sharing merge_across_nodes"},
	{HOST_MEMORY, 0, "/sys/kernel/mm/transparent_hugepage", "enabled defrag shmem_enabled"},
	{HOST_MEMORY, 0, "/sys/kernel/mm/transparent_hugepage/hugepages-*", "enabled"},
	{HOST_MEMORY, 0, "/sys/kernel/mm/transparent_hugepage/khugepaged", "defrag"},
	{HOST_MEMORY, 0, "/sys/module/zswap/parameters", "enabled"},
	{HOST_MEMORY, 0, "/proc/sys/vm",
	 "stat_interval swappiness overcommit_memory zone_reclaim_mode compaction_proactiveness "
	 "compact_unevictable_allowed dirty_background_ratio dirty_ratio nr_hugepages nr_overcommit_hugepages"},
	{HOST_MEMORY, 0, "/proc/sys/kernel", "numa_balancing"},

	{HOST_KERNEL, 0, "/proc", "version cmdline mounts modules filesystems"},
	{HOST_KERNEL, 0, "/proc/self", "status cgroup limits"},
	{HOST_KERNEL, 0, "/proc/sys/kernel",
	 "osrelease version sched_* watchdog* nmi_watchdog soft_watchdog softlockup_panic timer_migration "
	 "hung_task_timeout_secs perf_event_paranoid perf_cpu_time_max_percent "
	 "unprivileged_bpf_disabled dmesg_restrict io_uring_disabled panic_on_oops tainted"},
	{HOST_KERNEL, 0, "/proc/sys/net/core", "bpf_jit_enable"},
	{HOST_KERNEL, PATTERN_FIXED, "/boot", "config-RELEASE"},
	{HOST_KERNEL, PATTERN_FIXED, "/lib/modules", "RELEASE/config"},
	{HOST_KERNEL, 0, "/sys/kernel", "realtime rcu_normal rcu_expedited"},
	{HOST_KERNEL, 0, "/sys/kernel/debug/sched", "features"},
	{HOST_KERNEL, 0, "/sys/kernel/debug/sched/fair_server/cpu[0-9]*", "runtime period"},
	{HOST_KERNEL, 0, "/sys/kernel/debug/sched/ext_server/cpu[0-9]*", "runtime period"},
	{HOST_KERNEL, 0, "/sys/kernel/security", "lsm lockdown"},
	{HOST_KERNEL, 0, "/sys/fs/selinux", "enforce"},
	{HOST_KERNEL, 0, "/sys/module/apparmor/parameters", "enabled mode"},
	{HOST_KERNEL, 0, "/sys/devices/system/clocksource/clocksource0",
	 "current_clocksource available_clocksource"},
	{HOST_KERNEL, 0, "/sys/devices/system/machinecheck/machinecheck0", "ignore_ce check_interval"},
	{HOST_KERNEL, 0, "/sys/devices/virtual/workqueue", "cpumask cpumask_requested cpumask_isolated"},
	{HOST_KERNEL, 0, "/sys/devices/virtual/workqueue/*", "cpumask"},
	{HOST_KERNEL, 0, "/sys/module/rcutree/parameters", "*"},
	{HOST_KERNEL, 0, "/sys/module/rcupdate/parameters", "*"},
	{HOST_KERNEL, 0, "/sys/module/workqueue/parameters", "*"},
	{HOST_KERNEL, 0, "/sys/class/dmi/id",
	 "sys_vendor product_name board_vendor board_name bios_vendor bios_version bios_date"},
	{HOST_KERNEL, 0, "/sys/hypervisor", "type"},
	{HOST_KERNEL, 0, "/etc/tuned", "active_profile profile_mode"},
	{HOST_KERNEL, 0, "/etc/tuned/*", "tuned.conf"},
	{HOST_KERNEL, 0, "/etc/tuned/profiles/*", "tuned.conf"},
	{HOST_KERNEL, 0, "/etc", "os-release"},
	{HOST_KERNEL, 0, "/proc/1", "comm"},
	{HOST_KERNEL, 0, "/etc/default", "grub"},
	{HOST_KERNEL, 0, "/etc/default/grub.d", "50-bulkhead.cfg"},
	{HOST_KERNEL, 0, "/etc/modprobe.d", "bulkhead.conf"},
	{HOST_KERNEL, 0, "/etc/modules-load.d", "bulkhead.conf"},
	{HOST_KERNEL, 0, "/etc/sysctl.d", "50-bulkhead.conf"},
	{HOST_KERNEL | HOST_INTERRUPTS, 0, "/etc/bulkhead", "irqbalance"},
	{HOST_KERNEL, 0, "/etc/systemd/system.conf.d", "50-bulkhead.conf"},
	{HOST_KERNEL, 0, "/etc/systemd/system",
	 "bulkhead.slice bulkhead-host.service bulkhead@.service bulkhead-watch.service sys-fs-resctrl.mount"},
	{HOST_KERNEL, 0, "/etc/systemd/system/*.d", "50-bulkhead.conf"},
	{HOST_KERNEL | HOST_INTERRUPTS, 0, "/etc/default", "irqbalance"},
	{HOST_KERNEL | HOST_INTERRUPTS, 0, "/etc/sysconfig", "irqbalance"},
	{HOST_INTERRUPTS, 0, "/usr/lib/irqbalance", "defaults.env"},
	{HOST_INTERRUPTS, 0, "/usr/lib/systemd/system", "irqbalance.service"},
	{HOST_INTERRUPTS, 0, "/lib/systemd/system", "irqbalance.service"},
	{HOST_INTERRUPTS, 0, "/etc/systemd/system", "irqbalance.service"},
	{HOST_INTERRUPTS, 0, "/usr/lib/systemd/system/irqbalance.service.d", "*.conf"},
	{HOST_INTERRUPTS, 0, "/etc/systemd/system/irqbalance.service.d", "*.conf"},
	{HOST_INTERRUPTS, 0, "/run/systemd/system/irqbalance.service.d", "*.conf"},
	{HOST_INTERRUPTS, 0, "/run/bulkhead", "irqbalance.env"},
	{HOST_KERNEL, PATTERN_FIXED, "/bulkhead", "cpuid kernel-config"},

	{HOST_KERNEL, 0, "/proc/pressure", "cpu"},
	/* Control groups: version 2, where a hybrid host has it, and version 1. */
	{HOST_KERNEL, 0, "/sys/fs/cgroup",
	 "cgroup.controllers cgroup.subtree_control cpuset.cpus.isolated cpuset.cpus.effective "
	 "cpuset.mems.effective io.cost.qos"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/*",
	 "cgroup.type cgroup.pressure cpuset.cpus.partition cpuset.cpus cpuset.cpus.effective "
	 "cpuset.cpus.exclusive cpuset.cpus.exclusive.effective cpuset.mems memory.max cpu.weight io.weight"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/*/*",
	 "cpuset.cpus.partition cpuset.cpus cpuset.cpus.effective cpuset.cpus.exclusive "
	 "cpuset.cpus.exclusive.effective"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/*/*/*",
	 "cpuset.cpus.partition cpuset.cpus cpuset.cpus.effective cpuset.cpus.exclusive "
	 "cpuset.cpus.exclusive.effective"},
	{HOST_KERNEL, 0, "/run/systemd/system/bulkhead.slice.d", "50-bulkhead.conf"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/unified", "cgroup.controllers cgroup.subtree_control"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpu", "cpu.rt_runtime_us cpu.rt_period_us"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpu/*", "cpu.rt_runtime_us"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpu/*/*", "cpu.rt_runtime_us"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpu,cpuacct", "cpu.rt_runtime_us cpu.rt_period_us"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpu,cpuacct/*", "cpu.rt_runtime_us"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpu,cpuacct/*/*", "cpu.rt_runtime_us"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpuset",
	 "cpuset.cpus cpuset.cpu_exclusive cpuset.effective_cpus cpuset.sched_load_balance"},
	{HOST_KERNEL, 0, "/sys/fs/cgroup/cpuset/*",
	 "cpuset.cpus cpuset.cpu_exclusive cpuset.effective_cpus cpuset.sched_load_balance"},

	{HOST_KERNEL, 0, "/sys/fs/resctrl", "schemata cpus_list mode"},
	{HOST_KERNEL, 0, ANY_CPU "/cache/index[23]", "level id"}, /* what resctrl's domains are called */
	{HOST_KERNEL, 0, "/sys/fs/resctrl/*", "schemata cpus_list mode"},
	{HOST_KERNEL, 0, "/sys/fs/resctrl/info", "last_cmd_status"},
	{HOST_KERNEL, 0, "/sys/fs/resctrl/info/*",
	 "num_closids cbm_mask min_cbm_bits shareable_bits bit_usage sparse_masks min_bandwidth bandwidth_gran "
	 "delay_linear thread_throttle_mode num_rmids"},

	{HOST_KVM, 0, "/sys/module/kvm/parameters", "*"},
	{HOST_KVM, 0, "/sys/module/kvm_intel/parameters", "*"},
	{HOST_KVM, 0, "/sys/module/kvm_amd/parameters", "*"},
	{HOST_KVM, 0, CPU "/vulnerabilities", "*"},
	{HOST_KVM, 0, CPU "/cpu0/microcode", "version"},
	{HOST_KVM, PATTERN_FIXED, "/bulkhead", "kvm-capabilities"},

	{HOST_DEVICES, 0, "/sys/bus/pci/devices/*",
	 "class vendor device subsystem_vendor subsystem_device numa_node local_cpulist sriov_totalvfs "
	 "sriov_numvfs @iommu_group @driver @physfn"},
	{HOST_DEVICES, 0, "/sys/kernel/iommu_groups/*", "type"},
	{HOST_DEVICES, 0, "/sys/kernel/iommu_groups/*/devices", "@*"},
	{HOST_DEVICES, 0, "/sys/class/iommu/*/intel-iommu", "cap ecap version"},
	{HOST_DEVICES, 0, "/sys/class/iommu/*/amd-iommu", "cap features"},
	{HOST_DEVICES, 0, "/sys/module/vfio/parameters", "*"},
	{HOST_DEVICES, 0, "/sys/module/vfio_pci/parameters", "*"},
	{HOST_DEVICES, 0, "/sys/module/vfio_iommu_type1/parameters", "*"},

	{HOST_INTERRUPTS, 0, "/proc/irq", "default_smp_affinity"},
	{HOST_INTERRUPTS, 0, "/proc/irq/[0-9]*", "smp_affinity_list effective_affinity_list node"},
	{HOST_INTERRUPTS, 0, "/sys/kernel/irq/[0-9]*", "actions chip_name name type"},
	{HOST_INTERRUPTS, 0, "/sys/kernel/debug/irq/irqs", "[0-9]*"},
	{HOST_INTERRUPTS, 0, "/bulkhead", "fixed-interrupts"},

	{HOST_IDLE, 0, ANY_CPU "/cpuidle/state[0-9]*", "name latency disable residency"},
	{HOST_IDLE, 0, CPU "/cpuidle", "current_driver current_governor current_governor_ro"},
	{HOST_IDLE, 0, ANY_CPU "/cpufreq", "scaling_driver scaling_governor scaling_available_governors"},
	{HOST_IDLE, 0, ANY_CPU "/power", "pm_qos_resume_latency_us"},
	{HOST_IDLE, 0, CPU "/intel_pstate", "status no_turbo"},
	{HOST_IDLE, 0, CPU "/amd_pstate", "status"},
	{HOST_IDLE, 0, CPU "/cpufreq", "boost"},
	{HOST_IDLE, 0, "/sys/module/intel_idle/parameters", "max_cstate"},
	{HOST_IDLE, 0, "/sys/module/processor/parameters", "max_cstate"},
	{HOST_IDLE, 0, "/bulkhead", "cpu-dma-latency"},

	{HOST_THREADS, PATTERN_THREADS, "/proc/[0-9]*/task/[0-9]*", "stat status"},

	{HOST_LOG, 0, "/bulkhead", "kernel-log"},
};

const struct host_pattern *host_pattern_at(size_t index)
{
	return index < sizeof(patterns) / sizeof(patterns[0]) ? &patterns[index] : NULL;
}

bool host_pattern_is_pseudo(const struct host_pattern *pattern)
{
	static const char folder[] = "/bulkhead";

	return strncmp(pattern->directory, folder, sizeof(folder) - 1) == 0;
}

bool host_pattern_name(const char **at, const char *release, char ret[PATTERN_NAME_MAX], bool *ret_link)
{
	static const char word[] = "RELEASE";

	for (;;) {
		*at += strspn(*at, " ");
		size_t length = strcspn(*at, " ");
		const char *name = *at;

		if (length == 0)
			return false;
		*at += length;
		*ret_link = *name == '@';
		name += *ret_link;
		length -= *ret_link;
		const char *place = memmem(name, length, word, sizeof(word) - 1);
		if (place == NULL) {
			snprintf(ret, PATTERN_NAME_MAX, "%.*s", (int)length, name);
			return true;
		}
		const char *rest = place + sizeof(word) - 1;
		int written = release == NULL ? -1 :
			snprintf(ret, PATTERN_NAME_MAX, "%.*s%s%.*s", (int)(place - name), name, release,
				 (int)(name + length - rest), rest);
		if (written > 0 && written < PATTERN_NAME_MAX)
			return true;
	}
}
