// SPDX-License-Identifier: Apache-2.0
/* A picture of a host for people: packages, nodes, caches, cores, and who has which CPU. */
#pragma once

#include <stdio.h>

struct host_topology;
struct machine_config;
struct placement_plan;

enum { CPU_MAP_COLUMNS = 100 }; /* no line is wider */

/**
 * cpu_map_print() - print it.
 * @plan: who has each CPU; NULL for the hardware alone.
 * @machine: the partitions' names; NULL numbers them.
 *
 * UTF-8. Siblings are written with a stroke, 1/65; cores that follow each other as 1/65..7/71. Caches in
 * a row that are alike, each one owner's, are one line. Uses no memory but the stack, some 200 KiB.
 * Whether @stream took it is the caller's to ask.
 */
void cpu_map_print(FILE *stream, const struct host_topology *topology,
		   const struct placement_plan *plan, const struct machine_config *machine);
