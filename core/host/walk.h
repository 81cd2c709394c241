// SPDX-License-Identifier: Apache-2.0
/* Reading the files of a pattern into a snapshot: of the running host, or of a tree that may be hostile. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diag;
struct host_files;
struct host_pattern;

/**
 * struct host_walk - where to and how far a walk has come. Borrowed: @files, @release, @why.
 * @root: descriptor of the folder that stands for "/"; of the caller.
 * @live: it is the running host's own.
 * @below: what stands before each path in the snapshot: "" or "/bulkhead/later".
 * @release: the kernel's release, NULL where it is not known.
 * @why: what went beyond a limit.
 * Private: @path, the directory or file that the walk is at; @scratch; @bytes and @steps taken of the
 * limits, and what @steps were when the pattern began.
 */
struct host_walk {
	int root;
	bool live;
	const char *below;
	const char *release;
	struct host_files *files;
	struct diag *why;

	char path[PATH_MAX];
	char *scratch;
	size_t scratch_size;
	uint64_t bytes;
	uint64_t steps;
	uint64_t steps_before;
};

/**
 * host_walk_pattern() - read all files of one row.
 *
 * A file that is not there is left out; one that cannot be read, and a directory that cannot be listed,
 * is put with its error; so is one that is no regular file, is too large, or whose name is not printable.
 * A pattern that leads to more files than any host has ends with an error on its fixed part.
 * Returns 0; -ENOMEM; -E2BIG where the whole walk goes beyond what any host has, with @walk->why.
 */
int host_walk_pattern(struct host_walk *walk, const struct host_pattern *pattern);

/** host_walk_done() - free what is private. */
void host_walk_done(struct host_walk *walk);
