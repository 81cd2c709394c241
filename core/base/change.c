// SPDX-License-Identifier: Apache-2.0
#include "core/base/change.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/change_compare.h"

static const char *const kind_name[] = {
	[CHANGE_TEXT] = "text",
	[CHANGE_FOLDER] = "folder",
	[CHANGE_GROUP] = "group",
	[CHANGE_GROUP_TEXT] = "group-text",
	[CHANGE_FILE] = "file",
	[CHANGE_AFFINITY] = "affinity",
	[CHANGE_POLICY] = "policy",
};

enum { KINDS = sizeof(kind_name) / sizeof(kind_name[0]) };

/* A change that there is no memory for goes to the spare one, so that its author need not ask. */
static struct change *changes_room(struct changes *changes)
{
	if (changes->count == changes->room) {
		size_t room = changes->room == 0 ? 32 : 2 * changes->room;
		struct change *item = reallocarray(changes->item, room, sizeof(*item));

		if (item == NULL) {
			changes->lost = true;
			change_done(&changes->spare);
			return &changes->spare;
		}
		changes->item = item;
		changes->room = room;
	}
	struct change *change = &changes->item[changes->count++];

	*change = (struct change){0};
	return change;
}

struct change *changes_add(struct changes *changes, enum change_kind kind, const char *domain,
			   const char *path, ...)
{
	struct change *change = changes_room(changes);
	va_list arguments;

	change->kind = kind;
	change->domain = domain;
	va_start(arguments, path);
	if (vasprintf(&change->path, path, arguments) < 0) {
		change->path = NULL;
		changes->lost = true;
	}
	va_end(arguments);
	return change;
}

static void set_text(struct changes *changes, char **ret, const char *text)
{
	free(*ret);
	*ret = text == NULL ? NULL : strdup(text);
	changes->lost = changes->lost || (text != NULL && *ret == NULL);
}

void change_text(struct changes *changes, struct change *change, enum change_compare compare,
		 const char *old, const char *value, ...)
{
	va_list arguments;

	change->compare = compare;
	set_text(changes, &change->old, old);
	free(change->value);
	va_start(arguments, value);
	if (vasprintf(&change->value, value, arguments) < 0) {
		change->value = NULL;
		changes->lost = true;
	}
	va_end(arguments);
	change->held = change_holds(change, old);
}

void change_made(struct changes *changes, struct change *change, bool is_there)
{
	set_text(changes, &change->old, is_there ? "" : NULL);
	change->held = is_there;
}

void change_restore(struct changes *changes, struct change *change, const char *text)
{
	set_text(changes, &change->restore, text);
}

void change_expect(struct changes *changes, struct change *change, const char *text)
{
	set_text(changes, &change->expect, text);
	change->held = change_holds(change, change->old);
}

void change_reason(struct change *change, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(change->reason, sizeof(change->reason), format, arguments);
	va_end(arguments);
}

bool change_holds(const struct change *change, const char *text)
{
	const char *wanted = change->expect != NULL ? change->expect : change->value;

	if (change_makes(change))
		return text != NULL;
	return text != NULL && wanted != NULL && change_compare(change->compare, wanted, text);
}

bool change_makes(const struct change *change)
{
	return change->kind == CHANGE_FOLDER || change->kind == CHANGE_GROUP;
}

bool change_is_optional(const struct change *change)
{
	return change_makes(change) || change->kind == CHANGE_FILE;
}

/* Of "+cpuset", "-cpuset", "HRTICK" and "NO_HRTICK" what is switched; "" of a file that is one setting. */
static const char *word_of(const struct change *change)
{
	const char *word = change->compare == COMPARE_WORD && change->value != NULL ? change->value : "";

	if (strncmp(word, "NO_", 3) == 0)
		return word + 3;
	return word + (*word == '+' || *word == '-');
}

int change_order(const struct change *a, const struct change *b)
{
	int order;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->started != b->started)
		return a->started < b->started ? -1 : 1;
	order = strcmp(a->path, b->path);
	return order != 0 ? order : strcmp(word_of(a), word_of(b));
}

bool change_same(const struct change *a, const struct change *b)
{
	return change_order(a, b) == 0;
}

int change_copy(const struct change *change, struct change *ret)
{
	const char *const from[] = {change->path, change->old, change->value, change->restore, change->expect};
	struct change copy = *change;
	char **const to[] = {&copy.path, &copy.old, &copy.value, &copy.restore, &copy.expect};
	int error = 0;

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		*to[i] = from[i] == NULL ? NULL : strdup(from[i]);
		if (from[i] != NULL && *to[i] == NULL)
			error = -ENOMEM;
	}
	if (error != 0)
		change_done(&copy);
	else
		*ret = copy;
	return error;
}

void change_done(struct change *change)
{
	free(change->path);
	free(change->old);
	free(change->value);
	free(change->restore);
	free(change->expect);
	*change = (struct change){0};
}

size_t changes_pending(const struct changes *changes)
{
	size_t pending = 0;

	for (size_t i = 0; i < changes->count; i++)
		pending += changes->item[i].held ? 0 : 1;
	return pending;
}

const char *change_kind_name(enum change_kind kind)
{
	return kind_name[kind];
}

int change_kind_parse(const char *name, enum change_kind *ret)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(name, kind_name[i]) == 0) {
			*ret = (enum change_kind)i;
			return 0;
		}
	}
	return -EINVAL;
}

void changes_done(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		change_done(&changes->item[i]);
	change_done(&changes->spare);
	free(changes->item);
	*changes = (struct changes){0};
}
