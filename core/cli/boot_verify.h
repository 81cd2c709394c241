// SPDX-License-Identifier: Apache-2.0
/* Whether a host was booted as planned, item by item. */
#pragma once

#include <stddef.h>

#include "core/base/findings.h"
#include "rt/boot_effect.h"

struct boot_machine;

/**
 * struct boot_item - one promise. @kind: "parameter", "log", "module", "file", "sysctl", "slice" or "apply"; static.
 * @item: what was promised. @found: what is.
 */
struct boot_item {
	enum boot_effect effect;
	const char *kind;
	char item[256];
	char found[BOOT_FOUND_MAX];
};

/** struct boot_items - zeros are empty. */
struct boot_items {
	struct boot_item *item;
	size_t count;
	size_t room;
};

/**
 * boot_verify() - hold each promise against the host that @boot was planned on.
 * @boot: of boot_machine_make() with HOST_LOG.
 * @findings: what could not be told of apply's changes.
 *
 * Pure. Returns 0 or -ENOMEM.
 */
int boot_verify(const struct boot_machine *boot, struct boot_items *ret, struct findings *findings);

/** boot_items_count() - how many have that effect. */
size_t boot_items_count(const struct boot_items *items, enum boot_effect effect);

void boot_items_done(struct boot_items *items);
