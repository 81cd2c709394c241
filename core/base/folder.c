// SPDX-License-Identifier: Apache-2.0
#include "core/base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/sys.h"

static int make_one(const char *path)
{
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int folder_make(const char *path)
{
	char part[PATH_MAX];
	size_t length = strlen(path);
	int error = 0;

	if (length == 0 || length >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, length + 1);
	for (char *slash = strchr(part + 1, '/'); error == 0 && slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		error = make_one(part);
		*slash = '/';
	}
	return error != 0 ? error : make_one(part);
}

/* Where the name in a path begins. */
static int name_at(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL || slash[1] == '\0' || strlen(path) >= PATH_MAX ? -EINVAL : (int)(slash + 1 - path);
}

int folder_sync(const char *file)
{
	char folder[PATH_MAX];
	int name = name_at(file);

	if (name < 0)
		return name;
	memcpy(folder, file, (size_t)name);
	folder[name] = '\0';
	_cleanup_close_ int fd = sys_open(folder, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	/* EINVAL: a file system that keeps nothing. */
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

bool folder_is_volatile(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 &&
	       (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

int file_owner_get(const char *path, struct file_owner *ret)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return S_ISLNK(status.st_mode) ? -ELOOP : -EINVAL;
	*ret = (struct file_owner){status.st_mode & 07777, status.st_uid, status.st_gid};
	return 0;
}

/* The owner first: chown(2) takes set-user-ID bits away. */
static int owner_set(int fd, const struct file_owner *owner)
{
	return fchown(fd, owner->uid, owner->gid) < 0 || fchmod(fd, owner->mode) < 0 ? -errno : 0;
}

int file_owner_set(const char *path, const struct file_owner *owner)
{
	_cleanup_close_ int fd = sys_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

	return fd < 0 ? fd : owner_set(fd, owner);
}

/* A name that no reader of configuration folders takes for a file of its own. */
static int temporary_name(const char *path, char ret[PATH_MAX])
{
	int name = name_at(path);

	if (name < 0)
		return name;
	return snprintf(ret, PATH_MAX, "%.*s.%s.bulkhead-new", name, path, path + name) < PATH_MAX
		       ? 0
		       : -ENAMETOOLONG;
}

int file_tidy(const char *path)
{
	char temporary[PATH_MAX];
	int error = temporary_name(path, temporary);

	if (error != 0)
		return error;
	return unlink(temporary) < 0 && errno != ENOENT ? -errno : 0;
}

static int file_fill(const char *path, const char *text, const struct file_owner *owner)
{
	_cleanup_close_ int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error = fd < 0 ? -errno : sys_write_all(fd, text, strlen(text));

	if (error == 0)
		error = owner_set(fd, owner);
	if (error == 0 && fsync(fd) < 0)
		error = -errno;
	return error;
}

int file_replace(const char *path, const char *text, const struct file_owner *owner)
{
	const struct file_owner common = {.mode = 0644, .uid = geteuid(), .gid = getegid()};
	char temporary[PATH_MAX];
	int error = temporary_name(path, temporary);

	if (error == 0)
		error = file_tidy(path);
	if (error == 0)
		error = file_fill(temporary, text, owner == NULL ? &common : owner);
	if (error == 0 && rename(temporary, path) < 0)
		error = -errno;
	if (error != 0)
		file_tidy(path);
	return error != 0 ? error : folder_sync(path);
}
