// SPDX-License-Identifier: Apache-2.0
/* A machine's plan for programs. */
#pragma once

#include <jansson.h>

struct host_facts;
struct machine_config;
struct machine_plan;

/**
 * plan_to_json() - {housekeeping, partitions: [{name, cpus, isolation, schedule, memory, cache}],
 * reservations: [{cpu, used, limit}]}: times in ns, sizes in bytes, masks as hexadecimal text, shares of a
 * CPU from 0 to 1.
 *
 * Returns a new reference, NULL without memory.
 */
json_t *plan_to_json(const struct machine_config *machine, const struct machine_plan *plan);

/** host_to_json() - {source, kernel, cpu_model, cpus_online, preempt_rt}; @tree NULL is the running host. */
json_t *host_to_json(const struct host_facts *host, const char *tree);
