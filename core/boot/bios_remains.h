// SPDX-License-Identifier: Apache-2.0
/*
 * What every PC's firmware leaves behind in the first mebibyte, and guests rely on without asking:
 * where conventional memory ends, interrupt vectors, and a reset vector. There is no firmware here.
 */
#pragma once

struct diag;
struct guest_memory;

/**
 * bios_remains_write() - write them.
 *
 * The BIOS data area: segment of the extended area (0x40e) and KiB of conventional memory (0x413), as
 * the memory map has it; Xen puts its real-mode code below what they say.
 * 256 real-mode vectors, each to a handler that says "no such function" (carry set): a guest that
 * calls the BIOS hears no instead of running through zeros.
 * F000:FFF0, which restarts a PC: writes the ACPI reset register. Linux runs it to reboot a
 * hardware-reduced machine that no EFI started (arch/x86/kernel/reboot.c, BOOT_EFI, then BOOT_BIOS).
 *
 * Stage: apply, before the guest is loaded. Returns 0; -ENOMEM without memory up to 1 MiB.
 */
int bios_remains_write(const struct guest_memory *memory, struct diag *why);
