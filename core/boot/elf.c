// SPDX-License-Identifier: Apache-2.0
#include "core/boot/elf.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/image.h"
#include "core/boot/placement.h"

/* Xen public/elfnote.h: the 32-bit entry point of a PVH guest; name "Xen". */
enum { XEN_ELFNOTE_PHYS32_ENTRY = 18 };

/* Notes are a few hundred bytes; a hostile file must not buy minutes of searching. */
enum { NOTES_BYTES_MAX = 1 << 20 };

bool elf_is(const struct image *image)
{
	return image->size >= SELFMAG && memcmp(image->data, ELFMAG, SELFMAG) == 0;
}

static int read_header32(const struct image *image, struct elf_file *elf, unsigned *entry_bytes,
			 unsigned *machine)
{
	Elf32_Ehdr header;

	if (!image_has(image, 0, sizeof(header)))
		return -EINVAL;
	memcpy(&header, image->data, sizeof(header));
	elf->entry = header.e_entry;
	elf->table_offset = header.e_phoff;
	elf->count = header.e_phnum;
	*entry_bytes = header.e_phentsize;
	*machine = header.e_machine;
	return 0;
}

static int read_header64(const struct image *image, struct elf_file *elf, unsigned *entry_bytes,
			 unsigned *machine)
{
	Elf64_Ehdr header;

	if (!image_has(image, 0, sizeof(header)))
		return -EINVAL;
	memcpy(&header, image->data, sizeof(header));
	elf->entry = header.e_entry;
	elf->table_offset = header.e_phoff;
	elf->count = header.e_phnum;
	*entry_bytes = header.e_phentsize;
	*machine = header.e_machine;
	return 0;
}

int elf_open(const struct image *image, struct elf_file *ret, struct diag *why)
{
	struct elf_file elf = { .image = image };
	unsigned entry_bytes;
	unsigned expected_bytes;
	unsigned machine;
	int error;

	if (image->size < EI_NIDENT)
		return diag_set(why, EINVAL, "is cut off within its ELF header");
	elf.is64 = image->data[EI_CLASS] == ELFCLASS64;
	if ((!elf.is64 && image->data[EI_CLASS] != ELFCLASS32) ||
	    image->data[EI_DATA] != ELFDATA2LSB)
		return diag_set(why, EINVAL, "is an ELF that is neither 32-bit nor 64-bit little-endian");
	error = elf.is64 ? read_header64(image, &elf, &entry_bytes, &machine)
			 : read_header32(image, &elf, &entry_bytes, &machine);
	if (error != 0)
		return diag_set(why, EINVAL, "is cut off within its ELF header");
	if (machine != (elf.is64 ? EM_X86_64 : EM_386))
		return diag_set(why, EINVAL, "is an ELF for another processor (machine %u)", machine);
	expected_bytes = elf.is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	if (elf.count == 0 || elf.count > ELF_SEGMENTS_MAX)
		return diag_set(why, EINVAL, "has %u ELF program headers: an image to boot has 1 to %d",
				elf.count, ELF_SEGMENTS_MAX);
	if (entry_bytes != expected_bytes ||
	    !image_has(image, elf.table_offset, (uint64_t)elf.count * expected_bytes))
		return diag_set(why, EINVAL, "has its ELF program headers outside the file");
	*ret = elf;
	return 0;
}

static void read_segment(const struct elf_file *elf, unsigned index, struct elf_segment *ret)
{
	const uint8_t *table = elf->image->data + elf->table_offset;

	if (elf->is64) {
		Elf64_Phdr header;

		memcpy(&header, table + index * sizeof(header), sizeof(header));
		*ret = (struct elf_segment){ header.p_type, header.p_offset, header.p_vaddr,
			header.p_paddr, header.p_filesz, header.p_memsz, header.p_align };
	} else {
		Elf32_Phdr header;

		memcpy(&header, table + index * sizeof(header), sizeof(header));
		*ret = (struct elf_segment){ header.p_type, header.p_offset, header.p_vaddr,
			header.p_paddr, header.p_filesz, header.p_memsz, header.p_align };
	}
}

int elf_segment(const struct elf_file *elf, unsigned index, struct elf_segment *ret,
		struct diag *why)
{
	struct elf_segment segment;

	read_segment(elf, index, &segment);
	if (segment.type == PT_LOAD || segment.type == PT_NOTE) {
		if (!image_has(elf->image, segment.offset, segment.file_bytes))
			return diag_set(why, EINVAL, "is cut off: ELF segment %u reaches behind the end of "
					"the file", index);
	}
	if (segment.type == PT_LOAD) {
		if (segment.file_bytes > segment.memory_bytes)
			return diag_set(why, EINVAL, "has an ELF segment (%u) larger in the file than in "
					"memory", index);
		if (segment.physical_address > UINT64_MAX - segment.memory_bytes ||
		    segment.virtual_address > UINT64_MAX - segment.memory_bytes)
			return diag_set(why, EINVAL, "has an ELF segment (%u) that wraps around the end of "
					"the address space", index);
	}
	*ret = segment;
	return 0;
}

