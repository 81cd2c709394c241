// SPDX-License-Identifier: Apache-2.0
/* The kernel's command line and its configuration, read as the kernel reads and writes them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"

/* struct word - one word of a command line, name and value; no value is an empty one. */
struct word {
	const char *name;
	size_t name_length;
	const char *value;
	size_t value_length;
};

static bool is_blank(char c)
{
	return isspace((unsigned char)c) != 0;
}

/*
 * Cuts the next word off, as the kernel's next_arg() does: blanks within double quotes do not end it, and
 * quotes around the whole word or around its value are not part of either. False at the end.
 */
static bool next_word(const char **text, struct word *ret)
{
	const char *start = *text;
	const char *end;
	const char *equals = NULL;
	bool quoted = false;
	bool in_quotes = false;

	while (is_blank(*start))
		start++;
	if (*start == '\0')
		return false;
	if (*start == '"') {
		quoted = in_quotes = true;
		start++;
	}
	for (end = start; *end != '\0' && (in_quotes || !is_blank(*end)); end++) {
		if (*end == '=' && equals == NULL && end != start)
			equals = end;
		if (*end == '"')
			in_quotes = !in_quotes;
	}
	*text = end;
	ret->name = start;
	ret->value = equals != NULL ? equals + 1 : end;
	if (equals != NULL && *ret->value == '"') {
		quoted = true;
		ret->value++;
	}
	/* Where the one quote both opens and ends a value, nothing is left to cut off. */
	if (quoted && end > (equals != NULL ? ret->value : start) && end[-1] == '"')
		end--;
	ret->name_length = (size_t)((equals != NULL ? equals : end) - start);
	ret->value_length = equals != NULL ? (size_t)(end - ret->value) : 0;
	return true;
}

static char dashed(char c)
{
	return c == '_' ? '-' : c;
}

static bool same_name(const struct word *word, const char *name)
{
	for (size_t i = 0; i < word->name_length; i++) {
		if (name[i] == '\0' || dashed(word->name[i]) != dashed(name[i]))
			return false;
	}
	return name[word->name_length] == '\0';
}

static int copy(const char *text, size_t length, char *ret, size_t size)
{
	if (length >= size)
		return -E2BIG;
	memcpy(ret, text, length);
	ret[length] = '\0';
	return 0;
}

int host_parameter(const struct host_facts *facts, const char *name, char *ret, size_t size)
{
	const char *text = NULL;
	struct word found = {0};
	struct word word;
	int error = -ENODATA;

	if ((facts->groups & HOST_KERNEL) != 0)
		error = host_text(&facts->files, &text, "/proc/cmdline");
	if (error != 0)
		return error == -ENOENT ? -ENODATA : error;
	while (next_word(&text, &word)) {
		if (word.name_length == 2 && strncmp(word.name, "--", 2) == 0)
			break; /* the rest is for init */
		if (same_name(&word, name))
			found = word;
	}
	if (found.name == NULL)
		return -ENOENT;
	return copy(found.value, found.value_length, ret, size);
}

/* The kernel's configuration: what it says itself, else what lies beside it or among its modules. */
static int config_text(const struct host_facts *facts, const char **ret)
{
	int error;

	if ((facts->groups & HOST_KERNEL) == 0)
		return -ENODATA;
	if (host_text(&facts->files, ret, "/bulkhead/kernel-config") == 0)
		return 0;
	if (facts->kernel.release[0] == '\0')
		return -ENODATA;
	error = host_text(&facts->files, ret, "/boot/config-%s", facts->kernel.release);
	if (error != 0 &&
	    host_text(&facts->files, ret, "/lib/modules/%s/config", facts->kernel.release) == 0)
		error = 0;
	return error == -ENOENT ? -ENODATA : error;
}

int host_config(const struct host_facts *facts, const char *name, char *ret, size_t size)
{
	char start[128];
	const char *text = NULL;
	int length = snprintf(start, sizeof(start), "CONFIG_%s=", name);
	int error = config_text(facts, &text);

	if (error != 0)
		return error;
	if (length < 0 || (size_t)length >= sizeof(start))
		return -EINVAL;
	for (const char *at = text; (at = strstr(at, start)) != NULL; at++) {
		if (at != text && at[-1] != '\n')
			continue;
		const char *value = at + length;
		size_t value_length = strcspn(value, "\n");

		if (value_length >= 2 && value[0] == '"' && value[value_length - 1] == '"')
			return copy(value + 1, value_length - 2, ret, size);
		return copy(value, value_length, ret, size);
	}
	return copy("n", 1, ret, size);
}
