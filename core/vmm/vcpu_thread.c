// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/vcpu_thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/statistics.h"
#include "core/vmm/confine.h"

/* Locked whole; the run path needs a few hundred bytes of it, a sanitizer's reports the rest. */
enum { STACK_BYTES = 65536 };

static int confine_self(const struct vcpu_thread *self)
{
	int error = confine_capabilities(KEEP_NOTHING);

	return error != 0 ? error : filter_install(self->filter);
}

/* pthread_exit() would give the stack back to the system, which the filter rightly refuses. */
static _Noreturn void leave(void)
{
	for (;;)
		syscall(SYS_exit, 0);
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
	leave();
}

static int create(struct vcpu_thread *thread)
{
	pthread_attr_t attributes;
	sigset_t all;
	sigset_t old;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -error;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* Whoever started us may be real-time itself: nothing of that is inherited. */
	if (error == 0)
		error = pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	if (error == 0)
		error = pthread_create(&thread->thread, &attributes, vcpu_thread_main, thread);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

int vcpu_thread_start(struct vcpu_thread *thread, struct diag *why)
{
	const struct timespec pause = {.tv_nsec = 20000};
	char name[16];
	int error = create(thread);

	snprintf(name, sizeof(name), "vcpu/%u", thread->vcpu.index);
	if (error == 0)
		error = -pthread_setname_np(thread->thread, name);
	while (error == 0 && atomic_load(&thread->ready) == 0)
		nanosleep(&pause, NULL);
	if (error == 0 && atomic_load(&thread->ready) < 0)
		error = atomic_load(&thread->ready);
	if (error != 0)
		return diag_set(why, -error, "the thread of vCPU %u cannot be started (%s)",
				thread->vcpu.index, strerror(-error));
	return 0;
}
