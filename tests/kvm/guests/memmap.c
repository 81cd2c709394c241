// SPDX-License-Identifier: Apache-2.0
/*
 * Memory and ACPI. Prints "memory base=0x.. bytes=0x.. type=0x.." for each entry of the PVH map,
 * "ram total=0x... above_4g=0x...", "acpi cpus=N ioapics=N ioapic=0x..." (or "acpi broken: WHAT"),
 * writes the first and last word of every 2 MiB of RAM and prints "touched words=N wrong=N", reads
 * where no memory is ("hole value=0xffffffff"), and powers off.
 */
#include "runtime.h"
#include "start_info.h"
#include "tables.h"

enum { MAP_MAX = 64, CHUNK = 0x200000, TYPE_RAM = 1 };

/* Below this lie this guest and what its loader put: there, each word is put back at once. */
static const uint64_t own_end = 0x400000;

static struct start_memory map[MAP_MAX];
static unsigned map_count;

/* A different word for each address, so that two addresses of one page are noticed. */
static uint64_t word_for(uint64_t address)
{
	return address * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static bool touch_own(uint64_t address)
{
	volatile uint64_t *word = (volatile uint64_t *)address;
	uint64_t old = *word;
	bool ok;

	*word = word_for(address);
	ok = *word == word_for(address);
	*word = old;
	return ok;
}

struct touched {
	uint64_t words;
	uint64_t wrong;
};

static void visit(uint64_t address, bool verify, struct touched *touched)
{
	volatile uint64_t *word = (volatile uint64_t *)address;

	if (verify) {
		touched->words++;
		touched->wrong += address < own_end ? !touch_own(address) : *word != word_for(address);
	} else if (address >= own_end) {
		*word = word_for(address);
	}
}

/* Page 0 stays as it is: guests keep interrupt vectors there, and compilers think that it is NULL. */
static void visit_range(const struct start_memory *range, bool verify, struct touched *touched)
{
	uint64_t end = (range->address + range->bytes) & ~UINT64_C(7);

	for (uint64_t at = range->address < 4096 ? 4096 : range->address; at < end;) {
		uint64_t next = (at & ~(uint64_t)(CHUNK - 1)) + CHUNK;

		if (next > end)
			next = end;
		visit((at + 7) & ~UINT64_C(7), verify, touched);
		visit(next - 8, verify, touched);
		at = next;
	}
}

static void touch_all(void)
{
	struct touched touched = { 0, 0 };

	for (unsigned verify = 0; verify < 2; verify++)
		for (unsigned i = 0; i < map_count; i++)
			if (map[i].type == TYPE_RAM)
				visit_range(&map[i], verify != 0, &touched);
	print("touched");
	print_count("words", touched.words);
	print_count("wrong", touched.wrong);
	print("\n");
}

static void print_map(const struct start_info *info)
{
	const struct start_memory *entry = (const struct start_memory *)info->memory_map;
	uint64_t total = 0;
	uint64_t above = 0;

	for (; map_count < info->memory_map_count && map_count < MAP_MAX; map_count++) {
		uint64_t end = entry[map_count].address + entry[map_count].bytes;

		map[map_count] = entry[map_count];
		print("memory");
		print_field("base", entry[map_count].address);
		print_field("bytes", entry[map_count].bytes);
		print_field("type", entry[map_count].type);
		print("\n");
		if (entry[map_count].type != TYPE_RAM)
			continue;
		total += entry[map_count].bytes;
		if (entry[map_count].address >= UINT64_C(1) << 32)
			above += entry[map_count].bytes;
		if (!map_range(entry[map_count].address, end))
			print("more memory than this guest can map\n");
	}
	print("ram");
	print_field("total", total);
	print_field("above_4g", above);
	print("\n");
}

static void print_acpi(const struct start_info *info)
{
	static struct machine machine;

	machine_find(info, &machine);
	print("acpi");
	if (machine.broken != NULL) {
		print(" broken: ");
		print(machine.broken);
	} else {
		print_count("cpus", machine.cpus);
		print_count("ioapics", machine.ioapics);
		print_field("ioapic", machine.ioapic);
	}
	print("\n");
}

void guest_main(const struct start_info *info)
{
	print_map(info);
	print_acpi(info);
	touch_all();
	print("hole");
	print_field("value", *(volatile uint32_t *)UINT64_C(0xd0000000));
	print("\n");
}
