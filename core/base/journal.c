// SPDX-License-Identifier: Apache-2.0
#include "core/base/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"

enum { JOURNAL_BYTES_MAX = 64 << 20 };

static int compare_records(const void *a, const void *b)
{
	return change_order(&((const struct journal_record *)a)->change,
			    &((const struct journal_record *)b)->change);
}

struct journal_record *journal_find(const struct journal *journal, const struct change *change)
{
	const struct journal_record key = {.change = *change};
	struct journal_record *const *found = tfind(&key, &journal->tree, compare_records);

	return found == NULL ? NULL : *found;
}

struct journal_record *journal_maker(const struct journal *journal, const struct change *change)
{
	char folder[PATH_MAX];
	struct change key = {.path = folder};
	char *slash;

	if ((change->kind != CHANGE_TEXT && change->kind != CHANGE_GROUP_TEXT) || change->restore != NULL)
		return NULL;
	snprintf(folder, sizeof(folder), "%s", change->path);
	while ((slash = strrchr(folder, '/')) != NULL && slash != folder) {
		struct journal_record *found;

		*slash = '\0';
		key.kind = CHANGE_GROUP;
		found = journal_find(journal, &key);
		if (found == NULL) {
			key.kind = CHANGE_FOLDER;
			found = journal_find(journal, &key);
		}
		if (found != NULL && found->change.old == NULL)
			return found;
	}
	return NULL;
}

/* The setting's new value, and the old one and the way back that are known already. */
static void renew(struct journal_record *known, struct journal_record *newer)
{
	struct change last = known->change;
	char *old = newer->change.old;
	char *restore = newer->change.restore;

	known->change = newer->change;
	known->change.old = last.old;
	known->change.restore = last.restore;
	last.old = old;
	last.restore = restore;
	/* The tree is ordered by the path, which is the same text at another place now. */
	change_done(&last);
	*newer = (struct journal_record){0};
}

/* Takes over what @record holds. */
static int keep_record(struct journal *journal, struct journal_record *record)
{
	struct journal_record *known = journal_find(journal, &record->change);

	if (known != NULL) {
		renew(known, record);
		return 0;
	}
	if (journal->count == journal->room) {
		size_t room = journal->room == 0 ? 64 : 2 * journal->room;
		struct journal_record **grown = reallocarray(journal->record, room, sizeof(struct journal_record *));

		if (grown == NULL)
			return -ENOMEM;
		journal->record = grown;
		journal->room = room;
	}
	struct journal_record *kept = malloc(sizeof(*kept));

	if (kept == NULL)
		return -ENOMEM;
	*kept = *record;
	if (tsearch(kept, &journal->tree, compare_records) == NULL) {
		free(kept);
		return -ENOMEM;
	}
	journal->record[journal->count++] = kept;
	*record = (struct journal_record){0};
	return 0;
}

/* @open: between a "begin" and its "end". */
static int take_line(struct journal *journal, enum journal_mark mark, struct journal_record *record,
		     bool *open)
{
	if ((mark == JOURNAL_HEAD) != (journal->lines == 0))
		return -EBADMSG;
	switch (mark) {
	case JOURNAL_HEAD:
		return 0;
	case JOURNAL_BEGIN_APPLY:
	case JOURNAL_BEGIN_ADD:
		journal->finished = mark == JOURNAL_BEGIN_ADD && journal->finished;
		journal->adding = mark == JOURNAL_BEGIN_ADD;
		*open = true;
		return 0;
	case JOURNAL_RECORD:
		return *open ? keep_record(journal, record) : -EBADMSG;
	case JOURNAL_END:
		if (!*open)
			return -EBADMSG;
		journal->finished = true;
		journal->adding = false;
		*open = false;
		return 0;
	}
	return -EBADMSG;
}

static int not_understood(const struct journal *journal, struct diag *why)
{
	diag_at(why, journal->path, (unsigned)journal->lines + 1, 0);
	diag_remedy(why, "put back by hand what its other lines name, or boot again where it is of this boot "
		    "alone; then remove the file");
	return -EBADMSG;
}

static int parse(struct journal *journal, const char *text, size_t length, struct diag *why)
{
	const char *newline;
	bool open = false;

	while ((newline = memchr(text + journal->bytes, '\n', length - journal->bytes)) != NULL) {
		const char *line = text + journal->bytes;
		struct journal_record record = {0};
		enum journal_mark mark;
		int error = journal_line_decode(line, (size_t)(newline - line), &mark, &record, why);

		if (error == 0) {
			error = take_line(journal, mark, &record, &open);
			journal_record_done(&record);
			if (error == -EBADMSG)
				diag_set(why, EBADMSG, "the line has no place here in a journal");
			else if (error == -ENOMEM)
				diag_set(why, ENOMEM, "not enough memory to read the journal");
		}
		if (error != 0)
			return error == -EBADMSG ? not_understood(journal, why) : error;
		journal->bytes = (uint64_t)(newline + 1 - text);
		journal->lines++;
	}
	return 0;
}

static int read_whole(int fd, char **ret, size_t *ret_length)
{
	unsigned type = 0;
	uint64_t bytes = 0;
	int error = sys_file_type(fd, &type, &bytes);

	if (error == 0 && type != S_IFREG)
		error = -EBADMSG;
	if (error == 0 && bytes > JOURNAL_BYTES_MAX)
		error = -EFBIG;
	if (error != 0)
		return error;
	_cleanup_free_ char *text = malloc((size_t)bytes + 1);
	size_t length = 0;
	ssize_t got = 1;

	if (text == NULL)
		return -ENOMEM;
	while (length < bytes && got > 0) {
		got = sys_read(fd, text + length, (size_t)bytes - length);
		if (got < 0)
			return (int)got;
		length += (size_t)got;
	}
	*ret = take_pointer(text);
	*ret_length = length;
	return 0;
}

