// SPDX-License-Identifier: Apache-2.0
/*
 * What hwloc tells, as numbers alone.
 *
 * hwloc was not written for hostile input, takes its orders from the environment, and prints its opinion.
 * So it runs in a process of its own, which may read nothing but the tree it is shown, and which leaves
 * its view in shared memory: one that crashes or hangs costs an error, and the caller keeps its
 * environment.
 */
#pragma once

#include <stdint.h>

#include "core/base/cpulist.h"
#include "core/host/topology.h"

enum {
	VIEW_NODES = 1024, /* as many as Linux can have */
	VIEW_SECONDS_MAX = 10,
};

/** struct view_cache - by the lowest CPU of the cache. */
struct view_cache {
	unsigned level;
	unsigned ways;
	uint64_t bytes;
};

/**
 * struct view_node - @cpus: those near to it, which may be near to another node as well.
 * @ordinary: memory of the usual kind, which CPUs belong to where several nodes are near.
 * @ordinary_bytes: of @memory_bytes, what hwloc counts in pages of less than 1 MiB.
 * @huge_pages_told: the sizes of pages that the kernel offers are told; @huge_pages: 2 MiB, then 1 GiB.
 */
struct view_node {
	unsigned number;
	bool ordinary;
	uint64_t memory_bytes;
	uint64_t ordinary_bytes;
	bool huge_pages_told;
	uint64_t huge_pages[HOST_POOLS];
	struct cpulist cpus;
};

/**
 * struct topology_view - zeroed before; @cpu, @cache by CPU number.
 * @cpu: package, core and cache are the lowest CPU in them; node is not set; kind grows with power.
 * @finished: the other process came to its end.
 */
struct topology_view {
	bool finished;
	struct cpulist present;
	struct cpulist online;
	struct host_cpu cpu[CPULIST_MAX];
	struct view_cache cache[CPULIST_MAX];
	unsigned node_count;
	struct view_node node[VIEW_NODES];
};

enum view_source {
	VIEW_LIVE, /* this host */
	VIEW_TREE, /* a folder as HWLOC_FSROOT */
	VIEW_XML,  /* a file */
};

/**
 * topology_view_read() - have hwloc look.
 * @path: NULL for VIEW_LIVE.
 * @ret: set on success; ended with topology_view_free().
 *
 * Returns 0; -EINVAL nothing that hwloc understands; -ENOENT a tree without CPUs; -ETIMEDOUT; -ENOMEM, -EAGAIN.
 */
int topology_view_read(enum view_source source, const char *path, struct topology_view **ret);

void topology_view_free(struct topology_view *view);

/** topology_view_fill() - the other process's part. Returns 0 or -errno. */
int topology_view_fill(enum view_source source, const char *path, struct topology_view *view);

/** topology_view_export() - the other process's part of topology_write_xml(). Returns 0 or -errno. */
int topology_view_export(const char *path);

/**
 * topology_process() - run @work in a process of its own, silent, confined to reading @readable (NULL: not
 * confined), for VIEW_SECONDS_MAX at most.
 *
 * Returns what @work returned, which is 0 or -errno; -EINVAL where it crashed; -ETIMEDOUT, -EAGAIN, -ENOMEM.
 */
int topology_process(int (*work)(void *argument), void *argument, const char *readable);
