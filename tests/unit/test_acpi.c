// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/boot/acpi.h"
#include "core/boot/acpi_tables.h"
#include "tests/unit/guest_fixture.h"

void test_acpi_register(void);

#define MIB UINT64_C(0x100000)

static struct guest_fixture fixture;

static void begin(void)
{
	guest_fixture_init(&fixture, 16 * MIB);
}

static const void *at(uint64_t gpa, uint64_t bytes)
{
	const void *host = guest_memory_at(&fixture.memory, gpa, bytes);

	CU_ASSERT_PTR_NOT_NULL_FATAL(host);
	CU_ASSERT_TRUE(gpa >= ACPI_AREA_GPA && gpa + bytes <= ACPI_AREA_GPA + ACPI_AREA_BYTES);
	return host;
}

static uint8_t sum(const void *bytes, size_t count)
{
	const uint8_t *byte = bytes;
	uint8_t total = 0;

	while (count-- > 0)
		total = (uint8_t)(total + *byte++);
	return total;
}

/* A table whose signature, length and checksum are right. */
static const struct acpi_header *table(uint64_t gpa, const char *signature)
{
	const struct acpi_header *header = at(gpa, sizeof(*header));

	CU_ASSERT_EQUAL_FATAL(memcmp(header->signature, signature, 4), 0);
	CU_ASSERT_EQUAL(sum(at(gpa, header->bytes), header->bytes), 0);
	return header;
}

static const struct acpi_xsdt *build(unsigned vcpus)
{
	const struct acpi_rsdp *rsdp;
	uint64_t gpa = 0;

	CU_ASSERT_EQUAL_FATAL(acpi_build(&fixture.memory, vcpus, &gpa, NULL), 0);
	CU_ASSERT_EQUAL(gpa, ACPI_AREA_GPA);
	rsdp = at(gpa, sizeof(*rsdp));
	CU_ASSERT_EQUAL(memcmp(rsdp->signature, "RSD PTR ", 8), 0);
	CU_ASSERT_EQUAL(sum(rsdp, 20), 0);
	CU_ASSERT_EQUAL(sum(rsdp, sizeof(*rsdp)), 0);
	CU_ASSERT_EQUAL(rsdp->revision, 2);
	return (const struct acpi_xsdt *)table(rsdp->xsdt_gpa, "XSDT");
}

static void fadt_is_hardware_reduced(void)
{
	const struct acpi_fadt *fadt;

	begin();
	fadt = (const struct acpi_fadt *)table(build(2)->table_gpa[0], "FACP");
	CU_ASSERT_EQUAL(fadt->header.revision, 6);
	CU_ASSERT_TRUE((fadt->flags & FADT_HW_REDUCED) != 0);
	CU_ASSERT_TRUE((fadt->flags & FADT_RESET_REG_SUP) != 0);
	CU_ASSERT_EQUAL(fadt->sleep_control.address, 0x600);
	CU_ASSERT_EQUAL(fadt->sleep_status.address, 0x601);
	CU_ASSERT_EQUAL(fadt->reset_register.address, 0x602);
	CU_ASSERT_EQUAL(fadt->reset_register.space, ACPI_SPACE_IO);
	CU_ASSERT_EQUAL(fadt->reset_register.bit_width, 8);
	CU_ASSERT_EQUAL(fadt->reset_value, 1);
	CU_ASSERT_TRUE((fadt->boot_architecture & FADT_BOOT_8042) == 0);
	CU_ASSERT_TRUE((fadt->boot_architecture & FADT_BOOT_VGA_ABSENT) != 0);
	CU_ASSERT_TRUE((fadt->boot_architecture & FADT_BOOT_MSI_UNSUPPORTED) == 0);
	CU_ASSERT_TRUE((fadt->boot_architecture & FADT_BOOT_RTC_ABSENT) == 0);
	CU_ASSERT_EQUAL(fadt->dsdt_gpa, fadt->x_dsdt_gpa);
	table(fadt->x_dsdt_gpa, "DSDT");
	guest_fixture_done(&fixture);
}

struct counts {
	unsigned lapic;
	unsigned x2apic;
	unsigned ioapic;
	unsigned nmi;
	unsigned x2apic_nmi;
};

static void count_entry(const uint8_t *entry, struct counts *counts)
{
	struct madt_x2apic x2apic;

	switch (entry[0]) {
	case MADT_LAPIC:
		CU_ASSERT_EQUAL(entry[3], counts->lapic);
		CU_ASSERT_EQUAL(entry[4], MADT_ENABLED);
		counts->lapic++;
		break;
	case MADT_X2APIC:
		memcpy(&x2apic, entry, sizeof(x2apic));
		CU_ASSERT_EQUAL(x2apic.id, counts->lapic + counts->x2apic);
		CU_ASSERT_EQUAL(x2apic.uid, x2apic.id);
		counts->x2apic++;
		break;
	case MADT_IOAPIC:
		counts->ioapic++;
		break;
	case MADT_LAPIC_NMI:
		counts->nmi++;
		break;
	case MADT_X2APIC_NMI:
		counts->x2apic_nmi++;
		break;
	default:
		CU_FAIL("unknown MADT entry");
	}
}

