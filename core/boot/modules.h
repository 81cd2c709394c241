// SPDX-License-Identifier: Apache-2.0
/* Initrds as modules, each by itself: PVH and Multiboot. */
#pragma once

#include <stdint.h>

#include "core/boot/boot.h"
#include "core/boot/placement.h"

struct diag;

/** struct modules - where each of a request's initrds was put. */
struct modules {
	struct placed module[BOOT_INITRDS_MAX];
};

/**
 * modules_load() - copy each initrd to pages of its own.
 * @behind: the kernel's end; modules follow it, where small kernels have memory mapped.
 *
 * Returns 0 or -ENOMEM.
 */
int modules_load(struct placement *placement, const struct boot_request *request, uint64_t behind,
		 struct modules *ret, struct diag *why);
