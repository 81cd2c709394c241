// SPDX-License-Identifier: Apache-2.0
/* One edge-triggered interrupt line of an emulated device: an eventfd that KVM turns into a GSI. */
#pragma once

struct diag;
struct vm;

/** struct irq_line - @eventfd: what KVM waits on; @gsi: its line. */
struct irq_line {
	int eventfd;
	unsigned gsi;
};

/**
 * irq_line_open() - bind a new eventfd to @gsi (KVM_IRQFD, Documentation/virt/kvm/api.rst).
 * @ret: set on success; it lasts as long as the process, as its VM does.
 *
 * Stage: apply. Returns 0 or -errno with @why.
 */
int irq_line_open(const struct vm *vm, unsigned gsi, struct irq_line *ret, struct diag *why);

/** irq_line_pulse() - one edge. A write(2): for the main thread, never for a vCPU thread. */
void irq_line_pulse(const struct irq_line *line);
