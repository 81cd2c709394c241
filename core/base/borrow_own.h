// SPDX-License-Identifier: Apache-2.0
/* The engine's own calls, beside those that core/base/borrow.h offers to others. */
#pragma once

#include "core/base/change.h"

struct diag;

/**
 * borrow_after() - see enum change_after.
 *
 * Of systemd: where it does not run the host there is nothing to do. Takes up to minutes.
 * Returns 0; -ENOENT there is no such command; -ETIMEDOUT; -EIO the command failed, with what it said.
 */
int borrow_after(enum change_after after, struct diag *why);

/**
 * borrow_thread_read(), borrow_thread_write() - of a CHANGE_AFFINITY or CHANGE_POLICY.
 *
 * The CPUs are those of sched_getaffinity(2), which leaves out CPUs that are offline; the policy "other",
 * "batch", "idle", "fifo 4" or "rr 4". The nice value and reset-on-fork stay as they are.
 * Return 0 or -errno with @why: -ESRCH the thread is gone, or another has its number; -ENOTSUP it has a
 * policy that could not be given back.
 */
int borrow_thread_read(const struct change *change, char **ret, struct diag *why);
int borrow_thread_write(const struct change *change, const char *text, struct diag *why);
