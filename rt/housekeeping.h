// SPDX-License-Identifier: Apache-2.0
/* What remains of a set of CPUs once those of partitions are taken out of it. */
#pragma once

#include <stdbool.h>

struct cpu_division;
struct cpulist;

/**
 * housekeeping_part() - @from without partition CPUs, or all of housekeeping where nothing else is left.
 * @ret: set where true is returned; @from itself where it has no partition CPU, so that what is off them
 * already stays as it is. May be @from.
 *
 * Pure. Returns false where there is no housekeeping CPU to go to either.
 */
bool housekeeping_part(const struct cpulist *from, const struct cpu_division *cpus, struct cpulist *ret);
