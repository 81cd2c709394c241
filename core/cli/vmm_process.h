// SPDX-License-Identifier: Apache-2.0
/* One running bulkhead-vmm, as its parent sees it: a process, and the state page they share. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct diag;
struct launch;
struct machine_state;
struct pollfd;

/**
 * struct vmm_process - @pid is 0 while there is none; @state lives until vmm_process_done().
 * @running_fd: polls readable once the guest runs; -1 after that was taken.
 * @paused: stopped by vmm_process_pause().
 * @ended: waited for; then @wait_status is as waitpid(2) gives it.
 * @kill_ns: when, by CLOCK_MONOTONIC, a VMM that was told to end is killed; 0: it was not told.
 */
struct vmm_process {
	pid_t pid;
	struct machine_state *state;
	uint64_t state_bytes;
	uint64_t kill_ns;
	int running_fd;
	bool paused;
	bool ended;
	int wait_status;
};

/** struct vmm_signals - the signals the parent waits for: a signalfd(2). */
struct vmm_signals {
	int fd;
};

/**
 * vmm_signals_open() - from here on SIGCHLD and what ends a run are waited for, not delivered.
 * Before vmm_process_start(), so that none is missed. Returns 0 or -errno with @why.
 */
int vmm_signals_open(struct vmm_signals *ret, struct diag *why);
void vmm_signals_done(struct vmm_signals *signals);

/**
 * struct vmm_places - where the VMM stands, and what it reads and writes; descriptors of the parent.
 * @input, @output: become its standard input and output.
 * @group: cgroup.procs of the control group that it enters before it is anything, open for writing; -1: it
 * stays in the parent's.
 * @on_terminal: its input is a terminal, whose modes it may have to put back when its parent dies.
 */
struct vmm_places {
	int input;
	int output;
	int group;
	bool on_terminal;
};

/**
 * vmm_process_start() - start bulkhead-vmm with a launch record.
 * @launch: its state and running descriptors, and a kernel PARTITION_KERNEL_PROBE, are resolved here; the
 * descriptors of its groups are the parent's, above those that the VMM has by number.
 * @ret: set on success; ended with vmm_process_done(), which kills what still runs.
 *
 * The VMM dies with this process: by SIGKILL, so that it does while it is stopped; on a terminal by SIGTERM.
 * Returns 0 or -errno with @why.
 */
int vmm_process_start(struct launch *launch, const struct vmm_places *places,
		      struct vmm_process *ret, struct diag *why);
void vmm_process_done(struct vmm_process *process);

/** vmm_process_raise() - a copy of @fd, closed on exec, above the numbers that a VMM's child has. Or -errno. */
int vmm_process_raise(int fd);

/** enum vmm_event - why vmm_process_poll() returned; vmm_process_wait() does for the first two alone. */
enum vmm_event {
	VMM_ENDED,
	VMM_TIMEOUT,
	VMM_READY,
	VMM_TOLD, /* a signal that ends the run has come, the first one, and was passed on */
};

/**
 * vmm_process_poll() - until the VMM ends, @deadline_ns of CLOCK_MONOTONIC passes (0: never), or one of the
 * descriptors is ready.
 * @polls: as poll(2) has them; the first is taken for the signals.
 *
 * Signals that end a run are passed on to the VMM, whose end is then waited for; where it has not come
 * within two seconds, by SIGKILL. Without a deadline nothing but an event wakes this process.
 */
enum vmm_event vmm_process_poll(struct vmm_process *process, const struct vmm_signals *signals,
				struct pollfd *polls, size_t count, uint64_t deadline_ns);

/** vmm_process_wait() - the same with nothing to look at but signals. */
enum vmm_event vmm_process_wait(struct vmm_process *process, const struct vmm_signals *signals,
				uint64_t deadline_ns);

/**
 * vmm_process_told() - true once a signal that ends a run has come, whether the VMM still heard it or
 * was just ending by itself.
 */
bool vmm_process_told(const struct vmm_process *process);

/** vmm_process_tell() - tell it to end, as @signal would; it is killed where it has not in @patience_ns. */
void vmm_process_tell(struct vmm_process *process, int signal, uint64_t patience_ns);

/**
 * vmm_process_pause() - stop every thread of the VMM, its vCPUs at their next return from the guest; or go on.
 * The guest's clocks go on meanwhile. Returns 0 or -errno.
 */
int vmm_process_pause(struct vmm_process *process, bool pause);

/** vmm_process_stop() - SIGTERM, and SIGKILL where that is not heard within two seconds. */
void vmm_process_stop(struct vmm_process *process, const struct vmm_signals *signals);

/**
 * vmm_process_status() - the ended VMM's exit status; where it died of a signal,
 * COMMAND_UNKNOWN, and @why says of which.
 */
int vmm_process_status(const struct vmm_process *process, struct diag *why);

/** monotonic_ns() - CLOCK_MONOTONIC, now. */
uint64_t monotonic_ns(void);
