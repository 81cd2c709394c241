// SPDX-License-Identifier: Apache-2.0
#include "core/base/borrow_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/borrow_own.h"
#include "core/base/cleanup.h"
#include "core/base/sys_host.h"

/* Those that end a program whose user or supervisor has had enough of it. */
static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

enum { ENDINGS = sizeof(ending) / sizeof(ending[0]) };

enum { LOCK_ATTEMPTS = 16 };

#define LOCK_WAIT_NS UINT64_C(1000000000)
#define LOCK_STEP_NS UINT64_C(10000000)

/* SIGPIPE too: who prints what goes on into a closed pipe may end, but not in the middle. */
static void hold_signals(struct borrow_session *session)
{
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < ENDINGS; i++)
		sigaddset(&held, ending[i]);
	sigaddset(&held, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &held, &session->blocked);
}

/* A blocked signal waits even where it is ignored. */
bool borrow_interrupted(void)
{
	sigset_t waiting;

	if (sigpending(&waiting) != 0)
		return false;
	for (size_t i = 0; i < ENDINGS; i++) {
		struct sigaction action;

		if (sigismember(&waiting, ending[i]) == 1 && sigaction(ending[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			return true;
	}
	return false;
}

static struct borrow_calls all_calls(const struct borrow_calls *given)
{
	struct borrow_calls calls = {0};

	if (given != NULL)
		calls = *given;
	calls.read = calls.read != NULL ? calls.read : borrow_read;
	calls.write = calls.write != NULL ? calls.write : borrow_write;
	calls.remove = calls.remove != NULL ? calls.remove : borrow_remove;
	calls.after = calls.after != NULL ? calls.after : borrow_after;
	calls.append = calls.append != NULL ? calls.append : journal_write_line;
	calls.discard = calls.discard != NULL ? calls.discard : journal_discard;
	return calls;
}

/* Whoever watches the host has it for moments: those are waited for. */
static int lock_soon(int fd)
{
	const uint64_t until = sys_now() + LOCK_WAIT_NS;
	int error;

	while ((error = sys_lock(fd, true)) == -EWOULDBLOCK && sys_now() < until)
		sys_sleep_until(sys_now() + LOCK_STEP_NS);
	return error;
}

/* Whoever had it before may have taken the file away meanwhile: that is nobody's lock any more. */
static bool is_unlinked(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

/* The folder may go with the journal of another that is just ending; then it is made again. */
static int lock_file(struct borrow_session *session, const char *path, bool make)
{
	int error = -ENOENT;

	for (unsigned attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
		session->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		error = session->lock < 0 ? -errno : lock_soon(session->lock);
		if (error == 0 && !is_unlinked(session->lock))
			return 0;
		cleanup_close(&session->lock);
		session->lock = -1;
		if (error == -ENOENT && (!make || folder_make(session->borrow->folder) != 0))
			return error;
		if (error != 0 && error != -ENOENT)
			return error;
	}
	return error == 0 ? -EWOULDBLOCK : error;
}

/* Leaves @lock at -1 where there is no folder. */
static int take_lock(struct borrow_session *session, bool make)
{
	const char *folder = session->borrow->folder;
	char path[PATH_MAX];
	int error = make ? folder_make(folder) : 0;

	if (error != 0)
		return diag_set(&session->why, -error, "the folder of the journal, %s, cannot be made (%s)",
				folder, strerror(-error));
	if (snprintf(path, sizeof(path), "%s/lock", folder) >= (int)sizeof(path))
		return diag_set(&session->why, ENAMETOOLONG, "the path of the journal's folder is too long");
	error = lock_file(session, path, make);
	if (error == 0 || (error == -ENOENT && !make))
		return 0;
	diag_at(&session->why, path, 0, 0);
	if (error == -EWOULDBLOCK) {
		diag_set(&session->why, EBUSY, "another apply or revert is at work");
		diag_remedy(&session->why, "wait until it has ended");
		return -EBUSY;
	}
	diag_set(&session->why, -error, "the journal's lock cannot be had (%s)", strerror(-error));
	if (error == -EACCES)
		diag_remedy(&session->why, "run as root");
	return error;
}

int borrow_reopen(struct borrow_session *session)
{
	char path[PATH_MAX + 4];

	journal_done(&session->journal);
	int error = journal_load(session->borrow->folder, &session->journal, &session->why);

	if (error != 0)
		return error;
	snprintf(path, sizeof(path), "%s.new", session->journal.path);
	unlink(path);
	session->start_bytes = session->journal.bytes;
	session->start_lines = session->journal.lines;
	session->start_count = session->journal.count;
	return 0;
}

int borrow_open(struct borrow_session *session, const struct borrow *borrow, bool make)
{
	*session = (struct borrow_session){.borrow = borrow, .lock = -1, .journal = {.fd = -1}};
	session->calls = all_calls(borrow->calls);
	hold_signals(session);
	int error = take_lock(session, make);

	return error != 0 || session->lock < 0 ? error : borrow_reopen(session);
}

void borrow_close(struct borrow_session *session)
{
	for (size_t i = 0; i < session->steps; i++) {
		free(session->step[i].before);
		free(session->step[i].text);
	}
	free(session->step);
	journal_done(&session->journal);
	cleanup_close(&session->lock);
	pthread_sigmask(SIG_SETMASK, &session->blocked, NULL);
}

void borrow_leave(struct borrow_session *session)
{
	char path[PATH_MAX];

	if (session->lock < 0 ||
	    snprintf(path, sizeof(path), "%s/lock", session->borrow->folder) >= (int)sizeof(path))
		return;
	unlink(path);
	/* As far up as a boot's journal made them. One that holds anything else stays. */
	for (unsigned up = 0; up < 2; up++) {
		char *slash = strrchr(path, '/');

		if (slash == NULL)
			return;
		*slash = '\0';
		if (rmdir(path) != 0)
			return;
	}
}

int borrow_fail(struct borrow_session *session, int error, const struct change *change,
		const struct diag *why)
{
	if (session->why.error != 0)
		return error;
	session->why = *why;
	if (why->error == 0)
		diag_set(&session->why, -error, "cannot be changed (%s)", strerror(-error));
	session->why.error = -error;
	if (change != NULL)
		diag_key(&session->why, "%s", change->path);
	return error;
}

void borrow_progress(const struct borrow_session *session, const struct change *change, bool restoring)
{
	if (session->borrow->progress != NULL)
		session->borrow->progress(session->borrow->context, change, restoring);
}

int borrow_after_due(struct borrow_session *session, enum change_after next, struct diag *why)
{
	enum change_after due = session->due;

	if (due == AFTER_NOTHING || due == next)
		return 0;
	session->due = AFTER_NOTHING;
	return session->calls.after(due, why);
}

int borrow_step_add(struct borrow_session *session, struct journal_record *record, const char *before)
{
	struct borrow_step step = {.record = record};

	if (record->stepped)
		return 0;
	if (session->steps == session->room) {
		size_t room = session->room == 0 ? 64 : 2 * session->room;
		struct borrow_step *grown = reallocarray(session->step, room, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		session->step = grown;
		session->room = room;
	}
	step.before = before == NULL ? NULL : strdup(before);
	if (before != NULL && step.before == NULL)
		return -ENOMEM;
	int error = borrow_put_text(&record->change, before, &step.text);

	if (error != 0) {
		free(step.before);
		return error;
	}
	step.has_owner = before != NULL && record->change.kind == CHANGE_FILE &&
			 file_owner_get(record->change.path, &step.owner) == 0;
	session->step[session->steps++] = step;
	record->stepped = true;
	return 0;
}
