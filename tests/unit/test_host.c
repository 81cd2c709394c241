// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "tests/unit/host_fixture.h"

static struct host_facts host;

static void make(void)
{
	host_fixture_make(&host, &(struct host_shape){0});
}

static void put(const char *path, const char *text)
{
	host_fixture_put(&host, path, text);
}

static void assert_cpus(const struct cpulist *list, const char *expected)
{
	char text[CPULIST_TEXT_MAX];

	CU_ASSERT_STRING_EQUAL(cpulist_format(list, text, sizeof(text)), expected);
}

static void the_usual_host_is_known(void)
{
	make();
	CU_ASSERT_STRING_EQUAL(host.kernel.release, "6.1.0-37-rt-amd64");
	CU_ASSERT_EQUAL(host.kernel.version, 6 << 16 | 1 << 8);
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_YES);
	CU_ASSERT_EQUAL(host.kernel.has_fair_server, FACT_NO);
	CU_ASSERT_TRUE(host.kernel.rt_runtime_us.known);
	CU_ASSERT_EQUAL(host.kernel.rt_runtime_us.value, 950000);
	CU_ASSERT_EQUAL(host.kernel.deadline_period_max_us.value, 4194304);
	CU_ASSERT_EQUAL(host.cgroup.mode, CGROUP_V2);
	CU_ASSERT_EQUAL(host.cgroup.cpuset, FACT_YES);
	CU_ASSERT_STRING_EQUAL(host.cgroup.mount, "/sys/fs/cgroup");
	CU_ASSERT_EQUAL(host.memory.total_bytes.value, INT64_C(8) << 30);
	CU_ASSERT_EQUAL(host.memory.available_bytes.value, INT64_C(6) << 30);
	CU_ASSERT_TRUE(host.memory.pool[1].known);
	CU_ASSERT_EQUAL(host.memory.pool[1].page_bytes, UINT64_C(1) << 30);
	CU_ASSERT_EQUAL(host.iommu, FACT_YES);
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_YES);
	CU_ASSERT_EQUAL(host.l3.supported, FACT_NO);
	CU_ASSERT_STRING_EQUAL(host.cpu_vendor, "GenuineIntel");
	CU_ASSERT_STRING_EQUAL(host.cpu_model, "A CPU made by hand");
	host_fixture_done(&host);
}

static void groups_that_were_not_read_are_unknown(void)
{
	char text[16];

	make();
	host.groups = HOST_TOPOLOGY;
	CU_ASSERT_EQUAL(host_facts_parse(&host), 0);
	CU_ASSERT_FALSE(host.memory.total_bytes.known);
	CU_ASSERT_EQUAL(host.memory.total_bytes.error, ENODATA);
	CU_ASSERT_FALSE(host.memory.pool[0].known);
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_UNKNOWN);
	CU_ASSERT_EQUAL(host.kernel.has_fair_server, FACT_UNKNOWN);
	CU_ASSERT_FALSE(host.kernel.isolated_known);
	CU_ASSERT_FALSE(host.kernel.rt_runtime_us.known);
	CU_ASSERT_EQUAL(host.cgroup.mode, CGROUP_UNKNOWN);
	CU_ASSERT_EQUAL(host.l3.supported, FACT_UNKNOWN);
	CU_ASSERT_EQUAL(host.iommu, FACT_UNKNOWN);
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_UNKNOWN);
	CU_ASSERT_EQUAL(host.pci_count, 0);
	CU_ASSERT_EQUAL(host_parameter(&host, "quiet", text, sizeof(text)), -ENODATA);
	CU_ASSERT_EQUAL(host_config(&host, "PREEMPT_RT", text, sizeof(text)), -ENODATA);
	host_fixture_done(&host);
}

static void preempt_rt_is_never_assumed(void)
{
	make();
	put("/sys/kernel/realtime", NULL);
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_YES);
	put("/proc/version", "Linux version 6.12.1 (me@PREEMPT_RT) #1 SMP PREEMPT_DYNAMIC now");
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_NO);
	put("/sys/kernel/realtime", "1");
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_YES);
	put("/sys/kernel/realtime", "yes");
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_NO);
	put("/proc/version", "Linux version 6.12.1");
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_UNKNOWN);
	host_fixture_put_error(&host, "/proc/version", EACCES);
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_UNKNOWN);
	put("/sys/kernel/realtime", "0");
	CU_ASSERT_EQUAL(host.kernel.preempt_rt, FACT_NO);
	host_fixture_done(&host);
}

