// SPDX-License-Identifier: Apache-2.0
#include "core/cli/unit_text.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"

static bool is_utf8(const char *text)
{
	json_t *string = json_string(text);

	json_decref(string);
	return string != NULL;
}

static int check(const char *path, struct diag *why)
{
	for (const char *c = path; *c != '\0'; c++) {
		if (!iscntrl((unsigned char)*c))
			continue;
		diag_set(why, EINVAL, "a control character in a path, which a unit of systemd cannot name");
		diag_got(why, path, strlen(path));
		return -EINVAL;
	}
	if (is_utf8(path))
		return 0;
	diag_set(why, EINVAL, "a path that is not UTF-8, which a unit of systemd cannot name");
	diag_got(why, path, strlen(path));
	return -EINVAL;
}

int unit_quote(const char *path, enum unit_quote where, char **ret, struct diag *why)
{
	bool quoted = where != UNIT_WORDS;
	int error = check(path, why);
	char *text;
	char *end;

	if (error != 0)
		return error;
	text = malloc(2 * strlen(path) + sizeof("\"\""));
	if (text == NULL)
		return diag_set(why, ENOMEM, "not enough memory for a unit of systemd");
	end = text;
	if (quoted)
		*end++ = '"';
	for (const char *c = path; *c != '\0'; c++) {
		if (*c == '%' || (*c == '$' && where == UNIT_ARGUMENT))
			*end++ = *c;
		else if (quoted && (*c == '"' || *c == '\\'))
			*end++ = '\\';
		*end++ = *c;
	}
	if (quoted)
		*end++ = '"';
	*end = '\0';
	*ret = text;
	return 0;
}

/* The value of the key that @text begins with, "@KEY@..."; NULL where it is none. */
static const char *find_value(const char *text, const struct unit_value *values, size_t *ret_length)
{
	for (; values->key != NULL; values++) {
		size_t length = strlen(values->key);

		if (strncmp(text + 1, values->key, length) == 0 && text[1 + length] == '@') {
			*ret_length = length + 2;
			return values->value;
		}
	}
	return NULL;
}

void unit_fill(const char *text, const struct unit_value *values, FILE *stream)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "@");
		size_t length = 1;

		fwrite(text, 1, plain, stream);
		text += plain;
		if (*text == '\0')
			break;
		const char *value = find_value(text, values, &length);

		if (value == NULL)
			fputc('@', stream);
		else
			fputs(value, stream);
		text += length;
	}
}
