// SPDX-License-Identifier: Apache-2.0
/* Where a VMM's threads are, and the kernel's own threads that serve it, read back from /proc. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/cpulist.h"
#include "rt/thread_policy.h"

struct diag;
struct launch;

/**
 * struct thread_place - one thread.
 * @kernel: it is one of the kernel's, by whose name it serves this VMM.
 * @group: its control group of version 2, "/bulkhead-plc"; "" where it has none.
 * @wrong: what is not as the launch record has it, or "".
 */
struct thread_place {
	pid_t tid;
	char name[64];
	bool kernel;
	struct cpulist cpus;
	struct thread_policy policy;
	char group[128];
	char wrong[160];
};

/** struct thread_places - zeros are empty. @wrong: how many are not as they should be. */
struct thread_places {
	struct thread_place *item;
	size_t count;
	size_t wrong;
};

/**
 * thread_places_read() - all threads of process @vmm, held against its launch record.
 * @launch: what was asked for; its groups are descriptors of this process.
 * @ret: zeroed; ended with thread_places_done(), also after a failure.
 *
 * Wakes none of them. Stage: report. Returns 0 or -errno with @why.
 */
int thread_places_read(pid_t vmm, const struct launch *launch, struct thread_places *ret,
		       struct diag *why);
void thread_places_done(struct thread_places *places);

/**
 * thread_places_serve() - move the kernel's threads that serve process @vmm (kvm-nx-lpage-recovery, vhost) to the
 * CPUs of its other threads. Those that do not go are found by thread_places_read(). Stage: apply.
 */
void thread_places_serve(pid_t vmm, const struct launch *launch);
