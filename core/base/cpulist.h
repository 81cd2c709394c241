// SPDX-License-Identifier: Apache-2.0
/* Sets of CPUs as Linux writes them: "0-3,8". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diag;

enum { CPULIST_MAX = 4096 }; /* one past the highest CPU number a list can hold */

/** struct cpulist - a set of CPU numbers, 0 to CPULIST_MAX - 1; all zeros is the empty set. */
struct cpulist {
	uint64_t word[CPULIST_MAX / 64];
};

/** struct cpu_division - a host's CPUs as a plan divides them: those kept for partitions, and the rest that is online. */
struct cpu_division {
	struct cpulist partitions;
	struct cpulist housekeeping;
};

/** CPULIST_TEXT_MAX - bytes that hold any list's text, worst case every other CPU. */
enum { CPULIST_TEXT_MAX = CPULIST_MAX / 2 * 5 + 1 };

/**
 * cpulist_parse() - read "0-3,8" strictly: no blanks, no reversed range, no number twice, no
 * strides; an empty text is an error (an empty CPU set is never what somebody meant).
 * @ret: set on success only.
 * @why: what was wrong, with the offending part; the caller adds file, line and key.
 *
 * Returns 0, -EINVAL for bad syntax, -ERANGE for a CPU at or above CPULIST_MAX.
 */
int cpulist_parse(const char *text, struct cpulist *ret, struct diag *why);

/**
 * cpulist_parse_kernel() - read a list the kernel wrote (/sys/devices/system/cpu/online,
 * Cpus_allowed_list): an empty line is the empty set, a trailing newline is accepted.
 *
 * Returns 0 or -EINVAL.
 */
int cpulist_parse_kernel(const char *text, struct cpulist *ret);

/**
 * cpulist_format() - write the canonical text ("" for the empty set). What has no room is cut between two items, and
 * ends in "...", which nobody takes for a list. Returns @buffer.
 */
char *cpulist_format(const struct cpulist *list, char *buffer, size_t size);

void cpulist_add(struct cpulist *list, unsigned cpu);
void cpulist_remove(struct cpulist *list, unsigned cpu);
bool cpulist_has(const struct cpulist *list, unsigned cpu);
unsigned cpulist_count(const struct cpulist *list);
bool cpulist_empty(const struct cpulist *list);
/** cpulist_next() - the lowest CPU at or above @from, or CPULIST_MAX when there is none. */
unsigned cpulist_next(const struct cpulist *list, unsigned from);
/** cpulist_and(), cpulist_or(), cpulist_minus() - set algebra; @ret may be one of the operands. */
void cpulist_and(const struct cpulist *a, const struct cpulist *b, struct cpulist *ret);
void cpulist_or(const struct cpulist *a, const struct cpulist *b, struct cpulist *ret);
void cpulist_minus(const struct cpulist *a, const struct cpulist *b, struct cpulist *ret);
