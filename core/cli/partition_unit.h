// SPDX-License-Identifier: Apache-2.0
/* The systemd units of partitions, bulkhead@NAME.service, which "bulkhead boot --install" writes. */
#pragma once

#include <stdbool.h>

struct diag;

/** partition_unit_runs() - whether systemd runs this host, and runs the partitions of the machine file @file. */
bool partition_unit_runs(const char *file);

/** partition_unit_start() - start one, and wait until its guest runs. Returns 0 or -errno with @why. */
int partition_unit_start(const char *name, struct diag *why);

/**
 * partition_unit_stop() - stop one where there are such units, of whichever file: also one that is about to be
 * restarted after a crash, of which there is no process now. Returns 0 or -errno with @why.
 */
int partition_unit_stop(const char *name, struct diag *why);
