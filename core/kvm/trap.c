// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/trap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/base/diag.h"

/* Is the start of @trap at or below @address? The order of the table: space, then address. */
static inline bool starts_by(const struct trap *trap, enum trap_space space, uint64_t address)
{
	return trap->space < space || (trap->space == space && trap->first <= address);
}

int trap_add(struct trap_table *table, const struct trap *trap, struct diag *why)
{
	unsigned at = 0;

	if (trap->first > trap->last || (trap->space == TRAP_PIO && trap->last > UINT16_MAX))
		return diag_set(why, EINVAL, "the range of %s is reversed or out of its space",
				trap->name);
	if (table->count == TRAP_TABLE_MAX)
		return diag_set(why, ENOSPC, "no room for %s in the table of %d traps", trap->name,
				TRAP_TABLE_MAX);
	while (at < table->count && starts_by(&table->trap[at], trap->space, trap->first))
		at++;

	/* Overlap can only be with the neighbours, as those in the table are disjoint. */
	const struct trap *before = at > 0 ? &table->trap[at - 1] : NULL;
	const struct trap *after = at < table->count ? &table->trap[at] : NULL;

	if (before != NULL && (before->space != trap->space || before->last < trap->first))
		before = NULL;
	if (after != NULL && (after->space != trap->space || after->first > trap->last))
		after = NULL;
	if (before != NULL || after != NULL)
		return diag_set(why, EEXIST, "%s at 0x%" PRIx64 " overlaps %s", trap->name,
				trap->first, before != NULL ? before->name : after->name);

	memmove(&table->trap[at + 1], &table->trap[at], (table->count - at) * sizeof(*trap));
	table->trap[at] = *trap;
	table->count++;
	return 0;
}

/*
 * On the path of each exit to userspace: no call, and a loop that runs log2(count) times whatever
 * the address, so that the cost of an exit does not depend on who answers it.
 */
const struct trap *trap_find(const struct trap_table *table, enum trap_space space, uint64_t address,
			     unsigned length)
{
	const struct trap *trap = table->trap;

	if (table->count == 0)
		return NULL;
	for (unsigned n = table->count; n > 1; n -= n / 2)
		if (starts_by(&trap[n / 2], space, address))
			trap += n / 2;

	/* Below the first trap @offset wraps to a huge value; so does a @length of 0. */
	uint64_t offset = address - trap->first;
	uint64_t span = trap->last - trap->first;

	if (trap->space != space || offset > span || (uint64_t)length - 1 > span - offset)
		return NULL;
	return trap;
}
