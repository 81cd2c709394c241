// SPDX-License-Identifier: Apache-2.0
/* What is in the journal, and what this call itself did, put back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow_session.h"
#include "core/base/cleanup.h"

/* A record is a step too where its restoring may have to be walked back. */
static int note_step(struct borrow_session *session, struct journal_record *record, struct diag *why)
{
	_cleanup_free_ char *now = NULL;
	int error = session->calls.read(&record->change, &now, why);

	if (error == -ENOENT && change_is_optional(&record->change))
		error = 0;
	/* What is no more cannot be given back its present state either. */
	bool is_gone = error == -ENOENT || error == -ENODEV || error == -ESRCH;

	if (error != 0 && !is_gone)
		return error;
	*why = (struct diag){0};
	return is_gone ? 0 : borrow_step_add(session, record, now);
}

int borrow_note_all(struct borrow_session *session)
{
	for (size_t i = 0; i < session->journal.count; i++) {
		struct journal_record *record = session->journal.record[i];
		struct diag why = {0};
		int error = change_is_optional(&record->change) ? 0 : note_step(session, record, &why);

		if (error != 0)
			return borrow_fail(session, error, &record->change, &why);
	}
	return 0;
}

static int put_record(struct borrow_session *session, const struct journal_record *record, bool may_be_cut,
		      struct diag *why)
{
	const struct change *change = &record->change;
	_cleanup_free_ char *text = NULL;
	struct borrow_put put = {
		.change = change,
		.before = change->old,
		.owner = record->has_owner ? &record->owner : NULL,
		.may_be_cut = may_be_cut && change->kind == CHANGE_AFFINITY,
	};
	int result = borrow_put_text(change, change->old, &text);

	put.text = text;
	if (result == 0)
		result = borrow_put(session, &put, why);
	if (result < 0)
		return result;
	session->result.restored += result == BORROW_PUT_DONE ? 1 : 0;
	session->result.gone += result == BORROW_PUT_GONE ? 1 : 0;
	session->result.foreign += put.foreign && !(session->reset && change->kind == CHANGE_AFFINITY) ? 1 : 0;
	session->reset = session->reset || (result == BORROW_PUT_DONE && change->kind == CHANGE_GROUP);
	return 0;
}

static int restore_one(struct borrow_session *session, struct journal_record *record, bool goes_on)
{
	const struct journal_record *maker = journal_maker(&session->journal, &record->change);
	struct diag why = {0};
	int error = goes_on ? 0 : note_step(session, record, &why);

	/* It goes with its folder or group. */
	if (error == 0 && maker != NULL && !maker->wanted) {
		session->result.restored++;
		return 0;
	}
	if (error == 0)
		error = put_record(session, record, !goes_on, &why);
	if (error == 0)
		return 0;
	record->failed = true;
	return borrow_fail(session, error, &record->change, &why);
}

/* The files that wait for an effect which could not be had are not yet put back: records @from up to @to. */
static int have_effect(struct borrow_session *session, enum change_after next, size_t from, size_t to)
{
	struct diag why = {0};
	enum change_after due = session->due;
	int error = borrow_after_due(session, next, &why);

	if (error == 0)
		return 0;
	/* A command that is not there any more is told once, and not waited for. */
	for (size_t i = from; error != -ENOENT && i < to; i++) {
		struct journal_record *record = session->journal.record[i];

		record->failed = record->failed || (record->change.after == due && !record->wanted);
	}
	return borrow_fail(session, error, NULL, &why);
}

static bool is_affinity(const struct journal_record *record)
{
	return record->change.kind == CHANGE_AFFINITY;
}

static int restore_affinities(struct borrow_session *session, bool goes_on)
{
	int first = 0;

	for (size_t i = session->journal.count; i-- > 0 && (first == 0 || goes_on);) {
		struct journal_record *record = session->journal.record[i];
		int error = record->wanted || !is_affinity(record) ? 0 : restore_one(session, record, goes_on);

		first = first == 0 ? error : first;
	}
	return first;
}

static int restore_others(struct borrow_session *session, bool goes_on)
{
	size_t run_end = session->journal.count;
	int first = 0;

	for (size_t i = session->journal.count; i-- > 0 && (first == 0 || goes_on);) {
		struct journal_record *record = session->journal.record[i];
		int error = 0;

		if (record->wanted || is_affinity(record))
			continue;
		if (record->change.after != session->due) {
			error = have_effect(session, record->change.after, i + 1, run_end);
			run_end = i + 1;
			session->due = record->change.after;
		}
		first = first == 0 ? error : first;
		if (first != 0 && !goes_on)
			break;
		error = restore_one(session, record, goes_on);
		first = first == 0 ? error : first;
	}
	int error = first == 0 || goes_on ? have_effect(session, AFTER_NOTHING, 0, run_end) : 0;

	return first == 0 ? error : first;
}

/*
 * Threads last: where a cpuset partition stands they cannot have its CPUs back, and where one goes Linux 6.1
 * resets the CPUs of threads that were never in it.
 */
int borrow_restore(struct borrow_session *session, bool goes_on)
{
	int first = restore_others(session, goes_on);
	int error = first == 0 || goes_on ? restore_affinities(session, goes_on) : 0;

	return first == 0 ? error : first;
}

int borrow_restore_again(struct borrow_session *session)
{
	const struct borrow_result once = session->result;
	int error = restore_affinities(session, false);

	session->result = once;
	return error;
}

static void count_unrestored(struct borrow_session *session, const char *path, const struct diag *why)
{
	if (session->unrestored++ == 0)
		snprintf(session->first_unrestored, sizeof(session->first_unrestored), "%s %s", path, why->text);
}

/* Whether an earlier step made the folder or group that this one's setting goes with. */
static bool goes_with_folder(const struct borrow_session *session, size_t index)
{
	const struct journal_record *maker =
		journal_maker(&session->journal, &session->step[index].record->change);

	for (size_t i = 0; maker != NULL && i < index; i++) {
		if (session->step[i].record == maker && session->step[i].before == NULL)
			return true;
	}
	return false;
}

static void undo_step(struct borrow_session *session, size_t index)
{
	const struct borrow_step *step = &session->step[index];
	struct borrow_put put = {
		.change = &step->record->change,
		.before = step->before,
		.text = step->text,
		.owner = step->has_owner ? &step->owner : NULL,
	};
	struct diag why = {0};

	if (!goes_with_folder(session, index) && borrow_put(session, &put, &why) < 0)
		count_unrestored(session, step->record->change.path, &why);
}

static void undo_effect(struct borrow_session *session, enum change_after next)
{
	struct diag why = {0};
	int error = borrow_after_due(session, next, &why);

	/* Where there is no such command, it has had no effect either. */
	if (error != 0 && error != -ENOENT)
		count_unrestored(session, "the effect of a file:", &why);
}

/* Threads last, as in borrow_restore(). */
void borrow_undo(struct borrow_session *session)
{
	session->due = AFTER_NOTHING;
	for (size_t i = session->steps; i-- > 0;) {
		enum change_after after = session->step[i].record->change.after;

		if (is_affinity(session->step[i].record))
			continue;
		undo_effect(session, after);
		undo_step(session, i);
		session->due = after;
	}
	undo_effect(session, AFTER_NOTHING);
	for (size_t i = session->steps; i-- > 0;) {
		if (is_affinity(session->step[i].record))
			undo_step(session, i);
	}
}
