// SPDX-License-Identifier: Apache-2.0
/*
 * What a vCPU did that userspace saw: counted by the vCPU thread alone, read from outside at any
 * time, without a lock or a wake-up. Lives in memory shared with the process that launched the VMM.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum {
	STATISTICS_REASONS = 64, /* KVM exit reasons; linux/kvm.h ends in the forties */
	STATISTICS_ACCESSES = 64, /* ports and addresses told apart; a power of two */
};

/** enum access_kind - what an entry of the access table counts. Zero marks a free entry. */
enum access_kind {
	ACCESS_NONE,
	ACCESS_PIO_READ,
	ACCESS_PIO_WRITE,
	ACCESS_MMIO_READ,
	ACCESS_MMIO_WRITE,
};

/** struct access_count - one port or address; @key is kind << 60 | address, @count its exits. */
struct access_count {
	atomic_uint_fast64_t key;
	atomic_uint_fast64_t count;
};

/** struct first_exit - the exit that broke the budget; @reason is set last and is ~0 while none has. */
struct first_exit {
	atomic_uint_fast64_t tsc;
	atomic_uint_fast64_t key;
	atomic_uint_fast32_t reason;
};

/**
 * struct vcpu_statistics - one vCPU's ledger.
 * @thread: the kernel's thread id; 0 before the thread runs.
 * @exits: returns of KVM_RUN to userspace, all of them; @by_reason splits them.
 * @access, @access_other: PIO and MMIO by port and address; what found no place in the table.
 * @sealed_exits: those made while the partition was sealed, interruptions by a signal or a tracer
 * apart, which are @sealed_interrupts.
 * @over_budget: the first sealed exit past the budget.
 */
struct vcpu_statistics {
	_Alignas(64) atomic_uint_fast32_t thread;
	atomic_uint_fast64_t exits;
	atomic_uint_fast64_t by_reason[STATISTICS_REASONS];
	struct access_count access[STATISTICS_ACCESSES];
	atomic_uint_fast64_t access_other;
	atomic_uint_fast64_t sealed_exits;
	atomic_uint_fast64_t sealed_interrupts;
	struct first_exit over_budget;
};

/** access_key() - the table's key for an access. */
static inline uint64_t access_key(enum access_kind kind, uint64_t address)
{
	return (uint64_t)kind << 60 | (address & (UINT64_MAX >> 4));
}

static inline enum access_kind access_key_kind(uint64_t key)
{
	return (enum access_kind)(key >> 60);
}

static inline uint64_t access_key_address(uint64_t key)
{
	return key & (UINT64_MAX >> 4);
}

/** exit_reason_name() - "io", "mmio", ... as linux/kvm.h names them; "reason" for an unknown one. */
const char *exit_reason_name(unsigned reason);

/** access_kind_name() - "port read" and so on. */
const char *access_kind_name(enum access_kind kind);