static struct counts madt_of(unsigned vcpus)
{
	const struct acpi_madt *madt = (const struct acpi_madt *)table(build(vcpus)->table_gpa[1], "APIC");
	const uint8_t *bytes = (const uint8_t *)madt;
	struct counts counts = { 0 };
	uint32_t used = sizeof(*madt);

	CU_ASSERT_EQUAL(madt->lapic_gpa, 0xfee00000);
	CU_ASSERT_EQUAL(madt->flags, 0);
	while (used < madt->header.bytes) {
		CU_ASSERT_TRUE_FATAL(bytes[used + 1] >= 2);
		count_entry(bytes + used, &counts);
		used += bytes[used + 1];
	}
	CU_ASSERT_EQUAL(used, madt->header.bytes);
	return counts;
}

static void check_cpus(unsigned vcpus, unsigned lapics)
{
	struct counts counts;

	begin();
	counts = madt_of(vcpus);
	CU_ASSERT_EQUAL(counts.lapic, lapics);
	CU_ASSERT_EQUAL(counts.x2apic, vcpus - lapics);
	CU_ASSERT_EQUAL(counts.ioapic, 1);
	CU_ASSERT_EQUAL(counts.nmi, 1);
	CU_ASSERT_EQUAL(counts.x2apic_nmi, vcpus > lapics);
	guest_fixture_done(&fixture);
}

static void madt_has_every_cpu(void)
{
	check_cpus(1, 1);
	check_cpus(2, 2);
	check_cpus(64, 64);
	check_cpus(255, 255);
	check_cpus(256, 255);
	check_cpus(ACPI_VCPUS_MAX, 255);
}

static void refuses_out_of_range(void)
{
	struct guest_memory small = { .count = 1, .region[0].bytes = 65536 };
	uint64_t gpa = 1;

	begin();
	CU_ASSERT_EQUAL(acpi_build(&fixture.memory, 0, &gpa, NULL), -ERANGE);
	CU_ASSERT_EQUAL(acpi_build(&fixture.memory, ACPI_VCPUS_MAX + 1, &gpa, NULL), -ERANGE);
	CU_ASSERT_EQUAL(acpi_build(&small, 1, &gpa, NULL), -ENOMEM);
	CU_ASSERT_EQUAL(gpa, 1);
	guest_fixture_done(&fixture);
}

static int contains(const uint8_t *bytes, size_t count, const char *what, size_t length)
{
	for (size_t i = 0; i + length <= count; i++) {
		if (memcmp(bytes + i, what, length) == 0)
			return 1;
	}
	return 0;
}

/* AML: names as they are, EISA ids compressed, the port descriptor of section 6.4.2.5. */
static void dsdt_has_power_off_console_and_clock(void)
{
	const struct acpi_fadt *fadt;
	const struct acpi_header *dsdt;
	const uint8_t *bytes;

	begin();
	fadt = (const struct acpi_fadt *)table(build(1)->table_gpa[0], "FACP");
	dsdt = table(fadt->x_dsdt_gpa, "DSDT");
	bytes = (const uint8_t *)dsdt;
	CU_ASSERT_TRUE(contains(bytes, dsdt->bytes, "_S5_\x12", 5));
	CU_ASSERT_TRUE(contains(bytes, dsdt->bytes, "\x0c\x41\xd0\x05\x01", 5)); /* PNP0501 */
	CU_ASSERT_TRUE(contains(bytes, dsdt->bytes, "\x0c\x41\xd0\x0b\x00", 5)); /* PNP0B00 */
	CU_ASSERT_TRUE(contains(bytes, dsdt->bytes, "\x47\x01\xf8\x03\xf8\x03\x01\x08", 8));
	CU_ASSERT_TRUE(contains(bytes, dsdt->bytes, "\x47\x01\x70\x00\x70\x00\x01\x02", 8));
	CU_ASSERT_TRUE(contains(bytes, dsdt->bytes, "\x89\x06\x00\x03\x01\x04\x00\x00\x00", 9));
	guest_fixture_done(&fixture);
}

void test_acpi_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: ACPI tables", NULL, NULL);

	CU_add_test(suite, "FADT is hardware-reduced", fadt_is_hardware_reduced);
	CU_add_test(suite, "MADT has every CPU", madt_has_every_cpu);
	CU_add_test(suite, "refuses out of range", refuses_out_of_range);
	CU_add_test(suite, "DSDT has power-off, console and clock", dsdt_has_power_off_console_and_clock);
}
