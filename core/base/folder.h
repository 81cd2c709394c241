// SPDX-License-Identifier: Apache-2.0
/* Folders of our own files, and whole files in them that are replaced at once. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/** folder_make() - with those above it, where they are not there; for all to read. Returns 0 or -errno. */
int folder_make(const char *path);

/**
 * folder_sync() - have the names in a folder outlive the loss of power.
 * @file: any path in it.
 *
 * Returns 0 or -errno.
 */
int folder_sync(const char *file);

/** folder_is_volatile() - whether what is in the file system of @fd is gone after a boot anyway. */
bool folder_is_volatile(int fd);

/** struct file_owner - who a file belongs to, and who may do what with it. */
struct file_owner {
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/** file_owner_get() - of a regular file. Returns 0; -ELOOP a symbolic link; -EINVAL no file; -errno. */
int file_owner_get(const char *path, struct file_owner *ret);

/** file_owner_set() - returns 0 or -errno. */
int file_owner_set(const char *path, const struct file_owner *owner);

/**
 * file_replace() - a file with another text, or a new one; whoever opens it finds the one or the other.
 * @owner: NULL: root's, for all to read.
 *
 * It is written beside @path first, under a name that file_tidy() knows. Returns 0 or -errno.
 */
int file_replace(const char *path, const char *text, const struct file_owner *owner);

/** file_tidy() - remove what a file_replace() that was cut short left beside @path. Returns 0 or -errno. */
int file_tidy(const char *path);
