// SPDX-License-Identifier: Apache-2.0
/*
 * From the loader's 32-bit protected mode (PVH or Multiboot, told apart in C) to 64-bit C; the same
 * way for the second vCPU from real mode; and the interrupt stubs.
 */
#include "latency/probe/layout.h"

	/* PVH: a Xen note whose type 18 (XEN_ELFNOTE_PHYS32_ENTRY) is the 32-bit entry. */
	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, 18
	.asciz "Xen"
	.long probe_entry

	.section .text.entry, "ax", @progbits
	.code32
	.globl probe_entry
probe_entry:
	/* The first thing that happens: the banner's first byte, for whoever times the start. */
	movl	%eax, %edi
	movl	%ebx, %esi
	movw	$0x3f8, %dx
	movb	$'b', %al
	outb	%al, %dx
	cli
	cld
	xorl	%ebp, %ebp
	lgdtl	gdt_pointer
	jmp	enter_long_mode

ap_entry32:
	movl	$1, %ebp

	/* %ebp: 0 on the boot vCPU, 1 on others. %edi, %esi: what the loader left in %eax, %ebx. */
enter_long_mode:
	movw	$SELECTOR_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	%cr4, %eax
	orl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$page_map, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	orl	$0x100, %eax		/* LME */
	wrmsr
	movl	%cr0, %eax
	andl	$0x9fffffff, %eax	/* CD and NW off: vCPUs come out of INIT with them on */
	orl	$0x80000001, %eax	/* PG, PE */
	movl	%eax, %cr0
	ljmpl	$SELECTOR_CODE64, $entry64

	.code64
entry64:
	testl	%ebp, %ebp
	jnz	ap_entry64
	movl	$stack_top, %esp
	call	probe_main
	jmp	park

ap_entry64:
	/* The first vCPU to come takes part; any further ones sleep, and need no stack for it. */
	movl	$1, %eax
	lock xaddl %eax, ap_ticket(%rip)
	testl	%eax, %eax
	jnz	park
	movl	$ap_stack_top, %esp
	call	ap_main
	.globl park
park:
	cli
	hlt
	jmp	park

	/* Copied to AP_TRAMPOLINE; runs there in real mode with %cs = AP_TRAMPOLINE >> 4. */
	.code16
	.globl ap_trampoline, ap_trampoline_end
ap_trampoline:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	AP_TRAMPOLINE + (ap_gdt_pointer - ap_trampoline)
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$SELECTOR_CODE32, $ap_entry32
	.balign 4
ap_gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
ap_trampoline_end:
	.code64

	/* An interrupt that only leaves its time: whoever waited for it acknowledges it. */
	.macro	STAMP name, variable
	.globl	\name
\name:
	pushq	%rax
	pushq	%rdx
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, \variable(%rip)
	popq	%rdx
	popq	%rax
	iretq
	.endm

	.text
	STAMP	timer_stub, timer_tsc
	STAMP	ipi_there_stub, ipi_there_tsc
	STAMP	ipi_back_stub, ipi_back_tsc

	.globl spurious_stub
spurious_stub:
	iretq

	.macro	EXCEPTION vector
exception_\vector:
	/* 8, 10-14, 17, 21, 29, 30 push an error code themselves (SDM vol. 3, table 6-1; APM 8.2). */
	.if	(\vector == 8) || ((\vector >= 10) && (\vector <= 14)) || (\vector == 17) || \
		(\vector == 21) || (\vector == 29) || (\vector == 30)
	.else
	pushq	$0
	.endif
	pushq	$\vector
	jmp	exception_common
	.endm

	.irp	vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	EXCEPTION \vector
	.endr

	.globl timer_resume_stub
timer_resume_stub:
	pushq	$0
	pushq	$VECTOR_TIMER
exception_common:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	cld
	leaq	72(%rsp), %rdi
	call	exception_handle
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

	.section .rodata
	.balign 8
	.globl exception_stubs
exception_stubs:
	.irp	vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.quad	exception_\vector
	.endr

	.data
	.balign 8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 32-bit code, flat */
	.quad	0x00cf93000000ffff	/* data, flat */
	.quad	0x00af9b000000ffff	/* 64-bit code */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt

	/*
	 * The first 4 GiB, one to one, in 2 MiB pages: written out here so that no start-up time goes
	 * into them. Present, writable, accessed, dirty; the last GiB, all devices, uncached.
	 */
	.balign 4096
page_map:
	.quad	page_directory_pointers + 0x23
	.fill	511, 8, 0
page_directory_pointers:
	.quad	page_directories + 0x0023
	.quad	page_directories + 0x1023
	.quad	page_directories + 0x2023
	.quad	page_directories + 0x3023
	.fill	508, 8, 0
page_directories:
	.set	address, 0
	.rept	1536
	.quad	address + 0xe3
	.set	address, address + 0x200000
	.endr
	.rept	512
	.quad	address + 0xfb
	.set	address, address + 0x200000
	.endr

	.bss
	.balign 16
	.skip	8192
stack_top:
	.skip	4096
ap_stack_top:
	.balign 64
ap_ticket:
	.long	0

	.section .note.GNU-stack, "", @progbits
