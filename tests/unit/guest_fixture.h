// SPDX-License-Identifier: Apache-2.0
/* Guest memory of any size for tests, backed lazily, and images made by hand. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/boot/boot.h"
#include "core/boot/image.h"
#include "core/boot/memory_map.h"
#include "core/kvm/memory.h"

struct diag;

/** struct guest_fixture - RAM, its map, and a request for booting in it. */
struct guest_fixture {
	struct guest_memory memory;
	struct memory_map map;
	struct boot_request request;
};

/** guest_fixture_init() - @bytes of RAM, all zero; no initrd, an empty command line. */
void guest_fixture_init(struct guest_fixture *fixture, uint64_t bytes);
void guest_fixture_done(struct guest_fixture *fixture);

/** guest_fixture_boot() - boot @kernel with the fixture's request. */
int guest_fixture_boot(struct guest_fixture *fixture, const void *kernel, size_t bytes,
		       struct boot_entry *ret, struct diag *why);

/** guest_word(), guest_long() - what the guest reads at @gpa; ends the test run outside RAM. */
uint32_t guest_word(const struct guest_fixture *fixture, uint64_t gpa);
uint64_t guest_long(const struct guest_fixture *fixture, uint64_t gpa);
const char *guest_text(const struct guest_fixture *fixture, uint64_t gpa);

enum { ELF_FIXTURE_BYTES = 16384, ELF_FIXTURE_PAYLOAD = 4096 };

/**
 * struct elf_fixture - an executable of one or two PT_LOAD segments, and a PVH note where @pvh_entry
 * is not 0; its payload begins at file offset ELF_FIXTURE_PAYLOAD.
 */
struct elf_fixture {
	int is64;
	uint64_t entry;
	uint64_t pvh_entry;
	uint64_t gpa;
	uint64_t virtual_address;
	uint64_t file_bytes;
	uint64_t memory_bytes;
	uint8_t bytes[ELF_FIXTURE_BYTES];
};

/** elf_fixture_small() - loads 64 bytes at 1 MiB, 4096 in memory, entered at their begin. */
struct elf_fixture elf_fixture_small(int is64, int pvh);

/** elf_fixture_build() - write @bytes from the other fields; keeps the payload. */
void elf_fixture_build(struct elf_fixture *elf);
