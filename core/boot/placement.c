// SPDX-License-Identifier: Apache-2.0
#include "core/boot/placement.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/boot/memory_map.h"
#include "core/kvm/memory.h"

void placement_init(struct placement *placement, const struct guest_memory *memory,
		    const struct memory_map *map)
{
	*placement = (struct placement){ .memory = memory, .map = map };
}

/* Whole kibibytes or mebibytes, rounded up: what a person reads in a refusal, and can give. */
static const char *size_text(uint64_t bytes, char buffer[32])
{
	uint64_t unit = bytes < UINT64_C(0x100000) ? UINT64_C(0x400) : UINT64_C(0x100000);
	uint64_t rounded = bytes > UINT64_MAX - (unit - 1) ? bytes : (bytes + unit - 1) & ~(unit - 1);

	return size_format(rounded, buffer, 32);
}

static bool range_holds(const struct memory_range *range, uint64_t gpa, uint64_t bytes)
{
	return range->type == MEMORY_RAM && gpa >= range->gpa && bytes <= range->bytes &&
	       gpa - range->gpa <= range->bytes - bytes;
}

static bool is_ram(const struct placement *placement, uint64_t gpa, uint64_t bytes)
{
	for (unsigned i = 0; i < placement->map->count; i++) {
		if (range_holds(&placement->map->range[i], gpa, bytes))
			return true;
	}
	return false;
}

/* Only for ranges that are RAM, so @gpa + @bytes does not wrap. */
static const struct placement_taken *taken_by(const struct placement *placement, uint64_t gpa,
					      uint64_t bytes)
{
	for (unsigned i = 0; i < placement->count; i++) {
		const struct placement_taken *taken = &placement->taken[i];

		if (gpa < taken->end && taken->gpa < gpa + bytes)
			return taken;
	}
	return NULL;
}

static bool is_free(const struct placement *placement, uint64_t gpa, uint64_t bytes)
{
	return is_ram(placement, gpa, bytes) && taken_by(placement, gpa, bytes) == NULL;
}

static int take(struct placement *placement, uint64_t gpa, uint64_t bytes, const char *what,
		struct placed *ret, struct diag *why)
{
	uint8_t *host = guest_memory_at(placement->memory, gpa, bytes);

	if (host == NULL)
		return diag_set(why, EINVAL, "the memory map names RAM the guest does not have");
	if (placement->count == PLACEMENT_MAX)
		return diag_set(why, ENOSPC, "there are more than %d pieces to load", PLACEMENT_MAX);
	placement->taken[placement->count++] =
		(struct placement_taken){ gpa, gpa + bytes, what };
	*ret = (struct placed){ gpa, bytes, host };
	return 0;
}

static int refuse_place(const struct placement *placement, uint64_t gpa, uint64_t bytes,
			const char *what, struct diag *why)
{
	char size[32];
	char total[32];

	diag_set(why, ENOMEM, "%s takes %s from address 0x%llx on, where the guest, with %s of memory, "
		 "has no RAM", what, size_text(bytes, size), (unsigned long long)gpa,
		 size_text(placement->memory->bytes, total));
	if (gpa >= HIGH_RAM_GPA && bytes <= GUEST_LOW_MAX_BYTES && gpa <= GUEST_LOW_MAX_BYTES - bytes)
		diag_remedy(why, "give the partition %s of memory or more",
			    size_text(gpa + bytes, total));
	else
		diag_remedy(why, "link it for addresses from 1 MiB up to 3 GiB");
	return -ENOMEM;
}

int placement_claim(struct placement *placement, uint64_t gpa, uint64_t bytes, const char *what,
		    struct placed *ret, struct diag *why)
{
	const struct placement_taken *taken;

	if (bytes == 0)
		return diag_set(why, EINVAL, "%s is empty", what);
	if (!is_ram(placement, gpa, bytes))
		return refuse_place(placement, gpa, bytes, what, why);
	taken = taken_by(placement, gpa, bytes);
	if (taken != NULL)
		return diag_set(why, ENOMEM, "%s at 0x%llx lies over %s at 0x%llx", what,
				(unsigned long long)gpa, taken->what, (unsigned long long)taken->gpa);
	return take(placement, gpa, bytes, what, ret, why);
}

