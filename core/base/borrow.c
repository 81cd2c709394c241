// SPDX-License-Identifier: Apache-2.0
#include "core/base/borrow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow_session.h"
#include "core/base/cleanup.h"

enum purpose { PURPOSE_APPLY, PURPOSE_ADD };

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_value(const struct change *a, const struct change *b)
{
	return same_text(a->value, b->value) && same_text(a->expect, b->expect) && a->compare == b->compare;
}

static bool is_wanted(const struct journal_record *record)
{
	return record->wanted;
}

static bool has_failed(const struct journal_record *record)
{
	return record->failed;
}

/* From here on the journal does not end, until it is told to. */
static int begin(struct borrow_session *session, enum purpose purpose)
{
	enum journal_mark mark = purpose == PURPOSE_ADD ? JOURNAL_BEGIN_ADD : JOURNAL_BEGIN_APPLY;

	if (session->begun)
		return 0;
	session->begun = true;
	return journal_append(&session->journal, &session->calls, mark, NULL);
}

static int fail_journal(struct borrow_session *session, int error)
{
	struct diag why = {0};

	diag_at(&why, session->journal.path, 0, 0);
	diag_set(&why, -error, "the journal cannot be written (%s)", strerror(-error));
	return borrow_fail(session, error, NULL, &why);
}

/* The record of a change, in the journal before anything is written. @now: as read. */
static int note(struct borrow_session *session, const struct change *change, char *now)
{
	struct journal_record *known = journal_find(&session->journal, change);
	struct journal_record record = {.change = *change, .wanted = true};

	if (known != NULL && same_value(&known->change, change))
		return 0;
	session->renewed = session->renewed || known != NULL;
	record.change.old = now;
	record.has_owner = change->kind == CHANGE_FILE && now != NULL &&
			   file_owner_get(change->path, &record.owner) == 0;
	if (known != NULL) {
		record.owner = known->owner;
		record.has_owner = known->has_owner;
		record.change.old = known->change.old;
		record.change.restore = known->change.restore;
	}
	return journal_append(&session->journal, &session->calls, JOURNAL_RECORD, &record);
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
	if (change_holds(change, now))
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
	if (error == -ESRCH)
		return 0;
	if (error != 0)
		return error;
	session->due = change->after;
	session->result.written++;
	return check(session, change, why);
}

/* The journal and the steps have it before the host has. The step back is told by the record as it was. */
static int prepare(struct borrow_session *session, const struct change *change, char *now,
		   enum purpose purpose)
{
	struct journal_record *known = journal_find(&session->journal, change);
	int error = begin(session, purpose);

	if (error == 0 && known != NULL)
		error = borrow_step_add(session, known, now);
	if (error == 0)
		error = note(session, change, now);
	if (error == 0 && known == NULL)
		error = borrow_step_add(session, journal_find(&session->journal, change), now);
	return error == 0 ? 0 : fail_journal(session, error);
}

static int make_one(struct borrow_session *session, const struct change *change, enum purpose purpose)
{
	const struct journal_record *record = journal_find(&session->journal, change);
	_cleanup_free_ char *now = NULL;
	struct diag why = {0};
	int error = session->calls.read(change, &now, &why);

	if (error == -ESRCH)
		return 0;
	if (error != 0 && (error != -ENOENT || !change_is_optional(change)))
		return borrow_fail(session, error, change, &why);
	why = (struct diag){0};
	bool holds = change_holds(change, now);

	/* An addition that was cut short may not have had the effect of the file that it wrote. */
	if (holds && record != NULL && session->journal.adding)
		session->due = change->after;
	if (holds && (record == NULL || same_value(&record->change, change)))
		return 0;
	error = prepare(session, change, now, purpose);
	if (error != 0 || holds)
		return error;
	error = write_one(session, change, &why);
	return error == 0 ? 0 : borrow_fail(session, error, change, &why);
}

static int check_signals(struct borrow_session *session)
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

static int make_all(struct borrow_session *session, const struct changes *changes, enum purpose purpose)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < changes->count; i++) {
		error = check_signals(session);
		if (error == 0)
			error = have_effect(session, changes->item[i].after);
		if (error == 0)
			error = make_one(session, &changes->item[i], purpose);
	}
	if (error == 0)
		error = have_effect(session, AFTER_NOTHING);
	return error == 0 ? check_signals(session) : error;
}

static int discard(struct borrow_session *session)
{
	int error = session->calls.discard(session->journal.path);

	return error == 0 ? 0 : fail_journal(session, error);
}

/* The journal says that all was done, and names what is wanted alone. */
static int end_journal(struct borrow_session *session, size_t wanted)
{
	const struct journal *journal = &session->journal;
	bool is_changed = session->renewed || journal->count != session->start_count;
	int error;

	if (!session->begun)
		return 0;
	if (wanted == 0)
		return discard(session);
	if (wanted != journal->count || session->renewed)
		error = journal_replace(&session->journal, &session->calls, is_wanted, true);
	else if (is_changed)
		error = journal_append(&session->journal, &session->calls, JOURNAL_END, NULL);
	else
		error = journal_cut(&session->journal, session->start_bytes, session->start_lines);
	return error == 0 ? 0 : fail_journal(session, error);
}

static size_t count_wanted(const struct journal *journal)
{
	size_t wanted = 0;

	for (size_t i = 0; i < journal->count; i++)
		wanted += journal->record[i]->wanted ? 1 : 0;
	return wanted;
}