int journal_load(const char *folder, struct journal *ret, struct diag *why)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;

	*ret = (struct journal){.fd = -1, .finished = true};
	if (snprintf(ret->path, sizeof(ret->path), "%s/journal", folder) >= (int)sizeof(ret->path) - 8)
		return diag_set(why, ENAMETOOLONG, "the path of the journal's folder is too long");
	_cleanup_close_ int fd = sys_open(ret->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

	if (fd == -ENOENT)
		return 0;
	int error = fd < 0 ? fd : read_whole(fd, &text, &length);

	ret->there = true;
	if (error == -EFBIG || error == -EBADMSG) {
		diag_set(why, EBADMSG, "no journal of borrowed settings is %s",
			 error == -EFBIG ? "as large as this file" : "anything but a file");
		return not_understood(ret, why);
	}
	if (error != 0) {
		diag_at(why, ret->path, 0, 0);
		diag_set(why, -error, "the journal of borrowed settings cannot be read (%s)", strerror(-error));
		if (error == -EACCES)
			diag_remedy(why, "run as root");
		return error;
	}
	return length == 0 ? 0 : parse(ret, text, length, why);
}

int journal_write_line(int fd, const char *line, size_t length)
{
	ssize_t written = write(fd, line, length);

	if (written < 0)
		return -errno;
	if ((size_t)written != length)
		return -ENOSPC;
	return folder_is_volatile(fd) || fsync(fd) == 0 ? 0 : -errno;
}

int journal_discard(const char *path)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	/* Where the loss of power brings it back, what it names is as it was already. */
	folder_sync(path);
	return 0;
}

static int open_for_lines(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0600);

	return fd < 0 ? -errno : fd;
}

int journal_cut(struct journal *journal, uint64_t bytes, size_t lines)
{
	if (journal->fd < 0)
		return 0;
	if (ftruncate(journal->fd, (off_t)bytes) < 0)
		return -errno;
	journal->bytes = bytes;
	journal->lines = lines;
	return 0;
}

static int append_line(struct journal *journal, const struct borrow_calls *calls, enum journal_mark mark,
		       const struct journal_record *record)
{
	_cleanup_free_ char *line = journal_line_encode(mark, record);
	size_t length = line == NULL ? 0 : strlen(line);
	int error = line == NULL ? -ENOMEM : calls->append(journal->fd, line, length);

	if (error != 0) {
		journal_cut(journal, journal->bytes, journal->lines);
		return error;
	}
	journal->bytes += length;
	journal->lines++;
	return 0;
}

/* What a line that was cut short left at the end is cut off, or the next one would be part of it. */
static int open_journal(struct journal *journal, const struct borrow_calls *calls)
{
	if (journal->fd >= 0)
		return 0;
	int fd = open_for_lines(journal->path, 0);

	if (fd < 0)
		return fd;
	journal->fd = fd;
	journal->there = true;
	int error = journal_cut(journal, journal->bytes, journal->lines);

	if (error == 0)
		error = folder_sync(journal->path);
	if (error == 0 && journal->lines == 0)
		error = append_line(journal, calls, JOURNAL_HEAD, NULL);
	return error;
}

int journal_append(struct journal *journal, const struct borrow_calls *calls, enum journal_mark mark,
		   const struct journal_record *record)
{
	struct journal_record copy = {0};
	int error = open_journal(journal, calls);

	if (record != NULL)
		copy = *record;
	copy.change = (struct change){0};
	if (error == 0 && record != NULL)
		error = change_copy(&record->change, &copy.change);
	if (error == 0)
		error = append_line(journal, calls, mark, record);
	if (error == 0 && record != NULL)
		error = keep_record(journal, &copy);
	journal_record_done(&copy);
	return error;
}

static int write_lines(struct journal *journal, const struct borrow_calls *calls,
		       bool (*keep)(const struct journal_record *record), bool finished)
{
	int error = append_line(journal, calls, JOURNAL_HEAD, NULL);

	if (error == 0)
		error = append_line(journal, calls, JOURNAL_BEGIN_APPLY, NULL);
	for (size_t i = 0; error == 0 && i < journal->count; i++) {
		if (keep(journal->record[i]))
			error = append_line(journal, calls, JOURNAL_RECORD, journal->record[i]);
	}
	if (error == 0 && finished)
		error = append_line(journal, calls, JOURNAL_END, NULL);
	return error;
}

int journal_replace(struct journal *journal, const struct borrow_calls *calls,
		    bool (*keep)(const struct journal_record *record), bool finished)
{
	char path[PATH_MAX + 4];
	struct journal next = *journal;

	snprintf(path, sizeof(path), "%s.new", journal->path);
	next.fd = open_for_lines(path, O_TRUNC);
	if (next.fd < 0)
		return next.fd;
	next.bytes = 0;
	next.lines = 0;
	int error = write_lines(&next, calls, keep, finished);

	close(next.fd);
	if (error == 0 && rename(path, journal->path) < 0)
		error = -errno;
	if (error != 0) {
		unlink(path);
		return error;
	}
	/* Where the loss of power brings the old one back, that one did not end: all of it is put back. */
	folder_sync(journal->path);
	return 0;
}

static void forget_node(void *record)
{
	(void)record;
}

static void free_record(struct journal_record *record)
{
	journal_record_done(record);
	free(record);
}

void journal_done(struct journal *journal)
{
	if (journal->path[0] != '\0')
		cleanup_close(&journal->fd);
	tdestroy(journal->tree, forget_node);
	for (size_t i = 0; i < journal->count; i++)
		free_record(journal->record[i]);
	free(journal->record);
	*journal = (struct journal){.fd = -1};
}
