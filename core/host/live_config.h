// SPDX-License-Identifier: Apache-2.0
/* The running kernel's own copy of its configuration. */
#pragma once

struct host_files;

/**
 * live_config() - put /bulkhead/kernel-config: /proc/config.gz, unpacked. Nothing is put where the kernel has
 * no such file.
 *
 * Returns 0 or -ENOMEM.
 */
int live_config(struct host_files *files);
