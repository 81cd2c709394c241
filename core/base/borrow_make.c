// SPDX-License-Identifier: Apache-2.0
/* What a list asks for, made so: noted first, then written, then read back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow_session.h"
#include "core/base/cleanup.h"

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_value(const struct change *a, const struct change *b)
{
	return same_text(a->value, b->value) && same_text(a->expect, b->expect) && a->compare == b->compare;
}

int borrow_begin(struct borrow_session *session, enum borrow_purpose purpose)
{
	enum journal_mark mark = purpose == BORROW_ADD ? JOURNAL_BEGIN_ADD : JOURNAL_BEGIN_APPLY;

	if (session->begun)
		return 0;
	session->begun = true;
	return journal_append(&session->journal, &session->calls, mark, NULL);
}

int borrow_fail_journal(struct borrow_session *session, int error)
{
	struct diag why = {0};

	diag_at(&why, session->journal.path, 0, 0);
	diag_set(&why, -error, "the journal cannot be written (%s)", strerror(-error));
	return borrow_fail(session, error, NULL, &why);
}

/* The record of a change, in the journal before anything is written. @now: as read. */
static int note(struct borrow_session *session, const struct change *change, char *now, bool implied)
{
	struct journal_record *known = journal_find(&session->journal, change);
	struct journal_record record = {.change = *change, .implied = implied, .wanted = true};

	if (known != NULL && same_value(&known->change, change))
		return 0;
	session->renewed = session->renewed || known != NULL;
	record.change.old = now;
	record.has_owner = change->kind == CHANGE_FILE && now != NULL &&
			   file_owner_get(change->path, &record.owner) == 0;
	if (known != NULL) {
		record.implied = known->implied;
		record.owner = known->owner;
		record.has_owner = known->has_owner;
		record.change.old = known->change.old;
		record.change.restore = known->change.restore;
	}
	return journal_append(&session->journal, &session->calls, JOURNAL_RECORD, &record);
}

/*
 * A thread goes to no CPU that a cpuset partition still has (-EINVAL, or the rest of its CPUs alone): what is not
 * to be had yet is asked for again once all groups are as they should be.
 */
static bool put_off(struct borrow_session *session, const struct change *change)
{
	bool is_early = change->kind == CHANGE_AFFINITY && !session->settling;

	session->early = session->early || is_early;
	return is_early;
}

static int check(struct borrow_session *session, const struct change *change, struct diag *why)
{
	_cleanup_free_ char *now = NULL;
	int error = session->calls.read(change, &now, why);
	const char *wanted = change->expect != NULL ? change->expect : change->value;

	if (error == -ESRCH)
		return 0;
	if (error != 0)
		return error;
	if (change_holds(change, now) || put_off(session, change))
		return 0;
	diag_set(why, EIO, "was written and reads otherwise");
	diag_got(why, now, strcspn(now, "\n"));
	diag_allowed(why, "\"%.*s\"", wanted == NULL ? 0 : (int)strcspn(wanted, "\n"), wanted == NULL ? "" : wanted);
	return -EIO;
}

static int write_one(struct borrow_session *session, const struct change *change, struct diag *why)
{
	borrow_progress(session, change, false);
	int error = session->calls.write(change, change_makes(change) ? NULL : change->value, why);

	/* A thread that has ended meanwhile needs no more. */
	if (error == -ESRCH || (error == -EINVAL && put_off(session, change)))
		return 0;
	if (error != 0)
		return error;
	session->due = change->after;
	session->result.written++;
	return check(session, change, why);
}

/* The journal and the steps have it before the host has. The step back is told by the record as it was. */
static int prepare(struct borrow_session *session, const struct change *change, char *now,
		   enum borrow_purpose purpose, bool implied)
{
	struct journal_record *known = journal_find(&session->journal, change);
	int error = borrow_begin(session, purpose);

	if (error == 0 && known != NULL)
		error = borrow_step_add(session, known, now);
	if (error == 0)
		error = note(session, change, now, implied);
	if (error == 0 && known == NULL)
		error = borrow_step_add(session, journal_find(&session->journal, change), now);
	return error == 0 ? 0 : borrow_fail_journal(session, error);
}

static int make_folder(struct borrow_session *session, const struct change *folder,
		       enum borrow_purpose purpose)
{
	_cleanup_free_ char *now = NULL;
	struct diag why = {0};
	int error = session->calls.read(folder, &now, &why);

