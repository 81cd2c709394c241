// SPDX-License-Identifier: Apache-2.0
/* Put a guest image into guest memory and say in which state its first vCPU enters it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** BOOT_CMDLINE_MAX - longest command line of any protocol, with its terminator. */
enum { BOOT_CMDLINE_MAX = 65536 };

/** BOOT_INITRDS_MAX - most initrds or modules. */
enum { BOOT_INITRDS_MAX = 64 };

struct diag;
struct guest_memory;
struct image;
struct kvm_regs;
struct kvm_sregs;
struct memory_map;

/**
 * struct boot_request - what to boot. Nothing in it is kept.
 * @kernel: a bzImage, a PVH ELF or a Multiboot 1 image.
 * @initrd: @initrd_count images; concatenated for a bzImage, a module each for PVH and Multiboot.
 * @cmdline: given to the guest byte for byte.
 * @rsdp_gpa: where acpi_build() put the RSDP; 0 for a guest without ACPI.
 * @map: from memory_map_plan() of the same memory.
 */
struct boot_request {
	const struct image *kernel;
	const struct image *initrd;
	size_t initrd_count;
	const char *cmdline;
	uint64_t rsdp_gpa;
	const struct memory_map *map;
};

enum boot_mode {
	BOOT_PROTECTED_32, /* flat 32-bit protected mode, paging off */
	BOOT_LONG_64,      /* 64-bit mode, the first 4 GiB mapped one to one */
};

/**
 * struct boot_entry - the state of the boot vCPU at the guest's first instruction; registers that
 * are not named are zero.
 * @protocol: for people, static storage.
 * @cr3: page table root, 64-bit mode only.
 * @gdt_gpa: descriptor table; code is selector 0x10, data 0x18, as Linux asks and GRUB does.
 */
struct boot_entry {
	const char *protocol;
	enum boot_mode mode;
	uint64_t rip;
	uint64_t rax;
	uint64_t rbx;
	uint64_t rsi;
	uint64_t cr3;
	uint64_t gdt_gpa;
};

/**
 * boot_load() - load kernel, initrds, command line and boot structures into mapped guest memory.
 * @memory: mapped; RAM outside what is loaded is left alone.
 * @ret: set on success only.
 * @why: the first rule the image breaks or what does not fit, with sizes and the remedy. On failure
 * the guest's memory holds anything and must not be run.
 *
 * Every image is hostile: all offsets, counts and addresses in it are checked against the file and
 * against guest memory. Single-threaded, before vCPUs run. Stage: apply.
 * Linux Documentation/arch/x86/boot.rst; Xen docs/misc/pvh.pandoc and
 * xen/include/public/arch-x86/hvm/start_info.h; Multiboot Specification 0.6.96.
 * Returns 0; -ENOEXEC not an image we boot; -EINVAL malformed; -ENOMEM does not fit; -E2BIG command
 * line too long.
 */
int boot_load(const struct guest_memory *memory, const struct boot_request *request,
	      struct boot_entry *ret, struct diag *why);

/**
 * boot_entry_registers() - the entry as KVM registers.
 * @regs: overwritten.
 * @sregs: from KVM_GET_SREGS of the boot vCPU; segments, descriptor tables, control registers and
 * EFER are set, all else (apic_base above all) is kept.
 *
 * Pure.
 */
void boot_entry_registers(const struct boot_entry *entry, struct kvm_regs *regs,
			  struct kvm_sregs *sregs);
