// SPDX-License-Identifier: Apache-2.0
/* What apply changes of the host's interrupts: every vector that can move, off partition CPUs. */
#pragma once

struct changes;
struct cpu_division;
struct findings;
struct host_facts;

/**
 * interrupt_changes() - the default affinity, each device interrupt's, and irqbalance's banned CPUs.
 * @cpus: interrupts go to those of their CPUs that are housekeeping, or to all of that where none is.
 * @findings: note interrupt-managed (the kernel places it and user space cannot; which, and where it goes);
 * interrupt-unknown.
 *
 * Pure. Stage: plan. Returns 0 or -ENOMEM.
 */
int interrupt_changes(const struct host_facts *host, const struct cpu_division *cpus,
		      struct changes *ret, struct findings *findings);
