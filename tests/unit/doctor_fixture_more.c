// SPDX-License-Identifier: Apache-2.0
/* The other half of the good host: a partition runs on CPUs 2 and 3, with a network function of its own. */
#include "tests/unit/doctor_fixture.h"
#include "tests/unit/thread_facts.h"

#define INTERRUPTS(disk, timer) \
	"           CPU0       CPU1       CPU2       CPU3       \n" \
	"  0:         33          0          0          0   IO-APIC   2-edge      timer\n" \
	" 24:        100         " disk "          0          0  IR-PCI-MSI-0000:00:17.0    0-edge      ahci[0000:00:17.0]\n" \
	" 45:          0          0          7          0  IR-PCI-MSIX-0000:03:00.0    0-edge      " \
	"vfio-msix[0](0000:03:00.0)\n" \
	"LOC:       " timer "       5000        900        901   Local timer interrupts\n" \
	"IWI:         12         13          4          4   IRQ work interrupts\n" \
	"RES:       5000       6000         10         11   Rescheduling interrupts\n" \
	"CAL:       7000       8000         90         91   Function call interrupts\n" \
	"TLB:        300        400          0          0   TLB shootdowns\n" \
	"ERR:          0\n" \
	"PIN:          0          0          0          0   Posted-interrupt notification event\n"

#define IRQ(number, requested, effective) \
	{"/proc/irq/" number "/smp_affinity_list", requested}, \
	{"/proc/irq/" number "/effective_affinity_list", effective}

#define KERNEL_THREAD(tid, name, flags, priority, policy, cpus) \
	THREAD_FACTS(tid, tid, name, flags, priority, policy, cpus)

/* What each CPU has for itself. */
#define CPU_THREADS(digit, cpu) \
	KERNEL_THREAD("1" digit, "ksoftirqd/" cpu, THREAD_OF_ONE_CPU, "2", POLICY_FIFO, cpu), \
	KERNEL_THREAD("2" digit, "ktimers/" cpu, THREAD_OF_ONE_CPU, "2", POLICY_FIFO, cpu), \
	KERNEL_THREAD("3" digit, "rcuc/" cpu, THREAD_OF_ONE_CPU, "4", POLICY_FIFO, cpu), \
	KERNEL_THREAD("4" digit, "migration/" cpu, THREAD_OF_ONE_CPU, "99", POLICY_FIFO, cpu), \
	KERNEL_THREAD("5" digit, "kworker/" cpu ":0-events", THREAD_WORKER, "0", POLICY_OTHER, cpu)

#define IDLE_STATE(cpu, state, name, latency, disable) \
	{"/sys/devices/system/cpu/cpu" cpu "/cpuidle/state" state "/name", name}, \
	{"/sys/devices/system/cpu/cpu" cpu "/cpuidle/state" state "/latency", latency}, \
	{"/sys/devices/system/cpu/cpu" cpu "/cpuidle/state" state "/disable", disable}

#define CPU_POWER(cpu, deep_is_off) \
	IDLE_STATE(cpu, "0", "POLL", "0", "0"), \
	IDLE_STATE(cpu, "1", "C1", "2", "0"), \
	IDLE_STATE(cpu, "2", "C6", "133", deep_is_off), \
	{"/sys/devices/system/cpu/cpu" cpu "/power/pm_qos_resume_latency_us", "0"}, \
	{"/sys/devices/system/cpu/cpu" cpu "/cpufreq/scaling_governor", "performance"}, \
	{"/sys/devices/system/cpu/cpu" cpu "/cpufreq/scaling_driver", "acpi-cpufreq"}

static const struct doctor_fact facts[] = {
	{"/proc/interrupts", INTERRUPTS("200", "9000")},
	{"/bulkhead/later/proc/interrupts", INTERRUPTS("260", "9500")},
	{"/bulkhead/window-ns", "500000000"},
	{"/proc/irq/default_smp_affinity", "3"},
	IRQ("0", "0-3", "0"),
	IRQ("24", "0-1", "1"),
	IRQ("45", "2", "2"),
	IRQ("9", "0-3", ""),

	THREAD_FACTS("1", "1", "systemd", THREAD_OF_USER, "0", POLICY_OTHER, "0-1"),
	KERNEL_THREAD("2", "kthreadd", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-1"),
	KERNEL_THREAD("3", "rcu_preempt", THREAD_OF_KERNEL, "1", POLICY_FIFO, "0-1"),
	KERNEL_THREAD("4", "kworker/u8:0-events_unbound", THREAD_WORKER, "0", POLICY_OTHER, "0-1"),
	KERNEL_THREAD("5", "kworker/R-netns", THREAD_WORKER, "0", POLICY_OTHER, "0-3"),
	KERNEL_THREAD("6", "rcub/0", THREAD_OF_KERNEL, "4", POLICY_FIFO, "0-1"),
	CPU_THREADS("0", "0"),
	CPU_THREADS("1", "1"),
	CPU_THREADS("2", "2"),
	CPU_THREADS("3", "3"),
	KERNEL_THREAD("70", "irq/45-vfio-msix[0](0000:03:00.0)", THREAD_OF_KERNEL, "50", POLICY_FIFO, "2"),
	THREAD_FACTS("900", "900", "bulkhead-vmm", THREAD_OF_USER, "0", POLICY_OTHER, "0-1"),
	THREAD_FACTS("900", "901", "vcpu/0", THREAD_OF_USER, "1", POLICY_FIFO, "2"),
	THREAD_FACTS("900", "902", "vcpu/1", THREAD_OF_USER, "1", POLICY_FIFO, "3"),
	THREAD_FACTS("900", "903", "vhost-900", THREAD_OF_USER, "0", POLICY_OTHER, "0-1"),

	{"/proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:   12582912 kB"},
	{"/proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"},
	{"/proc/sys/kernel/numa_balancing", "0"},
	{"/proc/sys/vm/stat_interval", "10"},
	{"/sys/kernel/mm/ksm/run", "0"},
	{"/sys/kernel/mm/ksm/pages_shared", "0"},
	{"/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]"},
	{"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "512"},
	{"/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "512"},
	{"/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0"},
	{"/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0"},

	{"/sys/devices/system/cpu/cpuidle/current_driver", "intel_idle"},
	CPU_POWER("0", "0"),
	CPU_POWER("1", "0"),
	CPU_POWER("2", "1"),
	CPU_POWER("3", "1"),
	{"/bulkhead/cpu-dma-latency", "2000000000"},

	{"/bulkhead/msr/0x34", "0 17"},
	{"/bulkhead/later/bulkhead/msr/0x34", "0 17"},

	{"/sys/class/iommu/dmar0/intel-iommu/cap", "8d2008c40660462"},
	{"/sys/class/iommu/dmar0/intel-iommu/ecap", "f050da"},
	{"/sys/bus/pci/devices/0000:03:00.0/class", "0x020000"},
	{"/sys/bus/pci/devices/0000:03:00.0/vendor", "0x8086"},
	{"/sys/bus/pci/devices/0000:03:00.0/device", "0x1533"},
	{"/sys/bus/pci/devices/0000:03:00.0/numa_node", "-1"},
	{"/sys/bus/pci/devices/0000:03:00.0/iommu_group", "../../../kernel/iommu_groups/12"},
	{"/sys/bus/pci/devices/0000:03:00.0/driver", "../../../bus/pci/drivers/vfio-pci"},
};

const struct doctor_fact_table doctor_facts_more = {facts, sizeof(facts) / sizeof(facts[0])};
