// SPDX-License-Identifier: Apache-2.0
#include "core/boot/acpi.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/acpi_ports.h"
#include "core/boot/acpi_tables.h"
#include "core/boot/memory_map.h"
#include "core/kvm/memory.h"

/* dsdt.S */
extern const uint8_t acpi_dsdt[];
extern const uint64_t acpi_dsdt_bytes;

enum {
	TABLE_ALIGN = 16,
	RSDP_CHECKED_BYTES = 20, /* what revision 0 had */
	RTC_CENTURY_INDEX = 0x32,
	/* Ignored on hardware-reduced machines; but Linux makes this pin level-triggered. */
	SCI_INTERRUPT = 9,
	PROFILE_UNSPECIFIED = 0,
	NMI_LINT = 1,
};

/* The area all tables are in. What does not fit any more sets @full and is left out. */
struct area {
	uint8_t *host;
	uint64_t used;
	bool full;
};

static void *area_take(struct area *area, uint64_t bytes, uint64_t *ret_gpa)
{
	uint64_t at = (area->used + TABLE_ALIGN - 1) & ~(uint64_t)(TABLE_ALIGN - 1);

	if (at > ACPI_AREA_BYTES || bytes > ACPI_AREA_BYTES - at) {
		area->full = true;
		return NULL;
	}
	area->used = at + bytes;
	*ret_gpa = ACPI_AREA_GPA + at;
	return area->host + at;
}

static uint8_t checksum(const void *bytes, size_t count)
{
	const uint8_t *byte = bytes;
	uint8_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum = (uint8_t)(sum + byte[i]);
	return (uint8_t)-sum;
}

static struct acpi_header header_of(const char *signature, uint8_t revision, uint64_t bytes)
{
	struct acpi_header header = {
		.bytes = (uint32_t)bytes,
		.revision = revision,
		.oem_revision = 1,
		.creator_revision = 1,
	};

	memcpy(header.signature, signature, sizeof(header.signature));
	memcpy(header.oem, "BLKHD ", sizeof(header.oem));
	memcpy(header.oem_table, "BULKHEAD", sizeof(header.oem_table));
	memcpy(header.creator, "BLKH", sizeof(header.creator));
	return header;
}

/* Copies a finished table, sets its checksum, and says where it is. */
static uint64_t area_put(struct area *area, const void *table, uint64_t bytes)
{
	uint64_t gpa = 0;
	uint8_t *host = area_take(area, bytes, &gpa);

	if (host == NULL)
		return 0;
	memcpy(host, table, bytes);
	host[offsetof(struct acpi_header, checksum)] = 0;
	host[offsetof(struct acpi_header, checksum)] = checksum(host, bytes);
	return gpa;
}

static struct acpi_address port_register(uint16_t port)
{
	return (struct acpi_address){
		.space = ACPI_SPACE_IO,
		.bit_width = 8,
		.access = ACPI_ACCESS_BYTE,
		.address = port,
	};
}

/*
 * Honest about what is there: an ISA-style serial port and a CMOS clock; no keyboard controller (the
 * reset command at 0x64 is answered, no keyboard is), no display, no fixed buttons.
 */
static uint64_t put_fadt(struct area *area, uint64_t dsdt_gpa)
{
	struct acpi_fadt fadt = {
		.header = header_of("FACP", 6, sizeof(fadt)),
		.dsdt_gpa = (uint32_t)dsdt_gpa,
		.preferred_profile = PROFILE_UNSPECIFIED,
		.sci_interrupt = SCI_INTERRUPT,
		.century = RTC_CENTURY_INDEX,
		.boot_architecture = FADT_BOOT_LEGACY_DEVICES | FADT_BOOT_VGA_ABSENT,
		.flags = FADT_WBINVD | FADT_PROC_C1 | FADT_PWR_BUTTON | FADT_SLP_BUTTON | FADT_FIX_RTC |
			 FADT_RESET_REG_SUP | FADT_HEADLESS | FADT_HW_REDUCED,
		.reset_register = port_register(ACPI_RESET_PORT),
		.reset_value = ACPI_RESET_VALUE,
		.minor_revision = 4,
		.x_dsdt_gpa = dsdt_gpa,
		.sleep_control = port_register(ACPI_SLEEP_CONTROL_PORT),
		.sleep_status = port_register(ACPI_SLEEP_STATUS_PORT),
	};

	memcpy(fadt.hypervisor, "BULKHEAD", sizeof(fadt.hypervisor));
	return area_put(area, &fadt, sizeof(fadt));
}

static uint8_t *append(uint8_t *to, const void *entry, size_t bytes)
{
	memcpy(to, entry, bytes);
	return to + bytes;
}

