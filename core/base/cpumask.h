// SPDX-License-Identifier: Apache-2.0
/* Sets of CPUs as the kernel writes masks of them: "ffffffff,00000003", words of 32 bits, the highest first. */
#pragma once

#include <stddef.h>

#include "core/base/cpulist.h"

/** CPUMASK_TEXT_MAX - bytes that hold any set's mask. */
enum { CPUMASK_TEXT_MAX = CPULIST_MAX / 32 * 9 + 1 };

/** cpumask_parse() - read a mask; lower case, commas anywhere. Returns 0 or -EINVAL. */
int cpumask_parse(const char *text, struct cpulist *ret);

/** cpumask_format() - write one; dots where it does not fit. Returns @buffer. */
char *cpumask_format(const struct cpulist *cpus, char *buffer, size_t size);
