// SPDX-License-Identifier: Apache-2.0
/* Which interrupts of the running host user space cannot move, asked of the kernel itself. */
#pragma once

struct host_files;

/**
 * live_interrupts() - put /bulkhead/fixed-interrupts into a snapshot that has /proc/irq already.
 *
 * Each interrupt's smp_affinity_list is given a text that is no list of CPUs. The kernel refuses it, and
 * nothing changes: first for the interrupt, if its CPUs are the kernel's alone (EIO, since Linux 6.12 EPERM),
 * and only then for the text (EINVAL): write_irq_affinity() in kernel/irq/proc.c. What else would tell is in
 * debugfs, which most kernels are built without (CONFIG_GENERIC_IRQ_DEBUGFS).
 * Returns 0 or -ENOMEM.
 */
int live_interrupts(struct host_files *files);