static void releases_are_read(void)
{
	make();
	put("/proc/sys/kernel/osrelease", NULL);
	CU_ASSERT_STRING_EQUAL(host.kernel.release, "6.1.0-37-rt-amd64");
	put("/proc/version", "Linux version 6.12.90 (x) #1 SMP");
	CU_ASSERT_EQUAL(host.kernel.version, 6 << 16 | 12 << 8);
	put("/proc/version", "FreeBSD");
	CU_ASSERT_STRING_EQUAL(host.kernel.release, "");
	CU_ASSERT_EQUAL(host.kernel.version, 0);
	put("/proc/version", "Linux version x.y (x) #1 SMP");
	CU_ASSERT_EQUAL(host.kernel.version, 0);
	put("/proc/version", "Linux version 999.12 (x) #1 SMP");
	CU_ASSERT_EQUAL(host.kernel.version, 0);
	host_fixture_done(&host);
}

static void numbers_say_why_they_are_unknown(void)
{
	make();
	host_fixture_put_error(&host, "/proc/sys/kernel/sched_rt_runtime_us", EACCES);
	CU_ASSERT_FALSE(host.kernel.rt_runtime_us.known);
	CU_ASSERT_EQUAL(host.kernel.rt_runtime_us.error, EACCES);
	put("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	CU_ASSERT_TRUE(host.kernel.rt_runtime_us.known);
	CU_ASSERT_EQUAL(host.kernel.rt_runtime_us.value, -1);
	put("/proc/sys/kernel/sched_rt_runtime_us", "many");
	CU_ASSERT_FALSE(host.kernel.rt_runtime_us.known);
	CU_ASSERT_EQUAL(host.kernel.rt_runtime_us.error, EINVAL);
	host_fixture_done(&host);
}

static void the_fair_server_is_read_or_unknown(void)
{
	uint64_t runtime = 1;
	uint64_t period = 1;

	make();
	CU_ASSERT_EQUAL(host_fair_server(&host, 0, &runtime, &period), 0);
	CU_ASSERT_TRUE(runtime == 0 && period == 0);
	put("/proc/sys/kernel/osrelease", "6.12.9");
	CU_ASSERT_EQUAL(host.kernel.has_fair_server, FACT_YES);
	CU_ASSERT_EQUAL(host_fair_server(&host, 0, &runtime, &period), -ENODATA);
	host_fixture_put_error(&host, "/sys/kernel/debug/sched/fair_server/cpu0/runtime", EACCES);
	CU_ASSERT_EQUAL(host_fair_server(&host, 0, &runtime, &period), -EACCES);
	put("/sys/kernel/debug/sched/fair_server/cpu0/runtime", "50000000");
	put("/sys/kernel/debug/sched/fair_server/cpu0/period", "1000000000");
	CU_ASSERT_EQUAL(host_fair_server(&host, 0, &runtime, &period), 0);
	CU_ASSERT_TRUE(runtime == 50000000 && period == 1000000000);
	put("/sys/kernel/debug/sched/fair_server/cpu0/runtime", "-3");
	CU_ASSERT_EQUAL(host_fair_server(&host, 0, &runtime, &period), -EINVAL);
	put("/sys/kernel/debug/sched/fair_server/cpu0/runtime", "0");
	CU_ASSERT_EQUAL(host_fair_server(&host, 0, &runtime, &period), 0);
	CU_ASSERT_TRUE(runtime == 0 && period == 0);
	/* A kernel of an older number that has the folder all the same. */
	put("/proc/sys/kernel/osrelease", "6.6.1-vendor");
	CU_ASSERT_EQUAL(host.kernel.has_fair_server, FACT_YES);
	host_fixture_done(&host);
}

static void isolated_cpus_are_read(void)
{
	make();
	put("/sys/devices/system/cpu/isolated", "2-3");
	put("/sys/devices/system/cpu/nohz_full", "(null)");
	CU_ASSERT_TRUE(host.kernel.isolated_known && host.kernel.nohz_full_known);
	assert_cpus(&host.kernel.isolated, "2-3");
	assert_cpus(&host.kernel.nohz_full, "");
	put("/sys/devices/system/cpu/isolated", "3-2");
	CU_ASSERT_FALSE(host.kernel.isolated_known);
	put("/sys/devices/system/cpu/nohz_full", NULL);
	CU_ASSERT_TRUE(host.kernel.nohz_full_known);
	host_fixture_put_error(&host, "/sys/devices/system/cpu/nohz_full", EIO);
	CU_ASSERT_FALSE(host.kernel.nohz_full_known);
	host_fixture_done(&host);
}

static void memory_is_read_strictly(void)
{
	make();
	put("/proc/meminfo", "NotMemTotal: 5 kB\nMemTotal:       16 kB\nMemAvailable: 3");
	CU_ASSERT_EQUAL(host.memory.total_bytes.value, 16384);
	CU_ASSERT_FALSE(host.memory.available_bytes.known);
	put("/proc/meminfo", "MemTotal: 99999999999999999999 kB\nMemAvailable: -3 kB");
	CU_ASSERT_FALSE(host.memory.total_bytes.known);
	CU_ASSERT_EQUAL(host.memory.total_bytes.error, EINVAL);
	CU_ASSERT_FALSE(host.memory.available_bytes.known);
	host_fixture_put_error(&host, "/proc/meminfo", EACCES);
	CU_ASSERT_EQUAL(host.memory.total_bytes.error, EACCES);
	host_fixture_done(&host);
}

static void pools_are_read(void)
{
	make();
	host_fixture_pool(&host, 0, UINT64_C(2) << 20, 8, 5);
	CU_ASSERT_EQUAL(host.memory.pool[0].total, 8);
	CU_ASSERT_EQUAL(host.memory.pool[0].free, 5);
	CU_ASSERT_EQUAL(host.topology.node[0].pool[0].free, 5);
	host_fixture_put_error(&host, "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
			       EACCES);
	CU_ASSERT_FALSE(host.memory.pool[0].known);
	CU_ASSERT_TRUE(host.memory.pool[1].known);
	host.files.complete = false;
	CU_ASSERT_EQUAL(host_facts_parse(&host), 0);
	CU_ASSERT_FALSE(host.memory.pool[1].known);
	host_fixture_done(&host);
}

static void cgroup_modes_are_told_apart(void)
{
	make();
	put("/proc/mounts", "cgroup /sys/fs/cgroup/cpu,cpuset cgroup rw,cpu,cpuset 0 0\n"
			    "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0");
	CU_ASSERT_EQUAL(host.cgroup.mode, CGROUP_HYBRID);
	CU_ASSERT_EQUAL(host.cgroup.cpuset, FACT_NO);
	CU_ASSERT_STRING_EQUAL(host.cgroup.mount, "/sys/fs/cgroup/unified");
	put("/proc/mounts", "cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0\n"
			    "cgroup2 /sys/fs/cgr\\040oup cgroup2 rw 0 0");
	CU_ASSERT_EQUAL(host.cgroup.mode, CGROUP_V2);
	CU_ASSERT_EQUAL(host.cgroup.cpuset, FACT_UNKNOWN);
	CU_ASSERT_STRING_EQUAL(host.cgroup.mount, "/sys/fs/cgr oup");
	put("/sys/fs/cgr oup/cgroup.controllers", "cpu cpusets io");
	CU_ASSERT_EQUAL(host.cgroup.cpuset, FACT_NO);
	put("/proc/mounts", "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0");
	CU_ASSERT_EQUAL(host.cgroup.mode, CGROUP_V1);
	CU_ASSERT_STRING_EQUAL(host.cgroup.mount, "");
	put("/proc/mounts", "proc /proc proc rw 0 0\n\nshort");
	CU_ASSERT_EQUAL(host.cgroup.mode, CGROUP_NONE);
	CU_ASSERT_EQUAL(host.cgroup.cpuset, FACT_NO);
	put("/proc/mounts", "c /elsewhere cgroup2 rw 0 0\nc /sys/fs/cgroup cgroup2 rw 0 0\n"
			    "c /again cgroup2 rw 0 0");
	CU_ASSERT_STRING_EQUAL(host.cgroup.mount, "/sys/fs/cgroup");
	put("/proc/mounts", NULL);
	CU_ASSERT_EQUAL(host.cgroup.mode, CGROUP_UNKNOWN);
	host_fixture_done(&host);
}

static void cache_allocation_by_cpuid(void)
{
	make();
	put("/bulkhead/cpuid", "0x0 0x0 0x16 0x0 0x0 0x0\n0x7 0x0 0x0 0x8000 0x0 0x0\n"
			       "0x10 0x0 0x0 0xa 0x0 0x0\n0x10 0x1 0xa 0x600 0x4 0xf\n"
			       "0x10 0x3 0x59 0x0 0x4 0x7");
	CU_ASSERT_EQUAL(host.l3.supported, FACT_YES);
	CU_ASSERT_EQUAL(host.l3.ways, 11);
	CU_ASSERT_EQUAL(host.l3.closids, 16);
	CU_ASSERT_EQUAL(host.l3.ways_min, 0);
	CU_ASSERT_EQUAL(host.l2.supported, FACT_NO);
	CU_ASSERT_EQUAL(host.bandwidth.supported, FACT_YES);
	CU_ASSERT_EQUAL(host.bandwidth.closids, 8);
	put("/bulkhead/cpuid", "0x0 0x0 0x16 0x0 0x0 0x0\n0x7 0x0 0x0 0x8000 0x0 0x0");
	CU_ASSERT_EQUAL(host.l3.supported, FACT_UNKNOWN);
	put("/bulkhead/cpuid", "0x0 0x0 0x10 0x0 0x0 0x0\n0x7 0x0 0x0 0x8000 0x0 0x0\n"
			       "0x10 0x0 0x0 0x2 0x0 0x0\n0x10 0x1 0xf 0x0 0x0 0xf\n"
			       "0x80000008 0x0 0x0 0x40 0x0 0x0\n0x80000020 0x1 0xb 0x0 0x0 0xf");
	CU_ASSERT_EQUAL(host.l3.ways, 16);
	CU_ASSERT_EQUAL(host.bandwidth.supported, FACT_YES);
	CU_ASSERT_EQUAL(host.bandwidth.closids, 16);
	put("/bulkhead/cpuid", "0x0 0x0 0x16\n0x0 0x0 0x0 0x16");
	CU_ASSERT_EQUAL(host.l3.supported, FACT_UNKNOWN);
	put("/bulkhead/cpuid", "hello");
	CU_ASSERT_EQUAL(host.l3.supported, FACT_UNKNOWN);
	host_fixture_done(&host);
}

static void cache_allocation_by_resctrl(void)
{
	make();
	put("/sys/fs/resctrl/info/L3/num_closids", "16");
	put("/sys/fs/resctrl/info/L3/cbm_mask", "7ff");
	put("/sys/fs/resctrl/info/L3/min_cbm_bits", "2");
	put("/sys/fs/resctrl/info/L2CODE/num_closids", "8");
	CU_ASSERT_EQUAL(host.l3.supported, FACT_YES);
	CU_ASSERT_EQUAL(host.l3.closids, 16);
	CU_ASSERT_EQUAL(host.l3.ways, 11);
	CU_ASSERT_EQUAL(host.l3.ways_min, 2);
	CU_ASSERT_EQUAL(host.l2.supported, FACT_YES);
	CU_ASSERT_EQUAL(host.l2.closids, 8);
	CU_ASSERT_EQUAL(host.bandwidth.supported, FACT_NO);
	host.files.complete = false;
	CU_ASSERT_EQUAL(host_facts_parse(&host), 0);
	CU_ASSERT_EQUAL(host.bandwidth.supported, FACT_UNKNOWN);
	host_fixture_done(&host);
}

static void functions_are_found(void)
{
	const struct host_pci *pci;

	make();
	host_fixture_device(&host, "0000:3b:00.1", 0x020000, 1, 12);
	host_fixture_device(&host, "0000:00:1c.0", 0x060400, 0, 3);
	put("/sys/bus/pci/devices/0000:3b:00.1/driver", "../../../../bus/pci/drivers/igb");
	put("/sys/bus/pci/devices/0000:3b:00.1/vendor", "0x8086");
	CU_ASSERT_EQUAL(host.pci_count, 3);
	pci = host_pci_find(&host, "0000:3b:00.1");
	CU_ASSERT_PTR_NOT_NULL_FATAL(pci);
	CU_ASSERT_EQUAL(pci->class, 0x020000);
	CU_ASSERT_EQUAL(pci->vendor, 0x8086);
	CU_ASSERT_EQUAL(pci->node, 1);
	CU_ASSERT_EQUAL(pci->group, 12);
	CU_ASSERT_FALSE(pci->bridge);
	CU_ASSERT_STRING_EQUAL(pci->driver, "igb");
	CU_ASSERT_TRUE(host_pci_find(&host, "0000:00:1c.0")->bridge);
	CU_ASSERT_PTR_NULL(host_pci_find(&host, "0000:3b:00.2"));
	CU_ASSERT_PTR_NULL(host_pci_find(&host, "0000:3b:00.1 and more than an address"));
	put("/sys/bus/pci/devices/much-too-long-for-an-address/class", "0x1");
	CU_ASSERT_EQUAL(host.pci_count, 3);
	host_fixture_done(&host);
}

static void an_iommu_is_there_when_devices_have_groups(void)
{
	static const char *const link = "/sys/bus/pci/devices/0000:00:00.0/iommu_group";

	make();
	put(link, NULL);
	CU_ASSERT_EQUAL(host.iommu, FACT_NO);
	CU_ASSERT_EQUAL(host.pci[0].group, -1);
	host_fixture_put_error(&host, link, EACCES);
	CU_ASSERT_EQUAL(host.iommu, FACT_UNKNOWN);
	put(link, "../iommu_groups/99999999999999999999");
	CU_ASSERT_EQUAL(host.iommu, FACT_UNKNOWN);
	put(link, "../iommu_groups/-4");
	CU_ASSERT_EQUAL(host.iommu, FACT_UNKNOWN);
	put("/sys/bus/pci/devices/0000:00:00.0/class", NULL);
	CU_ASSERT_EQUAL(host.iommu, FACT_UNKNOWN);
	host_fixture_done(&host);
}

static void posting_needs_every_part(void)
{
	make();
	put("/sys/class/iommu/dmar1/intel-iommu/cap", "d2008c40660462");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	put("/sys/class/iommu/dmar1/intel-iommu/cap", "8d2008c40660462");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_YES);
	host_fixture_put_error(&host, "/sys/class/iommu/dmar1/intel-iommu/cap", EACCES);
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_UNKNOWN);
	put("/sys/class/iommu/dmar1/intel-iommu/cap", NULL);
	put("/proc/cmdline", "intremap=nopost");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	put("/proc/cmdline", "quiet");
	put("/sys/module/kvm_intel/parameters/enable_apicv", "N");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	put("/sys/module/kvm_intel/parameters/enable_apicv", NULL);
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_UNKNOWN);
	put("/sys/module/kvm/parameters/enable_device_posted_irqs", "N");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	host_fixture_done(&host);
}

