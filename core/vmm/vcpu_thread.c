// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/vcpu_thread.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/statistics.h"
#include "core/vmm/confine.h"
#include "core/vmm/plain_thread.h"

/*
 * A table of descriptors of its own, with nothing in it but what the thread works with. That is
 * confinement, and it is speed: in a table with one user, each ioctl(KVM_RUN) finds its file without
 * taking a reference (fdget() in the kernel's fs/file.c).
 */
static int keep_own_descriptors(const struct vcpu_thread *self)
{
	unsigned vcpu = (unsigned)self->vcpu.runner.fd;
	unsigned doorbell = (unsigned)self->doorbell->fd;
	unsigned low = vcpu < doorbell ? vcpu : doorbell;
	unsigned high = vcpu < doorbell ? doorbell : vcpu;

	if (close_range(high + 1, UINT_MAX, CLOSE_RANGE_UNSHARE) < 0 ||
	    (high > low + 1 && close_range(low + 1, high - 1, 0) < 0) ||
	    (low > 0 && close_range(0, low - 1, 0) < 0))
		return -errno;
	return 0;
}

static int confine_self(const struct vcpu_thread *self)
{
	int error = keep_own_descriptors(self);

	if (error == 0)
		error = confine_capabilities(KEEP_NOTHING);
	return error != 0 ? error : filter_install(self->filter);
}

static void *vcpu_thread_main(void *argument)
{
	struct vcpu_thread *self = argument;
	int error;

	self->tid = sys_gettid();
	error = confine_self(self);
	atomic_store(&self->ready, error != 0 ? error : 1);
	if (error == 0) {
		doorbell_wait(self->doorbell);
		atomic_store_explicit(&self->vcpu.runner.statistics->thread, (uint32_t)self->tid,
				      memory_order_relaxed);
		enum vcpu_end end = vcpu_run(&self->vcpu.runner);
		atomic_store_explicit(&self->end, end, memory_order_release);
		doorbell_ring(self->doorbell);
	}
	plain_thread_leave();
}

int vcpu_thread_start(struct vcpu_thread *thread, struct diag *why)
{
	const struct timespec pause = {.tv_nsec = 20000};
	char name[16];
	int error;

	snprintf(name, sizeof(name), "vcpu/%u", thread->vcpu.index);
	error = plain_thread_start(name, vcpu_thread_main, thread);
	while (error == 0 && atomic_load(&thread->ready) == 0)
		nanosleep(&pause, NULL);
	if (error == 0 && atomic_load(&thread->ready) < 0)
		error = atomic_load(&thread->ready);
	if (error != 0)
		return diag_set(why, -error, "the thread of vCPU %u cannot be started (%s)",
				thread->vcpu.index, strerror(-error));
	return 0;
}
