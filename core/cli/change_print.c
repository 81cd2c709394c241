// SPDX-License-Identifier: Apache-2.0
#include "core/cli/change_print.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/change.h"
#include "core/cli/findings_print.h"
#include "core/cli/flow.h"
#include "core/cli/json_text.h"

enum {
	COLUMNS = 100,
	INDENT = 2,
	REASON_INDENT = 6,
	PATH_COLUMNS = 56, /* longer paths push their values out of line */
	LINES_MAX = 4,	   /* of a file that is printed whole */
};

/* struct side - what is before or after the arrow; no text: nothing is there. */
struct side {
	const char *text;
	bool is_made; /* a folder or a group: the text says nothing */
};

/* Of a folder or a group that is not there yet the new side is that it is. */
static struct side new_side(const struct change *change)
{
	if (change_makes(change))
		return (struct side){change->old == NULL ? "" : NULL, true};
	return (struct side){change->value, false};
}

static struct side old_side(const struct change *change)
{
	return (struct side){change->old, change_makes(change)};
}

/* Paths and texts may come from a host that means harm. Returns the columns written. */
static size_t print_plain(const char *text, size_t length, FILE *stream)
{
	size_t columns = length;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			fputs("\\n", stream);
			columns++;
		} else {
			fputc(text[i] < 0x20 || text[i] > 0x7e ? '?' : text[i], stream);
		}
	}
	return columns;
}