/* The firmware can keep the kernel from remapping though every register offers it. */
static void posting_takes_remapping(void)
{
	make();
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_YES);
	CU_ASSERT_EQUAL(host.interrupts_remapped, FACT_YES);
	put("/proc/interrupts", "     CPU0\n 24:    1   PCI-MSI-0000:00:17.0    0-edge      ahci");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	put("/proc/interrupts", "     CPU0\n  0:    1   IO-APIC   2-edge      timer");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_UNKNOWN);
	host_fixture_put_error(&host, "/proc/interrupts", EACCES);
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_UNKNOWN);
	host_fixture_done(&host);
}

static void posting_on_amd(void)
{
	make();
	put("/sys/class/iommu/dmar0/intel-iommu/cap", NULL);
	put("/sys/class/iommu/dmar0/intel-iommu/ecap", NULL);
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_UNKNOWN);
	/* The register that counts stands second until Linux 6.7, first from there on. */
	put("/sys/class/iommu/ivhd0/amd-iommu/features", "1d:25bf732fa2295afe");
	put("/sys/module/kvm_amd/parameters/avic", "Y");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_YES);
	put("/proc/sys/kernel/osrelease", "6.12.41-amd64");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	put("/sys/class/iommu/ivhd0/amd-iommu/features", "25bf732fa2295afe:1d");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_YES);
	put("/proc/cmdline", "amd_iommu_guest_ir=legacy");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	put("/proc/cmdline", "");
	put("/sys/class/iommu/ivhd1/amd-iommu/features", "0");
	CU_ASSERT_EQUAL(host.posted_interrupts, FACT_NO);
	host_fixture_done(&host);
}

