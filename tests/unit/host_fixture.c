// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/host_fixture.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const usual_files[][2] = {
	{"/proc/version", "Linux version 6.1.0-37-rt-amd64 (builder@example) (gcc 12) #1 SMP PREEMPT_RT"},
	{"/proc/sys/kernel/osrelease", "6.1.0-37-rt-amd64"},
	{"/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz-6.1.0-37-rt-amd64 ro quiet"},
	{"/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: A CPU made by hand"},
	{"/proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0"},
	{"/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids"},
	{"/proc/sys/kernel/sched_rt_runtime_us", "950000"},
	{"/proc/sys/kernel/sched_rt_period_us", "1000000"},
	{"/proc/sys/kernel/sched_deadline_period_min_us", "100"},
	{"/proc/sys/kernel/sched_deadline_period_max_us", "4194304"},
	{"/sys/devices/system/cpu/isolated", ""},
	{"/sys/devices/system/cpu/nohz_full", ""},
	{"/sys/kernel/realtime", "1"},
	{"/sys/module/kvm_intel/parameters/enable_apicv", "Y"},
	{"/proc/interrupts", "     CPU0\n 24:    1   IR-PCI-MSI-0000:00:17.0    0-edge      ahci[0000:00:17.0]"},
	{"/sys/class/iommu/dmar0/intel-iommu/cap", "8d2008c40660462"},
	{"/sys/class/iommu/dmar0/intel-iommu/ecap", "f050da"},
	{"/bulkhead/cpuid", "0x0 0x0 0x16 0x756e6547 0x6c65746e 0x49656e69\n"
			    "0x7 0x0 0x0 0x0 0x0 0x0"},
};

static void set(struct host_facts *facts, const char *path, const char *text)
{
	CU_ASSERT_EQUAL_FATAL(host_files_put(&facts->files, path, text), 0);
}

static void take_facts_anew(struct host_facts *facts)
{
	CU_ASSERT_EQUAL_FATAL(host_facts_parse(facts), 0);
}

static void set_number(struct host_facts *facts, const char *path, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	set(facts, path, text);
}

static void put_cpus(struct host_facts *facts)
{
	const struct host_topology *topology = &facts->topology;
	char text[CPULIST_TEXT_MAX];

	set(facts, "/sys/devices/system/cpu/present",
	    cpulist_format(&topology->present, text, sizeof(text)));
	set(facts, "/sys/devices/system/cpu/online",
	    cpulist_format(&topology->online, text, sizeof(text)));
	set(facts, "/bulkhead/allowed-cpus",
	    cpulist_format(&topology->allowed, text, sizeof(text)));
	for (size_t i = 0; i < topology->node_count; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/devices/system/node/node%zu/cpulist", i);
		set(facts, path, cpulist_format(&topology->node[i].cpus, text, sizeof(text)));
	}
}

static void put_memory(struct host_facts *facts, uint64_t total_bytes)
{
	char text[128];

	snprintf(text, sizeof(text), "MemTotal: %" PRIu64 " kB\nMemAvailable: %" PRIu64 " kB",
		 total_bytes / 1024, total_bytes / 1024 / 4 * 3);
	set(facts, "/proc/meminfo", text);
}

static void add_cpu(struct host_topology *topology, const struct host_shape *shape, unsigned number)
{
	unsigned core = number % (shape->nodes * shape->caches * shape->cores);
	unsigned cache = core / shape->cores;
	unsigned node = cache / shape->caches;

	topology->cpu[number] = (struct host_cpu){
		.package = (int)node,
		.core = (int)core,
		.cache = (int)cache,
		.node = (int)node,
	};
	cpulist_add(&topology->present, number);
	cpulist_add(&topology->node[node].cpus, number);
	cpulist_add(&topology->cache[cache].cpus, number);
}

static void make_topology(struct host_topology *topology, const struct host_shape *shape)
{
	*topology = (struct host_topology){
		.node_count = shape->nodes,
		.cache_count = (size_t)shape->nodes * shape->caches,
		.packages = shape->nodes,
		.cores = shape->nodes * shape->caches * shape->cores,
		.kinds = 1,
	};
	topology->cpu_count = (size_t)topology->cores * shape->threads;
	topology->cpu = calloc(topology->cpu_count, sizeof(*topology->cpu));
	topology->node = calloc(topology->node_count, sizeof(*topology->node));
	topology->cache = calloc(topology->cache_count, sizeof(*topology->cache));
	CU_ASSERT_FATAL(topology->cpu != NULL && topology->node != NULL && topology->cache != NULL);
	for (unsigned i = 0; i < topology->node_count; i++)
		topology->node[i] = (struct host_node){
			.number = i,
			.memory_known = true,
			.memory_bytes = shape->node_bytes,
			.pool = {{.page_bytes = UINT64_C(2) << 20, .known = true},
				 {.page_bytes = UINT64_C(1) << 30, .known = true}},
		};
	for (unsigned i = 0; i < topology->cache_count; i++)
		topology->cache[i] =
			(struct host_cache){.level = 3, .bytes = UINT64_C(16) << 20, .ways = 16};
	for (unsigned i = 0; i < topology->cpu_count; i++)
		add_cpu(topology, shape, i);
	topology->online = topology->present;
	topology->allowed = topology->present;
}

