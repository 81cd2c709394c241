// SPDX-License-Identifier: Apache-2.0
/*
 * The run path: enter the guest, answer what it could not do alone, enter again.
 *
 * This is the one piece of code that runs beside a deadline. It allocates nothing, locks nothing,
 * logs nothing and makes no syscall but ioctl(KVM_RUN); the undefined symbols of its object file are
 * held against vcpu_run.allow at build time, and the thread's seccomp filter holds it at run time.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct kvm_run;
struct trap_table;
struct vcpu_statistics;

/** enum vcpu_end - why a vCPU stopped for good. */
enum vcpu_end {
	VCPU_RUNNING,
	VCPU_END_POWER_OFF,
	VCPU_END_RESET,
	VCPU_END_EXIT_PORT,      /* value: the byte the guest wrote */
	VCPU_END_TRIPLE_FAULT,   /* KVM_EXIT_SHUTDOWN */
	VCPU_END_INTERNAL_ERROR, /* value: KVM's suberror */
	VCPU_END_FAIL_ENTRY,     /* value: the hardware's reason */
	VCPU_END_RUN_FAILED,     /* value: positive errno of KVM_RUN */
	VCPU_END_UNKNOWN_EXIT,   /* value: the exit reason */
};

/**
 * struct seal - the real-time phase of a partition, shared by its vCPUs.
 * @ready: all guest memory is resident; nothing is sealed before. Set once.
 * @sealed: true from the moment the partition is sealed.
 * @tsc: when the guest last sealed itself; 0 when it never did.
 * @exit_budget: userspace exits a sealed vCPU may make; const while vCPUs run.
 */
struct seal {
	atomic_bool ready;
	atomic_bool sealed;
	atomic_uint_fast64_t tsc;
	uint64_t exit_budget;
};

/**
 * struct vcpu_runner - what the run path needs of a vCPU, nothing more.
 * @fd, @run: the vCPU's descriptor and its shared kvm_run page, which KVM writes.
 * @last_trap: the trap that answered last, or NULL: guests keep at one device for a while.
 * @end_value: set before vcpu_run() returns.
 */
struct vcpu_runner {
	int fd;
	struct kvm_run *run;
	const struct trap_table *traps;
	const struct trap *last_trap;
	struct vcpu_statistics *statistics;
	struct seal *seal;
	uint64_t end_value;
};

/**
 * vcpu_run() - run a vCPU until its machine ends. For its own vCPU thread alone.
 *
 * Returns why it ended; never VCPU_RUNNING.
 */
enum vcpu_end vcpu_run(struct vcpu_runner *vcpu);
