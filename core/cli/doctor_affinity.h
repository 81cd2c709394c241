// SPDX-License-Identifier: Apache-2.0
/* Where the doctor itself runs: looking at a host must not disturb it. */
#pragma once

struct cpulist;
struct machine_config;

/**
 * doctor_affinity_narrow() - leave the CPUs of partitions and those the kernel keeps apart; where there are
 * none of either, all but the boot CPU's core.
 * @machine: the file, or NULL.
 * @ret_before: the CPUs it might use before; empty where that cannot be told.
 *
 * The calling thread keeps off them from then on, as long as there are others it may use. Returns 0 or
 * -errno, after which it runs where it did.
 */
int doctor_affinity_narrow(const struct machine_config *machine, struct cpulist *ret_before);
