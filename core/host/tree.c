// SPDX-License-Identifier: Apache-2.0
#include "core/host/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/host/files.h"
#include "core/host/source.h"

#define TOPOLOGY_FILE "bulkhead/topology.xml"

enum {
	CAPTURE_BYTES_MAX = 16 << 20,
	ERRNO_END = 4096, /* the kernel's own limit */
};

/* 1, 0, or what keeps one from looking into the folder. */
static int holds_facts(int folder)
{
	static const char *const marks[] = {"sys", "proc", "bulkhead"};
	int barred = 0;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		_cleanup_close_ int fd = sys_open_within(folder, marks[i], O_PATH | O_DIRECTORY | O_NOFOLLOW,
							 RESOLVE_BENEATH);

		if (fd >= 0)
			return 1;
		if (fd == -EACCES)
			barred = fd;
	}
	return barred;
}

/* struct only - the one folder among a folder's entries. */
struct only {
	int parent;
	unsigned count;
	char name[NAME_MAX + 1];
};

static int only_add(void *context, const struct sys_entry *entry)
{
	struct only *only = context;
	_cleanup_close_ int fd = -1;

	if (entry->type != DT_DIR && entry->type != DT_UNKNOWN)
		return 0;
	fd = sys_open_within(only->parent, entry->name, O_PATH | O_DIRECTORY | O_NOFOLLOW, RESOLVE_BENEATH);
	if (fd < 0)
		return 0;
	snprintf(only->name, sizeof(only->name), "%s", entry->name);
	return ++only->count > 1;
}