static void assert_parameter(const char *name, int error, const char *expected)
{
	char value[64] = "";

	CU_ASSERT_EQUAL(host_parameter(&host, name, value, sizeof(value)), error);
	CU_ASSERT_STRING_EQUAL(value, expected);
}

static void parameters_are_read_as_the_kernel_does(void)
{
	char value[4];

	make();
	put("/proc/cmdline", "quiet isolcpus=1 isolcpus=domain,2-3  dyndbg=\"file a b +p\" "
			     "\"spaced name=x y\" rcu_nocbs=2 empty= \"alone\" kvm-intel.ple_gap=0 "
			     "odd=\" root=UUID=1 -- init=no");
	assert_parameter("isolcpus", 0, "domain,2-3");
	assert_parameter("quiet", 0, "");
	assert_parameter("dyndbg", 0, "file a b +p");
	assert_parameter("spaced name", 0, "x y");
	assert_parameter("rcu-nocbs", 0, "2");
	assert_parameter("kvm_intel.ple_gap", 0, "0");
	assert_parameter("empty", 0, "");
	assert_parameter("alone", 0, "");
	assert_parameter("odd", 0, " root=UUID=1 -- init=no");
	assert_parameter("isolcpu", -ENOENT, "");
	put("/proc/cmdline", "root=UUID=1 a=\"b\" -- init=no");
	assert_parameter("root", 0, "UUID=1");
	assert_parameter("a", 0, "b");
	assert_parameter("init", -ENOENT, "");
	CU_ASSERT_EQUAL(host_parameter(&host, "root", value, sizeof(value)), -E2BIG);
	put("/proc/cmdline", "\"");
	assert_parameter("x", -ENOENT, "");
	put("/proc/cmdline", "a=\" =b \"\" \"c=");
	assert_parameter("c", -ENOENT, "");
	host_fixture_put_error(&host, "/proc/cmdline", EACCES);
	assert_parameter("quiet", -EACCES, "");
	put("/proc/cmdline", NULL);
	assert_parameter("quiet", -ENODATA, "");
	host_fixture_done(&host);
}

