// SPDX-License-Identifier: Apache-2.0
#include "core/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys_host.h"

enum {
	SAID_MAX = 256,
	EXIT_NOT_FOUND = 127, /* as a shell's */
};

/* struct run - @said: the beginning of what it wrote to its standard error, one line of all lines. */
struct run {
	pid_t process;
	int ended; /* a process descriptor, which can be read once it has ended */
	int errors;
	char said[SAID_MAX];
	size_t length;
};

char *program_find(const char *const *folders, const char *name, char *ret, size_t size)
{
	for (; *folders != NULL; folders++) {
		if (snprintf(ret, size, "%s/%s", *folders, name) < (int)size && access(ret, X_OK) == 0)
			return ret;
	}
	return NULL;
}

/* In the new process: only what a signal handler may call, since the parent may have threads. */
static void live(const char *const *argument, int errors, pid_t parent)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C.UTF-8";
	char *environment[] = {path, locale, NULL};
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || getppid() != parent)
		_exit(EXIT_NOT_FOUND);
	dup2(errors, STDERR_FILENO);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(argument[0], (char *const *)(uintptr_t)argument, environment);
	_exit(EXIT_NOT_FOUND);
}

static int start(const char *const *argument, struct run *run)
{
	int ends[2];
	pid_t parent = getpid();

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -errno;
	run->errors = ends[0];
	run->process = fork();
	if (run->process == 0)
		live(argument, ends[1], parent);
	int error = run->process < 0 ? -errno : 0;

	close(ends[1]);
	if (error != 0)
		return error;
	run->ended = (int)syscall(SYS_pidfd_open, run->process, 0);
	return run->ended < 0 ? -errno : 0;
}

/* False at the end. What does not fit is read all the same, so that the program does not wait for us. */
static bool hear(struct run *run)
{
	char text[1024];
	ssize_t got = sys_read(run->errors, text, sizeof(text));

	for (ssize_t i = 0; i < got && run->length + 1 < sizeof(run->said); i++)
		run->said[run->length++] = text[i] == '\n' ? ' ' : text[i];
	return got > 0 || got == -EAGAIN;
}

/* Something it left behind may keep its standard error open: its own end counts. */
static bool wait_for_end(struct run *run, unsigned seconds)
{
	const uint64_t until = sys_now() + seconds * UINT64_C(1000000000);
	struct pollfd wait[2] = {{.fd = run->ended, .events = POLLIN}, {.fd = run->errors, .events = POLLIN}};

	for (;;) {
		uint64_t now = sys_now();

		if (now >= until)
			return false;
		if (poll(wait, 2, (int)((until - now) / 1000000 + 1)) <= 0)
			continue;
		if (wait[1].revents != 0 && !hear(run))
			wait[1].fd = -1;
		if (wait[0].revents != 0)
			break;
	}
	while (wait[1].fd >= 0 && poll(&wait[1], 1, 0) > 0 && hear(run))
		;
	return true;
}

static int status_of(pid_t process)
{
	int status = 0;

	while (waitpid(process, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static int judge(const struct run *run, const char *name, int status, struct diag *why)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND && run->length == 0)
		return diag_set(why, ENOENT, "%s cannot be run", name);
	return diag_set(why, EIO, "%s failed with %s %d%s%s", name, WIFEXITED(status) ? "status" : "signal",
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
			run->length > 0 ? ": " : "", run->said);
}

int program_run(const char *const *argument, unsigned seconds, struct diag *why)
{
	struct run run = {.process = -1, .ended = -1, .errors = -1};
	int error = start(argument, &run);
	bool ended = error == 0 && wait_for_end(&run, seconds);

	if (run.process > 0 && !ended) {
		kill(-run.process, SIGKILL);
		kill(run.process, SIGKILL);
	}
	int status = run.process > 0 ? status_of(run.process) : 0;

	cleanup_close(&run.ended);
	cleanup_close(&run.errors);
	while (run.length > 0 && run.said[run.length - 1] == ' ')
		run.said[--run.length] = '\0';
	if (error != 0)
		return diag_set(why, -error, "%s cannot be started (%s)", argument[0], strerror(-error));
	if (!ended)
		return diag_set(why, ETIMEDOUT, "%s did not end within %u seconds", argument[0], seconds);
	return judge(&run, argument[0], status, why);
}
