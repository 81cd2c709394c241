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
 * @ret_fd: set on success: the connection, for control_wait_end(); NULL: it is closed.
 *
 * Waits ten seconds at most. Returns 0; -ESRCH it does not run; -ETIMEDOUT; or the supervisor's no, with @why.
 */
int control_ask(const char *name, const struct control_request *request, json_t **ret_reply, int *ret_fd,
		struct diag *why);

/**
 * control_wait_end() - until the process that listens at the other side of @fd has ended: the connection itself may
 * end before, for others that connect. Returns 0, -ETIMEDOUT after @patience_ns, or -errno.
 */
int control_wait_end(int fd, uint64_t patience_ns);
