// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/populate.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/memory.h"
#include "core/kvm/vcpu_run.h"
#include "core/vmm/plain_thread.h"
#include "rt/thread_policy.h"

static void *populate_main(void *argument)
{
	struct populate *populate = argument;
	int error = 0;

	if (!cpulist_empty(&populate->cpus))
		error = thread_affinity_set(0, &populate->cpus, NULL);
	atomic_store(&populate->tid, sys_gettid());
	if (error == 0)
		error = confine_capabilities(KEEP_NOTHING);
	if (error == 0)
		error = filter_install(&populate->filter);
	if (error == 0)
		error = guest_memory_populate(populate->memory);
	if (error == 0)
		atomic_store_explicit(&populate->seal->ready, true, memory_order_release);
	atomic_store_explicit(&populate->result, error, memory_order_release);
	doorbell_ring(populate->doorbell);
	plain_thread_leave();
}

int populate_start(struct populate *populate, struct diag *why)
{
	int error = filter_populate(populate->doorbell->fd, &populate->filter, why);

	if (error != 0)
		return error;
	atomic_store(&populate->result, POPULATE_PENDING);
	error = plain_thread_start("populate", populate_main, populate);
	if (error != 0)
		return diag_set(why, -error, "the thread that populates memory cannot be started (%s)",
				strerror(-error));
	return 0;
}

static bool pending(const struct populate *populate)
{
	return atomic_load_explicit(&populate->result, memory_order_acquire) == POPULATE_PENDING;
}

int populate_move(const struct populate *populate, const struct cpulist *cpus, struct diag *why)
{
	const struct timespec pause = {.tv_nsec = 20000};
	int error;

	while (pending(populate) && atomic_load(&populate->tid) == 0)
		nanosleep(&pause, NULL);
	if (!pending(populate) || cpulist_empty(&populate->cpus))
		return 0;
	error = thread_affinity_set(atomic_load(&populate->tid), cpus, why);
	/* It ended in between: all is done. */
	return error == -ESRCH ? 0 : error;
}

int populate_refused(int error, struct diag *why)
{
	diag_set(why, error, "guest memory cannot be made resident (%s)", strerror(error));
	diag_remedy(why, "give the partition less memory, or free some on the host");
	return -error;
}

int populate_wait(const struct populate *populate, struct diag *why)
{
	const struct timespec pause = {.tv_nsec = 100000};

	while (pending(populate))
		nanosleep(&pause, NULL);
	int result = atomic_load_explicit(&populate->result, memory_order_acquire);
	return result == 0 ? 0 : populate_refused(-result, why);
}
