// SPDX-License-Identifier: Apache-2.0
#include "core/config/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/base/diag.h"

/* Bytes that begin with the same high bits: a lead byte, how many follow, and the least code point
 * that needs them (anything smaller is an overlong form, which hides characters from a filter). */
static const struct {
	uint8_t mask, lead;
	unsigned follow;
	uint32_t least;
} utf8_forms[] = {
	{0x80, 0x00, 0, 0},
	{0xe0, 0xc0, 1, 0x80},
	{0xf0, 0xe0, 2, 0x800},
	{0xf8, 0xf0, 3, 0x10000},
};

/* Decodes one character; returns its length in bytes, 0 where it is not UTF-8. */
static size_t utf8_decode(const uint8_t *bytes, size_t length, uint32_t *ret)
{
	for (size_t form = 0; form < sizeof(utf8_forms) / sizeof(utf8_forms[0]); form++) {
		unsigned follow = utf8_forms[form].follow;
		uint32_t code = bytes[0] & (uint8_t)~utf8_forms[form].mask;

		if ((bytes[0] & utf8_forms[form].mask) != utf8_forms[form].lead)
			continue;
		if (length <= follow)
			return 0;
		for (unsigned i = 1; i <= follow; i++) {
			if ((bytes[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (bytes[i] & 0x3f);
		}
		if (code < utf8_forms[form].least || code > 0x10ffff ||
		    (code >= 0xd800 && code <= 0xdfff))
			return 0;
		*ret = code;
		return follow + 1;
	}
	return 0;
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* What is wrong with the character at @bytes, or NULL. */
static const char *character_fault(const uint8_t *bytes, size_t length, bool line_start,
				   uint32_t *ret_code, size_t *ret_length)
{
	*ret_length = utf8_decode(bytes, length, ret_code);
	if (*ret_length == 0)
		return "not UTF-8 text";
	if (*ret_code == 0)
		return "NUL byte in the file";
	if (is_control(*ret_code) && *ret_code != '\t' && *ret_code != '\n' && *ret_code != '\r')
		return "control character in the file";
	if (line_start && *ret_code == '%')
		return "YAML directive";
	return NULL;
}

int text_check(const char *text, size_t length, struct diag *why)
{
	const uint8_t *bytes = (const uint8_t *)text;
	unsigned line = 1;
	unsigned column = 1;
	size_t size;
	uint32_t code = 0;

	for (size_t at = 0; at < length; at += size) {
		const char *fault =
			character_fault(bytes + at, length - at, column == 1, &code, &size);

		if (fault != NULL) {
			diag_at(why, NULL, line, column);
			diag_set(why, EINVAL, "%s", fault);
			diag_remedy(why, code == '%' && size == 1
						 ? "remove the line"
						 : "save the file as plain UTF-8 text");
			return -EINVAL;
		}
		column++;
		if (code == '\n') {
			line++;
			column = 1;
		}
	}
	return 0;
}

bool text_has_control(const char *text, size_t length)
{
	const uint8_t *bytes = (const uint8_t *)text;
	uint32_t code;
	size_t size;

	for (size_t at = 0; at < length; at += size) {
		size = utf8_decode(bytes + at, length - at, &code);
		if (size == 0 || is_control(code))
			return true;
	}
	return false;
}