static uint64_t align_note(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

/* One note at @offset of [0, @bytes); sets @ret_next, and @ret_entry where it is the one looked for. */
static int read_note(const uint8_t *notes, uint64_t bytes, uint64_t align, uint64_t offset,
		     uint64_t *ret_next, uint64_t *ret_entry)
{
	Elf64_Nhdr header; /* the same layout in both classes */
	uint64_t name = offset + sizeof(header);
	uint64_t descriptor;

	memcpy(&header, notes + offset, sizeof(header));
	/* 32-bit fields added in 64 bits: no sum wraps. */
	descriptor = align_note(name + header.n_namesz, align);
	*ret_next = align_note(descriptor + header.n_descsz, align);
	if (descriptor > bytes || header.n_descsz > bytes - descriptor)
		return -EINVAL;
	if (header.n_type != XEN_ELFNOTE_PHYS32_ENTRY || header.n_namesz != 4 ||
	    memcmp(notes + name, "Xen", 4) != 0)
		return -ENOENT;
	if (header.n_descsz != 4 && header.n_descsz != 8)
		return -EINVAL;
	*ret_entry = 0;
	memcpy(ret_entry, notes + descriptor, header.n_descsz);
	return 0;
}

static int search_notes(const struct elf_file *elf, const struct elf_segment *segment,
			uint64_t *ret_entry, struct diag *why)
{
	const uint8_t *notes = elf->image->data + segment->offset;
	uint64_t align = segment->align == 8 ? 8 : 4;
	uint64_t offset = 0;

	if (segment->file_bytes > NOTES_BYTES_MAX)
		return diag_set(why, EINVAL, "has more than 1 MiB of ELF notes");
	while (offset < segment->file_bytes && segment->file_bytes - offset >= sizeof(Elf64_Nhdr)) {
		int error = read_note(notes, segment->file_bytes, align, offset, &offset, ret_entry);

		if (error == -EINVAL)
			return diag_set(why, EINVAL, "has a malformed ELF note");
		if (error == 0)
			return 0;
	}
	return -ENOENT;
}

int elf_pvh_entry(const struct elf_file *elf, uint64_t *ret_entry, struct diag *why)
{
	for (unsigned i = 0; i < elf->count; i++) {
		struct elf_segment segment;
		uint64_t entry;
		int error = elf_segment(elf, i, &segment, why);

		if (error != 0)
			return error;
		if (segment.type != PT_NOTE)
			continue;
		error = search_notes(elf, &segment, &entry, why);
		if (error == -ENOENT)
			continue;
		if (error != 0)
			return error;
		if (entry > UINT32_MAX)
			return diag_set(why, EINVAL, "has a PVH entry above 4 GiB");
		*ret_entry = entry;
		return 0;
	}
	return -ENOENT;
}

static int load_segment(const struct elf_file *elf, const struct elf_segment *segment,
			struct placement *placement, struct diag *why)
{
	struct placed placed;
	int error = placement_claim(placement, segment->physical_address, segment->memory_bytes,
				    "an ELF segment", &placed, why);

	if (error != 0)
		return error;
	memcpy(placed.host, elf->image->data + segment->offset, segment->file_bytes);
	memset(placed.host + segment->file_bytes, 0, segment->memory_bytes - segment->file_bytes);
	return 0;
}

int elf_load(const struct elf_file *elf, struct placement *placement, struct elf_loaded *ret,
	     struct diag *why)
{
	struct elf_loaded loaded = { .gpa = UINT64_MAX };

	for (unsigned i = 0; i < elf->count; i++) {
		struct elf_segment segment;
		int error = elf_segment(elf, i, &segment, why);

		if (error != 0)
			return error;
		if (segment.type != PT_LOAD || segment.memory_bytes == 0)
			continue;
		error = load_segment(elf, &segment, placement, why);
		if (error != 0)
			return error;
		if (segment.physical_address < loaded.gpa)
			loaded.gpa = segment.physical_address;
		if (segment.physical_address + segment.memory_bytes > loaded.end)
			loaded.end = segment.physical_address + segment.memory_bytes;
	}
	if (loaded.end == 0)
		return diag_set(why, EINVAL, "has no ELF segment to load");
	*ret = loaded;
	return 0;
}

static int refuse_entry(uint64_t address, struct diag *why)
{
	return diag_set(why, EINVAL, "has its entry point, 0x%llx, outside what it loads",
			(unsigned long long)address);
}

static bool within(uint64_t address, uint64_t start, uint64_t bytes)
{
	return address >= start && address - start < bytes;
}

int elf_check_physical(const struct elf_file *elf, uint64_t address, struct diag *why)
{
	for (unsigned i = 0; i < elf->count; i++) {
		struct elf_segment segment;
		int error = elf_segment(elf, i, &segment, why);

		if (error != 0)
			return error;
		if (segment.type == PT_LOAD &&
		    within(address, segment.physical_address, segment.memory_bytes))
			return 0;
	}
	return refuse_entry(address, why);
}

int elf_physical(const struct elf_file *elf, uint64_t address, uint64_t *ret_gpa, struct diag *why)
{
	bool found = false;

	for (unsigned i = 0; i < elf->count; i++) {
		struct elf_segment segment;
		int error = elf_segment(elf, i, &segment, why);

		if (error != 0)
			return error;
		if (segment.type != PT_LOAD)
			continue;
		if (within(address, segment.virtual_address, segment.memory_bytes)) {
			*ret_gpa = segment.physical_address + (address - segment.virtual_address);
			return 0;
		}
		if (within(address, segment.physical_address, segment.memory_bytes)) {
			*ret_gpa = address;
			found = true;
		}
	}
	return found ? 0 : refuse_entry(address, why);
}