	if (error != -ENOENT)
		return error == 0 ? 0 : borrow_fail(session, error, folder, &why);
	why = (struct diag){0};
	error = prepare(session, folder, NULL, purpose, true);
	if (error != 0)
		return error;
	error = write_one(session, folder, &why);
	return error == 0 ? 0 : borrow_fail(session, error, folder, &why);
}

/* The folders above a file, as far as they are not there: they go when the file does. */
static int make_folders(struct borrow_session *session, const struct change *file, enum borrow_purpose purpose)
{
	_cleanup_free_ char *path = strdup(file->path);
	struct change folder = {.kind = CHANGE_FOLDER, .path = path, .domain = file->domain};
	int error = path == NULL ? -ENOMEM : 0;

	if (error != 0)
		return borrow_fail(session, error, file, &(struct diag){0});
	change_reason(&folder, "a file is put there");
	for (char *slash = strchr(path + 1, '/'); error == 0 && slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		error = make_folder(session, &folder, purpose);
		*slash = '/';
	}
	return error;
}

/*
 * A setting that holds already is noted all the same where it may be put back: the kernel itself may change it
 * by what follows. A repair notes what it writes alone.
 */
static int make_held(struct borrow_session *session, const struct change *change, char *now,
		     enum borrow_purpose purpose)
{
	struct journal_record *record = journal_find(&session->journal, change);

	/* An addition that was cut short may not have had the effect of the file that it wrote. */
	if (record != NULL && session->journal.adding)
		session->due = change->after;
	if (record == NULL && (purpose == BORROW_ADD || change_is_optional(change)))
		return 0;
	if (record == NULL || !same_value(&record->change, change))
		return prepare(session, change, now, purpose, false);
	int error = change_is_optional(change) ? 0 : borrow_step_add(session, record, now);

	return error == 0 ? 0 : borrow_fail_journal(session, error);
}

static int make_one(struct borrow_session *session, const struct change *change, enum borrow_purpose purpose)
{
	_cleanup_free_ char *now = NULL;
	struct diag why = {0};
	int error = session->calls.read(change, &now, &why);

	if (error == -ESRCH)
		return 0;
	if (error != 0 && (error != -ENOENT || !change_is_optional(change)))
		return borrow_fail(session, error, change, &why);
	why = (struct diag){0};
	if (change_holds(change, now))
		return make_held(session, change, now, purpose);
	error = change->kind == CHANGE_FILE && now == NULL ? make_folders(session, change, purpose) : 0;
	if (error == 0)
		error = prepare(session, change, now, purpose, false);
	if (error != 0)
		return error;
	error = write_one(session, change, &why);
	return error == 0 ? 0 : borrow_fail(session, error, change, &why);
}

int borrow_check_signals(struct borrow_session *session)
{
	struct diag why = {0};

	if (!borrow_interrupted())
		return 0;
	diag_set(&why, EINTR, "a signal ended it");
	return borrow_fail(session, -EINTR, NULL, &why);
}

static int have_effect(struct borrow_session *session, enum change_after next)
{
	struct diag why = {0};
	int error = borrow_after_due(session, next, &why);

	return error == 0 ? 0 : borrow_fail(session, error, NULL, &why);
}

int borrow_make(struct borrow_session *session, const struct changes *changes, enum borrow_purpose purpose)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < changes->count; i++) {
		error = borrow_check_signals(session);
		if (error == 0)
			error = have_effect(session, changes->item[i].after);
		if (error == 0)
			error = make_one(session, &changes->item[i], purpose);
	}
	return error == 0 ? have_effect(session, AFTER_NOTHING) : error;
}

int borrow_settle(struct borrow_session *session, const struct changes *changes, enum borrow_purpose purpose)
{
	const size_t written = session->result.written;
	int error = 0;

	if (written + session->result.restored == 0 && !session->early)
		return 0;
	session->settling = true;
	error = borrow_restore_again(session);
	for (size_t i = 0; error == 0 && i < changes->count; i++) {
		const struct change *change = &changes->item[i];
		const struct journal_record *record = journal_find(&session->journal, change);

		if (record != NULL && same_value(&record->change, change) && !change_is_optional(change))
			error = make_one(session, change, purpose);
	}
	session->result.written = written;
	return error;
}
