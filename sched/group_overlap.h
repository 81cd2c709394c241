// SPDX-License-Identifier: Apache-2.0
/* A control group that has a CPU of a cpuset partition beside it, which makes that invalid: which one it is. */
#pragma once

#include <stdbool.h>

struct cpulist;
struct diag;

/**
 * group_overlap_say() - set text and remedy of @why.
 * @group: the other one, absolute. @shared: CPUs of both. @keep: those it might have in place of its own; empty:
 * none.
 *
 * Pure.
 */
void group_overlap_say(const char *group, const struct cpulist *shared, const struct cpulist *keep,
		       struct diag *why);

/**
 * group_overlap_find() - the first group beside it that has some of its CPUs.
 * @group: of the partition, absolute; the groups beside it are read from the running host.
 *
 * Returns whether there is one, with @why set as above.
 */
bool group_overlap_find(const char *group, struct diag *why);
