// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/hosts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/host/host.h"

#define GIB(n) (UINT64_C(n) << 30)

/* struct shape - how a host is made; @threads follow each other by @stride CPU numbers. */
struct shape {
	unsigned nodes;
	unsigned caches; /* per node */
	unsigned cores;  /* per cache */
	unsigned threads;
	unsigned spacing; /* CPU numbers from core to core */
	unsigned offline; /* every so many-th CPU is offline; 0 none */
	uint64_t node_bytes;
	uint64_t pool_2m, pool_1g;
	bool facts_known;
	bool preempt_rt;
	bool cgroup_v2;
	bool fair_server;
	bool resctrl;
	bool devices;
	bool isolated;
	bool pool_files; /* the pools can be written; a quarter of each node is free */
};

static const struct shape shapes[ORACLE_HOSTS] = {
	{1, 1, 4, 2, 1, 0, GIB(16), 1024, 0, true, true, true, false, false, false, false, false},
	{2, 1, 16, 2, 1, 0, GIB(64), 4096, 16, true, true, true, false, true, true, false, true},
	{1, 4, 4, 2, 1, 0, GIB(64), 2048, 8, true, true, true, true, true, true, false, false},
	{2, 2, 2, 2, 3, 5, GIB(8), 64, 0, true, true, true, false, false, false, false, true},
	{1, 1, 4, 1, 1, 0, GIB(4), 0, 0, true, false, false, false, false, false, false, true},
	{1, 1, 8, 1, 1, 0, GIB(8), 0, 0, false, false, false, false, false, false, false, false},
	{1, 1, 8, 1, 1, 0, GIB(8), 256, 0, true, true, true, false, false, false, true, false},
};

static void make_node(const struct shape *shape, unsigned number, struct host_node *node)
{
	*node = (struct host_node){
		.number = number * 2, /* with gaps, as they may have */
		.memory_known = shape->facts_known,
		.memory_bytes = shape->node_bytes,
		.pool = {{.page_bytes = 2 << 20, .known = shape->facts_known, .total = shape->pool_2m,
			  .free = shape->pool_2m},
			 {.page_bytes = 1 << 30, .known = shape->facts_known, .total = shape->pool_1g,
			  .free = shape->pool_1g}},
		.free_known = shape->pool_files,
		.free_bytes = shape->node_bytes / 4,
	};
}

static void make_cpu(const struct shape *shape, unsigned core, unsigned thread,
		     struct host_topology *topology)
{
	unsigned all_cores = shape->nodes * shape->caches * shape->cores;
	unsigned number = core * shape->spacing + thread * all_cores * shape->spacing;
	unsigned cache = core / shape->cores;
	unsigned node = cache / shape->caches;

	cpulist_add(&topology->present, number);
	if (shape->offline != 0 && number % shape->offline == shape->offline - 1)
		return;
	cpulist_add(&topology->online, number);
	cpulist_add(&topology->node[node].cpus, number);
	cpulist_add(&topology->cache[cache].cpus, number);
	topology->cpu[number] = (struct host_cpu){.package = (int)node, .core = (int)core,
						  .cache = (int)cache, .node = (int)node * 2};
}

static int make_topology(const struct shape *shape, struct host_topology *topology)
{
	unsigned cores = shape->nodes * shape->caches * shape->cores;

	topology->cpu_count = (size_t)cores * shape->spacing * shape->threads;
	topology->node_count = shape->nodes;
	topology->cache_count = (size_t)shape->nodes * shape->caches;
	topology->cpu = calloc(topology->cpu_count, sizeof(*topology->cpu));
	topology->node = calloc(topology->node_count, sizeof(*topology->node));
	topology->cache = calloc(topology->cache_count, sizeof(*topology->cache));
	if (topology->cpu == NULL || topology->node == NULL || topology->cache == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < topology->cpu_count; i++)
		topology->cpu[i] = (struct host_cpu){-1, -1, -1, -1, -1};
	for (unsigned i = 0; i < shape->nodes; i++)
		make_node(shape, i, &topology->node[i]);
	for (size_t i = 0; i < topology->cache_count; i++)
		topology->cache[i] = (struct host_cache){.level = 3, .bytes = 32 << 20};
	for (unsigned core = 0; core < cores; core++) {
		for (unsigned thread = 0; thread < shape->threads; thread++)
			make_cpu(shape, core, thread, topology);
	}
	topology->allowed = topology->online;
	topology->packages = shape->nodes;
	topology->cores = cores;
	topology->kinds = 1;
	return 0;
}

