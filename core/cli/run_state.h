// SPDX-License-Identifier: Apache-2.0
/* The state file of a running partition: what it is, for those who may not or need not ask over its socket. */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/cpulist.h"
#include "core/config/partition.h"

struct diag;

enum { RUN_STATE_VERSION = 1, RUN_STATE_BYTES_MAX = 65536 };

/** enum run_phase - of the partition, not of one life of its VMM. */
enum run_phase {
	RUN_STARTING,
	RUN_RUNNING,
	RUN_PAUSED,
	RUN_STOPPING,
	RUN_ENDED,   /* by itself, or stopped; its folder goes with it */
	RUN_CRASHED, /* otherwise */
};

/**
 * struct run_state - @pid: of the supervisor; @vmm: of bulkhead-vmm, 0 while there is none.
 * @since_s: of the phase, seconds of CLOCK_REALTIME.
 * @file: of the machine; "" for a one-off run.
 * @cpus: those of its vCPUs.
 */
struct run_state {
	char name[PARTITION_NAME_MAX];
	pid_t pid;
	pid_t vmm;
	enum run_phase phase;
	int64_t since_s;
	char file[PATH_MAX];
	struct cpulist cpus;
};

/** run_phase_name() - "starting" and so on; static. */
const char *run_phase_name(enum run_phase phase);

/** run_state_format() - as JSON text with a newline; to be freed. NULL: no memory. */
char *run_state_format(const struct run_state *state);

/**
 * run_state_parse() - read it back; any bytes, every key required and none unknown.
 * @ret: set on success only.
 *
 * Pure. Returns 0, -EINVAL, -ENOTSUP for another version, -E2BIG.
 */
int run_state_parse(const char *text, size_t length, struct run_state *ret, struct diag *why);

/** run_state_read() - of the partition @name. Returns 0; -ENOENT it has none; or -errno with @why. */
int run_state_read(const char *name, struct run_state *ret, struct diag *why);
