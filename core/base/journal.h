// SPDX-License-Identifier: Apache-2.0
/*
 * The journal of borrowed settings as a file: read whole, written line by line, replaced at once.
 *
 * What begins with "begin" and has no "end" did not end. Records of one setting are one: the first one's
 * old value, mode and way to restore, the last one's value.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/journal_line.h"

struct borrow_calls;
struct diag;

/**
 * struct journal - zeros are empty.
 * @path: of the file. @fd: open for appending once something was appended; -1 before.
 * @tree: of tsearch(3), for journal_find().
 * @bytes: of the file up to the end of its last whole line. @lines: of those; 0: there is no journal yet.
 * @there: the file is, whatever is in it.
 * @finished: false after an apply that did not end. @adding: an addition did not end.
 */
struct journal {
	char path[PATH_MAX];
	int fd;
	struct journal_record **record;
	void *tree;
	size_t count;
	size_t room;
	uint64_t bytes;
	size_t lines;
	bool there;
	bool finished;
	bool adding;
};

/**
 * journal_load() - read a journal.
 * @folder: where it is.
 * @ret: ended with journal_done(), also after a failure.
 *
 * Returns 0, also where there is none; -EBADMSG with @why for one that is not understood; -ENOMEM; what
 * reading it said.
 */
int journal_load(const char *folder, struct journal *ret, struct diag *why);

/**
 * journal_append() - one line to the file, and its record to @journal, which makes its own copy.
 *
 * The file is made where there is none, with its head. After a failure the file holds whole lines only,
 * if that could be seen to. Returns 0 or -errno.
 */
int journal_append(struct journal *journal, const struct borrow_calls *calls, enum journal_mark mark,
		   const struct journal_record *record);

/**
 * journal_maker() - the record of the folder or group that was made and that @change is a setting of, so that it
 * goes when that does; NULL where there is none, or it is to be put back by a text of its own.
 */
struct journal_record *journal_maker(const struct journal *journal, const struct change *change);

/** journal_find() - the record of the setting that @change is of, or NULL. */
struct journal_record *journal_find(const struct journal *journal, const struct change *change);

/**
 * journal_replace() - another file in its place, at once: either is there if this is cut short.
 * @keep: whether a record is in it.
 * @finished: whether it ends with JOURNAL_END.
 *
 * Nothing is appended after it. Returns 0 or -errno; the file is unchanged then.
 */
int journal_replace(struct journal *journal, const struct borrow_calls *calls,
		    bool (*keep)(const struct journal_record *record), bool finished);

/**
 * journal_cut() - take back what was appended to the file since it had so many bytes and lines.
 *
 * Returns 0 or -errno.
 */
int journal_cut(struct journal *journal, uint64_t bytes, size_t lines);

/** journal_write_line(), journal_discard() - the engine's own calls, see struct borrow_calls. */
int journal_write_line(int fd, const char *line, size_t length);
int journal_discard(const char *path);

void journal_done(struct journal *journal);
