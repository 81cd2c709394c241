// SPDX-License-Identifier: Apache-2.0
/*
 * The layout of the ACPI tables we build. ACPI Specification 6.4: 5.2.5.3 RSDP, 5.2.6 header,
 * 5.2.3.2 generic address, 5.2.9 FADT, 5.2.12 MADT. All little-endian, without padding.
 */
#pragma once

#include <stdint.h>

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum; /* of the first 20 bytes */
	char oem[6];
	uint8_t revision;
	uint32_t rsdt_gpa;
	uint32_t bytes;
	uint64_t xsdt_gpa;
	uint8_t extended_checksum; /* of all */
	uint8_t reserved[3];
} __attribute__((packed));

struct acpi_header {
	char signature[4];
	uint32_t bytes;
	uint8_t revision;
	uint8_t checksum;
	char oem[6];
	char oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct acpi_xsdt {
	struct acpi_header header;
	uint64_t table_gpa[2];
} __attribute__((packed));

enum { ACPI_SPACE_IO = 1, ACPI_ACCESS_BYTE = 1 };

struct acpi_address {
	uint8_t space;
	uint8_t bit_width;
	uint8_t bit_offset;
	uint8_t access;
	uint64_t address;
} __attribute__((packed));

/* Fixed feature flags and boot architecture flags, by bit. */
enum {
	FADT_WBINVD = 1 << 0,
	FADT_PROC_C1 = 1 << 2,
	FADT_PWR_BUTTON = 1 << 4, /* set: no fixed power button */
	FADT_SLP_BUTTON = 1 << 5, /* set: no fixed sleep button */
	FADT_FIX_RTC = 1 << 6,    /* set: no wake-up by RTC in fixed registers */
	FADT_RESET_REG_SUP = 1 << 10,
	FADT_HEADLESS = 1 << 12,
	FADT_HW_REDUCED = 1 << 20,
	FADT_BOOT_LEGACY_DEVICES = 1 << 0,
	FADT_BOOT_8042 = 1 << 1,
	FADT_BOOT_VGA_ABSENT = 1 << 2,
	FADT_BOOT_MSI_UNSUPPORTED = 1 << 3,
	FADT_BOOT_RTC_ABSENT = 1 << 5,
};

struct acpi_fadt {
	struct acpi_header header;
	uint32_t facs_gpa;
	uint32_t dsdt_gpa;
	uint8_t reserved0;
	uint8_t preferred_profile;
	uint16_t sci_interrupt;
	uint8_t fixed_hardware[60]; /* SMI_CMD to MON_ALRM: zero on hardware-reduced machines */
	uint8_t century;
	uint16_t boot_architecture;
	uint8_t reserved1;
	uint32_t flags;
	struct acpi_address reset_register;
	uint8_t reset_value;
	uint16_t arm_boot_architecture;
	uint8_t minor_revision;
	uint64_t x_facs_gpa;
	uint64_t x_dsdt_gpa;
	struct acpi_address fixed_blocks[8]; /* X_PM1a_EVT_BLK to X_GPE1_BLK: zero likewise */
	struct acpi_address sleep_control;
	struct acpi_address sleep_status;
	char hypervisor[8];
} __attribute__((packed));

enum {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_LAPIC_NMI = 4,
	MADT_X2APIC = 9,
	MADT_X2APIC_NMI = 10,
	MADT_ENABLED = 1,
	MADT_ALL_LAPICS = 0xff,
	MADT_LAPIC_ID_MAX = 254, /* 255 is the broadcast */
};

#define MADT_ALL_X2APICS UINT32_C(0xffffffff)

struct acpi_madt {
	struct acpi_header header;
	uint32_t lapic_gpa;
	uint32_t flags; /* bit 0, an 8259 pair: there is none */
} __attribute__((packed));

struct madt_lapic {
	uint8_t type;
	uint8_t bytes;
	uint8_t uid;
	uint8_t id;
	uint32_t flags;
} __attribute__((packed));

struct madt_ioapic {
	uint8_t type;
	uint8_t bytes;
	uint8_t id;
	uint8_t reserved;
	uint32_t gpa;
	uint32_t first_gsi;
} __attribute__((packed));

struct madt_lapic_nmi {
	uint8_t type;
	uint8_t bytes;
	uint8_t uid;
	uint16_t flags;
	uint8_t lint;
} __attribute__((packed));

struct madt_x2apic {
	uint8_t type;
	uint8_t bytes;
	uint16_t reserved;
	uint32_t id;
	uint32_t flags;
	uint32_t uid;
} __attribute__((packed));

struct madt_x2apic_nmi {
	uint8_t type;
	uint8_t bytes;
	uint16_t flags;
	uint32_t uid;
	uint8_t lint;
	uint8_t reserved[3];
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_rsdp) == 36, "RSDP");
_Static_assert(sizeof(struct acpi_header) == 36, "table header");
_Static_assert(sizeof(struct acpi_fadt) == 276, "FADT of ACPI 6");
_Static_assert(sizeof(struct acpi_madt) == 44, "MADT");
