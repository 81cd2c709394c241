// SPDX-License-Identifier: Apache-2.0
/* The main thread of a running machine: it sleeps until the guest, the person or the system wants it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/vmm/state.h"

struct console;
struct diag;
struct machine;

/** struct outcome - how a machine ended; @text for people, one line without a full stop. */
struct outcome {
	enum machine_end end;
	uint64_t value;
	char text[256];
};

/** struct loop - descriptors of the event loop; opened before the thread is confined. */
struct loop {
	struct machine *machine;
	struct console *console;
	int signals;
	int seal_timer; /* -1: the machine is not sealed by time, or it has been */
	bool seal_due;
};

/**
 * loop_open() - block the signals that end a machine and listen to them instead.
 * Stage: apply. Returns 0 or -errno with @why.
 */
int loop_open(struct loop *loop, struct machine *machine, struct console *console,
	      struct diag *why);

/**
 * loop_run() - serve the machine until it has ended and its last output is out. No allocation, no
 * periodic wake-up: an idle guest leaves this thread asleep.
 */
void loop_run(struct loop *loop, struct outcome *ret);
