// SPDX-License-Identifier: Apache-2.0
/* Within the cache's changes: the text of a resctrl group's schemata. */
#pragma once

#include <stddef.h>

struct cache_plan;
struct host_facts;
struct machine_config;

/** CACHE_DEFAULT - for a partition's index: the group of everybody else. */
#define CACHE_DEFAULT ((size_t)-1)

/**
 * cache_schemata() - the lines that a group shall have, for each resource and domain of the default group's.
 * @plan: of cache_plan(), which refused nothing.
 * @default_text: the default group's schemata; anything that is not understood is left out.
 * @ret: set on success, to be freed: lines, each with its newline; "" where the group needs none changed.
 *
 * In domains where a partition has ways, those without any there have what nobody has; in the others, all.
 * Pure. Source: kernel Documentation/arch/x86/resctrl.rst. Returns 0 or -ENOMEM.
 */
int cache_schemata(const struct machine_config *machine, const struct host_facts *host,
		   const struct cache_plan *plan, size_t partition, const char *default_text, char **ret);
