// SPDX-License-Identifier: Apache-2.0
/* What irqbalance is told by the environment of its systemd service. */
#pragma once

#include <stddef.h>

struct host_files;

/** IRQBALANCE_DEBIAN, IRQBALANCE_FEDORA - the files in which distributions let people say it. */
#define IRQBALANCE_DEBIAN "/etc/default/irqbalance"
#define IRQBALANCE_FEDORA "/etc/sysconfig/irqbalance"

enum { IRQBALANCE_PATH_MAX = 256 };

/**
 * irqbalance_variable() - one variable, in lower case and without its quotes; "?", which is no list, where it
 * does not fit.
 * @ret_path: the file that says it, or on failure the one that could not be read.
 *
 * Of the unit and its drop-ins, by name, the last assignment counts, and that of a file named by
 * EnvironmentFile= more than any Environment=: systemd.exec(5). Without a unit the distributions' files count.
 * Pure. Returns 0; -ENOENT not set, or empty; else why a file is unknown.
 */
int irqbalance_variable(const struct host_files *files, const char *name, char *ret, size_t size,
			char ret_path[IRQBALANCE_PATH_MAX]);
