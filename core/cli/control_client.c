// SPDX-License-Identifier: Apache-2.0
#include "core/cli/control_client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/control_message.h"
#include "core/cli/local_server.h"
#include "core/cli/run_folder.h"

#define PATIENCE_NS UINT64_C(10000000000)

/* Until there is something to read, or the other side has gone. */
static int wait_readable(int fd, uint64_t until_ns)
{
	uint64_t now = sys_now();
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	int ready = 0;

	while (now < until_ns && ready == 0) {
		uint64_t rest_ms = (until_ns - now) / 1000000 + 1;

		ready = poll(&poller, 1, rest_ms < INT_MAX ? (int)rest_ms : INT_MAX);
		if (ready < 0 && errno == EINTR)
			ready = 0;
		now = sys_now();
	}
	return ready > 0 ? 0 : -ETIMEDOUT;
}

/* One line, terminated in place of its newline; to be freed. */
static int read_line(int fd, char **ret, size_t *ret_length)
{
	_cleanup_free_ char *line = malloc(CONTROL_REPLY_MAX);
	uint64_t until_ns = sys_now() + PATIENCE_NS;
	size_t used = 0;

	while (line != NULL && used < CONTROL_REPLY_MAX) {
		int error = wait_readable(fd, until_ns);
		ssize_t got = error == 0 ? sys_read(fd, line + used, CONTROL_REPLY_MAX - used) : error;

		if (got <= 0)
			return got == 0 ? -ECONNRESET : (int)got;
		used += (size_t)got;
		if (line[used - 1] == '\n') {
			*ret_length = used - 1;
			*ret = take_pointer(line);
			return 0;
		}
	}
	return line == NULL ? -ENOMEM : -EMSGSIZE;
}

static int exchange(int fd, const struct control_request *request, json_t **ret, struct diag *why)
{
	_cleanup_free_ char *question = control_request_format(request);
	_cleanup_free_ char *line = NULL;
	size_t length = 0;
	int error = question == NULL ? -ENOMEM : 0;

	if (error == 0 && send(fd, question, strlen(question), MSG_NOSIGNAL) < 0)
		error = -errno;
	if (error == 0)
		error = read_line(fd, &line, &length);
	if (error == 0)
		return control_reply_parse(line, length, ret, why);
	diag_set(why, -error, "its supervisor does not answer (%s)", strerror(-error));
	return error;
}

static int refuse_absent(struct diag *why)
{
	diag_set(why, ESRCH, "no such partition runs");
	diag_remedy(why, "bulkhead list shows those that do");
	return -ESRCH;
}

/* A supervisor's lock is there a moment before its socket, and goes a moment after it. */
static int connect_control(const char *name, struct diag *why)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	char path[RUN_PATH_MAX];
	int fd = -ENOENT;

	for (unsigned i = 0; i < 25; i++) {
		fd = local_connect(run_path(name, "control", path), why);
		if (fd != -ENOENT && fd != -ECONNREFUSED)
			return fd;
		if (run_folder_runs(name) != 1)
			return refuse_absent(why);
		nanosleep(&pause, NULL);
	}
	return fd;
}

/* Whoever hung up without a word has ended, or has had too many to listen to. */
static bool has_ended(const char *name, int error)
{
	return (error == -ECONNRESET || error == -EPIPE) && run_folder_runs(name) != 1;
}

int control_ask(const char *name, const struct control_request *request, json_t **ret_reply, int *ret_fd,
		struct diag *why)
{
	json_t *reply = NULL;
	int error = run_name_check(name, why);

	if (error != 0)
		return error;
	diag_key(why, "%s", name);
	_cleanup_close_ int fd = connect_control(name, why);
	if (fd < 0)
		return fd;
	error = exchange(fd, request, &reply, why);
	if (has_ended(name, error))
		return refuse_absent(why);
	if (error != 0)
		return error;
	if (ret_reply != NULL)
		*ret_reply = reply;
	else
		json_decref(reply);
	if (ret_fd != NULL)
		*ret_fd = take_fd(&fd);
	return 0;
}

/* Of the process that listens there; -ESRCH: it is gone. */
static int open_supervisor(int fd)
{
	struct ucred supervisor = {0};
	socklen_t length = sizeof(supervisor);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &supervisor, &length) < 0)
		return -errno;
	int process = (int)syscall(SYS_pidfd_open, supervisor.pid, 0);
	return process < 0 ? -errno : process;
}

int control_wait_end(int fd, uint64_t patience_ns)
{
	_cleanup_close_ int supervisor = open_supervisor(fd);

	if (supervisor == -ESRCH)
		return 0;
	return supervisor < 0 ? supervisor : wait_readable(supervisor, sys_now() + patience_ns);
}
