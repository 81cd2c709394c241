// SPDX-License-Identifier: Apache-2.0
/* The one door through which facts come: the running host, a captured one, or a topology alone. */
#pragma once

#include <stddef.h>

#include "core/host/files.h"

struct diag;

/**
 * struct host_source - where facts come from.
 * @tree: NULL for the running host; else a folder that holds what "bulkhead capture" stored or what
 * another tool copied of /proc and /sys, or whose only sub-folder does; or an hwloc XML file, which tells
 * the topology and no more.
 */
struct host_source {
	const char *tree;
};

/**
 * host_source_folder() - the path of a tree's folder that holds sys, proc or bulkhead, or of the XML file.
 * @source: its tree is not NULL.
 *
 * Returns 0; -ENOENT, -EACCES and others, with @why.
 */
int host_source_folder(const struct host_source *source, char *ret, size_t size, struct diag *why);

/**
 * host_files_read() - take the snapshot.
 * @groups: enum host_group bits.
 * @ret: set on success; ended with host_files_done().
 *
 * Paths of a tree are resolved within it (openat2(2), RESOLVE_IN_ROOT); what is there in place of a
 * regular file is an unreadable file. On the running host nothing is written, no thread leaves the CPUs
 * it runs on, and no CPU is interrupted for a fact of another: MSRs are read on the calling CPU.
 * Stage: load. Returns 0; -ENOENT, -ENOTDIR, -EACCES the tree itself; -ENOMEM.
 */
int host_files_read(const struct host_source *source, unsigned groups, struct host_files *ret,
		    struct diag *why);

/**
 * host_files_write() - store a snapshot as a tree that host_files_read() takes.
 * @directory: made; must not exist, or be empty.
 * @ret_count: files stored.
 *
 * Also writes bulkhead/capture.json: format version, tool version, what could not be read and why, and
 * what was looked for. After a failure nothing of it is left.
 * Returns 0; -EEXIST, -ENOTEMPTY, -ENOSPC and what else the file system says, with @why.
 */
int host_files_write(const struct host_files *files, const char *directory, size_t *ret_count,
		     struct diag *why);
