// SPDX-License-Identifier: Apache-2.0
/* No sleep from which a partition's CPUs take long to wake, on those CPUs alone. */
#pragma once

#include <stdbool.h>

struct partition_run;
struct run_folder;

/**
 * idle_limit_hold() - where the run asks for it, and each of its CPUs has a limit of its own, set that to no
 * latency, borrowed in the run's folder; the VMM then holds /dev/cpu_dma_latency, which is every CPU's, no more.
 * @ret_held: whether idle_limit_return() is to be called.
 *
 * power/pm_qos_resume_latency_us of each CPU: Documentation/ABI/testing/sysfs-devices-power. Where it cannot be had,
 * or a CPU is not this partition's alone, the VMM does as before; a write that failed is noted on standard error.
 */
void idle_limit_hold(struct partition_run *run, const struct run_folder *folder, bool *ret_held);

/** idle_limit_return() - put it back; a failure is printed. */
void idle_limit_return(const struct run_folder *folder);