static size_t count_lines(const char *text, size_t length)
{
	size_t lines = 1;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

static void print_side(struct side side, const struct change *change, FILE *stream)
{
	static const char blanks[] = " \t\n";
	size_t length;

	if (side.text == NULL) {
		fputs("(none)", stream);
	} else if (side.is_made) {
		fputs(change->kind == CHANGE_GROUP ? "(control group)" : "(folder)", stream);
	} else {
		length = strlen(side.text);
		while (length > 0 && strchr(blanks, side.text[length - 1]) != NULL)
			length--;
		if (change->kind == CHANGE_FILE && count_lines(side.text, length) > LINES_MAX) {
			fprintf(stream, "(%zu lines)", count_lines(side.text, length));
			return;
		}
		if (length == 0)
			fputs("(empty)", stream);
		print_plain(side.text, length, stream);
	}
}

static size_t path_columns(const struct change *change)
{
	size_t name = change->name[0] == '\0' ? 0 : strlen(change->name) + 3;

	return strlen(change->path) + name + 1;
}

/* @columns: where the values begin, 0 right behind the path. */
static void print_line(const struct change *change, size_t columns, FILE *stream)
{
	size_t used = print_plain(change->path, strlen(change->path), stream);

	if (change->name[0] != '\0') {
		fputs(" (", stream);
		used += print_plain(change->name, strlen(change->name), stream) + 3;
		fputc(')', stream);
	}
	fprintf(stream, ":%*s ", used + 1 < columns ? (int)(columns - used - 1) : 0, "");
	print_side(old_side(change), change, stream);
	fputs(" -> ", stream);
	print_side(new_side(change), change, stream);
	fputc('\n', stream);
}

/* In brackets, broken at blanks. */
static void print_reason(const char *reason, FILE *stream)
{
	size_t column = REASON_INDENT;
	const char *before = "(";

	fprintf(stream, "%*s", REASON_INDENT, "");
	while (*reason != '\0') {
		size_t length = strcspn(reason, " ");

		if (*before == ' ' && column + 1 + length >= COLUMNS) {
			fprintf(stream, "\n%*s", REASON_INDENT + 1, "");
			column = REASON_INDENT + 1;
			before = "";
		}
		fputs(before, stream);
		column += strlen(before) + print_plain(reason, length, stream);
		before = " ";
		reason += length + strspn(reason + length, " ");
	}
	fputs(")\n", stream);
}

/* The next change of a domain that is not held, at or behind @at; NULL after the last. */
static const struct change *next_of(const struct changes *changes, const char *domain, size_t *at)
{
	for (; *at < changes->count; (*at)++) {
		const struct change *change = &changes->item[*at];

		if (!change->held && strcmp(change->domain, domain) == 0)
			return &changes->item[(*at)++];
	}
	return NULL;
}

static size_t widest_of(const struct changes *changes, const char *domain)
{
	const struct change *change;
	size_t widest = 0;
	size_t at = 0;

	while ((change = next_of(changes, domain, &at)) != NULL) {
		size_t columns = path_columns(change);

		if (columns > widest && columns <= PATH_COLUMNS)
			widest = columns;
	}
	return widest;
}

static void print_domain(const struct changes *changes, const char *domain, FILE *stream)
{
	size_t columns = widest_of(changes, domain);
	size_t at = 0;
	const struct change *next = next_of(changes, domain, &at);

	fprintf(stream, "%s:\n", domain);
	while (next != NULL) {
		const struct change *change = next;

		next = next_of(changes, domain, &at);
		fprintf(stream, "%*s", INDENT, "");
		print_line(change, columns, stream);
		if (change->reason[0] != '\0' &&
		    (next == NULL || strcmp(next->reason, change->reason) != 0))
			print_reason(change->reason, stream);
	}
}

void changes_print(const struct changes *changes, FILE *stream)
{
	for (size_t i = 0; i < changes->count; i++) {
		const char *domain = changes->item[i].domain;
		size_t at = 0;

		/* Each domain once, where its first change stands. */
		if (next_of(changes, domain, &at) == &changes->item[i])
			print_domain(changes, domain, stream);
	}
}

static int set_new(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static json_t *side_to_json(struct side side)
{
	return side.text == NULL ? json_null() : json_text(side.text);
}

static json_t *change_to_json(const struct change *change)
{
	json_t *object = json_object();
	int failed = set_new(object, "domain", json_string(change->domain));

	failed |= set_new(object, "kind", json_string(change_kind_name(change->kind)));
	failed |= set_new(object, "path", json_text(change->path));
	if (change->name[0] != '\0')
		failed |= set_new(object, "thread", json_text(change->name));
	failed |= set_new(object, "old", side_to_json(old_side(change)));
	failed |= set_new(object, "new", side_to_json(new_side(change)));
	if (change->check != NULL)
		failed |= set_new(object, "check", json_string(change->check));
	failed |= set_new(object, "reason", json_text(change->reason));
	if (failed == 0)
		return object;
	json_decref(object);
	return NULL;
}

int changes_to_json(const struct changes *changes, json_t *list)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->item[i];

		if (!change->held && json_array_append_new(list, change_to_json(change)) != 0)
			return -ENOMEM;
	}
	return 0;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

void borrow_result_print(const struct borrow_result *result, FILE *stream)
{
	const char *before = "";

	if (result->written > 0 || result->restored == 0) {
		fprintf(stream, "%zu change%s made", result->written, plural(result->written));
		before = ", ";
	}
	if (result->restored > 0)
		fprintf(stream, "%s%zu put back", before, result->restored);
	if (result->foreign > 0)
		fprintf(stream, " (%zu of them changed by others meanwhile)", result->foreign);
	if (result->gone > 0)
		fprintf(stream, "; %zu not, for %s no more", result->gone,
			result->gone == 1 ? "it is" : "they are");
}

int borrow_result_to_json(const struct borrow_result *result, json_t *object)
{
	int failed = set_new(object, "written", json_integer((json_int_t)result->written));

	failed |= set_new(object, "restored", json_integer((json_int_t)result->restored));
	failed |= set_new(object, "gone", json_integer((json_int_t)result->gone));
	failed |= set_new(object, "foreign", json_integer((json_int_t)result->foreign));
	return failed == 0 ? 0 : -ENOMEM;
}

json_t *change_report_to_json(const char *file, const struct findings *findings)
{
	json_t *report = json_object();
	int failed = set_new(report, "format", json_integer(1));

	if (file != NULL)
		failed |= set_new(report, "file", json_text(file));
	failed |= set_new(report, "verdict", json_string(flow_verdict_name(flow_verdict(findings))));
	failed |= set_new(report, "findings", findings_to_json(findings));
	if (failed == 0)
		return report;
	json_decref(report);
	return NULL;
}

int change_report_print(json_t *report)
{
	int failed = report == NULL ? -1 : json_dumpf(report, stdout, JSON_INDENT(2));

	json_decref(report);
	putchar('\n');
	return failed == 0 ? 0 : -ENOMEM;
}
