// SPDX-License-Identifier: Apache-2.0
#include "tables.h"

#include "runtime.h"
#include "start_info.h"

void guest_start(uint64_t argument)
{
	const struct start_info *info = (const struct start_info *)argument;

	if (info->magic != START_INFO_MAGIC) {
		print("no start info\n");
		power_off();
	}
	cmdline_copy((const char *)info->cmdline);
	guest_main(info);
	power_off();
}

struct table_header {
	char signature[4];
	uint32_t bytes;
	uint8_t revision;
	uint8_t checksum;
	char oem[26];
} __attribute__((packed));

static bool sums_to_zero(const void *bytes, uint64_t count)
{
	uint8_t sum = 0;

	for (uint64_t i = 0; i < count; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
	return sum == 0;
}

static bool same(const char *a, const char *b, unsigned count)
{
	while (count > 0 && *a++ == *b++)
		count--;
	return count == 0;
}

static uint64_t load(const uint8_t *at, unsigned count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 8 | at[count];
	return value;
}

static const uint8_t *find_rsdp(const struct start_info *info)
{
	if (info->rsdp != 0)
		return (const uint8_t *)info->rsdp;
	for (uint64_t at = 0xe0000; at < 0x100000; at += 16)
		if (same((const char *)at, "RSD PTR ", 8))
			return (const uint8_t *)at;
	return NULL;
}

/* Of several, the one with the legacy interrupts. */
static void read_ioapic(const uint8_t *entry, struct machine *ret)
{
	uint32_t first_gsi = (uint32_t)load(entry + 8, 4);

	if (ret->ioapics++ > 0 && first_gsi > ret->ioapic_first_gsi)
		return;
	ret->ioapic = load(entry + 4, 4);
	ret->ioapic_first_gsi = first_gsi;
}

static void read_madt(const uint8_t *madt, uint32_t bytes, struct machine *ret)
{
	for (uint32_t at = 44; at + 2 <= bytes && madt[at + 1] >= 2; at += madt[at + 1]) {
		const uint8_t *entry = madt + at;
		bool lapic = entry[0] == 0 && (entry[4] & 1) != 0;
		bool x2apic = entry[0] == 9 && (entry[8] & 1) != 0;

		if ((lapic || x2apic) && ret->cpus < CPUS_MAX)
			ret->apic_id[ret->cpus++] = lapic ? entry[3] : (uint32_t)load(entry + 4, 4);
		if (entry[0] == 1)
			read_ioapic(entry, ret);
	}
}

void machine_find(const struct start_info *info, struct machine *ret)
{
	const uint8_t *rsdp = find_rsdp(info);
	const struct table_header *xsdt;
	const struct table_header *madt = NULL;

	*ret = (struct machine){ .broken = "no RSDP" };
	if (rsdp == NULL)
		return;
	ret->broken = "RSDP";
	if (!same((const char *)rsdp, "RSD PTR ", 8) || !sums_to_zero(rsdp, 20) ||
	    !sums_to_zero(rsdp, 36))
		return;
	xsdt = (const struct table_header *)load(rsdp + 24, 8);
	ret->broken = "XSDT";
	if (!same(xsdt->signature, "XSDT", 4) || !sums_to_zero(xsdt, xsdt->bytes))
		return;
	ret->broken = NULL;
	for (uint32_t at = sizeof(*xsdt); at + 8 <= xsdt->bytes; at += 8) {
		const struct table_header *table =
			(const struct table_header *)load((const uint8_t *)xsdt + at, 8);

		if (!sums_to_zero(table, table->bytes))
			ret->broken = "checksum of a table";
		if (same(table->signature, "APIC", 4))
			madt = table;
	}
	if (madt == NULL)
		ret->broken = "no MADT";
	else
		read_madt((const uint8_t *)madt, madt->bytes, ret);
}

enum { DIRECTORIES = 60 }; /* of 1 GiB each */
static uint64_t directory[DIRECTORIES][512] __attribute__((aligned(4096)));
static unsigned directories;
extern uint64_t directory_pointers[512];

bool map_range(uint64_t first, uint64_t end)
{
	for (uint64_t at = first & ~UINT64_C(0x1fffff); at < end; at += 0x200000) {
		uint64_t gigabyte = at >> 30;

		if (at < UINT64_C(1) << 32)
			continue;
		if (gigabyte >= 512)
			return false;
		if (directory_pointers[gigabyte] == 0) {
			if (directories == DIRECTORIES)
				return false;
			directory_pointers[gigabyte] = (uint64_t)directory[directories++] | 3;
		}
		((uint64_t *)(directory_pointers[gigabyte] & ~UINT64_C(0xfff)))[at >> 21 & 511] =
			at | 0x83;
	}
	return true;
}
