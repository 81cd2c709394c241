// SPDX-License-Identifier: Apache-2.0
/* A vCPU as a KVM object: created, given its CPUID and its first state; vcpu_run.h runs it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/kvm/vcpu_run.h"

struct diag;
struct kvm_cpuid2;
struct kvm_regs;
struct kvm_sregs;
struct vm;

/** struct vcpu - @runner.fd is -1 where closed; its traps, statistics and seal are the caller's to set. */
struct vcpu {
	unsigned index;
	uint32_t run_bytes;
	struct vcpu_runner runner;
};

/**
 * vcpu_open() - create vCPU @index of @vm; it waits for INIT/SIPI but for number 0.
 * @ret: set on success; ended with vcpu_done().
 *
 * Stage: apply. Returns 0 or -errno with @why.
 */
int vcpu_open(const struct vm *vm, unsigned index, struct vcpu *ret, struct diag *why);
void vcpu_done(struct vcpu *vcpu);

/** vcpu_tsc_khz() - the frequency of the guest's TSC, in kHz; never 0. Returns 0 or -errno. */
int vcpu_tsc_khz(const struct vcpu *vcpu, uint32_t *ret, struct diag *why);

/** vcpu_set_cpuid() - what CPU it is, and the MSRs that firmware would have set. Returns 0 or -errno. */
int vcpu_set_cpuid(const struct vcpu *vcpu, struct kvm_cpuid2 *cpuid, struct diag *why);

/**
 * vcpu_get_sregs(), vcpu_set_entry() - read the reset state, and put the vCPU at its entry point.
 * Stage: apply, before the vCPU runs. Return 0 or -errno.
 */
int vcpu_get_sregs(const struct vcpu *vcpu, struct kvm_sregs *ret, struct diag *why);
int vcpu_set_entry(const struct vcpu *vcpu, const struct kvm_regs *regs,
		   const struct kvm_sregs *sregs, struct diag *why);

/**
 * vcpu_enter_once() - KVM_RUN up to, and not into, the guest's first instruction.
 *
 * KVM creates its page-recovery thread on a VM's first KVM_RUN, as a child of the caller (Linux 6.14):
 * it is to be the caller's here, not a real-time vCPU thread's on a partition's CPU.
 * Returns 0 or -errno.
 */
int vcpu_enter_once(const struct vcpu *vcpu, struct diag *why);

/** vcpu_rip() - where an ended vCPU stands; 0 when it cannot be told. For the main thread. */
uint64_t vcpu_rip(const struct vcpu *vcpu);
