// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/guest_fixture.h"

#include <CUnit/CUnit.h>
#include <elf.h>
#include <string.h>
#include <sys/mman.h>

void guest_fixture_init(struct guest_fixture *fixture, uint64_t bytes)
{
	*fixture = (struct guest_fixture){ .request.cmdline = "" };
	CU_ASSERT_EQUAL_FATAL(guest_memory_plan(bytes, 4096, &fixture->memory, NULL), 0);
	for (unsigned i = 0; i < fixture->memory.count; i++) {
		struct memory_region *region = &fixture->memory.region[i];
		void *host = mmap(NULL, region->bytes, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		CU_ASSERT_NOT_EQUAL_FATAL(host, MAP_FAILED);
		region->host = host;
	}
	CU_ASSERT_EQUAL_FATAL(memory_map_plan(&fixture->memory, &fixture->map, NULL), 0);
	fixture->request.map = &fixture->map;
}

void guest_fixture_done(struct guest_fixture *fixture)
{
	for (unsigned i = 0; i < fixture->memory.count; i++)
		munmap(fixture->memory.region[i].host, fixture->memory.region[i].bytes);
}

int guest_fixture_boot(struct guest_fixture *fixture, const void *kernel, size_t bytes,
		       struct boot_entry *ret, struct diag *why)
{
	struct image image = { .data = kernel, .size = bytes, .path = "kernel" };

	fixture->request.kernel = &image;
	return boot_load(&fixture->memory, &fixture->request, ret, why);
}

uint32_t guest_word(const struct guest_fixture *fixture, uint64_t gpa)
{
	uint32_t value;
	const void *host = guest_memory_at(&fixture->memory, gpa, sizeof(value));

	CU_ASSERT_PTR_NOT_NULL_FATAL(host);
	memcpy(&value, host, sizeof(value));
	return value;
}

uint64_t guest_long(const struct guest_fixture *fixture, uint64_t gpa)
{
	return guest_word(fixture, gpa) | (uint64_t)guest_word(fixture, gpa + 4) << 32;
}

const char *guest_text(const struct guest_fixture *fixture, uint64_t gpa)
{
	const char *host = guest_memory_at(&fixture->memory, gpa, 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(host);
	return host;
}

struct elf_fixture elf_fixture_small(int is64, int pvh)
{
	struct elf_fixture elf = {
		.is64 = is64,
		.entry = 0x100000,
		.pvh_entry = pvh ? 0x100010 : 0,
		.gpa = 0x100000,
		.virtual_address = 0x100000,
		.file_bytes = 64,
		.memory_bytes = 4096,
	};

	memset(elf.bytes + ELF_FIXTURE_PAYLOAD, 0x90, 64);
	return elf;
}

enum { NOTE_OFFSET = 1024 };

/* A note of another kind first, so that the search has to step. */
static uint32_t build_notes(uint8_t *to, uint64_t entry)
{
	const Elf64_Nhdr other = { .n_namesz = 4, .n_descsz = 5, .n_type = 3 };
	const Elf64_Nhdr xen = { .n_namesz = 4, .n_descsz = 8, .n_type = 18 };

	memcpy(to, &other, 12);
	memcpy(to + 12, "GNU", 4);
	memcpy(to + 16, "12345\0\0", 8);
	memcpy(to + 24, &xen, 12);
	memcpy(to + 36, "Xen", 4);
	memcpy(to + 40, &entry, 8);
	return 48;
}

static void build64(struct elf_fixture *elf, uint32_t note_bytes)
{
	Elf64_Ehdr header = { .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_entry = elf->entry, .e_phoff = sizeof(header), .e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = note_bytes != 0 ? 2 : 1 };
	const Elf64_Phdr segment[2] = {
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = ELF_FIXTURE_PAYLOAD,
		  .p_vaddr = elf->virtual_address, .p_paddr = elf->gpa, .p_filesz = elf->file_bytes,
		  .p_memsz = elf->memory_bytes, .p_align = 4096 },
		{ .p_type = PT_NOTE, .p_offset = NOTE_OFFSET, .p_filesz = note_bytes,
		  .p_memsz = note_bytes, .p_align = 4 },
	};

	memcpy(header.e_ident, "\x7f" "ELF\x02\x01\x01", 7);
	memcpy(elf->bytes, &header, sizeof(header));
	memcpy(elf->bytes + sizeof(header), segment, sizeof(segment));
}

static void build32(struct elf_fixture *elf, uint32_t note_bytes)
{
	Elf32_Ehdr header = { .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
		.e_entry = (uint32_t)elf->entry, .e_phoff = sizeof(header), .e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf32_Phdr), .e_phnum = note_bytes != 0 ? 2 : 1 };
	const Elf32_Phdr segment[2] = {
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = ELF_FIXTURE_PAYLOAD,
		  .p_vaddr = (uint32_t)elf->virtual_address, .p_paddr = (uint32_t)elf->gpa,
		  .p_filesz = (uint32_t)elf->file_bytes, .p_memsz = (uint32_t)elf->memory_bytes,
		  .p_align = 4096 },
		{ .p_type = PT_NOTE, .p_offset = NOTE_OFFSET, .p_filesz = note_bytes,
		  .p_memsz = note_bytes, .p_align = 4 },
	};

	memcpy(header.e_ident, "\x7f" "ELF\x01\x01\x01", 7);
	memcpy(elf->bytes, &header, sizeof(header));
	memcpy(elf->bytes + sizeof(header), segment, sizeof(segment));
}

void elf_fixture_build(struct elf_fixture *elf)
{
	uint32_t note_bytes = 0;

	if (elf->pvh_entry != 0)
		note_bytes = build_notes(elf->bytes + NOTE_OFFSET, elf->pvh_entry);
	if (elf->is64)
		build64(elf, note_bytes);
	else
		build32(elf, note_bytes);
}
