// SPDX-License-Identifier: Apache-2.0
#include "core/boot/modules.h"

#include <string.h>

#include "core/base/diag.h"
#include "core/boot/image.h"
#include "core/boot/memory_map.h"

enum { MODULE_ALIGN = 4096 };

static int module_load(struct placement *placement, const struct image *image, uint64_t behind,
		       struct placed *ret, struct diag *why)
{
	int error = placement_lowest(placement, behind, image->size, MODULE_ALIGN, "the initrd", ret, why);

	/* A kernel linked high leaves its room below. */
	if (error != 0)
		error = placement_lowest(placement, HIGH_RAM_GPA, image->size, MODULE_ALIGN, "the initrd",
					 ret, why);
	if (error != 0)
		return error;
	memcpy(ret->host, image->data, image->size);
	return 0;
}

int modules_load(struct placement *placement, const struct boot_request *request, uint64_t behind,
		 struct modules *ret, struct diag *why)
{
	if (behind < HIGH_RAM_GPA)
		behind = HIGH_RAM_GPA;
	for (size_t i = 0; i < request->initrd_count; i++) {
		int error = module_load(placement, &request->initrd[i], behind, &ret->module[i], why);

		if (error != 0)
			return error;
	}
	return 0;
}
