// SPDX-License-Identifier: Apache-2.0
/*
 * The filters of each kind of thread, by the kernel's own answer: in a child process, a call on the
 * list passes and any other ends the process with SIGSYS.
 */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/vmm/confine.h"

void test_confine_register(void);

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static int doorbell = -1;

static long call_ioctl(void)
{
	return syscall(SYS_ioctl, doorbell, 0, 0);
}

static long call_write_doorbell(void)
{
	const uint64_t one = 1;

	return syscall(SYS_write, doorbell, &one, sizeof(one));
}

static long call_write_other(void)
{
	return syscall(SYS_write, STDERR_FILENO, "", 0);
}

/* The doorbell's number, with bits that the kernel's int argument drops. */
static long call_write_disguised(void)
{
	return syscall(SYS_write, (UINT64_C(1) << 32) + (uint64_t)doorbell, "", 0);
}

static long call_read(void)
{
	return syscall(SYS_read, -1, NULL, 0);
}

static long call_mmap(void)
{
	return syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long call_madvise(void)
{
	return syscall(SYS_madvise, NULL, 0, MADV_NORMAL);
}

static long call_mprotect(void)
{
	return syscall(SYS_mprotect, NULL, 0, PROT_EXEC);
}

static long call_openat(void)
{
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0);
}

static long call_socket(void)
{
	return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static long call_execve(void)
{
	char *const none[] = {NULL};

	return syscall(SYS_execve, "/nowhere", none, none);
}

static long call_clone(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long call_ptrace(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0);
}

static long call_nanosleep(void)
{
	const struct timespec none = {0};

	return syscall(SYS_nanosleep, &none, NULL);
}

static long call_futex(void)
{
	return syscall(SYS_futex, &doorbell, 1, 0, NULL, NULL, 0);
}

static long call_getpid(void)
{
	return syscall(SYS_getpid);
}

/* By the 32-bit ABI getpid is 20, which is writev on ours: a filter must not take one for the other. */
static long call_int80(void)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

/* x32: the same numbers with bit 30. */
static long call_x32(void)
{
	return syscall(0x40000000 + SYS_ioctl, doorbell, 0, 0);
}

static long call_poll(void)
{
	return syscall(SYS_poll, NULL, 0, 0);
}

static long call_close(void)
{
	return syscall(SYS_close, -1);
}

enum thread_kind {
	KIND_VCPU,
	KIND_POPULATE,
	KIND_MAIN,
};

static int make(enum thread_kind kind, struct filter *ret)
{
	struct diag why = {0};

	if (kind == KIND_VCPU)
		return filter_vcpu(doorbell, ret, &why);
	if (kind == KIND_POPULATE)
		return filter_populate(doorbell, ret, &why);
	return filter_main(ret, &why);
}

/* struct attempt - a call, made by a filtered thread of a child process. */
struct attempt {
	const struct filter *filter;
	long (*call)(void);
};

__attribute__((noreturn)) static void *attempt_thread(void *argument)
{
	const struct attempt *attempt = argument;

	if (filter_install(attempt->filter) != 0)
		syscall(SYS_exit_group, 99);
	attempt->call();
	for (;;)
		syscall(SYS_exit, 0);
}

/* Ends with 0 when the call passed: the thread is joined by the kernel's own clearing of its id. */
static _Noreturn void child(const struct attempt *attempt, enum thread_kind kind)
{
	struct diag why = {0};
	pthread_t thread;

	if (confine_no_new_privileges(&why) != 0)
		_exit(98);
	if (kind == KIND_MAIN) {
		if (filter_install(attempt->filter) != 0)
			_exit(99);
		attempt->call();
		_exit(0);
	}
	if (pthread_create(&thread, NULL, attempt_thread, (void *)(uintptr_t)attempt) != 0)
		_exit(97);
	pthread_join(thread, NULL);
	_exit(0);
}

/* The child's end: 0, the number of the signal that ended it, or 100 and more for its own troubles. */
static int outcome(enum thread_kind kind, long (*call)(void))
{
	static struct filter filter;
	struct attempt attempt = {.filter = &filter, .call = call};
	int status = 0;

	CU_ASSERT_EQUAL_FATAL(make(kind, &filter), 0);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		child(&attempt, kind);
	}
	CU_ASSERT_FATAL(pid > 0);
	CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	return WEXITSTATUS(status) == 0 ? 0 : 100 + WEXITSTATUS(status);
}

struct expectation {
	long (*call)(void);
	bool vcpu;
	bool populate;
	bool main;
	bool sanitizer; /* a sanitizer's own runtime makes this call */
};

static const struct expectation expectations[] = {
	{call_ioctl, true, false, true, false},
	{call_write_doorbell, true, true, true, false},
	{call_write_other, false, false, true, true},
	{call_write_disguised, false, false, true, true},
	{call_read, false, false, true, true},
	{call_madvise, false, true, false, true},
	{call_poll, false, false, true, false},
	{call_close, false, false, true, true},
	{call_mmap, false, false, false, true},
	{call_mprotect, false, false, false, true},
	{call_openat, false, false, false, true},
	{call_socket, false, false, false, false},
	{call_execve, false, false, false, false},
	{call_clone, false, false, false, false},
	{call_ptrace, false, false, false, false},
	{call_nanosleep, false, false, false, false},
	{call_futex, false, false, false, true},
	{call_getpid, false, false, false, true},
	{call_int80, false, false, false, false},
	{call_x32, false, false, false, false},
};

static void hold(enum thread_kind kind)
{
	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		const struct expectation *expected = &expectations[i];
		bool allowed = kind == KIND_VCPU ? expected->vcpu :
			       kind == KIND_POPULATE ? expected->populate : expected->main;

		if (SANITIZED && expected->sanitizer)
			continue;
		CU_ASSERT_EQUAL(outcome(kind, expected->call), allowed ? 0 : SIGSYS);
	}
}

static void a_vcpu_thread_may_run_ring_and_exit(void)
{
	hold(KIND_VCPU);
}

static void the_populating_thread_may_populate(void)
{
	hold(KIND_POPULATE);
}

static void the_main_thread_may_serve(void)
{
	hold(KIND_MAIN);
}

static void capabilities_are_dropped_for_good(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		bool gone = confine_capabilities(KEEP_SYS_NICE) == 0 &&
			    confine_capabilities(KEEP_NOTHING) == 0 &&
			    chroot("/") < 0 && errno == EPERM && nice(-1) == -1;

		_exit(gone ? 0 : 1);
	}
	CU_ASSERT_FATAL(pid > 0);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
}

static void filters_fit_their_room(void)
{
	struct filter filter;
	enum thread_kind kinds[] = {KIND_VCPU, KIND_POPULATE, KIND_MAIN};

	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL_FATAL(make(kinds[i], &filter), 0);
		CU_ASSERT(filter.bytes > 0 && filter.bytes < FILTER_BYTES_MAX);
		CU_ASSERT_EQUAL(filter.bytes % 8, 0); /* struct sock_filter */
	}
}

static int open_doorbell(void)
{
	doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return doorbell < 0;
}

static int close_doorbell(void)
{
	return close(doorbell);
}

void test_confine_register(void)
{
	CU_pSuite suite = CU_add_suite("confine", open_doorbell, close_doorbell);

	CU_ADD_TEST(suite, filters_fit_their_room);
	CU_ADD_TEST(suite, a_vcpu_thread_may_run_ring_and_exit);
	CU_ADD_TEST(suite, the_populating_thread_may_populate);
	CU_ADD_TEST(suite, the_main_thread_may_serve);
	CU_ADD_TEST(suite, capabilities_are_dropped_for_good);
}
