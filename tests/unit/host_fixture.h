// SPDX-License-Identifier: Apache-2.0
/* A host made by hand: the tables of its topology, and the files of a kernel that suits. */
#pragma once

#include <stdint.h>

#include "core/host/host.h"

/**
 * struct host_shape - a machine of alike parts; a zero is what is said of it.
 * @nodes: packages, each a NUMA node; 1. @caches: last-level caches of each node; 1.
 * @cores: of each cache; 4. @threads: of each core; 1.
 * @node_bytes: memory of each node; 8 GiB.
 *
 * CPUs are numbered as Linux does on Intel: the first threads of all cores, then the second ones. So the
 * sibling of CPU 1 on 4 cores of 2 threads is CPU 5.
 */
struct host_shape {
	unsigned nodes;
	unsigned caches;
	unsigned cores;
	unsigned threads;
	uint64_t node_bytes;
};

/**
 * host_fixture_make() - a host with everything in order: PREEMPT_RT 6.1, cgroup v2 with cpuset,
 * sched_rt_runtime_us 950000 of 1000000, nothing isolated, empty hugepage pools, no cache allocation, an
 * IOMMU but no PCI functions beside 0000:00:00.0. Every fact is known, and all files are there: what is
 * not in @facts->files is not on the host.
 */
void host_fixture_make(struct host_facts *facts, const struct host_shape *shape);

/** host_fixture_put() - replace one file and take the facts anew; @text NULL removes it. */
void host_fixture_put(struct host_facts *facts, const char *path, const char *text);

/** host_fixture_put_error() - it is there and cannot be read: EACCES, ENODATA for "not captured". */
void host_fixture_put_error(struct host_facts *facts, const char *path, int error);

/** host_fixture_offline() - take a CPU offline: present, and nothing told about it. */
void host_fixture_offline(struct host_facts *facts, unsigned cpu);

/** host_fixture_pool() - give a node a pool of 2 MiB or 1 GiB pages; the whole host's is the sum. */
void host_fixture_pool(struct host_facts *facts, int node, uint64_t page_bytes, uint64_t total,
		       uint64_t free);

/**
 * host_fixture_device() - add a PCI function.
 * @class: 24 bits: 0x020000 Ethernet, 0x060400 PCI bridge.
 * @node, @group: -1 for none.
 */
void host_fixture_device(struct host_facts *facts, const char *address, unsigned class, int node,
			 int group);

/** host_fixture_done() - the same as host_facts_done(). */
void host_fixture_done(struct host_facts *facts);
