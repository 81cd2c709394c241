// SPDX-License-Identifier: Apache-2.0
#include "core/boot/reset_vector.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/acpi_ports.h"
#include "core/kvm/memory.h"

#define RESET_VECTOR_GPA UINT64_C(0xffff0)

int reset_vector_write(const struct guest_memory *memory, struct diag *why)
{
	static const uint8_t code[] = {
		0xba, ACPI_RESET_PORT & 0xff, ACPI_RESET_PORT >> 8, /* mov dx, ACPI_RESET_PORT */
		0xb0, ACPI_RESET_VALUE,                             /* mov al, ACPI_RESET_VALUE */
		0xee,                                               /* out dx, al */
		0xf4,                                               /* hlt */
		0xeb, 0xfd,                                         /* jmp to the hlt */
	};
	void *at = guest_memory_at(memory, RESET_VECTOR_GPA, sizeof(code));

	if (at == NULL)
		return diag_set(why, ENOMEM, "guest memory ends below the reset vector at 1 MiB");
	memcpy(at, code, sizeof(code));
	return 0;
}
