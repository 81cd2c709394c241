// SPDX-License-Identifier: Apache-2.0
#include "core/cli/cut_before.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/cli/cut.h"
#include "core/host/host.h"

/* Fields of /proc/PID/task/TID/stat, as proc_pid_stat(5) counts them; the state is the first behind the name. */
enum { FIELD_STATE = 3, FIELD_STARTED = 22, FIELD_PRIORITY = 40 };

#define CPUS_ALLOWED "\nCpus_allowed_list:\t"

static const char *stat_field(const char *stat, int number)
{
	const char *at = strrchr(stat, ')');

	at = at == NULL ? NULL : strchr(at, ' ');
	for (int field = FIELD_STATE; at != NULL && field < number; field++)
		at = strchr(at + 1, ' ');
	return at == NULL ? NULL : at + 1;
}

/* @text with its bytes from @from on, @length of them, replaced; an -errno ends it. */
static int put_part(struct host_files *files, const char *path, const char *text, const char *from,
		    size_t length, const char *with)
{
	_cleanup_free_ char *changed = NULL;

	if (asprintf(&changed, "%.*s%s%s", (int)(from - text), text, with, from + length) < 0) {
		changed = NULL;
		return -ENOMEM;
	}
	return host_files_put(files, path, changed);
}

static int put_affinity(struct host_files *files, const struct change *borrowed)
{
	char path[128];
	const char *text;
	const char *list;

	snprintf(path, sizeof(path), "%s/status", borrowed->path);
	if (host_text(files, &text, "%s", path) != 0 || (list = strstr(text, CPUS_ALLOWED)) == NULL)
		return 0;
	list += sizeof(CPUS_ALLOWED) - 1;
	return put_part(files, path, text, list, strcspn(list, "\n"), borrowed->old);
}

/* "fifo 4" as the two fields of stat: priority, and number of the policy. */
static bool policy_fields(const char *text, char *ret, size_t size)
{
	static const struct {
		const char *name;
		int policy;
	} known[] = {
		{"other", SCHED_OTHER}, {"batch", SCHED_BATCH}, {"idle", SCHED_IDLE}, {"fifo", SCHED_FIFO},
		{"rr", SCHED_RR},
	};
	size_t length = strcspn(text, " ");

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) != length || strncmp(known[i].name, text, length) != 0)
			continue;
		snprintf(ret, size, "%lu %d", strtoul(text + length, NULL, 10), known[i].policy);
		return true;
	}
	return false;
}

static int put_policy(struct host_files *files, const struct change *borrowed)
{
	char path[128];
	char fields[64];
	const char *text;
	const char *from;

	snprintf(path, sizeof(path), "%s/stat", borrowed->path);
	if (host_text(files, &text, "%s", path) != 0 || (from = stat_field(text, FIELD_PRIORITY)) == NULL ||
	    !policy_fields(borrowed->old, fields, sizeof(fields)))
		return 0;
	size_t first = strcspn(from, " ") + 1;

	if (from[first - 1] == '\0')
		return 0;
	return put_part(files, path, text, from, first + strcspn(from + first, " "), fields);
}

/* Whether the thread with that number still is the one that was changed. */
static bool is_there(const struct host_files *files, const struct change *borrowed)
{
	const char *text;
	const char *started;

	if (host_text(files, &text, "%s/stat", borrowed->path) != 0)
		return false;
	started = stat_field(text, FIELD_STARTED);
	return started != NULL && strtoumax(started, NULL, 10) == borrowed->started;
}

static int put_text(struct host_files *files, const struct change *borrowed)
{
	const char *now;

	if (strcmp(borrowed->domain, "kernel") != 0 && strcmp(borrowed->domain, "interrupts") != 0)
		return 0;
	if (host_text(files, &now, "%s", borrowed->path) != 0)
		return 0;
	/* A snapshot has texts without their last newline. */
	size_t length = strlen(borrowed->old);

	if (length > 0 && borrowed->old[length - 1] == '\n')
		length--;
	return host_files_put_bytes(files, borrowed->path, borrowed->old, length);
}

static int put_one(struct host_files *files, const struct change *borrowed)
{
	if (borrowed->old == NULL || borrowed->domain == NULL)
		return 0;
	if (borrowed->kind == CHANGE_TEXT)
		return put_text(files, borrowed);
	if (borrowed->kind == CHANGE_AFFINITY && is_there(files, borrowed))
		return put_affinity(files, borrowed);
	if (borrowed->kind == CHANGE_POLICY && is_there(files, borrowed))
		return put_policy(files, borrowed);
	return 0;
}

int cut_before(struct host_facts *host, const struct changes *borrowed)
{
	int error = 0;

	/* Of several words of one file the first has the text of before all of them. */
	for (size_t i = borrowed->count; error == 0 && i-- > 0;) {
		error = put_one(&host->files, &borrowed->item[i]);
		host_files_sort(&host->files);
	}
	return error == 0 ? host_facts_parse(host) : error;
}

void cut_before_undo(struct changes *changes, const struct changes *now)
{
	size_t at = 0;

	for (size_t i = 0; i < changes->count; i++) {
		struct change *change = &changes->item[i];
		const struct change *present = change_among(now, change, &at);

		if (present == NULL)
			continue;
		free(change->old);
		change->old = present->old == NULL ? NULL : strdup(present->old);
		changes->lost = changes->lost || (present->old != NULL && change->old == NULL);
		change->held = change_holds(change, change->old);
	}
}
