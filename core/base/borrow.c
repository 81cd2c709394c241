// SPDX-License-Identifier: Apache-2.0
#include "core/base/borrow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow_session.h"
#include "core/base/cleanup.h"

static bool is_wanted(const struct journal_record *record)
{
	return record->wanted;
}

static bool has_failed(const struct journal_record *record)
{
	return record->failed;
}

static int discard(struct borrow_session *session)
{
	int error = session->calls.discard(session->journal.path);

	return error == 0 ? 0 : borrow_fail_journal(session, error);
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
	return error == 0 ? 0 : borrow_fail_journal(session, error);
}

static size_t count_wanted(const struct journal *journal)
{
	size_t wanted = 0;

	for (size_t i = 0; i < journal->count; i++)
		wanted += journal->record[i]->wanted ? 1 : 0;
	return wanted;
}

static void mark_folders(const struct journal *journal, const struct change *file)
{
	char path[PATH_MAX];
	const struct change folder = {.kind = CHANGE_FOLDER, .path = path};
	char *slash;

	snprintf(path, sizeof(path), "%s", file->path);
	while ((slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
		struct journal_record *record = journal_find(journal, &folder);

		if (record != NULL && record->implied)
			record->wanted = true;
	}
}

/* An addition wants all that is there too. */
static void mark_wanted(struct journal *journal, const struct changes *changes, enum borrow_purpose purpose)
{
	for (size_t i = 0; i < journal->count; i++)
		journal->record[i]->wanted = purpose == BORROW_ADD;
	for (size_t i = 0; i < changes->count; i++) {
		struct journal_record *record = journal_find(journal, &changes->item[i]);

		if (record != NULL)
			record->wanted = true;
		if (changes->item[i].kind == CHANGE_FILE)
			mark_folders(journal, &changes->item[i]);
	}
}

static int make_so(struct borrow_session *session, const struct changes *changes, enum borrow_purpose purpose)
{
	int error = 0;

	mark_wanted(&session->journal, changes, purpose);
	if (count_wanted(&session->journal) < session->journal.count) {
		error = borrow_begin(session, purpose);
		error = error != 0 ? borrow_fail_journal(session, error) : borrow_note_all(session);
		if (error == 0)
			error = borrow_restore(session, false);
	}
	if (error == 0)
		error = borrow_make(session, changes, purpose);
	if (error == 0)
		error = borrow_settle(session, changes, purpose);
	if (error == 0)
		error = borrow_check_signals(session);
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

/* A group that is still to go will have the kernel reset the CPUs of threads once more. */
static size_t mark_unrestored(const struct journal *journal)
{
	bool has_group = false;
	size_t failed = 0;

	for (size_t i = 0; i < journal->count; i++)
		has_group = has_group ||
			    (journal->record[i]->failed && journal->record[i]->change.kind == CHANGE_GROUP);
	for (size_t i = 0; i < journal->count; i++) {
		struct journal_record *record = journal->record[i];

		record->failed = record->failed || (has_group && record->change.kind == CHANGE_AFFINITY);
		failed += record->failed ? 1 : 0;
	}
	return failed;
}

/* Everything in the journal; what could not be put back stays in it. */
static int put_all_back(struct borrow_session *session)
{
	for (size_t i = 0; i < session->journal.count; i++)
		session->journal.record[i]->wanted = false;
	session->reset = !session->journal.finished;
	int first = borrow_restore(session, true);
	size_t failed = mark_unrestored(&session->journal);

	int error = 0;

	if (failed > 0)
		error = journal_replace(&session->journal, &session->calls, has_failed, false);
	else if (session->journal.there)
		error = session->calls.discard(session->journal.path);
	if (error != 0)
		error = borrow_fail_journal(session, error);
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

static int work(const struct borrow *borrow, const struct changes *changes, enum borrow_purpose purpose,
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
	return work(borrow, changes, BORROW_APPLY, ret, why);
}

int borrow_add(const struct borrow *borrow, const struct changes *changes,
	       struct borrow_result *ret, struct diag *why)
{
	return work(borrow, changes, BORROW_ADD, ret, why);
}

int borrow_revert(const struct borrow *borrow, struct borrow_result *ret, struct diag *why)
{
	struct borrow_session session;
	int error = borrow_open(&session, borrow, false);

	if (error == 0)
		error = put_all_back(&session);
	if (error == 0)
		borrow_leave(&session);
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
		error = journal.record[i]->implied ? 0 : list_record(&journal, journal.record[i], ret);
	if (error == 0 && journal.count == 0)
		error = -ENOENT;
	if (error == -ENOMEM)
		diag_set(why, ENOMEM, "not enough memory to list what is borrowed");
	journal_done(&journal);
	if (error != 0)
		changes_done(ret);
	return error;
}