void host_fixture_make(struct host_facts *facts, const struct host_shape *shape)
{
	struct host_shape full = {
		.nodes = shape->nodes == 0 ? 1 : shape->nodes,
		.caches = shape->caches == 0 ? 1 : shape->caches,
		.cores = shape->cores == 0 ? 4 : shape->cores,
		.threads = shape->threads == 0 ? 1 : shape->threads,
		.node_bytes = shape->node_bytes == 0 ? UINT64_C(8) << 30 : shape->node_bytes,
	};

	*facts = (struct host_facts){.groups = HOST_ALL, .files.complete = true};
	make_topology(&facts->topology, &full);
	for (size_t i = 0; i < sizeof(usual_files) / sizeof(usual_files[0]); i++)
		set(facts, usual_files[i][0], usual_files[i][1]);
	put_cpus(facts);
	put_memory(facts, full.nodes * full.node_bytes);
	host_fixture_device(facts, "0000:00:00.0", 0x060000, -1, 0);
}

void host_fixture_put(struct host_facts *facts, const char *path, const char *text)
{
	if (text == NULL)
		host_files_remove(&facts->files, path);
	else
		set(facts, path, text);
	take_facts_anew(facts);
}

void host_fixture_put_error(struct host_facts *facts, const char *path, int error)
{
	CU_ASSERT_EQUAL_FATAL(host_files_put_error(&facts->files, path, error), 0);
	take_facts_anew(facts);
}

void host_fixture_offline(struct host_facts *facts, unsigned cpu)
{
	struct host_topology *topology = &facts->topology;

	CU_ASSERT_FATAL(cpu < topology->cpu_count);
	cpulist_remove(&topology->online, cpu);
	cpulist_remove(&topology->allowed, cpu);
	for (size_t i = 0; i < topology->node_count; i++)
		cpulist_remove(&topology->node[i].cpus, cpu);
	for (size_t i = 0; i < topology->cache_count; i++)
		cpulist_remove(&topology->cache[i].cpus, cpu);
	topology->cpu[cpu] = (struct host_cpu){
		.package = TOPOLOGY_UNKNOWN,
		.core = TOPOLOGY_UNKNOWN,
		.cache = TOPOLOGY_UNKNOWN,
		.node = TOPOLOGY_UNKNOWN,
		.kind = TOPOLOGY_UNKNOWN,
	};
	put_cpus(facts);
	take_facts_anew(facts);
}

void host_fixture_pool(struct host_facts *facts, int node, uint64_t page_bytes, uint64_t total,
		       uint64_t free)
{
	unsigned which = page_bytes == UINT64_C(1) << 30;
	struct host_pool sum = {0};
	char folder[64];
	char path[128];

	CU_ASSERT_FATAL(node >= 0 && (size_t)node < facts->topology.node_count);
	facts->topology.node[node].pool[which].total = total;
	facts->topology.node[node].pool[which].free = free;
	for (size_t i = 0; i < facts->topology.node_count; i++) {
		sum.total += facts->topology.node[i].pool[which].total;
		sum.free += facts->topology.node[i].pool[which].free;
	}
	snprintf(folder, sizeof(folder), "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB",
		 page_bytes / 1024);
	snprintf(path, sizeof(path), "%s/nr_hugepages", folder);
	set_number(facts, path, sum.total);
	snprintf(path, sizeof(path), "%s/free_hugepages", folder);
	set_number(facts, path, sum.free);
	take_facts_anew(facts);
}

void host_fixture_device(struct host_facts *facts, const char *address, unsigned class, int node,
			 int group)
{
	char path[96];
	char text[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/class", address);
	snprintf(text, sizeof(text), "0x%06x", class);
	set(facts, path, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/numa_node", address);
	snprintf(text, sizeof(text), "%d", node);
	set(facts, path, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", address);
	snprintf(text, sizeof(text), "../../../kernel/iommu_groups/%d", group);
	if (group >= 0)
		set(facts, path, text);
	take_facts_anew(facts);
}

void host_fixture_done(struct host_facts *facts)
{
	host_facts_done(facts);
}
