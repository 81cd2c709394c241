// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/sys.h"
#include "core/host/topology_view.h"

enum { CRASHED = 255 };

/*
 * Lets the process read below @readable and nowhere else, so that no link in a tree leads out of it:
 * Documentation/userspace-api/landlock.rst. A kernel without Landlock leaves it unconfined.
 */
static void confine(const char *readable)
{
	const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	struct landlock_ruleset_attr all = {.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
	struct landlock_path_beneath_attr below = {.allowed_access = reading};
	_cleanup_close_ int rules = -1;
	_cleanup_close_ int path = sys_open(readable, O_PATH);
	bool folder = path >= 0 && faccessat(path, ".", F_OK, 0) == 0;

	rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (rules < 0 || path < 0)
		return;
	below.parent_fd = path;
	if (!folder)
		below.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		syscall(SYS_landlock_restrict_self, rules, 0);
}

static void be_silent(void)
{
	const struct rlimit none = {0};
	_cleanup_close_ int null = sys_open("/dev/null", O_RDWR);

	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	setrlimit(RLIMIT_CORE, &none);
}

/* The process's whole life. Its answer, a positive errno, is the exit status. */
static void live(int (*work)(void *argument), void *argument, const char *readable)
{
	int error;

	/* What hwloc obeys is what is set here, never what the caller's user has set. */
	clearenv();
	be_silent();
	if (readable != NULL)
		confine(readable);
	error = work(argument);
	_exit(error == 0 ? 0 : -error < CRASHED ? -error : EINVAL);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The other end of the pipe closes when the process ends. False after VIEW_SECONDS_MAX. */
static bool wait_for_end(int pipe)
{
	const int64_t end = now_ms() + VIEW_SECONDS_MAX * 1000;
	struct pollfd wait = {.fd = pipe};
	int64_t left;

	while ((left = end - now_ms()) > 0) {
		if (poll(&wait, 1, (int)left) > 0)
			return true;
	}
	return false;
}

static int answer_of(pid_t process)
{
	int status = 0;
	pid_t ended;

	do
		ended = waitpid(process, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended != process || !WIFEXITED(status) || WEXITSTATUS(status) == CRASHED)
		return -EINVAL;
	return -WEXITSTATUS(status);
}

int topology_process(int (*work)(void *argument), void *argument, const char *readable)
{
	_cleanup_close_ int reader = -1;
	_cleanup_close_ int writer = -1;
	int ends[2];
	pid_t process;
	bool ended;
	int answer;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -EAGAIN;
	reader = ends[0];
	writer = ends[1];
	process = fork();
	if (process < 0)
		return -EAGAIN;
	if (process == 0)
		live(work, argument, readable);
	close(take_fd(&writer));
	ended = wait_for_end(reader);
	if (!ended)
		kill(process, SIGKILL);
	answer = answer_of(process);
	return ended ? answer : -ETIMEDOUT;
}
