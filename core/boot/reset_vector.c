// SPDX-License-Identifier: Apache-2.0
#include "core/boot/reset_vector.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/acpi_ports.h"
#include "core/boot/memory_map.h"
#include "core/kvm/memory.h"

int reset_vector_load(const struct guest_memory *memory, struct diag *why)
{
	static const uint8_t code[] = {
		0xba, ACPI_RESET_PORT & 0xff, ACPI_RESET_PORT >> 8, /* mov $port, %dx */
		0xb0, ACPI_RESET_VALUE,                             /* mov $value, %al */
		0xee,                                               /* out %al, %dx */
		0xfa,                                               /* cli */
		0xf4,                                               /* hlt */
		0xeb, 0xfd,                                         /* jmp to the hlt */
	};
	uint8_t *host = guest_memory_at(memory, RESET_VECTOR_GPA, sizeof(code));

	if (host == NULL)
		return diag_set(why, ENOMEM, "guest memory ends below 1 MiB, where the reset vector is");
	memcpy(host, code, sizeof(code));
	return 0;
}
