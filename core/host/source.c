// SPDX-License-Identifier: Apache-2.0
#include "core/host/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/host/live.h"
#include "core/host/patterns.h"
#include "core/host/tree.h"
#include "core/host/walk.h"

#define LATER "/bulkhead/later"
#define SMI_COUNT_PATH "/bulkhead/msr/0x34"

enum {
	MSR_SMI_COUNT = 0x34, /* Intel SDM volume 4 */
	RELEASE_MAX = 128,
	NS_PER_MS = 1000000,
};

/* Which rows of the table belong to a walk; on a running host those under /bulkhead belong to none. */
enum selection {
	SELECT_ALL,
	SELECT_TOPOLOGY,
	SELECT_SAMPLED, /* read twice */
	SELECT_REST,
};

static bool is_selected(const struct host_pattern *pattern, unsigned groups, enum selection selection)
{
	if ((pattern->groups & groups) == 0)
		return false;
	if ((groups & HOST_AGAIN) != 0 && (pattern->flags & PATTERN_FIXED) != 0)
		return false;
	if (selection == SELECT_ALL)
		return true;
	if (host_pattern_is_pseudo(pattern))
		return false;
	if ((pattern->groups & HOST_TOPOLOGY) != 0)
		return selection == SELECT_TOPOLOGY;
	return selection == ((pattern->groups & groups & HOST_WINDOW) != 0 ? SELECT_SAMPLED : SELECT_REST);
}

static int walk_rows(struct host_walk *walk, unsigned groups, enum selection selection)
{
	const struct host_pattern *pattern;
	int error = 0;

	for (size_t i = 0; error == 0 && (pattern = host_pattern_at(i)) != NULL; i++) {
		if (is_selected(pattern, groups, selection))
			error = host_walk_pattern(walk, pattern);
	}
	return error;
}

/* Says what was looked for; with @looked_for only what a capture has looked for as well. */
static int cover(struct host_files *files, unsigned groups, const char *release,
		 const json_t *looked_for)
{
	const struct host_pattern *pattern;
	char path[2 * PATTERN_NAME_MAX];
	char name[PATTERN_NAME_MAX];
	bool link = false;
	int error = 0;

	for (size_t i = 0; (pattern = host_pattern_at(i)) != NULL; i++) {
		const char *at = pattern->names;

		if ((pattern->groups & groups) == 0)
			continue;
		while (error == 0 && host_pattern_name(&at, release, name, &link)) {
			snprintf(path, sizeof(path), "%s/%s", pattern->directory, name);
			if (looked_for == NULL || json_object_get(looked_for, path) != NULL)
				error = host_files_cover(files, path);
		}
	}
	return error;
}

/* The kernel's release, as a part of a file's name; NULL where it is not told. */
static const char *release_of(struct host_walk *walk, char release[RELEASE_MAX])
{
	static const struct host_pattern rows[] = {
		{.directory = "/proc/sys/kernel", .names = "osrelease"},
		{.directory = "/proc", .names = "version"},
	};
	static const char version[] = "Linux version ";
	const char *text = NULL;
	struct host_files read = {0};
	struct host_files *files = walk->files;

	walk->files = &read;
	if (host_walk_pattern(walk, &rows[0]) != 0 || host_walk_pattern(walk, &rows[1]) != 0)
		text = NULL;
	else if (host_text(&read, &text, "/proc/sys/kernel/osrelease") != 0 &&
		 host_text(&read, &text, "/proc/version") == 0)
		text = strncmp(text, version, sizeof(version) - 1) == 0 ? text + sizeof(version) - 1 : NULL;
	walk->files = files;
	size_t length = text == NULL ? 0 : strcspn(text, " \n");
	bool is_name = length > 0 && length < RELEASE_MAX && memchr(text, '/', length) == NULL;
	if (is_name)
		snprintf(release, RELEASE_MAX, "%.*s", (int)length, text);
	host_files_done(&read);
	return is_name ? release : NULL;
}