/* APIC ids a byte cannot name take the longer entry. */
static uint8_t *append_cpu(uint8_t *to, uint32_t id)
{
	struct madt_lapic lapic = { MADT_LAPIC, sizeof(lapic), (uint8_t)id, (uint8_t)id, MADT_ENABLED };
	struct madt_x2apic x2apic = { MADT_X2APIC, sizeof(x2apic), 0, id, MADT_ENABLED, id };

	if (id <= MADT_LAPIC_ID_MAX)
		return append(to, &lapic, sizeof(lapic));
	return append(to, &x2apic, sizeof(x2apic));
}

enum {
	MADT_BYTES_MAX = sizeof(struct acpi_madt) + ACPI_VCPUS_MAX * sizeof(struct madt_x2apic) +
			 sizeof(struct madt_ioapic) + sizeof(struct madt_lapic_nmi) +
			 sizeof(struct madt_x2apic_nmi),
};

static uint64_t put_madt(struct area *area, unsigned vcpus)
{
	static const struct madt_ioapic ioapic = {
		MADT_IOAPIC, sizeof(ioapic), 0, 0, ACPI_IOAPIC_GPA, 0 };
	static const struct madt_lapic_nmi nmi = {
		MADT_LAPIC_NMI, sizeof(nmi), MADT_ALL_LAPICS, 0, NMI_LINT };
	static const struct madt_x2apic_nmi x2apic_nmi = {
		MADT_X2APIC_NMI, sizeof(x2apic_nmi), 0, MADT_ALL_X2APICS, NMI_LINT, { 0 } };
	struct acpi_madt madt = { .lapic_gpa = ACPI_LAPIC_GPA };
	uint8_t table[MADT_BYTES_MAX];
	uint8_t *to = table + sizeof(madt);

	for (uint32_t id = 0; id < vcpus; id++)
		to = append_cpu(to, id);
	to = append(to, &ioapic, sizeof(ioapic));
	to = append(to, &nmi, sizeof(nmi));
	if (vcpus > MADT_LAPIC_ID_MAX + 1)
		to = append(to, &x2apic_nmi, sizeof(x2apic_nmi));
	madt.header = header_of("APIC", 5, (uint64_t)(to - table));
	memcpy(table, &madt, sizeof(madt));
	return area_put(area, table, (uint64_t)(to - table));
}

static uint64_t put_xsdt(struct area *area, uint64_t fadt_gpa, uint64_t madt_gpa)
{
	struct acpi_xsdt xsdt = {
		.header = header_of("XSDT", 1, sizeof(xsdt)),
		.table_gpa = { fadt_gpa, madt_gpa },
	};

	return area_put(area, &xsdt, sizeof(xsdt));
}

static void fill_rsdp(uint8_t *host, uint64_t xsdt_gpa)
{
	struct acpi_rsdp rsdp = { .revision = 2, .bytes = sizeof(rsdp), .xsdt_gpa = xsdt_gpa };

	memcpy(rsdp.signature, "RSD PTR ", sizeof(rsdp.signature));
	memcpy(rsdp.oem, "BLKHD ", sizeof(rsdp.oem));
	rsdp.checksum = checksum(&rsdp, RSDP_CHECKED_BYTES);
	rsdp.extended_checksum = checksum(&rsdp, sizeof(rsdp));
	memcpy(host, &rsdp, sizeof(rsdp));
}

int acpi_build(const struct guest_memory *memory, unsigned vcpus, uint64_t *ret_rsdp,
	       struct diag *why)
{
	struct area area = { .host = guest_memory_at(memory, ACPI_AREA_GPA, ACPI_AREA_BYTES) };
	uint64_t rsdp_gpa = 0;
	uint64_t dsdt_gpa;
	uint64_t xsdt_gpa;
	uint8_t *rsdp;

	if (vcpus == 0 || vcpus > ACPI_VCPUS_MAX)
		return diag_set(why, ERANGE, "ACPI tables are for 1 to %d CPUs, not %u", ACPI_VCPUS_MAX,
				vcpus);
	if (area.host == NULL)
		return diag_set(why, ENOMEM, "guest memory ends below 1 MiB, where the ACPI tables are");
	/* First in the area, where a guest that is not told its address searches for it. */
	rsdp = area_take(&area, sizeof(struct acpi_rsdp), &rsdp_gpa);
	dsdt_gpa = area_put(&area, acpi_dsdt, acpi_dsdt_bytes);
	xsdt_gpa = put_xsdt(&area, put_fadt(&area, dsdt_gpa), put_madt(&area, vcpus));
	if (area.full || rsdp == NULL)
		return diag_set(why, ENOSPC, "the ACPI tables are larger than their area");
	fill_rsdp(rsdp, xsdt_gpa);
	*ret_rsdp = rsdp_gpa;
	return 0;
}
