// SPDX-License-Identifier: Apache-2.0
/* Asking the supervisor of a running partition, from another process. */
#pragma once

#include <jansson.h>
#include <stdint.h>

struct control_request;
struct diag;

/**
 * control_ask() - one request, and its reply.
 * @name: of the partition.
 * @ret_reply: set on success: a new reference, or NULL where not wanted. Broken texts may be in it.
 * @ret_fd: set on success: the connection, which ends when the supervisor does; NULL: it is closed.
 *
 * Waits ten seconds at most. Returns 0; -ESRCH it does not run; -ETIMEDOUT; or the supervisor's no, with @why.
 */
int control_ask(const char *name, const struct control_request *request, json_t **ret_reply, int *ret_fd,
		struct diag *why);

/** control_wait_end() - until the supervisor at @fd has ended. Returns 0 or -ETIMEDOUT after @patience_ns. */
int control_wait_end(int fd, uint64_t patience_ns);