/* The beginning of the window is now; what is read of the host meanwhile is part of it. */
static int sample(struct host_walk *walk, unsigned groups)
{
	int error = walk_rows(walk, groups, SELECT_SAMPLED);

	if (error == 0 && (groups & (HOST_LOG | HOST_WINDOW)) != 0)
		error = live_msr(walk->files, MSR_SMI_COUNT, SMI_COUNT_PATH);
	return error;
}

static int sample_later(struct host_walk *walk, unsigned groups, uint64_t since_ns)
{
	char text[32];
	int error;

	if ((groups & HOST_WINDOW) == 0)
		return 0;
	sys_sleep_until(since_ns + (uint64_t)HOST_WINDOW_MS * NS_PER_MS);
	snprintf(text, sizeof(text), "%" PRIu64, sys_now() - since_ns);
	error = host_files_put(walk->files, "/bulkhead/window-ns", text);
	walk->below = LATER;
	if (error == 0)
		error = walk_rows(walk, groups, SELECT_SAMPLED);
	walk->below = "";
	if (error == 0)
		error = live_msr(walk->files, MSR_SMI_COUNT, LATER SMI_COUNT_PATH);
	return error;
}

static int read_live(struct host_walk *walk, unsigned groups)
{
	char release[RELEASE_MAX];
	walk->files->complete = true;
	/* Which CPUs to keep off is known first. */
	int error = walk_rows(walk, groups, SELECT_TOPOLOGY);
	uint64_t since_ns = sys_now();

	if (error == 0)
		error = sample(walk, groups);
	walk->release = release_of(walk, release);
	if (error == 0)
		error = walk_rows(walk, groups, SELECT_REST);
	host_files_sort(walk->files);
	if (error == 0)
		error = live_read(walk->files, groups);
	if (error == 0)
		error = live_mounts(walk->files, groups);
	if (error == 0)
		error = sample_later(walk, groups, since_ns);
	if (error == 0)
		error = cover(walk->files, groups, walk->release, NULL);
	walk->release = NULL;
	return error;
}

static int read_tree(struct host_walk *walk, unsigned groups)
{
	char release[RELEASE_MAX];
	json_t *looked_for = NULL;
	int error;

	walk->release = release_of(walk, release);
	error = walk_rows(walk, groups, SELECT_ALL);
	if (error == 0)
		error = tree_read_capture(walk->root, walk->files, &looked_for, walk->why);
	if (error == 0 && looked_for != NULL)
		error = cover(walk->files, groups, walk->release, looked_for);
	walk->release = NULL;
	json_decref(looked_for);
	return error;
}

static void cleanup_walk(struct host_walk *walk)
{
	host_walk_done(walk);
}

static int read_source(const struct host_source *source, unsigned groups, struct host_files *files,
		       struct diag *why)
{
	_cleanup_(cleanup_walk) struct host_walk walk = {
		.live = source->tree == NULL, .below = "", .files = files, .why = why,
	};
	_cleanup_close_ int root = -1;
	int error = 0;

	if (walk.live)
		root = sys_open("/", O_PATH | O_DIRECTORY);
	else
		error = tree_open(source, &root, why);
	if (error != 0)
		return error;
	walk.root = root;
	if (walk.live)
		error = root < 0 ? diag_set(why, -root, "the root folder cannot be opened") :
			read_live(&walk, groups);
	else if (root >= 0)
		error = read_tree(&walk, groups);
	if (error == -ENOMEM)
		diag_set(why, ENOMEM, "not enough memory for the host's facts");
	if (error != 0)
		diag_at(why, source->tree, 0, 0);
	return error;
}

int host_files_read(const struct host_source *source, unsigned groups, struct host_files *ret,
		    struct diag *why)
{
	struct host_files files = {0};
	int error = read_source(source, groups | HOST_TOPOLOGY, &files, why);

	if (error != 0) {
		host_files_done(&files);
		return error;
	}
	host_files_sort(&files);
	*ret = files;
	return 0;
}
