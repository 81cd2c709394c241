// SPDX-License-Identifier: Apache-2.0
/* The machine's small ports without state: power, reset, delay, and those a guest talks to us by. */
#pragma once

#include <stdbool.h>

struct diag;
struct trap_table;

enum {
	GUEST_EXIT_PORT = 0xf4,
	GUEST_SEAL_PORT = 0xf5,
};

/**
 * platform_ports_add() - what each guest has: the keyboard controller's reset (0x64), the reset
 * control register (0xcf9), ACPI power-off and reset, and the delay ports (0x80, 0xed).
 *
 * Stage: apply. Errors of trap_add(). The keyboard controller says that it is empty and ready and
 * answers nothing, and so is taken for absent.
 */
int platform_ports_add(struct trap_table *table, struct diag *why);

/**
 * guest_ports_add() - the ports by which a guest speaks to whoever runs it.
 * @exit: a write at 0xf4, of 1, 2 or 4 bytes, ends the run (TRAP_EXIT).
 * @seal: a byte written at 0xf5 begins (TRAP_SEAL) or ends (TRAP_UNSEAL) its real-time phase.
 *
 * Stage: apply. Adds nothing when neither is asked for. Errors of trap_add().
 */
int guest_ports_add(struct trap_table *table, bool exit, bool seal, struct diag *why);
