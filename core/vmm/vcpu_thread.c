// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/vcpu_thread.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/statistics.h"
#include "core/vmm/confine.h"
#include "core/vmm/plain_thread.h"

static int confine_self(const struct vcpu_thread *self)
{
	int error = confine_capabilities(KEEP_NOTHING);

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
