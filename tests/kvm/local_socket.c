// SPDX-License-Identifier: Apache-2.0
/*
 * local_socket ask PATH: standard input to a stream socket, what comes back to standard output, until the other
 *   side ends it.
 * local_socket deaf PATH COUNT: COUNT connections that send what standard input holds, over and over while it is
 *   taken, and never read; they stay until this is killed.
 * local_socket notes PATH: a datagram socket; each datagram becomes a line of standard output, its newlines blanks.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int open_socket(int type, const char *path, struct sockaddr_un *ret)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	if (fd < 0 || strlen(path) >= sizeof(ret->sun_path))
		exit(2);
	memcpy(ret->sun_path, path, strlen(path));
	return fd;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address;
	int fd = open_socket(SOCK_STREAM, path, &address);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

static int ask(const char *path)
{
	int fd = connect_to(path);
	struct pollfd polls[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
	char bytes[4096];
	ssize_t got;

	for (;;) {
		poll(polls, 2, -1);
		if (polls[1].revents != 0) {
			got = read(fd, bytes, sizeof(bytes));
			if (got <= 0)
				return 0;
			if (write(STDOUT_FILENO, bytes, (size_t)got) != got)
				return 2;
		}
		if (polls[0].fd >= 0 && polls[0].revents != 0) {
			got = read(STDIN_FILENO, bytes, sizeof(bytes));
			/* Whoever was dropped reads what is left. */
			if (got <= 0 || send(fd, bytes, (size_t)got, MSG_NOSIGNAL) < 0)
				polls[0].fd = -1;
		}
	}
}

static int stay_deaf(const char *path, int count)
{
	char bytes[4096];
	ssize_t length = read(STDIN_FILENO, bytes, sizeof(bytes));

	while (count-- > 0) {
		int fd = connect_to(path);

		for (int i = 0; i < 1000; i++) {
			if (length > 0 && send(fd, bytes, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
				break;
		}
	}
	puts("deaf");
	fflush(stdout);
	pause();
	return 0;
}

static int take_notes(const char *path)
{
	struct sockaddr_un address;
	int fd = open_socket(SOCK_DGRAM, path, &address);
	char text[4097];
	ssize_t got;

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 2;
	while ((got = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[got] = '\0';
		for (char *at = text; (at = strchr(at, '\n')) != NULL;)
			*at = ' ';
		puts(text);
		fflush(stdout);
	}
	return 2;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "ask") == 0)
		return ask(argv[2]);
	if (argc == 4 && strcmp(argv[1], "deaf") == 0)
		return stay_deaf(argv[2], atoi(argv[3]));
	if (argc == 3 && strcmp(argv[1], "notes") == 0)
		return take_notes(argv[2]);
	return 2;
}
