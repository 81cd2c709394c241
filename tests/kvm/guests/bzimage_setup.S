/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The setup sectors of a minimal bzImage: the header a 64-bit loader reads, and the 16-bit code a
 * BIOS loader runs instead. Linux Documentation/arch/x86/boot.rst, protocol 2.12.
 */
	.section .setup, "awx"
	.code16
	.org 0x1f1
	.byte setup_sectors		/* setup_sects */
	.word 0				/* root_flags */
	.long image_paragraphs		/* syssize */
	.word 0, 0xffff, 0		/* ram_size, vid_mode, root_dev */
	.word 0xaa55			/* boot_flag */
	.byte 0xeb, header_end - 1f	/* jump over the header */
1:	.ascii "HdrS"
	.word 0x020c			/* version */
	.long 0				/* realmode_swtch */
	.word 0, 0			/* start_sys_seg, kernel_version */
	.byte 0				/* type_of_loader */
	.byte 0x01			/* loadflags: LOADED_HIGH */
	.word 0				/* setup_move_size */
	.long 0x100000			/* code32_start */
	.long 0, 0			/* ramdisk_image, ramdisk_size */
	.long 0				/* bootsect_kludge */
	.word 0xfe00			/* heap_end_ptr */
	.byte 0, 0			/* ext_loader_ver, ext_loader_type */
	.long 0				/* cmd_line_ptr */
	.long 0x7fffffff		/* initrd_addr_max */
	.long 0x200000			/* kernel_alignment */
	.byte 0				/* relocatable_kernel */
	.byte 21			/* min_alignment */
	.word 0x1			/* xloadflags: XLF_KERNEL_64 */
	.long 2047			/* cmdline_size */
	.long 0				/* hardware_subarch */
	.quad 0				/* hardware_subarch_data */
	.long 0, 0			/* payload_offset, payload_length */
	.quad 0				/* setup_data */
	.quad 0x100000			/* pref_address */
	.long image_bytes		/* init_size */
	.long 0				/* handover_offset */
header_end:

	/*
	 * This segment is laid out as the boot parameters are where it matters here: the header a
	 * loader completed is at 0x1f1 of both. So its address is what the 32-bit entry gets.
	 */
	cli
	xorl %esi, %esi
	movw %cs, %si
	subw $0x20, %si			/* entered at segment + 0x20 */
	movw %si, %ds
	shll $4, %esi
	leal setup_gdt(%esi), %eax
	movl %eax, setup_gdt_pointer + 2
	lgdtl setup_gdt_pointer
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	ljmpl $0x10, $entry_32

	.balign 8
setup_gdt:
	.quad 0, 0
	.quad 0x00cf9b000000ffff	/* 0x10: __BOOT_CS */
	.quad 0x00cf93000000ffff	/* 0x18: __BOOT_DS */
setup_gdt_pointer:
	.word . - setup_gdt - 1
	.long 0

	.section .note.GNU-stack, "", @progbits
