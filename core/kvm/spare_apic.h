// SPDX-License-Identifier: Apache-2.0
/*
 * A local APIC that is off, in a VM of its own whose one vCPU never runs.
 *
 * KVM has host-wide switches in its code (static keys: arch/x86/kvm/lapic.c, apic_sw_disabled) that are
 * on while any local APIC of any VM is off. An APIC is off from its vCPU's creation until the guest turns
 * it on, so every VM that starts would flip the switch twice, and a guest can at any time. To flip it is
 * to rewrite the kernel's code: three interrupts to every CPU, also those of the other partitions. As long
 * as there is one APIC that stays off, it is never flipped.
 */
#pragma once

struct diag;

/**
 * spare_apic_open() - make one, before any other vCPU of this process.
 * @kvm: /dev/kvm; not kept.
 * @why: what KVM refused.
 *
 * Stage: apply. Returns a file descriptor, which the caller closes, or -errno.
 */
int spare_apic_open(int kvm, struct diag *why);
