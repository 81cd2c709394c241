// SPDX-License-Identifier: Apache-2.0
/* Cheap signs that there is something new on a host: a kernel thread, an interrupt, a CPU. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"

/**
 * struct drift_signs - as they were; zeros are none.
 * @pid: processes, kernel threads among them, in rising order. @interrupts: a sum over those there are and
 * whether they have handlers. @online: CPUs.
 */
struct drift_signs {
	unsigned *pid;
	size_t count;
	uint64_t interrupts;
	struct cpulist online;
};

/**
 * drift_signs_read() - read them again.
 * @signs: of the last time; replaced, but after a failure.
 * @ret_new: whether there is a kernel thread that was not there, or other interrupts or CPUs than there were.
 *
 * Workers, and processes that are no kernel threads, come and go unnoticed. Returns 0 or -errno.
 */
int drift_signs_read(struct drift_signs *signs, bool *ret_new);

/** DRIFT_STAT_FLAGS, DRIFT_STAT_STARTED - fields of proc_pid_stat(5), by their numbers there. */
enum {
	DRIFT_STAT_FLAGS = 9,
	DRIFT_STAT_STARTED = 22,
};

/** drift_stat_field() - a number among them; 0 where there is none. @field: above 3. Pure. */
uint64_t drift_stat_field(const char *stat, unsigned field);

void drift_signs_done(struct drift_signs *signs);
