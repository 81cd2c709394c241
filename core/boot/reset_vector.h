// SPDX-License-Identifier: Apache-2.0
/* The one piece of firmware a guest may jump to: the PC's reset vector, which resets the machine. */
#pragma once

struct diag;
struct guest_memory;

/**
 * reset_vector_write() - put a few bytes of real-mode code at 0xffff0.
 *
 * A PC restarts when it is told to run F000:FFF0. Linux does so to reboot a hardware-reduced machine
 * that it was not started on by EFI (arch/x86/kernel/reboot.c, BOOT_EFI falling through to BOOT_BIOS).
 * The code writes the ACPI reset register. Stage: apply. Returns 0; -ENOMEM without memory there.
 */
int reset_vector_write(const struct guest_memory *memory, struct diag *why);
