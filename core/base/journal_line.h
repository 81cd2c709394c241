// SPDX-License-Identifier: Apache-2.0
/*
 * One line of a journal of borrowed settings, as JSON. Texts are bytes, not characters: byte N is written
 * as the character U+00NN, so that whatever a file held comes back as it was.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/change.h"
#include "core/base/folder.h"

struct diag;

/**
 * struct journal_record - a change, whose @old is what was there when it was first written.
 * @owner: of a whole file that was there, where @has_owner.
 * @implied: a folder that no list names, made for a file of one.
 * @wanted, @failed, @stepped: of whoever works through a journal; not in the line.
 */
struct journal_record {
	struct change change;
	struct file_owner owner;
	bool has_owner;
	bool implied;
	bool wanted;
	bool failed;
	bool stepped;
};

enum journal_mark {
	JOURNAL_HEAD,        /* {"journal":1}: the first line, with the format's version */
	JOURNAL_BEGIN_APPLY, /* {"begin":"apply"} */
	JOURNAL_BEGIN_ADD,   /* {"begin":"add"} */
	JOURNAL_RECORD,
	JOURNAL_END, /* {"end":true}: all that was begun was done */
};

/**
 * journal_line_encode() - one line with its newline, to be freed; NULL for want of memory.
 * @record: of a JOURNAL_RECORD, else NULL.
 */
char *journal_line_encode(enum journal_mark mark, const struct journal_record *record);

/**
 * journal_line_decode() - read one.
 * @text: @length bytes without the newline; may be anything.
 * @ret_record: set for a JOURNAL_RECORD; ended with journal_record_done(). Its change has a value where its
 * kind has one, and an absolute path.
 *
 * Pure. Returns 0; -EBADMSG with @why; -ENOMEM.
 */
int journal_line_decode(const char *text, size_t length, enum journal_mark *ret_mark,
			struct journal_record *ret_record, struct diag *why);

void journal_record_done(struct journal_record *record);