/* Two devices alone, two that share a group, a bridge, one on the last node. */
static int make_devices(const struct shape *shape, struct host_facts *facts)
{
	static const struct {
		int group;
		bool bridge;
		const char *driver;
	} devices[] = {
		{1, false, "ixgbe"}, {2, false, "vfio-pci"}, {3, false, "igb"}, {3, false, "igb"},
		{4, true, "pcieport"}, {5, false, "nvme"}, {-1, false, ""},
	};
	size_t count = sizeof(devices) / sizeof(devices[0]);

	facts->pci = calloc(count, sizeof(*facts->pci));
	if (facts->pci == NULL)
		return -ENOMEM;
	facts->pci_count = count;
	for (size_t i = 0; i < count; i++) {
		struct host_pci *pci = &facts->pci[i];

		snprintf(pci->address, sizeof(pci->address), "0000:0%zu:00.0", i);
		pci->class = devices[i].bridge ? 0x060400 : 0x020000;
		pci->node = i == 5 ? (int)(shape->nodes - 1) * 2 : 0;
		pci->group = devices[i].group;
		pci->bridge = devices[i].bridge;
		snprintf(pci->driver, sizeof(pci->driver), "%s", devices[i].driver);
	}
	facts->iommu = FACT_YES;
	facts->posted_interrupts = FACT_YES;
	return 0;
}

static void make_kernel(const struct shape *shape, struct host_facts *facts)
{
	struct host_kernel *kernel = &facts->kernel;

	facts->cgroup.mode = shape->cgroup_v2 ? CGROUP_V2 : CGROUP_V1;
	facts->cgroup.cpuset = shape->cgroup_v2 ? FACT_YES : FACT_NO;
	snprintf(kernel->release, sizeof(kernel->release), shape->fair_server ? "6.12.1" : "6.1.0");
	kernel->version = shape->fair_server ? 0x060c00 : 0x060100;
	kernel->preempt_rt = shape->preempt_rt ? FACT_YES : FACT_NO;
	kernel->rt_runtime_us = (struct fact_number){.known = true, .value = 950000};
	kernel->rt_period_us = (struct fact_number){.known = true, .value = 1000000};
	kernel->deadline_period_min_us = (struct fact_number){.known = true, .value = 100};
	kernel->deadline_period_max_us = (struct fact_number){.known = true, .value = 4194304};
	kernel->has_fair_server = shape->fair_server ? FACT_YES : FACT_NO;
	kernel->isolated_known = kernel->nohz_full_known = true;
	if (shape->isolated) {
		for (unsigned cpu = 4; cpu < 8; cpu++)
			cpulist_add(&kernel->isolated, cpu);
	}
}

static int make_pool_files(const struct shape *shape, struct host_files *files)
{
	static const unsigned kilobytes[HOST_POOLS] = {2048, 1048576};
	const uint64_t pages[HOST_POOLS] = {shape->pool_2m, shape->pool_1g};
	char path[96];
	char text[24];
	int error = 0;

	for (unsigned i = 0; error == 0 && i < shape->nodes * HOST_POOLS; i++) {
		snprintf(path, sizeof(path),
			 "/sys/devices/system/node/node%u/hugepages/hugepages-%ukB/nr_hugepages",
			 i / HOST_POOLS * 2, kilobytes[i % HOST_POOLS]);
		snprintf(text, sizeof(text), "%" PRIu64, pages[i % HOST_POOLS]);
		error = host_files_put(files, path, text);
	}
	return error;
}

static int make_files(const struct shape *shape, struct host_files *files)
{
	char path[80];
	int error = shape->pool_files ? make_pool_files(shape, files) : 0;

	files->complete = shape->facts_known;
	if (shape->facts_known && error == 0)
		error = host_files_put(files, "/proc/cmdline",
				       shape->isolated ? "quiet isolcpus=domain,managed_irq,4-7" : "quiet");
	for (unsigned cpu = 0; shape->fair_server && cpu < 64 && error == 0; cpu++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/sched/fair_server/cpu%u/runtime", cpu);
		error = host_files_put(files, path, "50000000");
		snprintf(path, sizeof(path), "/sys/kernel/debug/sched/fair_server/cpu%u/period", cpu);
		if (error == 0)
			error = host_files_put(files, path, "1000000000");
	}
	host_files_sort(files);
	return error;
}

int oracle_host_make(unsigned shape_index, struct host_facts *ret)
{
	const struct shape *shape = &shapes[shape_index];
	struct host_facts facts = {.groups = HOST_PLAN};
	int error = make_topology(shape, &facts.topology);

	if (error == 0)
		error = make_files(shape, &facts.files);
	if (error == 0 && shape->devices)
		error = make_devices(shape, &facts);
	if (error != 0) {
		host_facts_done(&facts);
		return error;
	}
	if (shape->facts_known) {
		make_kernel(shape, &facts);
		facts.memory.total_bytes = (struct fact_number){
			.known = true, .value = (int64_t)(shape->nodes * shape->node_bytes)};
		facts.memory.available_bytes = facts.memory.total_bytes;
		for (int i = 0; i < HOST_POOLS; i++) {
			facts.memory.pool[i] = facts.topology.node[0].pool[i];
			facts.memory.pool[i].total *= shape->nodes;
			facts.memory.pool[i].free *= shape->nodes;
		}
	}
	facts.l3 = facts.l2 = facts.bandwidth = (struct host_resctrl){
		.supported = shape->resctrl ? FACT_YES : shape->facts_known ? FACT_NO : FACT_UNKNOWN,
		.closids = shape->resctrl ? 8 : 0, .ways = shape->resctrl ? 12 : 0,
		.ways_min = shape->resctrl ? 1 : 0};
	facts.l2.supported = shape->facts_known ? FACT_NO : FACT_UNKNOWN;
	*ret = facts;
	return 0;
}
