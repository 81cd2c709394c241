// SPDX-License-Identifier: Apache-2.0
/* What apply changes of the host's interrupts: every vector that can move, off partition CPUs. */
#pragma once

struct changes;
struct cpu_division;
struct findings;
struct host_facts;

/**
 * interrupt_changes() - irqbalance's banned CPUs, the default affinity, and each device interrupt's.
 * @cpus: interrupts go to those of their CPUs that are housekeeping, or to all of that where none is; one
 * that has no partition CPU stays as it is.
 * @findings: notes interrupt-managed (the kernel places it and user space cannot; which, and where it goes)
 * and interrupt-untold (which ones those are, nothing tells); notes balancer-unmanaged (irqbalance runs
 * without systemd); unknown interrupt-unknown.
 *
 * Left alone is an interrupt that nobody handles, for it does not come, and one that vfio alone handles: it is
 * a partition's own, and whoever runs that places it.
 * Pure. Stage: plan. Returns 0 or -ENOMEM.
 */
int interrupt_changes(const struct host_facts *host, const struct cpu_division *cpus,
		      struct changes *ret, struct findings *findings);