static void the_configuration_is_read(void)
{
	char value[16];

	make();
	CU_ASSERT_EQUAL(host_config(&host, "KVM", value, sizeof(value)), -ENODATA);
	put("/boot/config-6.1.0-37-rt-amd64", "# CONFIG_KSM is not set\nCONFIG_PREEMPT_RT=y\n"
					      "CONFIG_KVM=m\nCONFIG_HZ=250\nCONFIG_NAME=\"a b\"");
	CU_ASSERT_EQUAL(host_config(&host, "PREEMPT_RT", value, sizeof(value)), 0);
	CU_ASSERT_STRING_EQUAL(value, "y");
	CU_ASSERT_EQUAL(host_config(&host, "HZ", value, sizeof(value)), 0);
	CU_ASSERT_STRING_EQUAL(value, "250");
	CU_ASSERT_EQUAL(host_config(&host, "NAME", value, sizeof(value)), 0);
	CU_ASSERT_STRING_EQUAL(value, "a b");
	CU_ASSERT_EQUAL(host_config(&host, "KSM", value, sizeof(value)), 0);
	CU_ASSERT_STRING_EQUAL(value, "n");
	CU_ASSERT_EQUAL(host_config(&host, "NAME", value, 3), -E2BIG);
	host_fixture_put_error(&host, "/boot/config-6.1.0-37-rt-amd64", EACCES);
	CU_ASSERT_EQUAL(host_config(&host, "KVM", value, sizeof(value)), -EACCES);
	put("/lib/modules/6.1.0-37-rt-amd64/config", "CONFIG_KVM=y");
	CU_ASSERT_EQUAL(host_config(&host, "KVM", value, sizeof(value)), 0);
	CU_ASSERT_STRING_EQUAL(value, "y");
	host_fixture_done(&host);
}

