// SPDX-License-Identifier: Apache-2.0
#include "core/cli/vmm_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/commands.h"
#include "core/config/partition.h"
#include "core/vmm/launch.h"
#include "core/vmm/state.h"
#include "latency/probe_image.h"

/* What the VMM inherits, at fixed numbers. */
enum { RECORD_FD = 3, STATE_FD = 4, PROBE_FD = 5, FIRST_FREE_FD = 10 };

static const char probe_path[] = "/proc/self/fd/5";

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void vmm_signals_block(struct vmm_signals *signals)
{
	sigemptyset(&signals->waited);
	sigaddset(&signals->waited, SIGCHLD);
	sigaddset(&signals->waited, SIGINT);
	sigaddset(&signals->waited, SIGTERM);
	sigaddset(&signals->waited, SIGHUP);
	sigaddset(&signals->waited, SIGQUIT);
	sigprocmask(SIG_BLOCK, &signals->waited, NULL);
}

/* An anonymous file with these bytes, above the numbers the child rearranges. */
static int make_file(const char *name, const void *bytes, size_t count)
{
	_cleanup_close_ int fd = sys_memfd(name, 0, 0);
	int error = fd < 0 ? fd : sys_write_all(fd, bytes, count);

	if (error != 0)
		return error;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	return moved < 0 ? -errno : moved;
}

static int make_state(struct vmm_process *process, unsigned vcpus)
{
	void *address = NULL;
	_cleanup_close_ int fd = -1;
	int error;

	process->state_bytes = state_bytes(vcpus);
	fd = sys_memfd("state", process->state_bytes, 0);
	if (fd < 0)
		return fd;
	error = sys_map(fd, 0, process->state_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, &address);
	if (error != 0)
		return error;
	process->state = address;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	return moved < 0 ? -errno : moved;
}

/* bulkhead-vmm stands beside this program in a build, and in ../libexec/bulkhead when installed. */
static int find_vmm(char path[PATH_MAX], struct diag *why)
{
	static const char *const places[] = {"bulkhead-vmm", "../libexec/bulkhead/bulkhead-vmm"};
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return diag_set(why, errno, "/proc/self/exe cannot be read (%s)", strerror(errno));
	self[length] = '\0';
	*(strrchr(self, '/') + 1) = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (snprintf(path, PATH_MAX, "%s%s", self, places[i]) < PATH_MAX &&
		    access(path, X_OK) == 0)
			return 0;
	}
	diag_set(why, ENOENT, "bulkhead-vmm is not beside bulkhead in %s, nor in ../libexec/bulkhead",
		 self);
	diag_remedy(why, "install both programs: make install");
	return -ENOENT;
}

