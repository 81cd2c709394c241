// SPDX-License-Identifier: Apache-2.0
/* Text in columns, for people: a pen that knows in which column of the line it is. */
#pragma once

#include <stdio.h>

/** struct pen - @columns: no line is to be wider; @column: where the next word begins, from 0. */
struct pen {
	FILE *stream;
	unsigned columns;
	unsigned column;
};

/** pen_draw() - write UTF-8 text without a line's end; each code point is taken as one column. */
void pen_draw(struct pen *pen, const char *text);

/** pen_move() - write blanks up to @column, at least one. */
void pen_move(struct pen *pen, unsigned column);

/**
 * pen_draw_word() - write a word, on a new line if this one has no room for it.
 * @indent: what the new line begins with. @column: where the word then stands.
 */
void pen_draw_word(struct pen *pen, const char *word, const char *indent, unsigned column);

void pen_end_line(struct pen *pen);
