// SPDX-License-Identifier: Apache-2.0
/* Storing a snapshot as a tree. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/host/files.h"
#include "core/host/source.h"
#include "core/host/tree.h"

/* struct store - @folder, @folder_path: where the last file went, for the next one most often goes there too. */
struct store {
	int root;
	int folder;
	char folder_path[PATH_MAX];
};

/* Absolute, and every component a name of its own. */
static bool is_plain(const char *path)
{
	if (*path != '/' || strlen(path) >= PATH_MAX)
		return false;
	while (*path == '/') {
		size_t length = strcspn(++path, "/");

		if (length == 0 || (length <= 2 && strncmp(path, "..", length) == 0))
			return false;
		path += length;
	}
	return true;
}

/* A sub-folder, made where it is not there; never through a link. */
static int enter(int parent, const char *name)
{
	int error = sys_make_folder_at(parent, name);

	if (error != 0 && error != -EEXIST)
		return error;
	return sys_open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/* Opens the folder of a path, "proc/irq/24" for "/proc/irq/24/node", into @store; sets @ret_name. */
static int open_folder(struct store *store, const char *path, const char **ret_name)
{
	const char *last = strrchr(path, '/');
	char folder[PATH_MAX];
	char *rest = folder;
	_cleanup_close_ int fd = -1;

	if (!is_plain(path))
		return -EINVAL;
	*ret_name = last + 1;
	snprintf(folder, sizeof(folder), "%.*s", (int)(last - path), path);
	if (store->folder >= 0 && strcmp(folder, store->folder_path) == 0)
		return 0;
	fd = sys_open_at(store->root, ".", O_RDONLY | O_DIRECTORY);
	while (fd >= 0 && *rest == '/') {
		char *name = rest + 1;
		size_t length = strcspn(name, "/");
		char end = name[length];

		name[length] = '\0';
		int below = enter(fd, name);
		name[length] = end;
		cleanup_close(&fd);
		fd = below;
		rest = name + length;
	}
	if (fd < 0)
		return fd;
	cleanup_close(&store->folder);
	store->folder = take_fd(&fd);
	memcpy(store->folder_path, folder, sizeof(folder));
	return 0;
}

static int write_file(struct store *store, const char *path, const char *text, size_t length)
{
	const char *name = NULL;
	int error = open_folder(store, path, &name);

	if (error != 0)
		return error;
	_cleanup_close_ int fd = sys_create_at(store->folder, name);
	error = fd < 0 ? fd : sys_write_all(fd, text, length);
	return error != 0 ? error : sys_write_all(fd, "\n", 1);
}

static json_t *unreadable(const struct host_files *files)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < files->count; i++) {
		const struct host_file *file = &files->file[i];
		char number[16];
		const char *name = strerrorname_np(file->error);

		if (file->error == 0)
			continue;
		snprintf(number, sizeof(number), "%d", file->error);
		if (json_array_append_new(list, json_pack("{s:s, s:s}", "path", file->path, "error",
							  name != NULL ? name : number)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *looked_for(const struct host_files *files)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < files->cover_count; i++) {
		if (json_array_append_new(list, json_string(files->cover[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int write_capture(struct store *store, const struct host_files *files)
{
	json_t *capture = json_pack("{s:i, s:s, s:o, s:o}", "format", CAPTURE_FORMAT, "tool",
				    "bulkhead " BULKHEAD_VERSION, "unreadable", unreadable(files),
				    "looked-for", looked_for(files));
	_cleanup_free_ char *text = capture == NULL ? NULL : json_dumps(capture, JSON_INDENT(1));
	int error = text == NULL ? -ENOMEM : 0;

	json_decref(capture);
	return error != 0 ? error : write_file(store, "/" CAPTURE_FILE, text, strlen(text));
}

static int not_empty(void *context, const struct sys_entry *entry)
{
	(void)context;
	(void)entry;
	return -ENOTEMPTY;
}

/* Makes the folder, or takes an empty one. */
static int make_root(const char *directory, int *ret, bool *ret_made)
{
	int error = sys_make_folder_at(AT_FDCWD, directory);
	_cleanup_close_ int fd = -1;

	*ret_made = error == 0;
	if (error != 0 && error != -EEXIST)
		return error;
	fd = sys_open(directory, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd == -ENOTDIR ? -EEXIST : fd;
	int list = sys_open_at(fd, ".", O_RDONLY | O_DIRECTORY);
	error = list < 0 ? list : sys_list(list, not_empty, NULL);
	if (error == 0)
		*ret = take_fd(&fd);
	return error;
}

/* Removes a file and those of its folders that are then empty: what this store has made and no more. */
static void unwrite(int root, const char *path)
{
	char rest[PATH_MAX];

	if (snprintf(rest, sizeof(rest), "%s", path + 1) >= (int)sizeof(rest))
		return;
	sys_remove_at(root, rest, false);
	for (char *slash = strrchr(rest, '/'); slash != NULL; slash = strrchr(rest, '/')) {
		*slash = '\0';
		int error = sys_remove_at(root, rest, true);
		if (error != 0 && error != -ENOENT)
			return;
	}
}

static void unwrite_all(int root, const struct host_files *files, size_t stored)
{
	unwrite(root, "/" CAPTURE_FILE);
	for (size_t i = stored; i > 0; i--) {
		if (files->file[i - 1].error == 0)
			unwrite(root, files->file[i - 1].path);
	}
}

static int refuse(const char *directory, int error, struct diag *why)
{
	diag_at(why, directory, 0, 0);
	if (error == -ENOTEMPTY || error == -EEXIST) {
		diag_set(why, -error, error == -EEXIST ? "is there and is no folder" :
			 "the folder is not empty");
		diag_remedy(why, "name a folder that does not exist yet");
	} else {
		diag_set(why, -error, error == -ENOENT ? "the folder it is to be in is not there" :
			 "cannot be written: %s", host_unknown(error));
		diag_remedy(why, "%s", error == -ENOENT ? "make that one first, or name a folder elsewhere" :
			    "make room, or name a folder where you may write");
	}
	return error;
}

int host_files_write(const struct host_files *files, const char *directory, size_t *ret_count,
		     struct diag *why)
{
	struct store store = {.root = -1, .folder = -1};
	bool made = false;
	size_t count = 0;
	size_t i = 0;
	int error = make_root(directory, &store.root, &made);

	if (error != 0)
		return refuse(directory, error, why);
	for (; error == 0 && i < files->count; i++) {
		const struct host_file *file = &files->file[i];

		if (file->error != 0)
			continue;
		error = write_file(&store, file->path, file->text, file->length);
		count++;
	}
	/* The last one: a tree without it claims nothing of what it does not hold. */
	if (error == 0)
		error = write_capture(&store, files);
	cleanup_close(&store.folder);
	if (error != 0)
		unwrite_all(store.root, files, i);
	cleanup_close(&store.root);
	if (error != 0 && made)
		sys_remove_at(AT_FDCWD, directory, true);
	if (error != 0)
		return refuse(directory, error, why);
	*ret_count = count;
	return 0;
}
