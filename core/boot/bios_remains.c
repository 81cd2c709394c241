// SPDX-License-Identifier: Apache-2.0
#include "core/boot/bios_remains.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/acpi_ports.h"
#include "core/boot/memory_map.h"
#include "core/kvm/memory.h"

enum {
	MEBIBYTE = 0x100000,
	VECTORS = 256,
	EXTENDED_AREA_SEGMENT = 0x40e,
	CONVENTIONAL_KIB = 0x413,
	BIOS_SEGMENT = 0xf000,
	HANDLER_OFFSET = 0xffe0,
	RESET_OFFSET = 0xfff0,
};

static void store16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

int bios_remains_write(const struct guest_memory *memory, struct diag *why)
{
	static const uint8_t handler[] = {
		0x55,                   /* push bp */
		0x89, 0xe5,             /* mov bp, sp */
		0x83, 0x4e, 0x06, 0x01, /* or word [bp + 6], 1: carry in the flags that iret restores */
		0x5d,                   /* pop bp */
		0xcf,                   /* iret */
	};
	static const uint8_t reset[] = {
		0xba, ACPI_RESET_PORT & 0xff, ACPI_RESET_PORT >> 8, /* mov dx, ACPI_RESET_PORT */
		0xb0, ACPI_RESET_VALUE,                             /* mov al, ACPI_RESET_VALUE */
		0xee,                                               /* out dx, al */
		0xf4,                                               /* hlt */
		0xeb, 0xfd,                                         /* jmp to the hlt */
	};
	uint8_t *low = guest_memory_at(memory, 0, MEBIBYTE);

	if (low == NULL)
		return diag_set(why, ENOMEM, "guest memory ends below 1 MiB");
	for (unsigned vector = 0; vector < VECTORS; vector++) {
		store16(low + vector * 4, HANDLER_OFFSET);
		store16(low + vector * 4 + 2, BIOS_SEGMENT);
	}
	store16(low + EXTENDED_AREA_SEGMENT, LOW_RAM_END >> 4);
	store16(low + CONVENTIONAL_KIB, LOW_RAM_END >> 10);
	low[LOW_RAM_END] = (0xa0000 - LOW_RAM_END) >> 10; /* the extended area's own size in KiB */
	memcpy(low + BIOS_SEGMENT * 16 + HANDLER_OFFSET, handler, sizeof(handler));
	memcpy(low + BIOS_SEGMENT * 16 + RESET_OFFSET, reset, sizeof(reset));
	return 0;
}
