// SPDX-License-Identifier: Apache-2.0
/*
 * Host settings are borrowed: what was there is noted in a journal before anything is written, what was
 * written is read back, and all of it can be put back in reverse order, by whoever comes next.
 *
 * The journal is a file of JSON lines in a folder of its own: a head with its version, then for each change
 * a record, which reaches the file before the change reaches the host, and a last line once all have. A
 * record without its newline was being written when its writer was killed: its change has not begun. A
 * journal without its last line is an apply that did not end: the next apply or revert puts all of it back
 * first. The lock file beside it is held (flock(2)) by whoever writes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/change.h"

struct diag;

#define BORROW_HOST_FOLDER "/run/bulkhead/host"
#define BORROW_BOOT_FOLDER "/var/lib/bulkhead/boot"

/**
 * struct borrow_calls - how each kind is read, written, and put back; so that a test can have any of them
 * fail, and sched/ can have control groups made by libcgroup. All return 0 or -errno; NULL is the
 * engine's own.
 * @read: the setting as it is now, to be freed; -ENOENT where there is none, -ESRCH where the thread is gone.
 * @write: write @text, or make the folder or group where it is NULL.
 * @remove: a file, a folder, or a group.
 * @after: see enum change_after.
 * @append, @discard: one line to the journal, in one write(2), synced where the folder outlives a boot; the
 * whole journal away.
 */
struct borrow_calls {
	int (*read)(const struct change *change, char **ret, struct diag *why);
	int (*write)(const struct change *change, const char *text, struct diag *why);
	int (*remove)(const struct change *change, struct diag *why);
	int (*after)(enum change_after after, struct diag *why);
	int (*append)(int journal, const char *line, size_t length);
	int (*discard)(const char *path);
};

/** borrow_read(), borrow_write(), borrow_remove() - the engine's own calls, for those who take only some over. */
int borrow_read(const struct change *change, char **ret, struct diag *why);
int borrow_write(const struct change *change, const char *text, struct diag *why);
int borrow_remove(const struct change *change, struct diag *why);

/**
 * struct borrow - a journal and how to write.
 * @folder: of the journal; made where it is not there.
 * @calls: NULL: the engine's own; each one of them may be NULL too.
 * @progress: called before each write of an apply or revert; may be NULL.
 */
struct borrow {
	const char *folder;
	const struct borrow_calls *calls;
	void (*progress)(void *context, const struct change *change, bool restoring);
	void *context;
};

/**
 * struct borrow_result - what was done.
 * @written: changes made. @restored: put back, of an unfinished apply or of what is no longer wanted.
 * @gone: could not be put back because the thing itself is no more (a thread, a device, a CPU), which is no
 * failure. @foreign: had been changed by others since, and was put back all the same.
 */
struct borrow_result {
	size_t written;
	size_t restored;
	size_t gone;
	size_t foreign;
};

/**
 * borrow_apply() - make the host what a list says: all of it or nothing.
 * @changes: those that hold are not written; what the journal has and the list has not is put back first;
 * what both have keeps the old value of the journal. A setting that holds is in the journal all the same, since
 * the kernel itself may change it by others: after the last one the list is gone over once more.
 * @why: after a failure: the change, what was read back, what else could not be put back.
 *
 * Stage: apply. After a failure or in the middle of a signal's end everything this call wrote is put back.
 * Returns 0; -EBUSY another apply or revert holds the lock; -EBADMSG a journal that is not understood;
 * -EIO a value that was read back otherwise; or what the write said.
 */
int borrow_apply(const struct borrow *borrow, const struct changes *changes,
		 struct borrow_result *ret, struct diag *why);

/**
 * borrow_add() - the same for changes beside those in the journal, of which nothing is put back: repairs.
 */
int borrow_add(const struct borrow *borrow, const struct changes *changes,
	       struct borrow_result *ret, struct diag *why);

/**
 * borrow_revert() - put everything back, last change first, and read it back.
 *
 * Goes on after a failure, so that as much as can be is put back; what could not stays in the journal.
 * Returns 0, also where nothing is borrowed; else the first failure with @why; -EBUSY, -EBADMSG as above.
 */
int borrow_revert(const struct borrow *borrow, struct borrow_result *ret, struct diag *why);

/**
 * borrow_list() - what is borrowed: @old as it was before the first apply, NULL in a group that was made;
 * @check is NULL.
 * @ret: ended with changes_done().
 * @ret_finished: false after an apply that did not end.
 *
 * Returns 0; -ENOENT nothing is; -EBADMSG, -ENOMEM.
 */
int borrow_list(const struct borrow *borrow, struct changes *ret, bool *ret_finished,
		struct diag *why);
