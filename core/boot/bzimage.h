// SPDX-License-Identifier: Apache-2.0
/* Linux bzImage by the 64-bit boot protocol: Documentation/arch/x86/boot.rst. */
#pragma once

#include <stdbool.h>

struct boot_entry;
struct boot_request;
struct diag;
struct image;
struct placement;

/** bzimage_is() - whether an image has Linux's setup header. */
bool bzimage_is(const struct image *image);

/** bzimage_load() - boot_load() for a bzImage; errors as there. */
int bzimage_load(struct placement *placement, const struct boot_request *request,
		 struct boot_entry *ret, struct diag *why);
