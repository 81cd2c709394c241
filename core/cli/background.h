// SPDX-License-Identifier: Apache-2.0
/* A supervisor of its own session, which outlives who started it. */
#pragma once

#include <stdbool.h>

struct diag;

/**
 * background_start() - "bulkhead run" of a partition, in the background, until its guest runs.
 * @file: the machine's.
 * @ret_status: set where it ended before: its exit status.
 *
 * What it said until then is printed on standard error. Who starts it is its service manager as long as that takes. Returns 0 the guest runs; -ECANCELED it ended
 * before; or -errno with @why.
 */
int background_start(const char *file, const char *name, bool best_effort, int *ret_status,
		     struct diag *why);
