// SPDX-License-Identifier: Apache-2.0
#include "core/base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 sequence at @c, 0 where there is none; RFC 3629 without its C1 controls. */
static size_t utf8_length(const unsigned char *c)
{
	size_t length = c[0] >= 0xf0 && c[0] <= 0xf4 ? 4 : c[0] >= 0xe0 && c[0] <= 0xef ? 3 :
			c[0] >= 0xc2 && c[0] <= 0xdf ? 2 : 0;

	for (size_t i = 1; i < length; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	}
	if (c[0] == 0xc2 && c[1] < 0xa0)
		return 0;
	return length;
}

static void make_printable(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c != '\0';) {
		size_t length = *c < 0x80 ? 1 : utf8_length(c);

		if (length == 0 || *c < 0x20 || *c == 0x7f) {
			*c = '?';
			length = 1;
		}
		c += length;
	}
}

__attribute__((format(printf, 3, 0)))
static void field_format(char *field, size_t size, const char *format, va_list arguments)
{
	vsnprintf(field, size, format, arguments);
	make_printable(field);
}

void diag_record(struct diag *why, int error, const char *format, ...)
{
	va_list arguments;

	if (why == NULL)
		return;
	why->error = error;
	why->got[0] = why->allowed[0] = why->remedy[0] = '\0';
	va_start(arguments, format);
	field_format(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
}

void diag_at(struct diag *why, const char *file, unsigned line, unsigned column)
{
	if (why == NULL)
		return;
	if (file != NULL) {
		snprintf(why->file, sizeof(why->file), "%s", file);
		make_printable(why->file);
	}
	why->line = line;
	why->column = column;
}

void diag_key(struct diag *why, const char *format, ...)
{
	va_list arguments;

	if (why == NULL)
		return;
	va_start(arguments, format);
	field_format(why->key, sizeof(why->key), format, arguments);
	va_end(arguments);
}

void diag_got(struct diag *why, const char *text, size_t length)
{
	if (why == NULL)
		return;
	size_t kept = length < sizeof(why->got) ? length : sizeof(why->got) - 1;
	memcpy(why->got, text, kept);
	for (size_t i = 0; i < kept; i++) {
		if (why->got[i] == '\0')
			why->got[i] = '?';
	}
	why->got[kept] = '\0';
	if (kept < length)
		memcpy(why->got + kept - 3, "...", 3);
	make_printable(why->got);
}

void diag_allowed(struct diag *why, const char *format, ...)
{
	va_list arguments;

	if (why == NULL)
		return;
	va_start(arguments, format);
	field_format(why->allowed, sizeof(why->allowed), format, arguments);
	va_end(arguments);
}

void diag_remedy(struct diag *why, const char *format, ...)
{
	va_list arguments;

	if (why == NULL)
		return;
	va_start(arguments, format);
	field_format(why->remedy, sizeof(why->remedy), format, arguments);
	va_end(arguments);
}

/* Appends at @used and returns the new length, which stays below @size. */
static size_t append(char *buffer, size_t size, size_t used, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static size_t append(char *buffer, size_t size, size_t used, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int written = vsnprintf(buffer + used, size - used, format, arguments);
	va_end(arguments);
	if (written < 0)
		return used;
	size_t length = used + (size_t)written;
	return length < size ? length : size - 1;
}

char *diag_format(const struct diag *why, char *buffer, size_t size)
{
	size_t used = 0;

	buffer[0] = '\0';
	if (why->file[0] != '\0')
		used = append(buffer, size, used, "%s:", why->file);
	if (why->line != 0)
		used = append(buffer, size, used, "%u:", why->line);
	if (why->column != 0)
		used = append(buffer, size, used, "%u:", why->column);
	if (used != 0)
		used = append(buffer, size, used, " ");
	if (why->key[0] != '\0')
		used = append(buffer, size, used, "%s: ", why->key);
	used = append(buffer, size, used, "%s", why->text);
	if (why->got[0] != '\0')
		used = append(buffer, size, used, ": got \"%s\"", why->got);
	if (why->allowed[0] != '\0')
		used = append(buffer, size, used, "%s allowed %s", why->got[0] ? "," : ":",
			      why->allowed);
	if (why->remedy[0] != '\0')
		append(buffer, size, used, "; %s", why->remedy);
	return buffer;
}
