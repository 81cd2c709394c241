// SPDX-License-Identifier: Apache-2.0
/*
 * Who a partition's VMM is the child of, for as long as the partition runs: it starts each life of the VMM, passes
 * signals on, answers on the control socket, keeps the console, tells the service manager, and says how it ended.
 * Nothing but an event wakes it, and the service manager's watchdog where there is one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct partition_run;

/**
 * struct supervision - how a partition is to be run.
 * @run: planned; its launch record's descriptors are filled in.
 * @file: the machine file; "" for a one-off run.
 * @timeout_ns: after which it is ended; 0: never.
 * @named: others find it in /run/bulkhead, where that may be written.
 * @console_socket: its console is a socket there, not standard input and output.
 * @log: messages go to the folder's log once the folder is had.
 */
struct supervision {
	struct partition_run *run;
	const char *file;
	uint64_t timeout_ns;
	bool named;
	bool console_socket;
	bool log;
};

/** supervise() - run it to its end. Prints refusals; returns the exit status of "bulkhead run". */
int supervise(const struct supervision *supervision);
