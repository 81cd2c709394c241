// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/borrow_own.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/folder.h"
#include "core/base/sys.h"

enum { TEXT_STEP = 4096, TEXT_MAX = 1 << 20 };

static bool is_thread(const struct change *change)
{
	return change->kind == CHANGE_AFFINITY || change->kind == CHANGE_POLICY;
}

/* A kernel file says its size as 0 or 4096: it is read until it ends. */
static int read_all(int fd, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t room = 0;
	size_t length = 0;

	for (;;) {
		if (length == room) {
			char *grown = room > TEXT_MAX ? NULL : realloc(text, room + TEXT_STEP + 1);

			if (grown == NULL)
				return room > TEXT_MAX ? -EFBIG : -ENOMEM;
			text = grown;
			room += TEXT_STEP;
		}
		ssize_t got = read(fd, text + length, room - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	if (memchr(text, '\0', length) != NULL)
		return -EILSEQ;
	text[length] = '\0';
	*ret = take_pointer(text);
	return 0;
}

static int read_folder(const char *path, char **ret)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return -errno;
	if (!S_ISDIR(status.st_mode))
		return -ENOTDIR;
	*ret = strdup("");
	return *ret == NULL ? -ENOMEM : 0;
}

static int read_text(const struct change *change, char **ret)
{
	struct file_owner owner;
	int error = change->kind == CHANGE_FILE ? file_owner_get(change->path, &owner) : 0;

	if (error != 0)
		return error;
	_cleanup_close_ int fd = sys_open(change->path, O_RDONLY);

	return fd < 0 ? fd : read_all(fd, ret);
}

static const char *read_problem(int error)
{
	switch (error) {
	case -ELOOP:
		return "it is a symbolic link";
	case -EINVAL:
		return "it is no file";
	case -EILSEQ:
		return "it is no text";
	case -EFBIG:
		return "it is too large";
	default:
		return strerror(-error);
	}
}

int borrow_read(const struct change *change, char **ret, struct diag *why)
{
	if (is_thread(change))
		return borrow_thread_read(change, ret, why);
	int error = change_makes(change) ? read_folder(change->path, ret) : read_text(change, ret);

	return error == 0 ? 0 : diag_set(why, -error, "cannot be read (%s)", read_problem(error));
}

/*
 * A kernel's file takes a setting in one write(2), and some want a newline at its end (resctrl). O_TRUNC as a
 * shell's: the kernel's own files know nothing of it.
 */
static int write_text(const char *path, const char *text)
{
	size_t length = strlen(text);
	_cleanup_close_ int fd = sys_open(path, O_WRONLY | O_TRUNC);

	if (fd < 0)
		return fd;
	const size_t size = length + sizeof("\n");
	_cleanup_free_ char *line = malloc(size);

	if (line == NULL)
		return -ENOMEM;
	length = (size_t)snprintf(line, size, "%s%s", text,
				  length == 0 || text[length - 1] != '\n' ? "\n" : "");
	ssize_t written = write(fd, line, length);

	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -EIO;
}

/* A file that is there keeps its owner and mode. */
static int write_file(const char *path, const char *text)
{
	struct file_owner owner;
	int error = file_owner_get(path, &owner);

	if (error != 0 && error != -ENOENT)
		return error;
	return file_replace(path, text, error == 0 ? &owner : NULL);
}

static int write_plain(const struct change *change, const char *text)
{
	if (change_makes(change))
		return mkdir(change->path, 0755) < 0 ? -errno : 0;
	return change->kind == CHANGE_FILE ? write_file(change->path, text) : write_text(change->path, text);
}

int borrow_write(const struct change *change, const char *text, struct diag *why)
{
	if (is_thread(change))
		return borrow_thread_write(change, text, why);
	int error = write_plain(change, text);

	if (error == 0)
		return 0;
	diag_set(why, -error, "cannot be %s (%s)", change_makes(change) ? "made" : "written", strerror(-error));
	if (error == -EACCES || error == -EPERM)
		diag_remedy(why, "run as root");
	return error;
}

int borrow_remove(const struct change *change, struct diag *why)
{
	int result = -1;

	if (change_makes(change))
		result = rmdir(change->path);
	else if (change->kind == CHANGE_FILE)
		result = unlink(change->path);
	else
		errno = EINVAL;
	if (result == 0 && change->kind == CHANGE_FILE)
		result = folder_sync(change->path) == 0 ? 0 : -1;
	int error = result == 0 ? 0 : errno;

	return error == 0 ? 0 : diag_set(why, error, "cannot be removed (%s)", strerror(error));
}
