// SPDX-License-Identifier: Apache-2.0
/* What a service tells its manager: which addresses are meant, what arrives there, and how often. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/cli/service_notify.h"

void test_service_notify_register(void);

static void addresses(void)
{
	struct sockaddr_un address;
	socklen_t length = 42;
	char longest[sizeof(address.sun_path)];
	char longer[sizeof(address.sun_path) + 1];

	CU_ASSERT_EQUAL(service_address("", &address, &length), -EINVAL);
	CU_ASSERT_EQUAL(service_address("@", &address, &length), -EINVAL);
	CU_ASSERT_EQUAL(service_address("/", &address, &length), -EINVAL);
	CU_ASSERT_EQUAL(service_address("notify", &address, &length), -EINVAL);
	CU_ASSERT_EQUAL(length, 42);
	CU_ASSERT_EQUAL(service_address("/run/x", &address, &length), 0);
	CU_ASSERT_EQUAL(address.sun_family, AF_UNIX);
	CU_ASSERT_STRING_EQUAL(address.sun_path, "/run/x");
	CU_ASSERT_EQUAL(length, offsetof(struct sockaddr_un, sun_path) + 7);
	CU_ASSERT_EQUAL(service_address("@abc", &address, &length), 0);
	CU_ASSERT_EQUAL(length, offsetof(struct sockaddr_un, sun_path) + 4);
	CU_ASSERT_EQUAL(memcmp(address.sun_path, "\0abc", 5), 0);
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	memcpy(longest, longer, sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	longer[sizeof(longer) - 1] = '\0';
	CU_ASSERT_EQUAL(service_address(longest, &address, &length), 0);
	CU_ASSERT_EQUAL(service_address(longer, &address, &length), -EINVAL);
}

/* A manager on an abstract socket of the kernel's choice; its name into the environment. */
static int listen_for_notes(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address);
	char name[sizeof(address.sun_path) + 1] = "@";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	memcpy(name + 1, address.sun_path + 1, length - sizeof(sa_family_t) - 1);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void notes_arrive(void)
{
	int fd = listen_for_notes();
	char got[2048] = "";
	char large[3000];

	CU_ASSERT(service_managed());
	CU_ASSERT_EQUAL(service_notify("READY=1\nSTATUS=%s", "runs"), 0);
	CU_ASSERT_EQUAL(recv(fd, got, sizeof(got), 0), 19);
	CU_ASSERT_EQUAL(memcmp(got, "READY=1\nSTATUS=runs", 19), 0);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	CU_ASSERT_EQUAL(service_notify("STATUS=%s", large), 0);
	CU_ASSERT_EQUAL(recv(fd, got, sizeof(got), 0), 1023);
	close(fd);
	CU_ASSERT_EQUAL(service_notify("STOPPING=1"), -ECONNREFUSED);
}

static void nobody_waits(void)
{
	unsetenv("NOTIFY_SOCKET");
	CU_ASSERT(!service_managed());
	CU_ASSERT_EQUAL(service_notify("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	CU_ASSERT(!service_managed());
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	CU_ASSERT_EQUAL(service_notify("READY=1"), -EINVAL);
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	CU_ASSERT_EQUAL(service_notify("READY=1"), -ENOENT);
	unsetenv("NOTIFY_SOCKET");
}

static void watchdog_time(void)
{
	char pid[24];

	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	CU_ASSERT_EQUAL(service_watchdog_ns(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	CU_ASSERT_EQUAL(service_watchdog_ns(), UINT64_C(15000000000));
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	CU_ASSERT_EQUAL(service_watchdog_ns(), UINT64_C(15000000000));
	setenv("WATCHDOG_PID", "1", 1);
	CU_ASSERT_EQUAL(service_watchdog_ns(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "-3", 1);
	CU_ASSERT_EQUAL(service_watchdog_ns(), 0);
	setenv("WATCHDOG_USEC", "18446744073709551615", 1);
	CU_ASSERT_EQUAL(service_watchdog_ns(), 0);
	setenv("WATCHDOG_USEC", "3s", 1);
	CU_ASSERT_EQUAL(service_watchdog_ns(), 0);
	unsetenv("WATCHDOG_USEC");
}

void test_service_notify_register(void)
{
	CU_pSuite suite = CU_add_suite("service notifications", NULL, NULL);

	CU_add_test(suite, "paths and abstract names are addresses", addresses);
	CU_add_test(suite, "what is sent arrives, cut where it is too long", notes_arrive);
	CU_add_test(suite, "where nobody waits, nothing is sent", nobody_waits);
	CU_add_test(suite, "the watchdog's time is halved, and only this process's", watchdog_time);
}
