// SPDX-License-Identifier: Apache-2.0
#include "core/cli/pen.h"

static unsigned columns_of(const char *text)
{
	unsigned columns = 0;

	for (; *text != '\0'; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

void pen_draw(struct pen *pen, const char *text)
{
	fputs(text, pen->stream);
	pen->column += columns_of(text);
}

void pen_end_line(struct pen *pen)
{
	fputc('\n', pen->stream);
	pen->column = 0;
}

void pen_move(struct pen *pen, unsigned column)
{
	do
		pen_draw(pen, " ");
	while (pen->column < column);
}

void pen_draw_word(struct pen *pen, const char *word, const char *indent, unsigned column)
{
	if (pen->column + columns_of(word) > pen->columns && pen->column > column) {
		pen_end_line(pen);
		pen_draw(pen, indent);
		pen_move(pen, column);
	}
	pen_draw(pen, word);
}
