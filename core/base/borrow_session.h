// SPDX-License-Identifier: Apache-2.0
/*
 * One apply, addition or revert, while it holds the lock of its journal.
 *
 * The journal is only ever appended to until all is done, so that whenever this is cut short it names all
 * that may differ from what was there at first. What this call itself did is kept as steps, which are
 * walked back where it fails.
 */
#pragma once

#include <signal.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "core/base/journal.h"

/**
 * struct borrow_step - one write of this call, before it is made.
 * @record: of the setting. @before: as it was read just before, NULL where nothing was there.
 * @text: what brings that back; NULL where there is nothing to write.
 * @owner: of a file, where @has_owner.
 */
struct borrow_step {
	struct journal_record *record;
	char *before;
	char *text;
	struct file_owner owner;
	bool has_owner;
};

/**
 * struct borrow_session - zeros are empty.
 * @lock: of the folder; -1 where there is no such folder.
 * @blocked: the signals that the caller had blocked.
 * @start_bytes, @start_lines, @start_count: of the journal, when this call began.
 * @begun: something was appended to it, or was tried to be.
 * @renewed: a record was given another value. @due: the effect that the last written files wait for.
 * @reset: a control group was made or removed, whereby the kernel may have reset the CPUs of any thread.
 * @early: a thread did not take its CPUs yet. @settling: the list is gone over for the last time.
 * @why: the first failure. @unrestored, @first_unrestored: how much could not be put back by the way.
 */
struct borrow_session {
	const struct borrow *borrow;
	struct borrow_calls calls;
	int lock;
	sigset_t blocked;
	struct journal journal;
	uint64_t start_bytes;
	size_t start_lines;
	size_t start_count;
	bool begun;
	bool renewed;
	enum change_after due;
	struct borrow_step *step;
	size_t steps;
	size_t room;
	struct borrow_result result;
	bool reset;
	bool early;
	bool settling;
	struct diag why;
	size_t unrestored;
	char first_unrestored[512];
};

enum borrow_purpose { BORROW_APPLY, BORROW_ADD };

/**
 * borrow_open() - take the lock, hold back the signals that end a program, and read the journal.
 * @make: make the folder where it is not there; else a session without one is empty.
 *
 * Ended with borrow_close(), also after a failure. Returns 0; -EBUSY, -EBADMSG as in core/base/borrow.h.
 */
int borrow_open(struct borrow_session *session, const struct borrow *borrow, bool make);

/** borrow_reopen() - read the journal again. Returns as borrow_open(). */
int borrow_reopen(struct borrow_session *session);

/** borrow_interrupted() - whether a signal that ends the program waits. */
bool borrow_interrupted(void);

/** borrow_leave() - before borrow_close(), where nothing is borrowed any more: the lock's file goes, and the folder. */
void borrow_leave(struct borrow_session *session);

/** borrow_close() - a signal that waited is delivered here. */
void borrow_close(struct borrow_session *session);

/** borrow_fail() - keep a failure where it is the first. @change: NULL: of none. Returns @error. */
int borrow_fail(struct borrow_session *session, int error, const struct change *change,
		const struct diag *why);

/** borrow_progress() - tell the caller of a write to come. */
void borrow_progress(const struct borrow_session *session, const struct change *change, bool restoring);

/**
 * borrow_after_due() - have the effect that is due, where @next is another one.
 *
 * Returns 0 or -errno with @why.
 */
int borrow_after_due(struct borrow_session *session, enum change_after next, struct diag *why);

/**
 * borrow_step_add() - note what was read before a write; the first time alone, which is what is returned to.
 * @before: NULL: nothing was there.
 *
 * Returns 0 or -ENOMEM.
 */
int borrow_step_add(struct borrow_session *session, struct journal_record *record, const char *before);

/** borrow_begin() - the journal does not end from here on, until it is told to. Returns 0 or -errno. */
int borrow_begin(struct borrow_session *session, enum borrow_purpose purpose);

/** borrow_fail_journal() - as borrow_fail(), of the journal. */
int borrow_fail_journal(struct borrow_session *session, int error);

/** borrow_check_signals() - returns 0, or -EINTR, which is kept. */
int borrow_check_signals(struct borrow_session *session);

/** borrow_make() - write what does not hold. Returns 0 or the first failure, which is kept. */
int borrow_make(struct borrow_session *session, const struct changes *changes, enum borrow_purpose purpose);

/**
 * borrow_settle() - write once more what others of the list undid: Linux 6.1 resets the CPUs of threads in the
 * root group when a cpuset partition comes or goes. Of a setting that the list has twice the last is meant.
 *
 * Returns as borrow_make().
 */
int borrow_settle(struct borrow_session *session, const struct changes *changes,
		  enum borrow_purpose purpose);

/**
 * borrow_note_all() - make a step of each setting in the journal, since what goes may have the kernel change it.
 *
 * Returns 0 or the first failure, which is kept.
 */
int borrow_note_all(struct borrow_session *session);

/**
 * borrow_restore() - put back what the journal has and is not wanted, last record first, but threads last of all.
 * @goes_on: mark a record that could not be put back as failed and go on with the next one; else each is a
 * step of its own, and the first failure ends it.
 *
 * Returns 0 or the first failure, which is kept.
 */
int borrow_restore(struct borrow_session *session, bool goes_on);

/** borrow_restore_again() - threads once more, after groups were made. Returns 0 or the first failure, kept. */
int borrow_restore_again(struct borrow_session *session);

/** borrow_undo() - walk this call's steps back, last one first; failures are counted. */
void borrow_undo(struct borrow_session *session);

/**
 * struct borrow_put - a setting that is to be as it was.
 * @before: NULL: nothing is to be there. @text: what is written for it; NULL of a folder or group.
 * @owner: of a file; NULL: not known.
 * @may_be_cut: of a thread: cpuset partitions stand, and their CPUs it need not get.
 * @foreign: set where it was neither so nor what the change asked for.
 */
struct borrow_put {
	const struct change *change;
	const char *before;
	const char *text;
	const struct file_owner *owner;
	bool may_be_cut;
	bool foreign;
};

enum borrow_put_result {
	BORROW_PUT_ALREADY, /* it was so */
	BORROW_PUT_DONE,
	BORROW_PUT_GONE, /* it is no more */
};

/** borrow_put() - make it so and read it back. Returns enum borrow_put_result, or -errno with @why. */
int borrow_put(const struct borrow_session *session, struct borrow_put *put, struct diag *why);

/**
 * borrow_put_text() - what is written so that a setting reads @before again.
 * @change: its @old is what it read at first, its @value what it may hold now.
 * @ret: to be freed; NULL where nothing is written.
 *
 * Pure. Returns 0 or -ENOMEM.
 */
int borrow_put_text(const struct change *change, const char *before, char **ret);
