// SPDX-License-Identifier: Apache-2.0
#include "core/host/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys_host.h"
#include "core/host/files.h"
#include "core/host/patterns.h"

enum {
	KIB = 1024,
	SCRATCH_FIRST = 64 * KIB,
	FILE_BYTES_MAX = 4096 * KIB,
	LARGE_BYTES_MAX = 64 * 1024 * KIB,
	ALL_MIB_MAX = 512,
	/* A step is an entry of a list; opening a file costs about as much as a list of eight. */
	STEPS_OPEN = 8,
	STEPS_PATTERN_MAX = 4000000,
	STEPS_MAX = 16000000,
	OVER_LIMIT = 1, /* the pattern's limit, no error yet */
};

/* struct names - what a directory holds, one terminated name after the other. */
struct names {
	const char *pattern;
	struct host_walk *walk;
	char *text;
	size_t used;
	size_t room;
	bool folders;
	bool unprintable;
};

static int step(struct host_walk *walk, unsigned steps)
{
	walk->steps += steps;
	if (walk->steps > STEPS_MAX)
		return diag_set(walk->why, E2BIG, "more files than any host has");
	return walk->steps - walk->steps_before > STEPS_PATTERN_MAX ? OVER_LIMIT : 0;
}

static int put_error(struct host_walk *walk, const char *path, int error)
{
	char stored[PATH_MAX];

	/* ESRCH: a thread that ended while its file was open. */
	if (error == -ENOENT || error == -ESRCH)
		return 0;
	if (snprintf(stored, sizeof(stored), "%s%s", walk->below, path) >= (int)sizeof(stored))
		return 0;
	return host_files_put_error(walk->files, stored, -error);
}

static int put_text(struct host_walk *walk, const char *text, size_t length)
{
	char stored[PATH_MAX];

	walk->bytes += length;
	if (walk->bytes > (uint64_t)ALL_MIB_MAX * KIB * KIB)
		return diag_set(walk->why, E2BIG, "more than %d MiB of facts", ALL_MIB_MAX);
	if (snprintf(stored, sizeof(stored), "%s%s", walk->below, walk->path) >= (int)sizeof(stored))
		return 0;
	return host_files_put_bytes(walk->files, stored, text, length);
}

static int open_path(const struct host_walk *walk, int flags)
{
	const char *relative = walk->path + 1;

	if (walk->live)
		return sys_open_at(walk->root, relative, flags);
	return sys_open_within(walk->root, relative, flags, RESOLVE_IN_ROOT);
}

/* What is no regular file is not opened, for that alone starts a watchdog or blocks on a FIFO. */
static int open_regular(const struct host_walk *walk)
{
	unsigned type = 0;
	uint64_t bytes = 0;

	if (!walk->live) {
		_cleanup_close_ int seen = open_path(walk, O_PATH);
		int error = seen < 0 ? seen : sys_file_type(seen, &type, &bytes);

		if (error == 0 && type != S_IFREG)
			error = type == S_IFDIR ? -EISDIR : -EINVAL;
		if (error != 0)
			return error;
	}
	_cleanup_close_ int fd = open_path(walk, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	int error = fd < 0 ? fd : sys_file_type(fd, &type, &bytes);
	if (error == 0 && type != S_IFREG)
		error = type == S_IFDIR ? -EISDIR : -EINVAL;
	return error != 0 ? error : take_fd(&fd);
}

static int scratch_grow(struct host_walk *walk)
{
	size_t size = walk->scratch_size == 0 ? SCRATCH_FIRST : walk->scratch_size * 2;
	char *larger = realloc(walk->scratch, size);

	if (larger == NULL)
		return -ENOMEM;
	walk->scratch = larger;
	walk->scratch_size = size;
	return 0;
}

/* The file's bytes into the scratch: their number, -EFBIG beyond @limit, or what reading said. */
static ssize_t read_all(struct host_walk *walk, int fd, size_t limit)
{
	size_t used = 0;

	for (;;) {
		if (used == walk->scratch_size && scratch_grow(walk) != 0)
			return -ENOMEM;
		ssize_t got = sys_read(fd, walk->scratch + used, walk->scratch_size - used);
		if (got <= 0)
			return got < 0 ? got : (ssize_t)used;
		used += (size_t)got;
		if (used > limit)
			return -EFBIG;
	}
}

/* Keeps the lines of a thread's status that facts are made of: a capture tells no more than it must. */
static size_t status_shorten(char *text, size_t length)
{
	static const char *const kept[] = {
		"Name:", "Tgid:", "Pid:", "PPid:", "Uid:", "VmLck:", "Kthread:", "Cpus_allowed_list:",
		"voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:",
	};
	size_t used = 0;

	for (size_t at = 0, line; at < length; at += line) {
		const char *end = memchr(text + at, '\n', length - at);

		line = end == NULL ? length - at : (size_t)(end + 1 - text) - at;
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
			if (line < strlen(kept[i]) || memcmp(text + at, kept[i], strlen(kept[i])) != 0)
				continue;
			memmove(text + used, text + at, line);
			used += line;
			break;
		}
	}
	return used;
}

