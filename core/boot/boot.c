// SPDX-License-Identifier: Apache-2.0
#include "core/boot/boot.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/bzimage.h"
#include "core/boot/entry_tables.h"
#include "core/boot/image.h"
#include "core/boot/multiboot.h"
#include "core/boot/placement.h"
#include "core/boot/pvh.h"

/* Intel SDM volume 3: sections 2.5 (control registers), 2.2.1 (EFER), 3.4.5 (descriptors). */
#define CR0_PE UINT64_C(0x1)
#define CR0_ET UINT64_C(0x10)
#define CR0_PG UINT64_C(0x80000000)
#define CR4_PAE UINT64_C(0x20)
#define EFER_LME UINT64_C(0x100)
#define EFER_LMA UINT64_C(0x400)
#define RFLAGS_RESERVED UINT64_C(0x2)

enum {
	SEGMENT_DATA = 0x3, /* read, write, accessed */
	SEGMENT_CODE = 0xb, /* execute, read, accessed */
	SEGMENT_BUSY_TSS = 0xb,
	TSS_LIMIT = 0x67,
};

static int check_request(const struct boot_request *request, struct diag *why)
{
	if (request->initrd_count > BOOT_INITRDS_MAX)
		return diag_set(why, EINVAL, "there are %zu initrds, more than %d", request->initrd_count,
				BOOT_INITRDS_MAX);
	if (strnlen(request->cmdline, BOOT_CMDLINE_MAX) == BOOT_CMDLINE_MAX)
		return diag_set(why, E2BIG, "the command line is longer than %d bytes",
				BOOT_CMDLINE_MAX - 1);
	return 0;
}

static int load_kind(enum image_kind kind, struct placement *placement,
		     const struct boot_request *request, struct boot_entry *ret, struct diag *why)
{
	switch (kind) {
	case IMAGE_BZIMAGE:
		return bzimage_load(placement, request, ret, why);
	case IMAGE_PVH:
		return pvh_load(placement, request, ret, why);
	case IMAGE_MULTIBOOT:
		return multiboot_load(placement, request, ret, why);
	case IMAGE_UNKNOWN:
		break;
	}
	return diag_set(why, ENOEXEC, "is no bootable image");
}

int boot_load(const struct guest_memory *memory, const struct boot_request *request,
	      struct boot_entry *ret, struct diag *why)
{
	struct placement placement;
	enum image_kind kind = IMAGE_UNKNOWN;
	int error = check_request(request, why);

	if (error != 0)
		return error;
	error = image_detect(request->kernel, &kind, why);
	if (error == 0) {
		placement_init(&placement, memory, request->map);
		error = load_kind(kind, &placement, request, ret, why);
	}
	if (error == 0)
		return 0;
	diag_at(why, request->kernel->path, 0, 0);
	/* The many ways in which an image can be damaged have one remedy. */
	if (why != NULL && why->remedy[0] == '\0')
		diag_remedy(why, "the file is damaged, or no kernel for this protocol: copy or build it again");
	return error;
}

static struct kvm_segment flat_segment(uint16_t selector, uint8_t type)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.db = 1,
		.s = 1,
		.g = 1,
	};
}

static void set_segments(const struct boot_entry *entry, struct kvm_sregs *sregs)
{
	sregs->cs = flat_segment(ENTRY_CODE_SELECTOR, SEGMENT_CODE);
	if (entry->mode == BOOT_LONG_64) {
		sregs->cs.l = 1;
		sregs->cs.db = 0;
	}
	sregs->ds = flat_segment(ENTRY_DATA_SELECTOR, SEGMENT_DATA);
	sregs->es = sregs->fs = sregs->gs = sregs->ss = sregs->ds;
	/* PVH asks for an active task state segment; none of the protocols for a descriptor of it. */
	sregs->tr = (struct kvm_segment){
		.limit = TSS_LIMIT, .type = SEGMENT_BUSY_TSS, .present = 1 };
	sregs->ldt = (struct kvm_segment){ .unusable = 1 };
	sregs->gdt = (struct kvm_dtable){ .base = entry->gdt_gpa, .limit = ENTRY_GDT_BYTES - 1 };
	sregs->idt = (struct kvm_dtable){ .base = 0, .limit = 0 };
}

void boot_entry_registers(const struct boot_entry *entry, struct kvm_regs *regs,
			  struct kvm_sregs *sregs)
{
	*regs = (struct kvm_regs){
		.rax = entry->rax,
		.rbx = entry->rbx,
		.rsi = entry->rsi,
		.rip = entry->rip,
		.rflags = RFLAGS_RESERVED,
	};
	set_segments(entry, sregs);
	/* Not what a reset leaves: its CD and NW would have the guest run uncached. */
	sregs->cr0 = CR0_PE | CR0_ET;
	sregs->cr2 = 0;
	sregs->cr3 = 0;
	sregs->cr4 = 0;
	sregs->efer = 0;
	if (entry->mode == BOOT_LONG_64) {
		sregs->cr0 |= CR0_PG;
		sregs->cr3 = entry->cr3;
		sregs->cr4 = CR4_PAE;
		sregs->efer = EFER_LME | EFER_LMA;
	}
}
