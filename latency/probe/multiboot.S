// SPDX-License-Identifier: Apache-2.0
/* The Multiboot 1 header; only in the file for Multiboot loaders, because QEMU, seeing it, would refuse
 * the 64-bit one. Flags: none; ELF32 program headers tell the rest. */
	.section .multiboot, "a", @progbits
	.balign 4
	.long	0x1badb002
	.long	0
	.long	-0x1badb002

	.section .note.GNU-stack, "", @progbits
