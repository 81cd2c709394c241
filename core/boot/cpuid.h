// SPDX-License-Identifier: Apache-2.0
/* The CPU a guest sees: what KVM supports, cut to what keeps a deadline, with one plain topology. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct diag;
struct kvm_cpuid2;

enum {
	CPUID_ENTRIES_MAX = 256, /* KVM takes no more */
	CPUID_VCPUS_MAX = 1024,
	CPUID_TSC_KHZ_MIN = 100000,
	CPUID_TSC_KHZ_MAX = 8000000,
};

/** KVM's local APIC timer counts nanoseconds (APIC_BUS_CYCLE_NS, arch/x86/kvm/lapic.h). */
#define CPUID_LAPIC_KHZ UINT32_C(1000000)

/**
 * struct cpuid_request - one vCPU of a guest.
 * @vcpu: its index, which is its APIC id.
 * @vcpus: how many the guest has: one package of that many cores without siblings.
 * @tsc_khz: what KVM_GET_TSC_KHZ returned; CPUID_TSC_KHZ_MIN to CPUID_TSC_KHZ_MAX.
 * @kvmclock: offer the paravirtual clock (where KVM supports it).
 * @own_cpus: each vCPU has a CPU of its own (KVM_HINTS_REALTIME).
 * @mwait: MONITOR/MWAIT exits are disabled (KVM_CAP_X86_DISABLE_EXITS), so the guest may use them.
 * @nested: show VMX or SVM.
 */
struct cpuid_request {
	unsigned vcpu;
	unsigned vcpus;
	uint32_t tsc_khz;
	bool kvmclock;
	bool own_cpus;
	bool mwait;
	bool nested;
};

/**
 * cpuid_plan() - the table for KVM_SET_CPUID2 of one vCPU.
 * @supported: from KVM_GET_SUPPORTED_CPUID; the local APIC must be in the kernel, with
 * KVM_CAP_TSC_DEADLINE_TIMER.
 * @ret: nent is its capacity on entry (as for KVM's own calls), the count of entries on success.
 *
 * Pure; the same for every host vendor. Intel SDM volume 2A CPUID; AMD APM volume 3 appendix E;
 * Linux Documentation/virt/kvm/x86/cpuid.rst.
 * Returns 0; -EINVAL for a request out of range or a table without leaves 0 and 1; -E2BIG when @ret
 * is too small.
 */
int cpuid_plan(const struct kvm_cpuid2 *supported, const struct cpuid_request *want,
	       struct kvm_cpuid2 *ret, struct diag *why);
