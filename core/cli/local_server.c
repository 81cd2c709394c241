// SPDX-License-Identifier: Apache-2.0
#include "core/cli/local_server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys_host.h"

static int make_address(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	memcpy(ret->sun_path, path, strlen(path) + 1);
	return 0;
}

static int listen_at(int fd, const char *path)
{
	struct sockaddr_un address;
	int error = make_address(path, &address);
	mode_t before;

	if (error != 0)
		return error;
	before = umask(0117);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, LOCAL_CLIENTS_MAX) < 0)
		error = -errno;
	umask(before);
	return error;
}

void local_server_closed(struct local_server *server)
{
	server->listener = -1;
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++)
		server->fd[i] = -1;
}

int local_server_open(struct local_server *server, const char *path, struct diag *why)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = fd < 0 ? -errno : listen_at(fd, path);

	local_server_closed(server);
	if (error != 0)
		return diag_set(why, -error, "%s cannot be made (%s)", path, strerror(-error));
	server->listener = take_fd(&fd);
	return 0;
}

void local_server_done(struct local_server *server)
{
	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++)
		local_server_drop(server, i);
	cleanup_close(&server->listener);
	server->listener = -1;
}

void local_server_heard(struct local_server *server, size_t client)
{
	server->active_ns[client] = sys_now();
}

void local_server_drop(struct local_server *server, size_t client)
{
	cleanup_close(&server->fd[client]);
	server->fd[client] = -1;
}

/* A free place, or that of the one that was silent longest. */
static size_t find_place(const struct local_server *server)
{
	size_t place = 0;

	for (size_t i = 0; i < LOCAL_CLIENTS_MAX; i++) {
		if (server->fd[i] < 0)
			return i;
		if (server->active_ns[i] < server->active_ns[place])
			place = i;
	}
	return place;
}

int local_server_accept(struct local_server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t place = find_place(server);

	if (fd < 0)
		return -1;
	local_server_drop(server, place);
	server->fd[place] = fd;
	local_server_heard(server, place);
	return (int)place;
}

int local_connect(const char *path, struct diag *why)
{
	struct sockaddr_un address;
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? -errno : make_address(path, &address);

	if (error == 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		error = -errno;
	if (error == 0)
		return take_fd(&fd);
	diag_set(why, -error, "%s does not answer (%s)", path, strerror(-error));
	if (error == -EACCES)
		diag_remedy(why, "do this as root, or as a member of the socket's group");
	return error;
}
