// SPDX-License-Identifier: Apache-2.0
/*
 * A short-lived thread that makes guest memory resident while the machine is still being assembled
 * and, where its vCPUs have CPUs of their own, while the guest already starts: so the time to the
 * first guest instruction does not grow with the guest's memory. It ends before a partition seals.
 */
#pragma once

#include <stdatomic.h>

#include "core/base/cpulist.h"
#include "core/vmm/confine.h"

struct diag;
struct doorbell;
struct guest_memory;
struct seal;

/**
 * struct populate - @result: POPULATE_PENDING, then 0 or -errno; the doorbell is rung after.
 * @seal: made ready when all is resident.
 * @cpus: where it may run at first: the vCPUs' own CPUs too, which idle until the guest starts, and
 * whose NUMA node the memory then comes from; empty: where the main thread runs.
 * @tid: of the thread, 0 until it runs.
 */
struct populate {
	const struct guest_memory *memory;
	struct doorbell *doorbell;
	struct seal *seal;
	struct cpulist cpus;
	struct filter filter;
	atomic_int tid;
	atomic_int result;
};

enum { POPULATE_PENDING = 1 };

/**
 * populate_start() - start the thread; it confines itself to madvise, the doorbell and exit.
 * @populate: zeroed but for @memory, @doorbell, @seal and @cpus; outlives the thread.
 *
 * Main thread, after no_new_privs. Returns 0 or -errno with @why.
 */
int populate_start(struct populate *populate, struct diag *why);

/**
 * populate_move() - main thread, before any vCPU thread is real-time: what is left to do is done on
 * @cpus. Returns 0, also where nothing is left, or -errno with @why.
 */
int populate_move(const struct populate *populate, const struct cpulist *cpus, struct diag *why);

/** populate_wait() - main thread, before it is confined: until the thread is done. Returns 0 or -errno. */
int populate_wait(const struct populate *populate, struct diag *why);

/** populate_refused() - say that the memory ran out; @error is positive. Returns -@error. */
int populate_refused(int error, struct diag *why);
