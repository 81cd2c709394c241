// SPDX-License-Identifier: Apache-2.0
/* The host-wide PM QoS request that keeps idle CPUs out of deep C-states while it is held. */
#pragma once

struct diag;

/**
 * cpu_dma_latency_hold() - ask for a wake-up latency of 0 us for as long as the descriptor is open.
 *
 * Documentation/power/pm_qos_interface.rst. Stage: apply. Returns a descriptor, which the caller
 * owns, or -errno with @why.
 */
int cpu_dma_latency_hold(struct diag *why);
