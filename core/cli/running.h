// SPDX-License-Identifier: Apache-2.0
/* Which partitions run. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/config/partition.h"

struct diag;

#define RUNNING_FOLDER "/run/bulkhead"

/** struct running - their names; zeros are empty. */
struct running {
	char (*name)[PARTITION_NAME_MAX];
	size_t count;
};

/**
 * running_find() - all whose lock is held, see core/cli/run_folder.h.
 * @ret: zeroed; ended with running_done(), also after a failure.
 *
 * Nothing keeps another one from being started the moment after. Returns 0 or -errno with @why.
 */
int running_find(struct running *ret, struct diag *why);

bool running_has(const struct running *running, const char *name);

/** running_list() - "plc, panel", cut off at @size. Returns @buffer. */
char *running_list(const struct running *running, char *buffer, size_t size);

void running_done(struct running *running);
