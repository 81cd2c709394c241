// SPDX-License-Identifier: Apache-2.0
/*
 * hwloc opens the files of a tree by their names and reads them to their end: a FIFO would keep it
 * waiting, a device would be opened, a link would lead it to the host's own files.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys_host.h"
#include "core/host/tree.h"

enum {
	ENTRIES_MAX = 2000000,
	DEPTH_MAX = 32,
	FILE_MIB_MAX = 64,
	MIB = 1 << 20,
};

/* struct check - where in the tree it is; @refused is one of the reasons, static. */
struct check {
	int root;
	unsigned depth;
	unsigned entries;
	const char *refused;
	char path[4096];
};

static int check_folder(struct check *check);

static int refuse(struct check *check, const char *reason)
{
	check->refused = reason;
	return -EINVAL;
}

/* Where a link leads; a dangling one leads nowhere. */
static int check_link(struct check *check)
{
	unsigned type = 0;
	uint64_t bytes = 0;
	_cleanup_close_ int fd = sys_open_within(check->root, check->path, O_PATH, RESOLVE_BENEATH);

	if (fd == -EXDEV)
		return refuse(check, "a link that leads out of the tree");
	if (fd < 0)
		return 0;
	if (sys_file_type(fd, &type, &bytes) != 0 || (type != S_IFREG && type != S_IFDIR))
		return refuse(check, "a link to something that is neither folder nor regular file");
	return 0;
}

/*
 * A large host has tens of thousands of these, and to look at each costs more than hwloc does; one that
 * does not end makes hwloc run out of its time.
 */
static bool is_of_cpu(const struct check *check)
{
	static const char folder[] = "sys/devices/system/cpu/cpu";

	return strncmp(check->path, folder, sizeof(folder) - 1) == 0;
}

static int check_entry(struct check *check, unsigned char listed)
{
	unsigned type = 0;
	uint64_t bytes = 0;

	if (listed == DT_DIR)
		return check_folder(check);
	if (listed == DT_REG && is_of_cpu(check))
		return 0;
	/* Every folder on the way was seen to be one. */
	if (sys_file_type_at(check->root, check->path, &type, &bytes) != 0)
		return refuse(check, "something that cannot be looked at");
	if (type == S_IFDIR)
		return check_folder(check);
	if (type == S_IFLNK)
		return check_link(check);
	if (type != S_IFREG)
		return refuse(check, "neither folder, regular file nor link");
	return bytes > (uint64_t)FILE_MIB_MAX * MIB ? refuse(check, "a file larger than any of a host") : 0;
}

/* Threads' and file systems' own folders are none that hwloc opens; copies of them hold links to anywhere. */
static bool is_left_out(const struct check *check, const char *name)
{
	return strcmp(check->path, "proc") == 0 &&
	       ((*name >= '0' && *name <= '9') || strcmp(name, "fs") == 0);
}

static int visit(void *context, const struct sys_entry *entry)
{
	struct check *check = context;
	size_t used = strlen(check->path);
	size_t length = strlen(entry->name);
	int error;

	if (is_left_out(check, entry->name))
		return 0;
	if (++check->entries > ENTRIES_MAX || used + length + 2 > sizeof(check->path)) {
		check->refused = "more, or deeper, than any host";
		return -E2BIG;
	}
	check->path[used] = '/';
	memcpy(check->path + used + 1, entry->name, length + 1);
	error = check_entry(check, entry->type);
	if (error == 0)
		check->path[used] = '\0';
	return error;
}

static int check_folder(struct check *check)
{
	int fd = sys_open_within(check->root, check->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
				 RESOLVE_BENEATH);
	int error;

	if (fd < 0) /* hwloc cannot read it either */
		return 0;
	if (check->depth >= DEPTH_MAX) {
		cleanup_close(&fd);
		check->refused = "more, or deeper, than any host";
		return -E2BIG;
	}
	check->depth++;
	error = sys_list(fd, visit, check);
	check->depth--;
	/* A list that breaks off for the file system's own reasons breaks off for hwloc too. */
	return check->refused != NULL ? error : 0;
}

int tree_check(int root, struct diag *why)
{
	static const char *const folders[] = {"sys", "proc", "dev"};
	int error = 0;

	for (size_t i = 0; error == 0 && i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct check check = {.root = root};
		unsigned type = 0;
		uint64_t bytes = 0;
		_cleanup_close_ int fd = sys_open_within(root, folders[i], O_PATH | O_NOFOLLOW,
							 RESOLVE_BENEATH);

		if (fd == -ENOENT)
			continue;
		snprintf(check.path, sizeof(check.path), "%s", folders[i]);
		error = fd < 0 ? fd : sys_file_type(fd, &type, &bytes);
		if (error == 0 && type != S_IFDIR)
			error = refuse(&check, "no folder");
		else if (error == 0)
			error = check_folder(&check);
		if (error != 0) {
			diag_key(why, "%s", check.path);
			diag_set(why, -error, "cannot be read safely: %s",
				 check.refused != NULL ? check.refused : "no folder");
			diag_remedy(why, "remove it from the tree");
		}
	}
	return error;
}
