// SPDX-License-Identifier: Apache-2.0
/* One KVM virtual machine: the in-kernel interrupt chips, guest memory, and no PIT. */
#pragma once

#include <stdint.h>

struct diag;
struct guest_memory;
struct kvm_cpuid2;

/**
 * struct vm - @kvm and @fd: /dev/kvm and the VM; @spare_apic: see spare_apic.h; -1 where closed.
 * @vcpus_max: KVM's limit.
 * @run_bytes: size of a vCPU's kvm_run mapping.
 */
struct vm {
	int kvm;
	int fd;
	int spare_apic;
	unsigned vcpus_max;
	uint32_t run_bytes;
};

/**
 * vm_open() - open /dev/kvm and create a VM with local APICs and an I/O APIC in the kernel.
 * @exits_disabled: bits of KVM_CAP_X86_DISABLE_EXITS; each must be one the host can disable.
 * @ret: set on success; the caller ends it with vm_done().
 * @why: no /dev/kvm, no permission, an API or capability missing; each with its remedy.
 *
 * Stage: apply. KVM API: Documentation/virt/kvm/api.rst. The exits are disabled before any vCPU
 * exists, as KVM wants. Returns 0 or -errno.
 */
int vm_open(unsigned exits_disabled, struct vm *ret, struct diag *why);
void vm_done(struct vm *vm);

/** vm_set_memory() - one memory slot per region of a mapped guest memory. Returns 0 or -errno. */
int vm_set_memory(const struct vm *vm, const struct guest_memory *memory, struct diag *why);

/** vm_supported_cpuid() - KVM_GET_SUPPORTED_CPUID; @ret->nent is its capacity on entry. */
int vm_supported_cpuid(const struct vm *vm, struct kvm_cpuid2 *ret, struct diag *why);
