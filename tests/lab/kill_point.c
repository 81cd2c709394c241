// SPDX-License-Identifier: Apache-2.0
/*
 * kill_point list COMMAND...: run a command, and tell on standard error each call by which its first thread
 * changes something outside its process, "NUMBER CALL WHAT"; ends with the command's status.
 * kill_point NUMBER COMMAND...: the same without a word, but killed with SIGKILL instead of making the call of
 * that number; status 137.
 *
 * A seccomp filter stops the command at these calls alone, so that it runs about as fast as without. What goes
 * to pipes and terminals does not count, nor do processes that the command starts. For root.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WHAT_BYTES = 512 };

/* enum about - what tells what a call is about: the argument of that number. */
enum about { FD_0, PATH_0, PATH_1, NUMBER_0 };

static const struct {
	long number;
	const char *name;
	enum about about;
} calls[] = {
	{SYS_write, "write", FD_0},
	{SYS_pwrite64, "pwrite64", FD_0},
	{SYS_writev, "writev", FD_0},
	{SYS_ftruncate, "ftruncate", FD_0},
	{SYS_fsync, "fsync", FD_0},
	{SYS_fdatasync, "fdatasync", FD_0},
	{SYS_fchmod, "fchmod", FD_0},
	{SYS_fchown, "fchown", FD_0},
	{SYS_truncate, "truncate", PATH_0},
	{SYS_mkdir, "mkdir", PATH_0},
	{SYS_mkdirat, "mkdirat", PATH_1},
	{SYS_rmdir, "rmdir", PATH_0},
	{SYS_unlink, "unlink", PATH_0},
	{SYS_unlinkat, "unlinkat", PATH_1},
	{SYS_rename, "rename", PATH_0},
	{SYS_renameat, "renameat", PATH_1},
	{SYS_renameat2, "renameat2", PATH_1},
	{SYS_link, "link", PATH_0},
	{SYS_linkat, "linkat", PATH_1},
	{SYS_symlink, "symlink", PATH_1},
	{SYS_symlinkat, "symlinkat", PATH_0},
	{SYS_chmod, "chmod", PATH_0},
	{SYS_fchmodat, "fchmodat", PATH_1},
	{SYS_chown, "chown", PATH_0},
	{SYS_lchown, "lchown", PATH_0},
	{SYS_fchownat, "fchownat", PATH_1},
	{SYS_utimensat, "utimensat", PATH_1},
	{SYS_mount, "mount", PATH_1},
	{SYS_umount2, "umount2", PATH_0},
	{SYS_sched_setaffinity, "sched_setaffinity", NUMBER_0},
	{SYS_sched_setscheduler, "sched_setscheduler", NUMBER_0},
	{SYS_sched_setparam, "sched_setparam", NUMBER_0},
	{SYS_sched_setattr, "sched_setattr", NUMBER_0},
	{SYS_setpriority, "setpriority", NUMBER_0},
	{SYS_openat, "openat", PATH_1}, /* only where a file may be made or cut */
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

/* Everything else, and openat() without these flags, goes its way. */
static void filter_install(void)
{
	struct sock_filter program[CALLS * 2 + 8];
	unsigned short used = 0;

	program[used++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						       offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < CALLS; i++) {
		if (calls[i].number == SYS_openat)
			continue;
		program[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							       (unsigned)calls[i].number, 0, 1);
		program[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	program[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3);
	program[used++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						       offsetof(struct seccomp_data, args[2]));
	program[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT | O_TRUNC, 0, 1);
	program[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	program[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog filter = {used, program};

	/* As root, so that the command may gain privileges as ever. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
		fail("seccomp");
}

static void read_text(pid_t pid, unsigned long long address, char *text, size_t size)
{
	char path[64];
	ssize_t got = -1;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		got = pread(fd, text, size - 1, (off_t)address);
	text[got < 0 ? 0 : got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

/* A descriptor's file; false for one that is no file of a file system. */
static int read_file(pid_t pid, unsigned long long descriptor, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, (int)descriptor);
	ssize_t length = readlink(path, text, size - 1);

	text[length < 0 ? 0 : length] = '\0';
	return text[0] == '/' && strncmp(text, "/dev/", 5) != 0;
}

/* Returns the call's name, and what it is about; NULL for one that does not count. */
static const char *look(pid_t pid, char what[WHAT_BYTES])
{
	struct user_regs_struct regs;
	char text[WHAT_BYTES / 2] = "";
	char file[WHAT_BYTES / 2] = "";
	size_t i = 0;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0)
		return NULL;
	while (i < CALLS && calls[i].number != (long)regs.orig_rax)
		i++;
	if (i == CALLS)
		return NULL;
	switch (calls[i].about) {
	case FD_0:
		if (!read_file(pid, regs.rdi, file, sizeof(file)))
			return NULL;
		if (calls[i].number == SYS_write)
			read_text(pid, regs.rsi, text, regs.rdx < sizeof(text) ? regs.rdx + 1 : sizeof(text));
		break;
	case PATH_0:
		read_text(pid, regs.rdi, file, sizeof(file));
		break;
	case PATH_1:
		read_text(pid, regs.rsi, file, sizeof(file));
		break;
	case NUMBER_0:
		snprintf(file, sizeof(file), "%d", (int)regs.rdi);
		break;
	}
	snprintf(what, WHAT_BYTES, "%s %s", file, text);
	return calls[i].name;
}

static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		fail("ptrace");
	raise(SIGSTOP);
	filter_install();
	execvp(command[0], command);
	fail(command[0]);
	return -1;
}

/* Goes on after a stop, with the signal that it was for, if it was. */
static void go_on(pid_t pid, int status)
{
	int event = status >> 16;
	int signal = WSTOPSIG(status);

	if (event != 0 || signal == SIGTRAP || signal == SIGSTOP)
		signal = 0;
	ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal);
}

/* A call of the first thread: told, counted, and at the number the end. */
static void count(pid_t pid, unsigned long wanted, unsigned long *at)
{
	char what[WHAT_BYTES] = "";
	const char *name = look(pid, what);

	if (name == NULL)
		return;
	++*at;
	if (wanted == 0)
		fprintf(stderr, "%lu %s %s\n", *at, name, what);
	else if (*at == wanted)
		kill(pid, SIGKILL);
}

int main(int argc, char **argv)
{
	unsigned long at = 0;
	int status;

	if (argc < 3) {
		fputs("usage: kill_point list|NUMBER COMMAND...\n", stderr);
		return 2;
	}
	unsigned long wanted = strcmp(argv[1], "list") == 0 ? 0 : strtoul(argv[1], NULL, 10);
	pid_t first = start(argv + 2);

	if (first < 0 || waitpid(first, &status, 0) != first || !WIFSTOPPED(status))
		fail("start");
	ptrace(PTRACE_SETOPTIONS, first, NULL, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
	ptrace(PTRACE_CONT, first, NULL, NULL);
	for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
		if (!WIFSTOPPED(status)) {
			if (pid == first)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		if (pid == first && status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
			count(pid, wanted, &at);
		go_on(pid, status);
	}
	fail("wait");
}
