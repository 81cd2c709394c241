// SPDX-License-Identifier: Apache-2.0
/* The probe guest's ELF file, which the program carries within itself. */
#pragma once

/** probe_elf, probe_elf_end - its first byte, and one past its last. */
extern const char probe_elf[], probe_elf_end[];
