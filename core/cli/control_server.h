// SPDX-License-Identifier: Apache-2.0
/* The control socket's end in the supervisor: requests in, replies out, and no waiting for anybody. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/cli/control_message.h"
#include "core/cli/local_server.h"

struct diag;
struct pollfd;

enum { CONTROL_POLLS = 1 + LOCAL_CLIENTS_MAX };

/**
 * struct control_client - requests as far as they have come, the one that is answered, and its reply, to be taken by
 * @drop_ns.
 */
struct control_client {
	struct control_request request;
	char input[CONTROL_REQUEST_MAX];
	size_t used;
	char *output;
	size_t length;
	size_t sent;
	uint64_t drop_ns;
};

/**
 * struct control_server - set @answer and @context before control_server_open().
 * @answer: does what a request says. Returns the reply, control_reply_format()'s, to be freed; NULL: no memory.
 */
struct control_server {
	struct local_server local;
	struct control_client client[LOCAL_CLIENTS_MAX];
	char *(*answer)(void *context, const struct control_request *request);
	void *context;
};

/** control_server_open() - as local_server_open(). */
int control_server_open(struct control_server *server, const char *path, struct diag *why);
void control_server_done(struct control_server *server);

/** control_server_polls() - what to wait for: CONTROL_POLLS entries. */
void control_server_polls(const struct control_server *server, struct pollfd *polls);

/** control_server_due_ns() - when there is something to do, though nothing is ready: 0: never. */
uint64_t control_server_due_ns(const struct control_server *server);

/** control_server_handle() - do what those entries, after poll(2), call for; and drop who is due. */
void control_server_handle(struct control_server *server, const struct pollfd *polls);
