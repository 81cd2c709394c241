// SPDX-License-Identifier: Apache-2.0
#include "core/cli/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/run_state.h"
#include "core/cli/running.h"

/* Names of the folder that are not a partition's. */
static const char *const reserved[] = {"host"};

int run_name_check(const char *name, struct diag *why)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t length = strlen(name);
	bool sound = length > 0 && length < PARTITION_NAME_MAX && strspn(name, letters) == length &&
		     strcspn(name, "0123456789-_") > 0;

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		sound = sound && strcmp(name, reserved[i]) != 0;
	if (sound)
		return 0;
	diag_set(why, EINVAL, "not a partition's name");
	diag_got(why, name, length);
	diag_allowed(why, "up to %d letters, digits, - and _, the first a letter; not \"host\"",
		     PARTITION_NAME_MAX - 1);
	return -EINVAL;
}

char *run_path(const char *name, const char *file, char ret[RUN_PATH_MAX])
{
	snprintf(ret, RUN_PATH_MAX, RUNNING_FOLDER "/%.*s%s%s", PARTITION_NAME_MAX - 1, name,
		 file == NULL ? "" : "/", file == NULL ? "" : file);
	return ret;
}

/* The mode whatever the umask, but only of a folder that was made here. */
static int make_folder(const char *path, mode_t mode)
{
	if (mkdir(path, mode) == 0)
		return chmod(path, mode) == 0 ? 0 : -errno;
	return errno == EEXIST ? 0 : -errno;
}

static bool is_same_file(int fd, int folder, const char *name)
{
	struct stat open;
	struct stat there;

	return fstat(fd, &open) == 0 && fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

/*
 * -EAGAIN: what was opened has been removed by the one who held it, so that its lock means nothing.
 * Others look at the lock by taking it for a moment, hence a few attempts.
 */
static int hold_lock(int folder)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	_cleanup_close_ int lock = openat(folder, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	int error;

	if (lock < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	for (unsigned i = 0; (error = sys_lock(lock, true)) == -EWOULDBLOCK && i < 10; i++)
		nanosleep(&pause, NULL);
	if (error == -EWOULDBLOCK)
		return -EALREADY;
	if (error == 0 && !is_same_file(lock, folder, "lock"))
		return -EAGAIN;
	return error == 0 ? take_fd(&lock) : error;
}

static int try_take(const char *name, struct run_folder *folder)
{
	char path[RUN_PATH_MAX];
	int error = make_folder(RUNNING_FOLDER, 0755);

	if (error == 0)
		error = make_folder(run_path(name, NULL, path), 0750);
	if (error != 0)
		return error;
	_cleanup_close_ int fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return fd == -ENOENT ? -EAGAIN : fd;
	folder->lock = hold_lock(fd);
	if (folder->lock < 0)
		return folder->lock;
	folder->fd = take_fd(&fd);
	return 0;
}

static int refuse_running(const char *name, struct diag *why)
{
	struct run_state state;

	diag_key(why, "%s", name);
	if (run_state_read(name, &state, NULL) == 0)
		diag_set(why, EALREADY, "this partition runs already, as process %d", (int)state.pid);
	else
		diag_set(why, EALREADY, "this partition runs already");
	diag_remedy(why, "stop it first: bulkhead stop %s", name);
	return -EALREADY;
}

int run_folder_check(const char *name, struct diag *why)
{
	return run_name_check(name, NULL) == 0 && run_folder_runs(name) == 1 ? refuse_running(name, why) : 0;
}

static void remove_sockets(const struct run_folder *folder)
{
	unlinkat(folder->fd, "control", 0);
	unlinkat(folder->fd, "console", 0);
}

static void remove_files(const struct run_folder *folder)
{
	remove_sockets(folder);
	unlinkat(folder->fd, "state", 0);
	unlinkat(folder->fd, "state.new", 0);
	unlinkat(folder->fd, "log", 0);
}

/* What the last one borrowed is not ours to keep. */
static int put_back(const char *name, struct diag *why)
{
	char path[RUN_PATH_MAX];
	struct borrow borrow = {.folder = run_path(name, "borrowed", path)};
	struct borrow_result result = {0};

	return access(path, F_OK) == 0 ? borrow_revert(&borrow, &result, why) : 0;
}

int run_folder_take(const char *name, struct run_folder *ret, struct diag *why)
{
	struct run_folder folder = {0};
	int error = run_name_check(name, why);

	if (error != 0)
		return error;
	do {
		error = try_take(name, &folder);
	} while (error == -EAGAIN);
	if (error == -EALREADY)
		return refuse_running(name, why);
	if (error != 0)
		return diag_set(why, -error, "%s/%s cannot be made (%s)", RUNNING_FOLDER, name,
				strerror(-error));
	snprintf(folder.name, sizeof(folder.name), "%s", name);
	remove_files(&folder);
	error = put_back(name, why);
	if (error != 0) {
		run_folder_leave(&folder, true);
		return error;
	}
	*ret = folder;
	return 0;
}

int run_folder_write(const struct run_folder *folder, const char *file, const char *text)
{
	char fresh[64];
	int error;

	snprintf(fresh, sizeof(fresh), "%s.new", file);
	_cleanup_close_ int fd = openat(folder->fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
					0640);
	if (fd < 0)
		return -errno;
	error = sys_write_all(fd, text, strlen(text));
	if (error == 0 && renameat(folder->fd, fresh, folder->fd, file) != 0)
		error = -errno;
	return error;
}

static int remove_entry(void *context, const struct sys_entry *entry)
{
	unlinkat(*(const int *)context, entry->name, 0);
	return 0;
}

/* Of the journal nothing is left by now but its own lock file. */
static void remove_borrowed(const struct run_folder *folder)
{
	int fd = openat(folder->fd, "borrowed", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int context = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (fd >= 0)
		sys_list(fd, remove_entry, &context);
	if (context >= 0)
		close(context);
	unlinkat(folder->fd, "borrowed", AT_REMOVEDIR);
}

void run_folder_leave(struct run_folder *folder, bool keep)
{
	char path[RUN_PATH_MAX];

	if (folder->name[0] == '\0')
		return;
	if (keep) {
		remove_sockets(folder);
	} else {
		remove_files(folder);
		remove_borrowed(folder);
		unlinkat(folder->fd, "lock", 0);
		rmdir(run_path(folder->name, NULL, path));
	}
	close(folder->fd);
	close(folder->lock);
	*folder = (struct run_folder){0};
}

int run_folder_runs(const char *name)
{
	char path[RUN_PATH_MAX];
	_cleanup_close_ int lock = sys_open(run_path(name, "lock", path), O_RDONLY | O_NOFOLLOW);

	if (lock < 0)
		return lock == -ENOENT ? 0 : lock;
	return sys_lock(lock, false) == -EWOULDBLOCK;
}

static int is_run(const struct dirent *entry)
{
	char path[RUN_PATH_MAX];

	return run_name_check(entry->d_name, NULL) == 0 &&
	       (access(run_path(entry->d_name, "lock", path), F_OK) == 0 ||
		(errno != ENOENT && errno != ENOTDIR));
}

int run_folder_walk(int (*visit)(void *context, const char *name), void *context)
{
	struct dirent **entry = NULL;
	int count = scandir(RUNNING_FOLDER, &entry, is_run, alphasort);
	int ret = 0;

	if (count < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		if (ret == 0)
			ret = visit(context, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return ret;
}
