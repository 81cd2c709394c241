// SPDX-License-Identifier: Apache-2.0
/* Control groups made, written and removed by libcgroup, for core/base/borrow.h. */
#pragma once

#include <stdbool.h>

struct change;
struct diag;

/**
 * group_write() - make the group of a CHANGE_GROUP (@text NULL), or write the file of a CHANGE_GROUP_TEXT.
 *
 * libcgroup reports some successes as failures, and cannot see that a cpuset partition was accepted and is
 * invalid: whoever calls this reads back. Stage: apply. Returns 0 or -errno with @why.
 */
int group_write(const struct change *change, const char *text, struct diag *why);

/** group_is_populated() - whether a process is in the group at @path or one below it. Stage: apply. */
bool group_is_populated(const char *path);

/** group_remove() - remove the group of a CHANGE_GROUP. Returns 0; -EBUSY somebody is in it. */
int group_remove(const struct change *change, struct diag *why);

/**
 * group_invalid_explain() - what "isolated invalid (Cpu list in cpuset.cpus not exclusive)" means and what to
 * do about it: sets text and remedy of @why, where @read is an invalid partition. Pure.
 * Reasons: perr_strings of kernel/cgroup/cpuset.c, Linux 6.1 to 6.12.
 */
void group_invalid_explain(const char *read, struct diag *why);