static int read_regular(struct host_walk *walk, const struct host_pattern *pattern, const char *name)
{
	size_t limit = (pattern->flags & PATTERN_LARGE) != 0 ? LARGE_BYTES_MAX : FILE_BYTES_MAX;
	_cleanup_close_ int fd = open_regular(walk);
	ssize_t length = fd < 0 ? fd : read_all(walk, fd, limit);

	if (length == -ENOMEM)
		return -ENOMEM;
	if (length < 0)
		return put_error(walk, walk->path, (int)length);
	if ((pattern->flags & PATTERN_THREADS) != 0 && strcmp(name, "status") == 0)
		length = (ssize_t)status_shorten(walk->scratch, (size_t)length);
	if (length > 0 && walk->scratch[length - 1] == '\n')
		length--;
	return put_text(walk, walk->scratch, (size_t)length);
}

/* The target of a link; a capture stores it as a regular file's text. */
static int read_link(struct host_walk *walk, const struct host_pattern *pattern, const char *name)
{
	char target[PATH_MAX];
	unsigned type = 0;
	uint64_t bytes = 0;
	_cleanup_close_ int fd = open_path(walk, O_PATH | O_NOFOLLOW);
	int error = fd < 0 ? fd : sys_file_type(fd, &type, &bytes);

	if (error != 0)
		return put_error(walk, walk->path, error);
	if (type == S_IFREG)
		return read_regular(walk, pattern, name);
	ssize_t length = type == S_IFLNK ? sys_read_link_at(fd, "", target, sizeof(target)) : -EINVAL;
	if (length < 0)
		return put_error(walk, walk->path, (int)length);
	return put_text(walk, target, (size_t)length);
}