/* With the parent's signals still blocked: what comes before the VMM listens waits until it does. */
static _Noreturn void become_vmm(const char *path, pid_t parent, const int fds[3], int console_output)
{
	char number[] = "3";
	char option[] = "--launch-fd";
	char name[] = "bulkhead-vmm";
	char *const arguments[] = {name, option, number, NULL};
	char *const environment[] = {NULL};

	/* The VMM does not outlive its parent, not even one that ended just now. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	if (console_output != STDOUT_FILENO)
		dup2(console_output, STDOUT_FILENO);
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0)
			dup2(fds[i], RECORD_FD + i);
	}
	execve(path, arguments, environment);
	_exit(127);
}

static int start(struct launch *launch, int console_output, struct vmm_process *process,
		 struct diag *why)
{
	char path[PATH_MAX];
	_cleanup_free_ char *record = NULL;
	_cleanup_close_ int record_fd = -1;
	_cleanup_close_ int state_fd = -1;
	_cleanup_close_ int probe_fd = -1;
	int error = find_vmm(path, why);

	if (error != 0)
		return error;
	launch->state_fd = STATE_FD;
	if (strcmp(launch->kernel, PARTITION_KERNEL_PROBE) == 0) {
		probe_fd = make_file("probe", probe_elf, (uintptr_t)probe_elf_end - (uintptr_t)probe_elf);
		free(launch->kernel);
		launch->kernel = strdup(probe_path);
	}
	if (launch->kernel != NULL)
		record = launch_encode(launch);
	if (record == NULL)
		return diag_set(why, ENOMEM, "out of memory");
	record_fd = make_file("launch", record, strlen(record));
	state_fd = make_state(process, launch->vcpus);
	if (record_fd < 0 || state_fd < 0 || (probe_fd < 0 && probe_fd != -1))
		return diag_set(why, EMFILE, "no descriptors for the VMM can be had");
	pid_t parent = getpid();
	process->pid = fork();
	if (process->pid == 0)
		become_vmm(path, parent, (const int[]){record_fd, state_fd, probe_fd}, console_output);
	if (process->pid < 0) {
		process->pid = 0;
		return diag_set(why, errno, "bulkhead-vmm cannot be started (%s)", strerror(errno));
	}
	return 0;
}

int vmm_process_start(struct launch *launch, int console_output, struct vmm_process *ret,
		      struct diag *why)
{
	struct vmm_process process = {0};
	int error = start(launch, console_output, &process, why);

	if (error != 0) {
		vmm_process_done(&process);
		return error;
	}
	*ret = process;
	return 0;
}

void vmm_process_done(struct vmm_process *process)
{
	if (process->pid > 0 && !process->ended) {
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
	}
	if (process->state != NULL)
		munmap(process->state, process->state_bytes);
	*process = (struct vmm_process){0};
}

/* True once the VMM has been waited for. */
static bool reap(struct vmm_process *process)
{
	if (!process->ended)
		process->ended = waitpid(process->pid, &process->wait_status, WNOHANG) == process->pid;
	return process->ended;
}

/* How long a VMM that was told to end may take. */
#define STOP_NS UINT64_C(2000000000)

/* The nearer of two points in time, of which 0 is none. */
static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return b_ns == 0 || (a_ns != 0 && a_ns < b_ns) ? a_ns : b_ns;
}

enum vmm_event vmm_process_wait(struct vmm_process *process, const struct vmm_signals *signals,
				uint64_t deadline_ns)
{
	while (!reap(process)) {
		uint64_t now = monotonic_ns();
		uint64_t until = earlier(process->kill_ns, deadline_ns);
		uint64_t rest = until > now ? until - now : 0;
		struct timespec wait = {.tv_sec = (time_t)(rest / 1000000000),
					.tv_nsec = (long)(rest % 1000000000)};
		int signal = sigtimedwait(&signals->waited, NULL, until == 0 ? NULL : &wait);

		now = monotonic_ns();
		if (signal > 0 && signal != SIGCHLD) {
			kill(process->pid, signal);
			process->kill_ns = now + STOP_NS;
		} else if (process->kill_ns != 0 && process->kill_ns <= now) {
			kill(process->pid, SIGKILL);
			process->kill_ns = now + STOP_NS;
		} else if (signal < 0 && deadline_ns != 0 && deadline_ns <= now && !reap(process)) {
			return VMM_TIMEOUT;
		}
	}
	return VMM_ENDED;
}

bool vmm_process_told(const struct vmm_process *process)
{
	return process->kill_ns != 0;
}

void vmm_process_stop(struct vmm_process *process, const struct vmm_signals *signals)
{
	kill(process->pid, SIGTERM);
	if (vmm_process_wait(process, signals, monotonic_ns() + STOP_NS) == VMM_ENDED)
		return;
	kill(process->pid, SIGKILL);
	vmm_process_wait(process, signals, 0);
}

int vmm_process_status(const struct vmm_process *process, struct diag *why)
{
	int status = process->wait_status;

	if (WIFEXITED(status) && WEXITSTATUS(status) != 127)
		return WEXITSTATUS(status);
	if (WIFEXITED(status))
		diag_set(why, ENOEXEC, "bulkhead-vmm could not be executed");
	else if (WTERMSIG(status) == SIGSYS)
		diag_set(why, EPROTO, "bulkhead-vmm made a system call that it may not, and was ended "
			 "by its filter");
	else
		diag_set(why, EPROTO, "bulkhead-vmm died of signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	return COMMAND_UNKNOWN;
}
