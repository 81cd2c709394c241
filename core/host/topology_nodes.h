// SPDX-License-Identifier: Apache-2.0
/* NUMA nodes and kinds of cores, where the kernel's own words count before hwloc's. */
#pragma once

struct host_files;
struct host_topology;
struct topology_view;

/**
 * topology_nodes() - fill @topology->node and each CPU's node.
 *
 * Each CPU gets one node: the one whose cpulist the kernel has it in; where no node's is known, of the nodes
 * that hwloc holds near it the nearest with ordinary memory, so that a node of memory alone beside another
 * one, as of a processor's own fast memory, has no CPUs. Returns 0 or -ENOMEM.
 */
int topology_nodes(const struct host_files *files, const struct topology_view *view,
		   struct host_topology *topology);

/**
 * topology_kinds() - turn the kinds in @topology->cpu, of which only the order counts, into 0, 1, 2 and so
 * on; what the kernel says in /sys/devices/cpu_atom and cpu_core counts before.
 */
void topology_kinds(const struct host_files *files, struct host_topology *topology);
