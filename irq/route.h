// SPDX-License-Identifier: Apache-2.0
/* Where each GSI leads inside a guest: KVM's interrupt routing table. */
#pragma once

struct diag;
struct vm;

enum { ROUTE_IOAPIC_PINS = 24 };

/**
 * route_apply() - GSI n to I/O APIC pin n, and to nothing else.
 *
 * KVM's own default also leads the first 16 to the 8259 pair, which reset leaves unmasked with vector
 * base 0: a guest of a hardware-reduced machine, which has no 8259 to program, would take each device
 * interrupt a second time, as an exception. KVM_SET_GSI_ROUTING, Documentation/virt/kvm/api.rst.
 * Stage: apply, before vCPUs run. Returns 0 or -errno with @why.
 */
int route_apply(const struct vm *vm, struct diag *why);
