/* SPDX-License-Identifier: Apache-2.0 */
/* Both entries of a bzImage get the boot parameters in %esi; the 64-bit one is 0x200 further. */
	.section .entry, "awx"
	.globl entry_32
	.code32
entry_32:
	cld
	cli
	movl $0x18, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $0, entered_64
	jmp enter_long_mode

	.org 0x200
	.code64
entry_64:
	cld
	cli
	movq $stack_top, %rsp
	movl $1, entered_64
	movq %rsi, %rdi
	call guest_start
1:	hlt
	jmp 1b

	.globl entered_64
	.balign 4
entered_64:
	.long 0

	.section .note.GNU-stack, "", @progbits
