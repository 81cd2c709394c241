// SPDX-License-Identifier: Apache-2.0
/*
 * The serial port of a guest that was started in the background: its last output is kept, clients get that and
 * what follows, and what they type goes to the guest. The guest never waits for a client: who falls behind by
 * more than is kept is dropped.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/cli/local_server.h"

struct diag;
struct pollfd;

enum {
	CONSOLE_KEPT_BYTES = 65536,
	CONSOLE_INPUT_BYTES = 4096,
	CONSOLE_POLLS = 2 + LOCAL_CLIENTS_MAX,
};

/**
 * struct console_server - zeroed before console_server_open().
 * @guest: our end of what the VMM has as its console; -1: none now.
 * @kept: a ring of the last of @total bytes of output. @taken: how many of those each client has.
 * @input: of a client, from @input_first to @input_end not yet taken by the guest.
 */
struct console_server {
	struct local_server local;
	int guest;
	uint64_t total;
	uint64_t taken[LOCAL_CLIENTS_MAX];
	char kept[CONSOLE_KEPT_BYTES];
	char input[CONSOLE_INPUT_BYTES];
	size_t input_first;
	size_t input_end;
};

/** console_server_open() - as local_server_open(). */
int console_server_open(struct console_server *server, const char *path, struct diag *why);
void console_server_done(struct console_server *server);

/**
 * console_server_connect() - a console for the next life of the VMM.
 * @ret_fd: the VMM's end; the caller closes it.
 *
 * Returns 0 or -errno with @why.
 */
int console_server_connect(struct console_server *server, int *ret_fd, struct diag *why);

/** console_server_disconnect() - after the VMM's end: its last words are taken in and handed out. */
void console_server_disconnect(struct console_server *server);

/** console_server_polls(), console_server_handle() - as those of the control server, CONSOLE_POLLS entries. */
void console_server_polls(const struct console_server *server, struct pollfd *polls);
void console_server_handle(struct console_server *server, const struct pollfd *polls);