/* An addition wants all that is there too. */
static void mark_wanted(struct journal *journal, const struct changes *changes, enum purpose purpose)
{
	for (size_t i = 0; i < journal->count; i++)
		journal->record[i]->wanted = purpose == PURPOSE_ADD;
	for (size_t i = 0; i < changes->count; i++) {
		struct journal_record *record = journal_find(journal, &changes->item[i]);

		if (record != NULL)
			record->wanted = true;
	}
}

static int make_so(struct borrow_session *session, const struct changes *changes, enum purpose purpose)
{
	int error = 0;

	mark_wanted(&session->journal, changes, purpose);
	if (count_wanted(&session->journal) < session->journal.count) {
		error = begin(session, purpose);
		error = error != 0 ? fail_journal(session, error) : borrow_restore(session, false);
	}
	if (error == 0)
		error = make_all(session, changes, purpose);
	return error == 0 ? end_journal(session, count_wanted(&session->journal)) : error;
}

/* As it was before this call; where that failed the journal stays, and says that it did not end. */
static void walk_back(struct borrow_session *session)
{
	char remedy[sizeof(session->why.remedy)];
	int error = 0;

	borrow_undo(session);
	session->result = (struct borrow_result){.restored = session->result.restored};
	if (session->begun && session->unrestored == 0)
		error = session->start_lines == 0 ? session->calls.discard(session->journal.path)
						  : journal_cut(&session->journal, session->start_bytes,
								session->start_lines);
	if (error == 0 && session->unrestored == 0)
		return;
	snprintf(remedy, sizeof(remedy), "%s", session->why.remedy);
	if (error != 0)
		diag_remedy(&session->why, "%s%slet revert clear the journal, which could not be written (%s)",
			    remedy, remedy[0] == '\0' ? "" : "; ", strerror(-error));
	else
		diag_remedy(&session->why, "%s%slet revert put back what could not be: %zu, first %s", remedy,
			    remedy[0] == '\0' ? "" : "; ", session->unrestored, session->first_unrestored);
}

/* Everything in the journal; what could not be put back stays in it. */
static int put_all_back(struct borrow_session *session)
{
	for (size_t i = 0; i < session->journal.count; i++)
		session->journal.record[i]->wanted = false;
	int first = borrow_restore(session, true);
	size_t failed = 0;

	for (size_t i = 0; i < session->journal.count; i++)
		failed += session->journal.record[i]->failed ? 1 : 0;
	int error = 0;

	if (failed > 0)
		error = journal_replace(&session->journal, &session->calls, has_failed, false);
	else if (session->journal.there)
		error = session->calls.discard(session->journal.path);
	if (error != 0)
		error = fail_journal(session, error);
	return first == 0 ? error : first;
}

static int finish(struct borrow_session *session, int error, struct borrow_result *ret, struct diag *why)
{
	*ret = session->result;
	if (error != 0 && why != NULL)
		*why = session->why;
	borrow_close(session);
	return error;
}

static int work(const struct borrow *borrow, const struct changes *changes, enum purpose purpose,
		struct borrow_result *ret, struct diag *why)
{
	struct borrow_session session;
	int error = borrow_open(&session, borrow, true);

	if (error == 0 && changes->lost)
		error = diag_set(&session.why, ENOMEM, "not enough memory to list the changes");
	if (error == 0 && !session.journal.finished) {
		error = put_all_back(&session);
		if (error == 0)
			error = borrow_reopen(&session);
	}
	if (error == 0) {
		error = make_so(&session, changes, purpose);
		if (error != 0)
			walk_back(&session);
	}
	return finish(&session, error, ret, why);
}

int borrow_apply(const struct borrow *borrow, const struct changes *changes,
		 struct borrow_result *ret, struct diag *why)
{
	return work(borrow, changes, PURPOSE_APPLY, ret, why);
}

int borrow_add(const struct borrow *borrow, const struct changes *changes,
	       struct borrow_result *ret, struct diag *why)
{
	return work(borrow, changes, PURPOSE_ADD, ret, why);
}

int borrow_revert(const struct borrow *borrow, struct borrow_result *ret, struct diag *why)
{
	struct borrow_session session;
	int error = borrow_open(&session, borrow, false);

	if (error == 0)
		error = put_all_back(&session);
	return finish(&session, error, ret, why);
}

/* What a folder or group that was made holds was not there. */
static int list_record(const struct journal *journal, const struct journal_record *record, struct changes *ret)
{
	struct change *change = changes_add(ret, record->change.kind, record->change.domain, "%s",
					    record->change.path);
	struct change copy;

	if (ret->lost || change_copy(&record->change, &copy) != 0)
		return -ENOMEM;
	if (journal_maker(journal, &copy) != NULL) {
		free(copy.old);
		copy.old = NULL;
	}
	change_done(change);
	*change = copy;
	return 0;
}

int borrow_list(const struct borrow *borrow, struct changes *ret, bool *ret_finished,
		struct diag *why)
{
	struct journal journal;
	int error = journal_load(borrow->folder, &journal, why);

	*ret = (struct changes){0};
	*ret_finished = journal.finished;
	for (size_t i = 0; error == 0 && i < journal.count; i++)
		error = list_record(&journal, journal.record[i], ret);
	if (error == 0 && journal.count == 0)
		error = -ENOENT;
	if (error == -ENOMEM)
		diag_set(why, ENOMEM, "not enough memory to list what is borrowed");
	journal_done(&journal);
	if (error != 0)
		changes_done(ret);
	return error;
}
