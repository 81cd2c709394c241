// SPDX-License-Identifier: Apache-2.0
/* One running bulkhead-vmm, as its parent sees it: a process, and the state page they share. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct diag;
struct launch;
struct machine_state;

/**
 * struct vmm_process - @pid is 0 while there is none; @state lives until vmm_process_done().
 * @ended: waited for; then @wait_status is as waitpid(2) gives it.
 * @kill_ns: when, by CLOCK_MONOTONIC, a VMM that was told to end is killed; 0: it was not told.
 */
struct vmm_process {
	pid_t pid;
	struct machine_state *state;
	uint64_t state_bytes;
	uint64_t kill_ns;
	bool ended;
	int wait_status;
};

/** struct vmm_signals - the signals the parent waits for. */
struct vmm_signals {
	sigset_t waited;
};

/**
 * vmm_signals_block() - from here on SIGCHLD and what ends a run are waited for, not delivered.
 * Before vmm_process_start(), so that none is missed.
 */
void vmm_signals_block(struct vmm_signals *signals);

/**
 * vmm_process_start() - start bulkhead-vmm with a launch record.
 * @launch: its state and console descriptors, and a kernel PARTITION_KERNEL_PROBE, are resolved here.
 * @console_output: descriptor that becomes the VMM's standard output.
 * @ret: set on success; ended with vmm_process_done(), which kills what still runs.
 *
 * The VMM dies with this process. Returns 0 or -errno with @why.
 */
int vmm_process_start(struct launch *launch, int console_output, struct vmm_process *ret,
		      struct diag *why);
void vmm_process_done(struct vmm_process *process);

/** enum vmm_event - why vmm_process_wait() returned. */
enum vmm_event {
	VMM_ENDED,
	VMM_TIMEOUT,
};

/**
 * vmm_process_wait() - until the VMM ends or @deadline_ns of CLOCK_MONOTONIC passes (0: never).
 * Signals that end a run are passed on to the VMM, whose end is then waited for; where it has not come
 * within two seconds, by SIGKILL.
 */
enum vmm_event vmm_process_wait(struct vmm_process *process, const struct vmm_signals *signals,
				uint64_t deadline_ns);

/**
 * vmm_process_told() - true once a signal that ends a run has come, whether the VMM still heard it or
 * was just ending by itself.
 */
bool vmm_process_told(const struct vmm_process *process);

/** vmm_process_stop() - SIGTERM, and SIGKILL where that is not heard within two seconds. */
void vmm_process_stop(struct vmm_process *process, const struct vmm_signals *signals);

/**
 * vmm_process_status() - the ended VMM's exit status; where it died of a signal,
 * COMMAND_UNKNOWN, and @why says of which.
 */
int vmm_process_status(const struct vmm_process *process, struct diag *why);

/** monotonic_ns() - CLOCK_MONOTONIC, now. */
uint64_t monotonic_ns(void);
