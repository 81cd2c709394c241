// SPDX-License-Identifier: Apache-2.0
/*
 * /run/bulkhead/NAME: where one running partition is found. Its supervisor holds the lock file by flock(2) as
 * long as it lives; the files of one that has not cleaned up are taken over by the next of that name.
 *
 *   lock      held while the partition runs
 *   state     JSON, see core/cli/run_state.h
 *   control   socket, see core/cli/control_message.h
 *   console   socket: the guest's serial port, where it is not standard input and output
 *   log       messages of a partition that was started in the background
 *   borrowed  folder: host settings that hold for this partition alone, see core/base/borrow.h
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/config/partition.h"

struct diag;

enum { RUN_PATH_MAX = 96 };

/** struct run_folder - one that this process holds; ended with run_folder_leave(). Zeros are none. */
struct run_folder {
	char name[PARTITION_NAME_MAX];
	int fd;
	int lock;
};

/**
 * run_name_check() - whether a text can be a partition's name; it becomes part of paths.
 * Pure. Returns 0 or -EINVAL with @why.
 */
int run_name_check(const char *name, struct diag *why);

/** run_path() - "/run/bulkhead/NAME/FILE", or the folder itself where @file is NULL. Returns @ret. Pure. */
char *run_path(const char *name, const char *file, char ret[RUN_PATH_MAX]);

/**
 * run_folder_take() - make the folder, or take over what was left of it, and hold its lock.
 * @ret: set on success.
 *
 * What an earlier one left is removed, but what it borrowed: that is put back first.
 * Returns 0; -EALREADY that partition runs (@why says as which process); -EACCES, -EPERM or -EROFS this
 * process may not; or what else failed.
 */
int run_folder_take(const char *name, struct run_folder *ret, struct diag *why);

/** run_folder_check() - refuse, as run_folder_take() would, a name whose partition runs. Returns 0 or -EALREADY. */
int run_folder_check(const char *name, struct diag *why);

/** run_folder_write() - replace one of its files, whole or not at all. Returns 0 or -errno. */
int run_folder_write(const struct run_folder *folder, const char *file, const char *text);

/**
 * run_folder_leave() - let go.
 * @keep: leave state and log behind, for whoever asks how it ended; else nothing is left.
 */
void run_folder_leave(struct run_folder *folder, bool keep);

/** run_folder_runs() - whether somebody holds the lock of that name now: 1, 0, or -errno where that cannot be told. */
int run_folder_runs(const char *name);

/**
 * run_folder_walk() - go over all names that have a folder, running or not, in the order of the alphabet.
 * @visit: returns 0 to go on.
 *
 * Returns 0, also where there is no such folder at all; -errno; or what @visit returned.
 */
int run_folder_walk(int (*visit)(void *context, const char *name), void *context);
