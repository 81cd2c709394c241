// SPDX-License-Identifier: Apache-2.0
/*
 * The one piece of firmware a guest may jump to: the real-mode entry at FFFF:0000 that restarts a PC.
 *
 * Linux on hardware-reduced ACPI prefers EFI's reset to the FADT's reset register
 * (efi_reboot_required()), and without EFI falls through to the BIOS (machine_real_restart()), where
 * it would run zeros for ever.
 */
#pragma once

struct diag;
struct guest_memory;

/**
 * reset_vector_load() - write code at RESET_VECTOR_GPA that uses ACPI's reset register.
 *
 * Stage: apply, before vCPUs run. Returns 0; -ENOMEM where guest memory ends below.
 */
int reset_vector_load(const struct guest_memory *memory, struct diag *why);
