// SPDX-License-Identifier: Apache-2.0
/* CPUs, cores, last-level caches and NUMA nodes: hwloc's view as plain tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"
#include "core/host/files.h"

struct diag;
struct host_source;

enum { TOPOLOGY_UNKNOWN = -1, HOST_POOLS = 2 };

/**
 * struct host_cpu - one CPU, by its number in struct host_topology.cpu.
 * @package, @core, @cache: indexes of their kind, from 0 in the order of their lowest CPU, unique in the
 * machine; CPUs of one @core are SMT siblings; @cache is the last level of cache.
 * @node: the NUMA node's number as Linux has it, which may have gaps.
 * @kind: 0 for the least powerful kind of core; all 0 where all are alike.
 * All TOPOLOGY_UNKNOWN where nothing is told about them, as for CPUs that are offline or absent.
 */
struct host_cpu {
	int package;
	int core;
	int cache;
	int node;
	int kind;
};

/**
 * struct host_pool - hugepages of one size on one node.
 * @known: whether @total and @free could be read.
 */
struct host_pool {
	uint64_t page_bytes;
	bool known;
	uint64_t total;
	uint64_t free;
};

/**
 * struct host_node - a NUMA node; one without CPUs has memory alone.
 * @number: as Linux has it.
 * @pool: 2 MiB, then 1 GiB.
 * @ordinary_known: where not all of @pool is known: whether @ordinary_bytes, which are surely there in
 * ordinary pages, could be told all the same.
 * @free_known: whether @free_bytes, of nobody or of files alone, could be told.
 */
struct host_node {
	unsigned number;
	struct cpulist cpus;
	bool memory_known;
	uint64_t memory_bytes;
	struct host_pool pool[HOST_POOLS];
	bool ordinary_known;
	uint64_t ordinary_bytes;
	bool free_known;
	uint64_t free_bytes;
};

/** struct host_cache - one last-level cache. @ways 0 where not told. */
struct host_cache {
	struct cpulist cpus;
	unsigned level;
	uint64_t bytes;
	unsigned ways;
};

/**
 * struct host_topology - const after it was read.
 * @present, @online: CPUs of the machine; @allowed: those this process may use.
 * @cpu: @cpu_count of them, one past the highest present.
 * @cores: number of cores told; likewise @packages and @kinds (at least 1).
 */
struct host_topology {
	struct cpulist present;
	struct cpulist online;
	struct cpulist allowed;
	struct host_cpu *cpu;
	size_t cpu_count;
	struct host_node *node;
	size_t node_count;
	struct host_cache *cache;
	size_t cache_count;
	unsigned packages;
	unsigned cores;
	unsigned kinds;
};

/**
 * topology_read() - read it by hwloc: the running host, a tree (its bulkhead/topology.xml where there
 * is one, else HWLOC_FSROOT), or an XML file; the online CPUs, the nodes' CPUs, their memory and pools
 * are the kernel's own where @files has them.
 * @ret: set on success; ended with topology_done().
 *
 * hwloc's x86 backend, which would bind itself to every CPU in turn, is left out.
 * Stage: load; sets environment variables, so for a process of one thread. Returns 0, -EINVAL, -ENOMEM.
 */
int topology_read(const struct host_source *source, const struct host_files *files,
		  struct host_topology *ret, struct diag *why);

/** topology_write_xml() - the running host's topology as hwloc XML. Returns 0 or -errno. */
int topology_write_xml(const char *path, struct diag *why);

/** topology_siblings() - all CPUs of @cpu's core, itself too; itself alone where that is not told. */
void topology_siblings(const struct host_topology *topology, unsigned cpu, struct cpulist *ret);

/** topology_cores_of() - @cpus and all their siblings. */
void topology_cores_of(const struct host_topology *topology, const struct cpulist *cpus,
		       struct cpulist *ret);

/** topology_node() - a node by its number, or NULL. */
const struct host_node *topology_node(const struct host_topology *topology, int number);

void topology_done(struct host_topology *topology);
