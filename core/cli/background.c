// SPDX-License-Identifier: Apache-2.0
#include "core/cli/background.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/commands.h"
#include "core/cli/run_folder.h"
#include "core/cli/run_state.h"

enum { NAME_BYTES = sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1 };

/* An abstract socket of the kernel's choice, which tells who sent what. */
static int listen_for_ready(char name[NAME_BYTES])
{
	const int yes = 1;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) < 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -errno;
	/* The name is not terminated; it has no NUL in it but the first. */
	length -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
	memcpy(name, address.sun_path, length);
	name[0] = '@';
	name[length] = '\0';
	return take_fd(&fd);
}

/* By its path, not as /proc/self/exe: the process would be called "exe". */
static _Noreturn void become_supervisor(const char *const *arguments, const char *socket_name)
{
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	/* What the caller has open, such as a lock or a pipe, is not to stay so for as long as a partition runs. */
	close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	unsetenv("WATCHDOG_USEC");
	setenv("NOTIFY_SOCKET", socket_name, 1);
	if (length > 0) {
		program[length] = '\0';
		execv(program, (char *const *)(uintptr_t)arguments);
	}
	_exit(127);
}

/* One note of the supervisor, which anybody may have sent. True: the guest runs. */
static bool hear_ready(int fd, pid_t supervisor)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char text[1024];
	struct iovec vector = {.iov_base = text, .iov_len = sizeof(text) - 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	struct ucred sender = {0};

	if (got <= 0 || head == NULL || head->cmsg_type != SCM_CREDENTIALS)
		return false;
	memcpy(&sender, CMSG_DATA(head), sizeof(sender));
	text[got] = '\0';
	return sender.pid == supervisor && strncmp(text, "READY=1", 7) == 0;
}

/* Until the guest runs or the supervisor has ended. */
static bool wait_for_ready(int fd, int supervisor_fd, pid_t supervisor)
{
	for (;;) {
		struct pollfd polls[] = {{.fd = fd, .events = POLLIN}, {.fd = supervisor_fd, .events = POLLIN}};

		if (poll(polls, 2, -1) < 0 && errno != EINTR)
			return false;
		/* What it said before it ended comes first. */
		if (polls[0].revents != 0) {
			if (hear_ready(fd, supervisor))
				return true;
		} else if (polls[1].revents != 0) {
			return false;
		}
	}
}

/* Not so of what is left of one that crashed, nor where another start was first. */
static bool is_folder_of(pid_t supervisor, const char *name)
{
	struct run_state state;

	return run_state_read(name, &state, NULL) != 0 || state.pid == supervisor;
}

/* What the supervisor had to say so far. */
static void show_log(const char *name)
{
	char path[RUN_PATH_MAX];
	char text[4096];
	_cleanup_close_ int fd = sys_open(run_path(name, "log", path), O_RDONLY | O_NOFOLLOW);
	ssize_t got;

	while (fd >= 0 && (got = sys_read(fd, text, sizeof(text))) > 0)
		sys_write_all(STDERR_FILENO, text, (size_t)got);
}

/* What it left behind, for it never ran. */
static void remove_rest(const char *name)
{
	struct run_folder folder = {0};
	char path[RUN_PATH_MAX];

	if (access(run_path(name, "log", path), F_OK) == 0 && run_folder_take(name, &folder, NULL) == 0)
		run_folder_leave(&folder, false);
}

static int take_status(pid_t supervisor)
{
	int status = 0;

	if (waitpid(supervisor, &status, 0) != supervisor || !WIFEXITED(status))
		return COMMAND_UNKNOWN;
	/* A guest that ran to its end at once has told so before. */
	return WEXITSTATUS(status) == COMMAND_HELD ? COMMAND_UNKNOWN : WEXITSTATUS(status);
}

int background_start(const char *file, const char *name, bool best_effort, int *ret_status,
		     struct diag *why)
{
	char socket_name[NAME_BYTES];
	const char *const strict[] = {"bulkhead", "run", "--log", "--console", "socket", "--", file, name,
				      NULL};
	const char *const lenient[] = {"bulkhead", "run", "--log", "--console", "socket", "--best-effort",
				       "--", file, name, NULL};
	_cleanup_close_ int fd = listen_for_ready(socket_name);
	pid_t supervisor;

	if (fd < 0)
		return diag_set(why, -fd, "no socket can be had (%s)", strerror(-fd));
	supervisor = fork();
	if (supervisor == 0)
		become_supervisor(best_effort ? lenient : strict, socket_name);
	if (supervisor < 0)
		return diag_set(why, errno, "no process can be had (%s)", strerror(errno));
	_cleanup_close_ int supervisor_fd = (int)syscall(SYS_pidfd_open, supervisor, 0);
	if (supervisor_fd < 0)
		return diag_set(why, errno, "process %d cannot be watched (%s)", (int)supervisor,
				strerror(errno));
	bool ready = wait_for_ready(fd, supervisor_fd, supervisor);
	if (!ready)
		*ret_status = take_status(supervisor);
	bool own = is_folder_of(supervisor, name);
	if (own)
		show_log(name);
	if (own && !ready)
		remove_rest(name);
	return ready ? 0 : -ECANCELED;
}
