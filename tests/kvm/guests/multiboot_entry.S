/* SPDX-License-Identifier: Apache-2.0 */
/* Multiboot 0.6.96: 32-bit protected mode, %eax the magic, %ebx the information's address. */
	.section .multiboot, "a"
	.balign 4
	.long 0x1badb002
	.long 0x3			/* modules on page borders; memory information */
	.long -(0x1badb002 + 0x3)

	.text
	.globl multiboot_entry
multiboot_entry:
	movl $stack_top, %esp
	cld
	pushl %ebx
	pushl %eax
	call guest_start
1:	cli
	hlt
	jmp 1b

	.bss
	.balign 16
	.skip 16384
stack_top:

	.section .note.GNU-stack, "", @progbits