static int refuse_size(const struct placement *placement, uint64_t bytes, const char *what,
		       struct diag *why)
{
	char size[32];
	char total[32];

	diag_set(why, ENOMEM, "%s takes %s, for which the guest, with %s of memory, has no room", what,
		 size_text(bytes, size), size_text(placement->memory->bytes, total));
	if (placement->memory->bytes < GUEST_LOW_MAX_BYTES &&
	    bytes <= GUEST_LOW_MAX_BYTES - placement->memory->bytes)
		diag_remedy(why, "give the partition %s of memory or more",
			    size_text(placement->memory->bytes + bytes, total));
	else
		diag_remedy(why, "make it smaller: images are loaded below 3 GiB");
	return -ENOMEM;
}

static uint64_t align_down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

/* UINT64_MAX, which is never RAM, where it would wrap. */
static uint64_t align_up(uint64_t value, uint64_t align)
{
	return value > UINT64_MAX - (align - 1) ? UINT64_MAX : align_down(value + align - 1, align);
}

static void keep_lowest(const struct placement *placement, uint64_t candidate, uint64_t bytes,
			uint64_t *best)
{
	if (candidate < *best && is_free(placement, candidate, bytes) &&
	    candidate + bytes <= PLACEMENT_LIMIT)
		*best = candidate;
}

int placement_lowest(struct placement *placement, uint64_t from, uint64_t bytes, uint64_t align,
		     const char *what, struct placed *ret, struct diag *why)
{
	uint64_t best = UINT64_MAX;

	if (bytes == 0)
		return diag_set(why, EINVAL, "%s is empty", what);
	if (from < PLACEMENT_LOWEST)
		from = PLACEMENT_LOWEST;
	/* The lowest fit begins at @from, where a RAM range begins, or right behind something taken. */
	keep_lowest(placement, align_up(from, align), bytes, &best);
	for (unsigned i = 0; i < placement->map->count; i++) {
		if (placement->map->range[i].gpa >= from)
			keep_lowest(placement, align_up(placement->map->range[i].gpa, align), bytes, &best);
	}
	for (unsigned i = 0; i < placement->count; i++) {
		if (placement->taken[i].end >= from)
			keep_lowest(placement, align_up(placement->taken[i].end, align), bytes, &best);
	}
	if (best == UINT64_MAX)
		return refuse_size(placement, bytes, what, why);
	return take(placement, best, bytes, what, ret, why);
}

/* @best is one past the candidate, so that 0 can mean none. */
static void keep_highest(const struct placement *placement, uint64_t end, uint64_t bytes,
			 uint64_t align, uint64_t *best)
{
	uint64_t candidate;

	if (end < bytes)
		return;
	candidate = align_down(end - bytes, align);
	if (candidate >= PLACEMENT_LOWEST && candidate >= *best && is_free(placement, candidate, bytes))
		*best = candidate + 1;
}

int placement_highest(struct placement *placement, uint64_t limit, uint64_t bytes, uint64_t align,
		      const char *what, struct placed *ret, struct diag *why)
{
	uint64_t best = 0;

	if (bytes == 0)
		return diag_set(why, EINVAL, "%s is empty", what);
	if (limit > PLACEMENT_LIMIT)
		limit = PLACEMENT_LIMIT;
	keep_highest(placement, limit, bytes, align, &best);
	for (unsigned i = 0; i < placement->map->count; i++) {
		const struct memory_range *range = &placement->map->range[i];

		if (range->gpa + range->bytes <= limit)
			keep_highest(placement, range->gpa + range->bytes, bytes, align, &best);
	}
	for (unsigned i = 0; i < placement->count; i++) {
		if (placement->taken[i].gpa <= limit)
			keep_highest(placement, placement->taken[i].gpa, bytes, align, &best);
	}
	if (best == 0)
		return refuse_size(placement, bytes, what, why);
	return take(placement, best - 1, bytes, what, ret, why);
}

int placement_string(struct placement *placement, const char *text, const char *what,
		     uint64_t *ret_gpa, struct diag *why)
{
	struct placed placed;
	size_t bytes = strlen(text) + 1;
	int error = placement_lowest(placement, PLACEMENT_LOWEST, bytes, 8, what, &placed, why);

	if (error != 0)
		return error;
	memcpy(placed.host, text, bytes);
	*ret_gpa = placed.gpa;
	return 0;
}
