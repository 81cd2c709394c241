// SPDX-License-Identifier: Apache-2.0
#include "core/cli/vmm_process.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/cli/commands.h"
#include "core/vmm/state.h"

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int vmm_signals_open(struct vmm_signals *ret, struct diag *why)
{
	sigset_t waited;
	int fd;

	sigemptyset(&waited);
	sigaddset(&waited, SIGCHLD);
	sigaddset(&waited, SIGINT);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGHUP);
	sigaddset(&waited, SIGQUIT);
	sigprocmask(SIG_BLOCK, &waited, NULL);
	fd = signalfd(-1, &waited, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return diag_set(why, errno, "no signalfd can be had (%s)", strerror(errno));
	ret->fd = fd;
	return 0;
}

void vmm_signals_done(struct vmm_signals *signals)
{
	if (signals->fd > 0)
		close(signals->fd);
	*signals = (struct vmm_signals){0};
}

void vmm_process_done(struct vmm_process *process)
{
	if (process->pid > 0 && !process->ended) {
		kill(process->pid, SIGKILL);
		waitpid(process->pid, NULL, 0);
	}
	if (process->state != NULL)
		munmap(process->state, process->state_bytes);
	/* Zeros are a process that never was. */
	if (process->running_fd > 0)
		close(process->running_fd);
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

void vmm_process_tell(struct vmm_process *process, int signal, uint64_t patience_ns)
{
	kill(process->pid, signal);
	process->kill_ns = monotonic_ns() + patience_ns;
	/* What is stopped hears nothing else than SIGKILL. */
	if (process->paused)
		vmm_process_pause(process, false);
}

int vmm_process_pause(struct vmm_process *process, bool pause)
{
	if (kill(process->pid, pause ? SIGSTOP : SIGCONT) < 0)
		return -errno;
	process->paused = pause;
	return 0;
}

static void take_signals(struct vmm_process *process, const struct vmm_signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD)
			vmm_process_tell(process, (int)info.ssi_signo, STOP_NS);
	}
}

/* A VMM that was told to end and has not: again and again, for only its end ends the wait. */
static void insist(struct vmm_process *process)
{
	if (process->kill_ns == 0 || process->kill_ns > monotonic_ns())
		return;
	kill(process->pid, SIGKILL);
	process->kill_ns = monotonic_ns() + STOP_NS;
}

/* poll(2) until @until_ns, or without an end where that is 0; how many are ready. */
static int poll_until(struct pollfd *polls, size_t count, uint64_t until_ns)
{
	uint64_t now = monotonic_ns();
	uint64_t rest = until_ns > now ? until_ns - now : 0;
	struct timespec wait = {.tv_sec = (time_t)(rest / 1000000000),
				.tv_nsec = (long)(rest % 1000000000)};

	for (size_t i = 0; i < count; i++)
		polls[i].revents = 0;
	return ppoll(polls, count, until_ns == 0 ? NULL : &wait, NULL);
}

enum vmm_event vmm_process_poll(struct vmm_process *process, const struct vmm_signals *signals,
				struct pollfd *polls, size_t count, uint64_t deadline_ns)
{
	while (!reap(process)) {
		polls[0] = (struct pollfd){.fd = signals->fd, .events = POLLIN};
		const bool was_told = vmm_process_told(process);
		int ready = poll_until(polls, count, earlier(process->kill_ns, deadline_ns));

		if (ready > 0 && polls[0].revents != 0) {
			take_signals(process, signals);
			ready--;
		}
		insist(process);
		if (reap(process))
			break;
		if (!was_told && vmm_process_told(process))
			return VMM_TOLD;
		if (ready > 0)
			return VMM_READY;
		if (deadline_ns != 0 && deadline_ns <= monotonic_ns())
			return VMM_TIMEOUT;
	}
	return VMM_ENDED;
}

enum vmm_event vmm_process_wait(struct vmm_process *process, const struct vmm_signals *signals,
				uint64_t deadline_ns)
{
	struct pollfd polls[1];
	enum vmm_event event;

	do {
		event = vmm_process_poll(process, signals, polls, 1, deadline_ns);
	} while (event == VMM_TOLD);
	return event;
}

bool vmm_process_told(const struct vmm_process *process)
{
	return process->kill_ns != 0;
}

void vmm_process_stop(struct vmm_process *process, const struct vmm_signals *signals)
{
	vmm_process_tell(process, SIGTERM, STOP_NS);
	vmm_process_wait(process, signals, 0);
}

int vmm_process_status(const struct vmm_process *process, struct diag *why)
{
	int status = process->wait_status;

	/* 127 is also what a guest that writes 63 to its exit port ends with. */
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) != 127 || atomic_load(&process->state->ended) != MACHINE_NOT_ENDED))
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
