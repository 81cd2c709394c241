// SPDX-License-Identifier: Apache-2.0
/* The kernel log, as far as checks look at it. */
#pragma once

struct host_files;

/**
 * live_log() - put /bulkhead/kernel-log. The line that names the Linux version is the log's first: where it
 * is not there the log's beginning has been overwritten.
 *
 * Returns 0 or -ENOMEM.
 */
int live_log(struct host_files *files);
