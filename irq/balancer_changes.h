// SPDX-License-Identifier: Apache-2.0
/* irqbalance is told which CPUs are none of its own, before interrupts are moved off them. */
#pragma once

#include <stdbool.h>

struct changes;
struct cpu_division;
struct cpulist;
struct findings;
struct host_facts;

/**
 * BALANCER_DROP_IN, BALANCER_FILE - the service's drop-in, and the file with its environment: of several
 * such files the last counts: beside the distribution's and the one that a boot may have installed as
 * 50-bulkhead.conf, this one. No partition's name has a dot.
 */
#define BALANCER_DROP_IN "/run/systemd/system/irqbalance.service.d/60-bulkhead.conf"
#define BALANCER_FILE "/run/bulkhead/irqbalance.env"

/**
 * balancer_changes() - both files, where systemd has an irqbalance service, running or not.
 *
 * As interrupt_changes().
 */
int balancer_changes(const struct host_facts *host, const struct cpu_division *cpus,
		     struct changes *ret, struct findings *findings);

/** balancer_has_unit() - whether systemd runs the host and has an irqbalance service, running or not. Pure. */
bool balancer_has_unit(const struct host_facts *host);

/**
 * balancer_environment() - what keeps irqbalance off CPUs, as the lines of an environment file.
 * @ret: to be freed. Pure. Returns 0 or -ENOMEM.
 */
int balancer_environment(const struct cpulist *banned, char **ret);
