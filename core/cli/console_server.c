// SPDX-License-Identifier: Apache-2.0
#include "core/cli/console_server.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/diag.h"

enum { POLL_GUEST, POLL_LISTENER, POLL_CLIENTS };

int console_server_open(struct console_server *server, const char *path, struct diag *why)
{
	server->guest = -1;
	return local_server_open(&server->local, path, why);
}

static void close_guest(struct console_server *server)
{
	if (server->guest >= 0)
		close(server->guest);
	server->guest = -1;
	server->input_first = server->input_end = 0;
}

void console_server_done(struct console_server *server)
{
	close_guest(server);
	local_server_done(&server->local);
}

int console_server_connect(struct console_server *server, int *ret_fd, struct diag *why)
{
	int ends[2];

	close_guest(server);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return diag_set(why, errno, "no socket can be had for the console (%s)", strerror(errno));
	server->guest = ends[0];
	*ret_fd = ends[1];
	return 0;
}

void console_server_polls(const struct console_server *server, struct pollfd *polls)
{
	bool full = server->input_first < server->input_end;

	polls[POLL_GUEST] = (struct pollfd){.fd = server->guest, .events = full ? POLLIN | POLLOUT : POLLIN};
	polls[POLL_LISTENER] = (struct pollfd){.fd = server->local.listener, .events = POLLIN};
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++) {
		short events = 0;

		if (!full)
			events |= POLLIN;
		if (server->taken[i] < server->total)
			events |= POLLOUT;
		polls[POLL_CLIENTS + i] = (struct pollfd){.fd = server->local.fd[i], .events = events};
	}
}

/* Up to the ring's end at once. False: the guest has no more now. */
static bool take_output(struct console_server *server)
{
	size_t at = (size_t)(server->total % CONSOLE_KEPT_BYTES);
	ssize_t got = recv(server->guest, server->kept + at, CONSOLE_KEPT_BYTES - at, MSG_DONTWAIT);

	if (got > 0)
		server->total += (uint64_t)got;
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		close_guest(server);
	return got > 0;
}

/* What of the ring the client has not, as much as it takes now. */
static void hand_out(struct console_server *server, size_t i)
{
	while (server->local.fd[i] >= 0 && server->taken[i] < server->total) {
		uint64_t behind = server->total - server->taken[i];
		size_t at = (size_t)(server->taken[i] % CONSOLE_KEPT_BYTES);
		size_t length = CONSOLE_KEPT_BYTES - at;

		if (behind > CONSOLE_KEPT_BYTES) {
			local_server_drop(&server->local, i);
			return;
		}
		if (length > behind)
			length = (size_t)behind;
		ssize_t sent = send(server->local.fd[i], server->kept + at, length,
				    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (sent < 0)
			local_server_drop(&server->local, i);
		else
			server->taken[i] += (uint64_t)sent;
	}
}

static void hand_out_all(struct console_server *server)
{
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++)
		hand_out(server, i);
}

void console_server_disconnect(struct console_server *server)
{
	while (server->guest >= 0 && take_output(server))
		hand_out_all(server);
	close_guest(server);
}

static void give_input(struct console_server *server)
{
	ssize_t sent;

	if (server->guest < 0 || server->input_first == server->input_end)
		return;
	sent = send(server->guest, server->input + server->input_first,
		    server->input_end - server->input_first, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent > 0)
		server->input_first += (size_t)sent;
	/* A guest that is gone has no use for it. */
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		server->input_first = server->input_end;
}

static void take_input(struct console_server *server, size_t i)
{
	ssize_t got;

	/* One client's keys at a time. */
	if (server->input_first < server->input_end)
		return;
	got = recv(server->local.fd[i], server->input, sizeof(server->input), MSG_DONTWAIT);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		local_server_drop(&server->local, i);
	if (got <= 0)
		return;
	local_server_heard(&server->local, i);
	server->input_first = 0;
	server->input_end = (size_t)got;
	give_input(server);
}

static void take_client(struct console_server *server)
{
	int i = local_server_accept(&server->local);

	if (i < 0)
		return;
	server->taken[i] = server->total < CONSOLE_KEPT_BYTES ? 0 : server->total - CONSOLE_KEPT_BYTES;
	hand_out(server, (size_t)i);
}

void console_server_handle(struct console_server *server, const struct pollfd *polls)
{
	if (server->guest >= 0 && (polls[POLL_GUEST].revents & POLLOUT) != 0)
		give_input(server);
	if (server->guest >= 0 && (polls[POLL_GUEST].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		take_output(server);
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++) {
		short revents = polls[POLL_CLIENTS + i].revents;

		if (server->local.fd[i] < 0 || polls[POLL_CLIENTS + i].fd != server->local.fd[i])
			continue;
		if ((revents & (POLLHUP | POLLERR)) != 0 && (revents & POLLIN) == 0)
			local_server_drop(&server->local, i);
		else if ((revents & POLLIN) != 0)
			take_input(server, i);
	}
	hand_out_all(server);
	if (polls[POLL_LISTENER].revents != 0)
		take_client(server);
}
