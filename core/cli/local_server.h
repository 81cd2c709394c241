// SPDX-License-Identifier: Apache-2.0
/*
 * A listening local stream socket and those who are connected to it. Who may connect is the socket's mode:
 * owner and group. Who connects is trusted with nothing else: nobody can make the server wait, and of too many
 * the one that was silent longest is dropped.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct diag;

enum { LOCAL_CLIENTS_MAX = 16 };

/** struct local_server - @fd: -1 where there is none. @active_ns: when each client last did something. */
struct local_server {
	int listener;
	int fd[LOCAL_CLIENTS_MAX];
	uint64_t active_ns[LOCAL_CLIENTS_MAX];
};

/**
 * local_server_open() - make the socket, mode 0660, and listen.
 * @path: nothing is there.
 *
 * Returns 0 or -errno with @why; @server can be ended either way.
 */
int local_server_open(struct local_server *server, const char *path, struct diag *why);

/** local_server_closed() - one that has neither socket nor clients. */
void local_server_closed(struct local_server *server);
void local_server_done(struct local_server *server);

/** local_server_accept() - take one who waits, non-blocking. Returns which, or -1 where nobody does. */
int local_server_accept(struct local_server *server);

/** local_server_heard() - a client did something. */
void local_server_heard(struct local_server *server, size_t client);
void local_server_drop(struct local_server *server, size_t client);

/** local_connect() - to a server's socket. Returns a descriptor, or -errno with @why. */
int local_connect(const char *path, struct diag *why);
