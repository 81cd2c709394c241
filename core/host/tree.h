// SPDX-License-Identifier: Apache-2.0
/* A stored host: finding what is in a tree, and what a capture says of itself. */
#pragma once

#include <stdbool.h>

struct diag;
struct host_files;
struct host_source;
struct json_t;

/** CAPTURE_FILE, CAPTURE_FORMAT - where in a tree a capture speaks of itself, and how. */
#define CAPTURE_FILE "bulkhead/capture.json"
enum { CAPTURE_FORMAT = 1 };

/**
 * tree_open() - open the folder that holds a tree's sys, proc or bulkhead: the one named, or its only
 * sub-folder.
 * @ret: a descriptor of it, or -1 where an XML file is named; set on success, of the caller.
 *
 * A tree that hwloc would read itself, for want of a topology that is stored with it, is refused where
 * it holds what must not be opened: anything but folders, regular files, and links that stay in it.
 * Returns 0; -ENOENT, -ENOTDIR, -EACCES and others, with @why; -EINVAL, -E2BIG a tree that is refused.
 */
int tree_open(const struct host_source *source, int *ret, struct diag *why);

/**
 * tree_read_capture() - read what a capture says of itself.
 * @root: of tree_open().
 * @files: gets the errors of files that could not be read, and whether it is complete.
 * @looked_for: whether files of a pattern were looked for, NULL where the tree is none of ours; to be
 * ended with json_decref().
 *
 * Returns 0; -EINVAL one that is not understood, with @why; -ENOMEM.
 */
int tree_read_capture(int root, struct host_files *files, struct json_t **looked_for, struct diag *why);

/** tree_check() - the refusal of tree_open(). */
int tree_check(int root, struct diag *why);
