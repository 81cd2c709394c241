// SPDX-License-Identifier: Apache-2.0
/* The supervisor's own: shared by the files that it is written in, and by nothing else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/cli/console_server.h"
#include "core/cli/control_server.h"
#include "core/cli/run_folder.h"
#include "core/cli/run_state.h"
#include "core/cli/vmm_groups.h"
#include "core/cli/vmm_process.h"

struct diag;
struct partition_run;
struct supervision;

/*
 * struct supervisor - one run.
 * @folder: without a name where it has none. @stop_asked: over the control socket.
 * @watchdog_due_ns: when the service manager is to hear from us next; 0: never.
 */
struct supervisor {
	const struct supervision *terms;
	struct partition_run *run;
	struct vmm_signals signals;
	struct vmm_groups groups;
	struct vmm_process process;
	struct run_folder folder;
	struct run_state state;
	struct control_server control;
	struct console_server console;
	bool idle_held;
	bool stop_asked;
	uint64_t deadline_ns;
	uint64_t watchdog_ns;
	uint64_t watchdog_due_ns;
};

/**
 * supervisor_open() - all that a run needs beside its VMM: folder, sockets, log, groups.
 * @supervisor: its @terms and @run are set. Ended with supervisor_close(), also after a failure.
 */
int supervisor_open(struct supervisor *supervisor, struct diag *why);
void supervisor_close(struct supervisor *supervisor);

/** supervisor_set_phase() - and tell everybody who can see it. */
void supervisor_set_phase(struct supervisor *supervisor, enum run_phase phase);

/** supervisor_stopping() - the VMM was told to end: nobody waits for the guest any more. */
void supervisor_stopping(struct supervisor *supervisor);

/** supervisor_answer() - to a request over the control socket; @context is the supervisor. */
char *supervisor_answer(void *context, const struct control_request *request);
