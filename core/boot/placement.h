// SPDX-License-Identifier: Apache-2.0
/* What of a guest's RAM is already taken while it is being loaded, and where the next thing fits. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct diag;
struct guest_memory;
struct memory_map;

enum { PLACEMENT_MAX = 160 };

/** PLACEMENT_LIMIT - everything is placed below 4 GiB, where 32-bit entry code reaches it. */
#define PLACEMENT_LIMIT UINT64_C(0x100000000)
/** PLACEMENT_LOWEST - the first page is left alone: real-mode vectors, and where NULL points. */
#define PLACEMENT_LOWEST UINT64_C(0x1000)

struct placement_taken {
	uint64_t gpa;
	uint64_t end;
	const char *what;
};

/** struct placement - @memory and @map are borrowed; @taken does not overlap. */
struct placement {
	const struct guest_memory *memory;
	const struct memory_map *map;
	struct placement_taken taken[PLACEMENT_MAX];
	unsigned count;
};

/** struct placed - a run of guest RAM, claimed, with its host address. */
struct placed {
	uint64_t gpa;
	uint64_t bytes;
	uint8_t *host;
};

void placement_init(struct placement *placement, const struct guest_memory *memory,
		    const struct memory_map *map);

/**
 * placement_claim() - take exactly [@gpa, @gpa + @bytes).
 * @what: for messages, as in "the kernel"; static storage.
 * @ret: set on success only.
 *
 * Any values are safe. Returns 0; -ENOMEM where it is not all RAM or is taken already; -EINVAL for
 * @bytes 0.
 */
int placement_claim(struct placement *placement, uint64_t gpa, uint64_t bytes, const char *what,
		    struct placed *ret, struct diag *why);

/**
 * placement_lowest() - take the lowest free run at or above @from.
 * @align: a power of two.
 */
int placement_lowest(struct placement *placement, uint64_t from, uint64_t bytes, uint64_t align,
		     const char *what, struct placed *ret, struct diag *why);

/** placement_highest() - take the highest free run that ends at or below @limit. */
int placement_highest(struct placement *placement, uint64_t limit, uint64_t bytes, uint64_t align,
		      const char *what, struct placed *ret, struct diag *why);

/** placement_string() - a copy of @text with its terminator, low in memory. */
int placement_string(struct placement *placement, const char *text, const char *what,
		     uint64_t *ret_gpa, struct diag *why);
