// SPDX-License-Identifier: Apache-2.0
/* ELF executables of both classes, read with every bound checked. System V ABI, chapters 4 and 5. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct diag;
struct image;
struct placement;

enum { ELF_SEGMENTS_MAX = 64 };

/** struct elf_file - a checked header; @image is borrowed. */
struct elf_file {
	const struct image *image;
	bool is64;
	uint64_t entry;
	uint64_t table_offset;
	unsigned count;
};

/** struct elf_segment - one program header of either class. */
struct elf_segment {
	uint32_t type;
	uint64_t offset;
	uint64_t virtual_address;
	uint64_t physical_address;
	uint64_t file_bytes;
	uint64_t memory_bytes;
	uint64_t align;
};

/** struct elf_loaded - the lowest and the end of the highest address loaded. */
struct elf_loaded {
	uint64_t gpa;
	uint64_t end;
};

/** elf_is() - whether an image begins as an ELF file does. */
bool elf_is(const struct image *image);

/** elf_open() - check the header. Returns 0 or -EINVAL; @ret is set on success only. */
int elf_open(const struct image *image, struct elf_file *ret, struct diag *why);

/**
 * elf_segment() - program header @index, below @elf->count.
 *
 * On success its bytes lie inside the file, and its memory does not wrap around.
 * Returns 0 or -EINVAL.
 */
int elf_segment(const struct elf_file *elf, unsigned index, struct elf_segment *ret,
		struct diag *why);

/**
 * elf_pvh_entry() - the address in a XEN_ELFNOTE_PHYS32_ENTRY note.
 *
 * Returns 0; -ENOENT where there is none; -EINVAL for malformed headers or an address above 4 GiB.
 */
int elf_pvh_entry(const struct elf_file *elf, uint64_t *ret_entry, struct diag *why);

/**
 * elf_load() - copy all PT_LOAD segments to their physical addresses, the rest of each zeroed.
 *
 * Returns 0; -EINVAL malformed or nothing to load; -ENOMEM does not fit.
 */
int elf_load(const struct elf_file *elf, struct placement *placement, struct elf_loaded *ret,
	     struct diag *why);

/** elf_check_physical() - whether a PT_LOAD segment holds physical @address. Returns 0 or -EINVAL. */
int elf_check_physical(const struct elf_file *elf, uint64_t address, struct diag *why);

/**
 * elf_physical() - where the virtual or physical address @address is loaded.
 *
 * Returns 0, or -EINVAL where no PT_LOAD segment holds it.
 */
int elf_physical(const struct elf_file *elf, uint64_t address, uint64_t *ret_gpa, struct diag *why);
