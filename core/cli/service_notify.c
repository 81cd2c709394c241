// SPDX-License-Identifier: Apache-2.0
#include "core/cli/service_notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"

enum { STATE_BYTES_MAX = 1024 };

static const char *socket_name(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	return name == NULL || *name == '\0' ? NULL : name;
}

bool service_managed(void)
{
	return socket_name() != NULL;
}

int service_address(const char *text, struct sockaddr_un *ret, socklen_t *ret_length)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(text);

	if ((*text != '/' && *text != '@') || length < 2 || length >= sizeof(address.sun_path))
		return -EINVAL;
	memcpy(address.sun_path, text, length);
	/* An abstract name is all its bytes and begins with NUL; a path ends with one. */
	if (*text == '@')
		address.sun_path[0] = '\0';
	*ret = address;
	*ret_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*text == '/'));
	return 0;
}

static int send_state(const struct sockaddr_un *address, socklen_t address_length, const char *state,
		      size_t length)
{
	const struct timeval patience = {.tv_sec = 5};
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    sendto(fd, state, length, MSG_NOSIGNAL, (const struct sockaddr *)address,
		   address_length) < 0)
		return -errno;
	return 0;
}

int service_notify(const char *state, ...)
{
	const char *name = socket_name();
	struct sockaddr_un address;
	socklen_t address_length;
	char text[STATE_BYTES_MAX];
	va_list arguments;
	int error;

	if (name == NULL)
		return 0;
	error = service_address(name, &address, &address_length);
	if (error != 0)
		return error;
	va_start(arguments, state);
	vsnprintf(text, sizeof(text), state, arguments);
	va_end(arguments);
	return send_state(&address, address_length, text, strlen(text));
}

/* A whole number of digits alone, or 0 for anything else. */
static uint64_t environment_number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	unsigned long long number;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	number = strtoull(text, &end, 10);
	return *end != '\0' || errno != 0 ? 0 : number;
}

uint64_t service_watchdog_ns(void)
{
	uint64_t usec = environment_number("WATCHDOG_USEC");

	if (usec > UINT64_MAX / 1000)
		return 0;
	/* The manager may have meant another process of this service. */
	if (getenv("WATCHDOG_PID") != NULL && environment_number("WATCHDOG_PID") != (uint64_t)getpid())
		return 0;
	return usec * 1000 / 2;
}