/* The name of the folder's only sub-folder into @only; -ENOENT where it has none, or more. */
static int only_folder(int folder, struct only *only)
{
	int fd = sys_open_at(folder, ".", O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	only->parent = folder;
	int error = sys_list(fd, only_add, only);
	if (error < 0)
		return error;
	return only->count == 1 ? 0 : -ENOENT;
}

static int refuse(const char *tree, int error, struct diag *why)
{
	diag_at(why, tree, 0, 0);
	diag_set(why, -error, error == -ENOENT ? "no such folder or file" : "cannot be read: %s",
		 host_unknown(error));
	diag_remedy(why, "name a folder that bulkhead capture made, a copy of /sys and /proc, or an hwloc "
			 "XML file");
	return error;
}

/* Opens the folder that holds the facts; @ret_name is "" or the sub-folder's name. */
static int find_folder(const char *tree, int *ret, struct only *only, struct diag *why)
{
	_cleanup_close_ int folder = sys_open(tree, O_PATH | O_DIRECTORY);
	int held;

	if (folder < 0)
		return refuse(tree, folder, why);
	held = holds_facts(folder);
	if (held > 0) {
		*ret = take_fd(&folder);
		return 0;
	}
	if (held < 0 || (held = only_folder(folder, only)) == -EACCES)
		return refuse(tree, held, why);
	_cleanup_close_ int below = held != 0 ? -1 :
		sys_open_within(folder, only->name, O_PATH | O_DIRECTORY | O_NOFOLLOW, RESOLVE_BENEATH);
	held = below < 0 ? 0 : holds_facts(below);
	if (held > 0) {
		*ret = take_fd(&below);
		return 0;
	}
	if (held < 0)
		return refuse(tree, held, why);
	diag_at(why, tree, 0, 0);
	diag_set(why, ENOENT, "holds neither sys nor proc nor bulkhead");
	diag_remedy(why, "name a folder that bulkhead capture made, a copy of /sys and /proc, or an hwloc "
			 "XML file");
	return -ENOENT;
}

/* 1: an XML file is named in place of a folder. */
static int is_file(const char *tree)
{
	_cleanup_close_ int fd = sys_open(tree, O_PATH);
	unsigned type = 0;
	uint64_t bytes = 0;
	int error = fd < 0 ? fd : sys_file_type(fd, &type, &bytes);

	return error != 0 ? error : type == S_IFREG;
}

int host_source_folder(const struct host_source *source, char *ret, size_t size, struct diag *why)
{
	_cleanup_close_ int fd = -1;
	struct only only = {0};
	int error = is_file(source->tree);

	if (error < 0)
		return refuse(source->tree, error, why);
	if (error == 0)
		error = find_folder(source->tree, &fd, &only, why);
	else
		error = 0;
	if (error != 0)
		return error;
	int length = snprintf(ret, size, only.name[0] == '\0' ? "%s%s" : "%s/%s", source->tree, only.name);
	return length > 0 && (size_t)length < size ? 0 : refuse(source->tree, -ENAMETOOLONG, why);
}

/* 1: a topology is stored with the tree. Anything but a regular file in its place is refused. */
static int has_topology(int root, struct diag *why)
{
	_cleanup_close_ int fd = sys_open_within(root, TOPOLOGY_FILE, O_PATH,
						 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	unsigned type = 0;
	uint64_t bytes = 0;

	if (fd == -ENOENT)
		return 0;
	int error = fd < 0 ? fd : sys_file_type(fd, &type, &bytes);
	if (error == 0 && type == S_IFREG)
		return 1;
	return diag_set(why, error == 0 || error == -ELOOP ? EINVAL : -error,
			TOPOLOGY_FILE " is no regular file");
}

int tree_open(const struct host_source *source, int *ret, struct diag *why)
{
	_cleanup_close_ int root = -1;
	struct only only = {0};
	int error = is_file(source->tree);

	if (error < 0)
		return refuse(source->tree, error, why);
	if (error == 1) {
		*ret = -1;
		return 0;
	}
	error = find_folder(source->tree, &root, &only, why);
	if (error != 0)
		return error;
	error = has_topology(root, why);
	if (error == 0)
		error = tree_check(root, why);
	if (error < 0) {
		diag_at(why, source->tree, 0, 0);
		return error;
	}
	*ret = take_fd(&root);
	return 0;
}

/* -1 for a name that is no errno's. */
static int error_number(const char *name)
{
	for (int error = 1; error < ERRNO_END; error++) {
		const char *known = strerrorname_np(error);

		if (known != NULL && strcmp(known, name) == 0)
			return error;
	}
	return -1;
}

static int put_errors(const json_t *unreadable, struct host_files *files)
{
	size_t i;
	json_t *item;
	int error = 0;

	if (!json_is_array(unreadable))
		return -EINVAL;
	json_array_foreach(unreadable, i, item) {
		const char *path = json_string_value(json_object_get(item, "path"));
		const char *name = json_string_value(json_object_get(item, "error"));
		int number = name == NULL ? -1 : error_number(name);

		if (path == NULL || number < 0 || path[0] != '/' || strlen(path) >= PATH_MAX)
			return -EINVAL;
		error = host_files_put_error(files, path, number);
		if (error != 0)
			return error;
	}
	return 0;
}

/* A set of the patterns, by name. */
static int patterns_set(const json_t *patterns, json_t **ret)
{
	json_t *set = json_is_array(patterns) ? json_object() : NULL;
	size_t i;
	json_t *item;

	if (set == NULL)
		return json_is_array(patterns) ? -ENOMEM : -EINVAL;
	json_array_foreach(patterns, i, item) {
		const char *pattern = json_string_value(item);

		if (pattern == NULL || json_object_set_new(set, pattern, json_true()) != 0) {
			json_decref(set);
			return pattern == NULL ? -EINVAL : -ENOMEM;
		}
	}
	*ret = set;
	return 0;
}

static int open_capture(int root)
{
	unsigned type = 0;
	uint64_t bytes = 0;
	_cleanup_close_ int seen = sys_open_within(root, CAPTURE_FILE, O_PATH, RESOLVE_IN_ROOT);
	int error = seen < 0 ? seen : sys_file_type(seen, &type, &bytes);

	if (error == 0 && (type != S_IFREG || bytes > CAPTURE_BYTES_MAX))
		error = -EINVAL;
	if (error != 0)
		return error;
	return sys_open_within(root, CAPTURE_FILE, O_RDONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_IN_ROOT);
}

static int understand(const json_t *capture, struct host_files *files, json_t **looked_for)
{
	const json_t *format = json_object_get(capture, "format");
	int error;

	if (!json_is_integer(format) || json_integer_value(format) != CAPTURE_FORMAT)
		return -EINVAL;
	error = put_errors(json_object_get(capture, "unreadable"), files);
	return error != 0 ? error : patterns_set(json_object_get(capture, "looked-for"), looked_for);
}

int tree_read_capture(int root, struct host_files *files, json_t **looked_for, struct diag *why)
{
	json_error_t place = {.line = 0};
	int fd = open_capture(root);

	*looked_for = NULL;
	if (fd == -ENOENT)
		return 0;
	_cleanup_fclose_ FILE *stream = fd < 0 ? NULL : fdopen(fd, "re");
	if (fd >= 0 && stream == NULL) {
		cleanup_close(&fd);
		return -ENOMEM;
	}
	json_t *capture = stream == NULL ? NULL : json_loadf(stream, JSON_REJECT_DUPLICATES, &place);
	int error = fd < 0 ? fd : capture == NULL ? -EINVAL : understand(capture, files, looked_for);
	json_decref(capture);
	files->complete = error == 0;
	if (error == 0 || error == -ENOMEM)
		return error;
	if (error == -EINVAL)
		diag_set(why, EINVAL, CAPTURE_FILE " is not one that this version understands (format %d)",
			 CAPTURE_FORMAT);
	else
		diag_set(why, -error, CAPTURE_FILE " cannot be read: %s", host_unknown(error));
	diag_remedy(why, "capture the host again, or remove that file: what the tree holds can be used "
			 "without it");
	return error;
}
