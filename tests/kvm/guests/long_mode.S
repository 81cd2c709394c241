/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enter_long_mode: from 32-bit protected mode without paging into 64-bit mode, with the first 4 GiB
 * mapped one to one in pages of 2 MiB. Jumped to with %esi holding the argument for guest_start(),
 * which it calls on a stack of its own.
 */
	.globl enter_long_mode, page_table_root, directory_pointers, gdt_pointer, stack_top

	.text
	.code32
enter_long_mode:
	movl $page_directories, %edi
	movl $0x83, %eax		/* present, writable, 2 MiB */
	movl $2048, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b

	movl $page_directories + 3, %eax
	movl $directory_pointers, %edi
	movl $4, %ecx
2:	movl %eax, (%edi)
	addl $4096, %eax
	addl $8, %edi
	loop 2b
	movl $directory_pointers + 3, page_table_root

	movl %cr4, %eax
	orl $0x20, %eax			/* PAE */
	movl %eax, %cr4
	movl $page_table_root, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER */
	rdmsr
	orl $0x100, %eax		/* LME */
	wrmsr
	movl %cr0, %eax
	orl $0x80000001, %eax		/* PG, PE */
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $0x08, $3f

	.code64
3:	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movq $stack_top, %rsp
	xorl %ebp, %ebp
	movl %esi, %edi
	call guest_start
4:	cli
	hlt
	jmp 4b

	.data
	.balign 8
gdt:	.quad 0
	.quad 0x00af9b000000ffff	/* 0x08: 64-bit code */
	.quad 0x00cf93000000ffff	/* 0x10: data */
gdt_pointer:
	.word . - gdt - 1
	.long gdt
	.long 0				/* 64-bit code loads ten bytes */

	.bss
	.balign 4096
page_table_root:
	.skip 4096
directory_pointers:
	.skip 4096
page_directories:
	.skip 4 * 4096
	.skip 16384
stack_top:

	.section .note.GNU-stack, "", @progbits
