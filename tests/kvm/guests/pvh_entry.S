/* SPDX-License-Identifier: Apache-2.0 */
/* PVH (Xen docs/misc/pvh.pandoc): 32-bit protected mode, %ebx holds the start info's address. */
	.section .note.Xen, "a", @note
	.balign 4
	.long 4				/* name bytes */
	.long 4				/* descriptor bytes */
	.long 18			/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long pvh_entry

	.text
	.code32
	.globl pvh_entry
pvh_entry:
	cld
	movl %ebx, %esi
	jmp enter_long_mode

	.section .note.GNU-stack, "", @progbits
