// SPDX-License-Identifier: Apache-2.0
/* The reason of a refusal: one value, owned by the caller, printed once by a program's main. */
#pragma once

#include <stddef.h>

/**
 * struct diag - why something was refused, and what would make it work.
 *
 * All fields are bounded copies, so a diag outlives what it speaks of. Empty strings and zero
 * numbers mean "does not apply". Bytes that are not printable ASCII or UTF-8 are replaced when the
 * field is set, so that a hostile input cannot drive the reader's terminal.
 *
 * @error: positive errno of the failure; 0 while nothing has failed.
 * @file, @line, @column: where in the user's input; line and column count from 1.
 * @key: the key, option or field spoken of.
 * @text: what is wrong, one sentence without a full stop.
 * @got: the offending text as the user wrote it.
 * @allowed: the legal values or range.
 * @remedy: what to do about it, an imperative sentence.
 */
struct diag {
	int error;
	unsigned line;
	unsigned column;
	char file[256];
	char key[128];
	char text[384];
	char got[128];
	char allowed[256];
	char remedy[384];
};

/**
 * diag_set() - record the reason of a failure, replacing what @why held but its place (file, line,
 * column, key).
 * @why: caller-owned, may be NULL.
 * @error: positive errno.
 *
 * Gives -@error, so that a refusal is one statement: return diag_set(why, EINVAL, "..."). A macro, so
 * that compilers see that it is not 0 and an out parameter left unset after it is never read.
 * Not for vCPU threads.
 */
#define diag_set(why, error, ...) \
	({ \
		const int diag_error_ = (error); \
		diag_record((why), diag_error_, __VA_ARGS__); \
		-diag_error_; \
	})

/** diag_record() - the function behind diag_set(). */
void diag_record(struct diag *why, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** diag_at() - set the place in the user's file; @file NULL leaves it. */
void diag_at(struct diag *why, const char *file, unsigned line, unsigned column);

/** diag_key(), diag_got(), diag_allowed(), diag_remedy() - set one field; @why may be NULL. */
void diag_key(struct diag *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_got(struct diag *why, const char *text, size_t length);
void diag_allowed(struct diag *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_remedy(struct diag *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * diag_format() - one line for a person:
 * FILE:LINE:COLUMN: KEY: TEXT: got "GOT", allowed ALLOWED; REMEDY
 * @buffer, @size: where to; always terminated.
 *
 * Returns @buffer.
 */
char *diag_format(const struct diag *why, char *buffer, size_t size);
