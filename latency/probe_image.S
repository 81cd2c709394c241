// SPDX-License-Identifier: Apache-2.0
/* The PVH probe guest, built before this file is assembled. */
	.section .rodata
	.balign 16
	.global probe_elf, probe_elf_end
probe_elf:
	.incbin "probe/probe.elf"
probe_elf_end:

	.section .note.GNU-stack, "", @progbits
