// SPDX-License-Identifier: Apache-2.0
/* One table from I/O port or guest physical address to the handler that answers it. */
#pragma once

#include <stdint.h>

struct diag;

enum trap_space {
	TRAP_PIO,
	TRAP_MMIO,
};

/** enum trap_action - what a guest's write asks of the machine. */
enum trap_action {
	TRAP_RESUME,    /* go on */
	TRAP_POWER_OFF, /* ACPI S5 */
	TRAP_RESET,     /* i8042, ACPI reset register */
	TRAP_EXIT,      /* exit port; the value written is the guest's own status */
	TRAP_SEAL,      /* seal port, nonzero: the guest's real-time phase begins; go on */
	TRAP_UNSEAL,    /* seal port, zero: it is over; go on */
};

/**
 * struct trap - one range of ports or addresses and its handler.
 * @first, @last: the range, both inclusive.
 * @read: @offset from @first, @length 1, 2, 4 or 8; returns the value in the low @length bytes.
 * @write: @value in the low @length bytes, the rest zero.
 * @device: handed to both; owned by who registered it.
 * @name: for statistics and messages; static storage.
 *
 * Handlers run on vCPU threads, on several at once: they allocate nothing, make no syscall but
 * doorbell_ring(), and lock only against other vCPU threads. An access never straddles a range: one
 * that does is unclaimed. All they receive is hostile.
 */
struct trap {
	enum trap_space space;
	uint64_t first;
	uint64_t last;
	uint64_t (*read)(void *device, uint64_t offset, unsigned length);
	enum trap_action (*write)(void *device, uint64_t offset, unsigned length, uint64_t value);
	void *device;
	const char *name;
};

enum { TRAP_TABLE_MAX = 64 };

/** struct trap_table - traps sorted by space and address; const once vCPUs run. */
struct trap_table {
	struct trap trap[TRAP_TABLE_MAX];
	unsigned count;
};

/** trap_add() - insert a trap. Stage: apply. Returns 0, -EEXIST on overlap, -ENOSPC when full. */
int trap_add(struct trap_table *table, const struct trap *trap, struct diag *why);

/** trap_find() - the trap that holds all @length bytes at @address, or NULL. May run on vCPU threads. */
const struct trap *trap_find(const struct trap_table *table, enum trap_space space, uint64_t address,
			     unsigned length);
