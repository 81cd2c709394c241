// SPDX-License-Identifier: Apache-2.0
/*
 * A short-lived thread that makes guest memory resident while the machine is still being assembled
 * and, where its vCPUs have CPUs of their own, while the guest already starts: so the time to the
 * first guest instruction does not grow with the guest's memory. It ends before a partition seals.
 */
#pragma once

#include <stdatomic.h>

#include "core/vmm/confine.h"

struct diag;
struct doorbell;
struct guest_memory;
struct seal;

/**
 * struct populate - @result: POPULATE_PENDING, then 0 or -errno; the doorbell is rung after.
 * @seal: made ready when all is resident.
 */
struct populate {
	const struct guest_memory *memory;
	struct doorbell *doorbell;
	struct seal *seal;
	struct filter filter;
	atomic_int result;
};

enum { POPULATE_PENDING = 1 };

/**
 * populate_start() - start the thread; it confines itself to madvise, the doorbell and exit.
 * @populate: zeroed but for @memory, @doorbell and @seal; outlives the thread.
 *
 * Main thread, after no_new_privs. Returns 0 or -errno with @why.
 */
int populate_start(struct populate *populate, struct diag *why);

/** populate_wait() - main thread, before it is confined: until the thread is done. Returns its result. */
int populate_wait(const struct populate *populate);