void test_host_register(void);

void test_host_register(void)
{
	CU_pSuite suite = CU_add_suite("test_host", NULL, NULL);

	CU_ADD_TEST(suite, the_usual_host_is_known);
	CU_ADD_TEST(suite, groups_that_were_not_read_are_unknown);
	CU_ADD_TEST(suite, preempt_rt_is_never_assumed);
	CU_ADD_TEST(suite, releases_are_read);
	CU_ADD_TEST(suite, numbers_say_why_they_are_unknown);
	CU_ADD_TEST(suite, the_fair_server_is_read_or_unknown);
	CU_ADD_TEST(suite, isolated_cpus_are_read);
	CU_ADD_TEST(suite, memory_is_read_strictly);
	CU_ADD_TEST(suite, pools_are_read);
	CU_ADD_TEST(suite, cgroup_modes_are_told_apart);
	CU_ADD_TEST(suite, cache_allocation_by_cpuid);
	CU_ADD_TEST(suite, cache_allocation_by_resctrl);
	CU_ADD_TEST(suite, functions_are_found);
	CU_ADD_TEST(suite, an_iommu_is_there_when_devices_have_groups);
	CU_ADD_TEST(suite, posting_needs_every_part);
	CU_ADD_TEST(suite, posting_on_amd);
	CU_ADD_TEST(suite, posting_takes_remapping);
	CU_ADD_TEST(suite, parameters_are_read_as_the_kernel_does);
	CU_ADD_TEST(suite, the_configuration_is_read);
}
