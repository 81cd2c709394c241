// SPDX-License-Identifier: Apache-2.0
#include "core/cli/control_server.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys_host.h"

/* How long a client may take to read a reply. */
#define PATIENCE_NS UINT64_C(5000000000)

int control_server_open(struct control_server *server, const char *path, struct diag *why)
{
	return local_server_open(&server->local, path, why);
}

static void drop(struct control_server *server, size_t i)
{
	struct control_client *client = &server->client[i];

	local_server_drop(&server->local, i);
	free(client->output);
	client->output = NULL;
	client->used = 0;
}

void control_server_done(struct control_server *server)
{
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++)
		drop(server, i);
	local_server_done(&server->local);
}

/* Whether a whole request is there that has not been answered. */
static bool is_waiting(const struct control_server *server, size_t i)
{
	const struct control_client *client = &server->client[i];

	return server->local.fd[i] >= 0 && client->output == NULL &&
	       memchr(client->input, '\n', client->used) != NULL;
}

void control_server_polls(const struct control_server *server, struct pollfd *polls)
{
	polls[0] = (struct pollfd){.fd = server->local.listener, .events = POLLIN};
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++)
		polls[1 + i] = (struct pollfd){
			.fd = server->local.fd[i],
			.events = server->client[i].output != NULL ? POLLOUT
				  : is_waiting(server, i)          ? 0
								   : POLLIN};
}

uint64_t control_server_due_ns(const struct control_server *server)
{
	uint64_t due_ns = 0;

	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++) {
		const struct control_client *client = &server->client[i];

		/* Long due. */
		if (is_waiting(server, i))
			return 1;
		if (client->output != NULL && (due_ns == 0 || client->drop_ns < due_ns))
			due_ns = client->drop_ns;
	}
	return due_ns;
}

/* As much of the reply as the client takes now. */
static void send_some(struct control_server *server, size_t i)
{
	struct control_client *client = &server->client[i];
	ssize_t sent = send(server->local.fd[i], client->output + client->sent,
			    client->length - client->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		drop(server, i);
		return;
	}
	if (sent > 0)
		client->sent += (size_t)sent;
	if (client->sent < client->length)
		return;
	free(client->output);
	client->output = NULL;
}

static void reply(struct control_server *server, size_t i, char *text)
{
	struct control_client *client = &server->client[i];

	if (text == NULL) {
		drop(server, i);
		return;
	}
	client->output = text;
	client->length = strlen(text);
	client->sent = 0;
	client->drop_ns = sys_now() + PATIENCE_NS;
	send_some(server, i);
}

static char *answer_line(struct control_server *server, size_t i, size_t length)
{
	struct control_client *client = &server->client[i];
	struct diag why = {0};

	if (control_request_parse(client->input, length, &client->request, &why) != 0)
		return control_reply_format(NULL, &why);
	return server->answer(server->context, &client->request);
}

/* One request of a client, and then the others': who sends many does not keep them waiting. */
static void answer_one(struct control_server *server, size_t i)
{
	struct control_client *client = &server->client[i];

	if (!is_waiting(server, i))
		return;
	char *end = memchr(client->input, '\n', client->used);
	size_t length = (size_t)(end - client->input);
	char *text = answer_line(server, i, length);
	client->used -= length + 1;
	memmove(client->input, end + 1, client->used);
	reply(server, i, text);
}

/* A line that does not end is no request: the client is told, and dropped. */
static void refuse_long(struct control_server *server, size_t i)
{
	struct diag why = {0};

	diag_set(&why, E2BIG, "a request is at most %d bytes", CONTROL_REQUEST_MAX);
	reply(server, i, control_reply_format(NULL, &why));
	drop(server, i);
}

static void hear(struct control_server *server, size_t i)
{
	struct control_client *client = &server->client[i];
	ssize_t got = recv(server->local.fd[i], client->input + client->used,
			   sizeof(client->input) - client->used, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		drop(server, i);
		return;
	}
	local_server_heard(&server->local, i);
	client->used += (size_t)got;
	if (client->used == sizeof(client->input) && !is_waiting(server, i))
		refuse_long(server, i);
}

/* Whoever had the place before is gone with all it said. */
static void take_client(struct control_server *server)
{
	int i = local_server_accept(&server->local);

	if (i < 0)
		return;
	free(server->client[i].output);
	server->client[i].output = NULL;
	server->client[i].used = 0;
}

void control_server_handle(struct control_server *server, const struct pollfd *polls)
{
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++) {
		struct control_client *client = &server->client[i];
		bool ready = polls[1 + i].fd >= 0 && polls[1 + i].revents != 0;

		if (ready && client->output != NULL)
			send_some(server, i);
		else if (ready && !is_waiting(server, i))
			hear(server, i);
		answer_one(server, i);
		if (client->output != NULL && client->drop_ns <= sys_now())
			drop(server, i);
	}
	if (polls[0].revents != 0)
		take_client(server);
}
