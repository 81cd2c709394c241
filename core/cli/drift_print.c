// SPDX-License-Identifier: Apache-2.0
#include "core/cli/drift_print.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "core/base/change.h"
#include "core/cli/drift.h"
#include "core/cli/drift_foreign.h"

enum { TEXT_MAX = 384 };

static const char *event_name(enum drift_kind kind)
{
	switch (kind) {
	case DRIFT_BEGAN:
		return "drift";
	case DRIFT_OVER:
		return "over";
	case DRIFT_GIVEN_UP:
		break;
	}
	return "given-up";
}

/* RFC 3339, in UTC. */
static const char *format_time(const struct timespec *when, char *buffer, size_t size)
{
	struct tm parts;
	size_t used;

	if (gmtime_r(&when->tv_sec, &parts) == NULL)
		return "";
	used = strftime(buffer, size, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(buffer + used, size - used, ".%03ldZ", when->tv_nsec / 1000000);
	return buffer;
}

/* One line of printable ASCII, cut with dots. */
static const char *plain(const char *text, char buffer[TEXT_MAX])
{
	size_t length = 0;

	for (; *text != '\0' && length < TEXT_MAX - 4; text++)
		buffer[length++] = *text < 0x20 || *text > 0x7e ? '?' : *text;
	snprintf(buffer + length, TEXT_MAX - length, "%s", *text != '\0' ? "..." : "");
	while (length > 0 && (buffer[length - 1] == '?' || buffer[length - 1] == ' ') && buffer[length] == '\0')
		buffer[--length] = '\0';
	return buffer;
}

static const char *wanted_of(const struct change *change)
{
	const char *wanted = change->expect != NULL ? change->expect : change->value;

	return wanted != NULL ? wanted : "there";
}

static const char *outcome(const struct drift_event *event)
{
	if (event->kind == DRIFT_GIVEN_UP)
		return "; put back too often, left as it is for a while";
	if (event->kind == DRIFT_BEGAN)
		return event->repaired ? "; put back" : "";
	return event->repaired ? "; was put back" : "";
}

static int print_line(const struct drift_event *event, const char *time, const char *why, FILE *stream)
{
	const struct change *change = event->change;
	char path[TEXT_MAX], name[TEXT_MAX], wanted[TEXT_MAX], found[TEXT_MAX], reason[TEXT_MAX];

	fprintf(stream, "%s %s: %s: %s%s%s: ", time, event_name(event->kind), change->domain,
		plain(change->path, path), change->name[0] != '\0' ? " " : "", plain(change->name, name));
	if (event->kind == DRIFT_OVER)
		fprintf(stream, "as applied, or gone");
	else if (strcmp(change->domain, DRIFT_FOREIGN) == 0)
		fprintf(stream, "%s", plain(change->reason, found));
	else
		fprintf(stream, "wanted %s, found %s", plain(wanted_of(change), wanted),
			change->old == NULL ? "nothing" : plain(change->old, found));
	fprintf(stream, "%s%s%s\n", outcome(event), why[0] != '\0' ? "; not put back: " : "", plain(why, reason));
	return 0;
}

static int print_json(const struct drift_event *event, const char *time, const char *why, FILE *stream)
{
	const struct change *change = event->change;
	char path[TEXT_MAX], name[TEXT_MAX], wanted[TEXT_MAX], found[TEXT_MAX], reason[TEXT_MAX];
	json_t *line = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s?, s:b}", "version", 1, "time", time, "event",
				 event_name(event->kind), "domain", change->domain, "path",
				 plain(change->path, path), "wanted", plain(wanted_of(change), wanted), "found",
				 change->old == NULL ? NULL : plain(change->old, found), "repaired",
				 event->repaired);
	int failed = line == NULL;

	if (change->name[0] != '\0')
		failed |= json_object_set_new(line, "thread", json_string(plain(change->name, name)));
	if (why[0] != '\0')
		failed |= json_object_set_new(line, "why", json_string(plain(why, reason)));
	if (failed == 0)
		failed = json_dumpf(line, stream, JSON_COMPACT);
	json_decref(line);
	fputc('\n', stream);
	return failed == 0 ? 0 : -ENOMEM;
}

int drift_print(const struct drift_event *event, const struct timespec *when, const char *why, bool json,
		FILE *stream)
{
	char buffer[64] = "";
	const char *time = format_time(when, buffer, sizeof(buffer));

	return json ? print_json(event, time, why, stream) : print_line(event, time, why, stream);
}
