// SPDX-License-Identifier: Apache-2.0
/* The lock around an emulated device's registers: taken by vCPU threads only, for a few instructions. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

/**
 * struct vcpu_lock - a spin lock; all zeros is unlocked.
 *
 * It spins because a vCPU thread may make no syscall, so nothing could wake one that sleeps. The
 * wait is bounded under each policy a partition can have, also where vCPU threads share a CPU:
 *
 * - FIFO: all vCPU threads of a partition have one priority, so a waiter never preempts the holder;
 *   a holder preempted by something higher goes back to the head of its list and runs before any
 *   waiter of that CPU does.
 * - DEADLINE: a waiter with an earlier deadline can preempt the holder and then spins at most until
 *   its own runtime is spent, which throttles it.
 * - OTHER: at most until the waiter's time slice ends.
 *
 * Never taken by another kind of thread, nor held across a syscall.
 */
struct vcpu_lock {
	atomic_bool held;
};

static inline void vcpu_lock(struct vcpu_lock *lock)
{
	while (atomic_exchange_explicit(&lock->held, true, memory_order_acquire))
		while (atomic_load_explicit(&lock->held, memory_order_relaxed))
			__builtin_ia32_pause();
}

static inline void vcpu_unlock(struct vcpu_lock *lock)
{
	atomic_store_explicit(&lock->held, false, memory_order_release);
}
