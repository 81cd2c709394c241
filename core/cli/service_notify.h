// SPDX-License-Identifier: Apache-2.0
/*
 * What a service tells the manager that started it: datagrams to the socket that the environment's
 * NOTIFY_SOCKET names, as sd_notify(3) describes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct sockaddr_un;

/** service_managed() - whether somebody waits for notifications. */
bool service_managed(void);

/**
 * service_notify() - send one, "READY=1" or "STATUS=text" for example; several, a line each.
 * @state: a printf format; 1023 bytes at most are sent.
 *
 * Waits 5 seconds at most for a manager that does not read. Returns 0, also where nobody waits; -EINVAL for
 * a NOTIFY_SOCKET that is no address; or -errno of the send.
 */
int service_notify(const char *state, ...) __attribute__((format(printf, 1, 2)));

/**
 * service_watchdog_ns() - how often "WATCHDOG=1" is to be sent: half the time after which the manager takes
 * this process for dead. 0: it does not watch it.
 */
uint64_t service_watchdog_ns(void);

/**
 * service_address() - the socket address of a NOTIFY_SOCKET: an absolute path, or "@name" for an abstract one.
 * @ret, @ret_length: set on success only.
 *
 * Pure. Returns 0; -EINVAL where it is neither, or longer than an address holds.
 */
int service_address(const char *text, struct sockaddr_un *ret, socklen_t *ret_length);
