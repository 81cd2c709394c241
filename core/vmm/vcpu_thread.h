// SPDX-License-Identifier: Apache-2.0
/* The thread of one vCPU: it confines itself, waits to be promoted, runs the guest, and exits. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/kvm/vcpu.h"

struct diag;
struct doorbell;
struct filter;

/**
 * struct vcpu_thread - one thread.
 * @ready: 0 until it has confined itself; then 1, or -errno.
 * @end: VCPU_RUNNING until the vCPU has ended; then the value is in @vcpu.
 */
struct vcpu_thread {
	struct vcpu vcpu;
	pid_t tid;
	struct doorbell *doorbell;
	const struct filter *filter;
	atomic_int ready;
	atomic_uint_fast32_t end;
};

/**
 * vcpu_thread_start() - create the thread, SCHED_OTHER; it confines itself and stops at the gate.
 *
 * The gate is the doorbell itself: held shut, its counter is full, so that a write(2) to it blocks,
 * and that is the one call besides ioctl and exit the confined thread still has. Main thread.
 * Returns 0 once the thread stands at the gate, or -errno with @why.
 */
int vcpu_thread_start(struct vcpu_thread *thread, struct diag *why);
