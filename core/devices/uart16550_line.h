// SPDX-License-Identifier: Apache-2.0
/* Between the serial port's two files: registers, on vCPU threads, and hand-over to the main thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/devices/uart16550.h"

/*
 * The line word. The first four bits say which conditions now raise the interrupt line; the main
 * thread evaluates those that depend on the rings, as it changes them. LINE_PULSED says that this
 * rise has become a pulse. Above it a count of changes.
 */
enum {
	LINE_NOW = 0x1,   /* line errors, modem status, looped bytes: high whatever the rings hold */
	LINE_INPUT = 0x2, /* high while the input ring holds bytes */
	LINE_ROOM = 0x4,  /* high while the output ring has a FIFO's worth of room */
	LINE_EMPTY = 0x8, /* high while the output ring is empty */
	LINE_CONDITIONS = 0xf,
	LINE_PULSED = 0x10,
	LINE_CHANGE = 0x20,
};

/** uart16550_output_has_room() - can a driver write a whole FIFO's bytes? Any thread. */
bool uart16550_output_has_room(const struct uart16550 *uart);

/** uart16550_line_is_high() - do the conditions in @line raise the line, as the rings are now? */
bool uart16550_line_is_high(const struct uart16550 *uart, uint64_t line);

/**
 * uart16550_line_publish() - tell the main thread what a register access made of the line.
 * @conditions: of LINE_CONDITIONS.
 * @fell: the access lowered the line for a moment, whatever it is now.
 *
 * vCPU threads, under the lock. Rings the doorbell when there is a rise to pulse.
 */
void uart16550_line_publish(struct uart16550 *uart, uint64_t conditions, bool fell);

/** uart16550_input_taken() - after taking from the input ring; vCPU threads, under the lock. */
void uart16550_input_taken(struct uart16550 *uart);