static bool has_wildcard(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static bool is_printable(const char *name)
{
	while (*name >= ' ' && *name <= '~')
		name++;
	return *name == '\0';
}

static int names_add(void *context, const struct sys_entry *entry)
{
	struct names *names = context;
	size_t size = strlen(entry->name) + 1;
	bool folder = entry->type == DT_DIR;
	int error = step(names->walk, 1);

	if (error != 0 || fnmatch(names->pattern, entry->name, 0) != 0)
		return error;
	if (entry->type != DT_LNK && entry->type != DT_UNKNOWN && folder != names->folders)
		return 0;
	if (!is_printable(entry->name)) {
		names->unprintable = true;
		return 0;
	}
	if (names->room - names->used < size) {
		size_t room = names->room * 2 + size + KIB;
		char *larger = realloc(names->text, room);

		if (larger == NULL)
			return -ENOMEM;
		names->text = larger;
		names->room = room;
	}
	memcpy(names->text + names->used, entry->name, size);
	names->used += size;
	return 0;
}

/* The names in the walk's directory that match @names->pattern; none where it cannot be listed. */
static int list(struct host_walk *walk, struct names *names)
{
	int fd = open_path(walk, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	int error;

	if (fd < 0)
		return put_error(walk, walk->path, fd);
	names->walk = walk;
	error = sys_list(fd, names_add, names);
	if (error == 0 && names->unprintable)
		error = put_error(walk, walk->path, -EILSEQ);
	if (error == OVER_LIMIT || error == -ENOMEM || error == -E2BIG)
		return error;
	return error < 0 ? put_error(walk, walk->path, error) : 0;
}

/* Appends a component to the walk's path; returns the length to cut it back to, 0 where it does not fit. */
static size_t descend(struct host_walk *walk, const char *name, size_t length)
{
	size_t used = strlen(walk->path);

	if (used + length + 2 > sizeof(walk->path))
		return 0;
	walk->path[used] = '/';
	memcpy(walk->path + used + 1, name, length);
	walk->path[used + 1 + length] = '\0';
	return used == 0 ? sizeof(walk->path) : used;
}

static void ascend(struct host_walk *walk, size_t used)
{
	walk->path[used == sizeof(walk->path) ? 0 : used] = '\0';
}

static int visit_file(struct host_walk *walk, const struct host_pattern *pattern, const char *name,
		      bool link)
{
	size_t used = descend(walk, name, strlen(name));
	int error = step(walk, STEPS_OPEN);

	if (used == 0)
		return error;
	if (error == 0)
		error = link ? read_link(walk, pattern, name) : read_regular(walk, pattern, name);
	ascend(walk, used);
	return error;
}

static int visit_matching(struct host_walk *walk, const struct host_pattern *pattern, const char *name,
			  bool link)
{
	struct names names = {.pattern = name};
	int error = list(walk, &names);

	for (size_t at = 0; error == 0 && at < names.used; at += strlen(names.text + at) + 1)
		error = visit_file(walk, pattern, names.text + at, link);
	free(names.text);
	return error;
}

static int visit_names(struct host_walk *walk, const struct host_pattern *pattern)
{
	const char *at = pattern->names;
	char name[PATTERN_NAME_MAX];
	bool link = false;
	int error = 0;

	while (error == 0 && host_pattern_name(&at, walk->release, name, &link)) {
		if (has_wildcard(name))
			error = visit_matching(walk, pattern, name, link);
		else
			error = visit_file(walk, pattern, name, link);
	}
	return error;
}

/* @rest: what is left of the pattern's directory, "/COMPONENT..." or "". */
static int visit(struct host_walk *walk, const struct host_pattern *pattern, const char *rest)
{
	struct names names = {.folders = true};
	char component[PATTERN_NAME_MAX];
	int error;

	if (*rest == '\0')
		return visit_names(walk, pattern);
	size_t length = strcspn(rest + 1, "/");
	const char *next = rest + 1 + length;
	snprintf(component, sizeof(component), "%.*s", (int)length, rest + 1);
	if (!has_wildcard(component)) {
		size_t used = descend(walk, component, length);

		error = used == 0 ? 0 : visit(walk, pattern, next);
		if (used != 0)
			ascend(walk, used);
		return error;
	}
	names.pattern = component;
	error = step(walk, STEPS_OPEN);
	if (error == 0)
		error = list(walk, &names);
	for (size_t at = 0; error == 0 && at < names.used; at += strlen(names.text + at) + 1) {
		size_t used = descend(walk, names.text + at, strlen(names.text + at));

		if (used == 0)
			continue;
		error = visit(walk, pattern, next);
		ascend(walk, used);
	}
	free(names.text);
	return error;
}

/* What of the directory stands before its first wildcard, cut to whole components. */
static int put_over_limit(struct host_walk *walk, const struct host_pattern *pattern)
{
	char fixed[PATTERN_NAME_MAX];

	snprintf(fixed, sizeof(fixed), "%.*s", (int)strcspn(pattern->directory, "*?["),
		 pattern->directory);
	char *slash = strrchr(fixed, '/');
	if (slash != NULL && has_wildcard(pattern->directory))
		*slash = '\0';
	return put_error(walk, fixed, -E2BIG);
}

int host_walk_pattern(struct host_walk *walk, const struct host_pattern *pattern)
{
	int error;

	walk->path[0] = '\0';
	walk->steps_before = walk->steps;
	error = visit(walk, pattern, pattern->directory);
	return error == OVER_LIMIT ? put_over_limit(walk, pattern) : error;
}

void host_walk_done(struct host_walk *walk)
{
	free(walk->scratch);
	walk->scratch = NULL;
	walk->scratch_size = 0;
}
