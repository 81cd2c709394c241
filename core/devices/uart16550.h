// SPDX-License-Identifier: Apache-2.0
/*
 * The guest's serial port: a 16550A whose far end is two rings of bytes.
 *
 * The registers belong to the vCPU threads, the far end to the main thread. They share the two
 * rings and one word of atomics, so that neither ever waits for the other:
 *
 *   vCPU threads, under the lock             main thread
 *   THR write   -> output ring  ------------> uart16550_output()
 *   RBR read    <- input ring  <------------- uart16550_input()
 *   registers   -> line word  -- doorbell --> uart16550_interrupt() -> one pulse of the line
 *
 * Registers as in the National Semiconductor PC16550D data sheet. Time is not modelled: a byte
 * leaves when the main thread takes it, and has arrived as soon as the main thread gave it.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/ring.h"
#include "core/devices/vcpu_lock.h"

struct diag;
struct doorbell;
struct trap_table;

enum {
	UART16550_COM1_PORT = 0x3f8,
	UART16550_COM1_GSI = 4,
	UART16550_FIFO_BYTES = 16,
};

/** enum uart16550_transmit - when the transmitter has something to tell the guest. */
enum uart16550_transmit {
	TRANSMIT_QUIET,      /* the guest has been told and wrote nothing since */
	TRANSMIT_WHEN_ROOM,  /* the interrupt was just enabled: once a FIFO's worth of room is there */
	TRANSMIT_WHEN_EMPTY, /* bytes were written: once the main thread took the last of them */
};

/**
 * struct uart16550 - one serial port.
 * @lock: guards the registers and loop_*; vCPU threads only.
 * @output, @input: produced and consumed by vCPU threads under the lock, and by the main thread.
 * @line: which conditions raise the interrupt line, whether this rise was handed to the main thread
 *	as a pulse, and a count of changes; see uart16550_line.h.
 * @input_waiting: the main thread has bytes that did not fit, and wants the doorbell.
 * @dropped: bytes the guest wrote although THRE was clear; anyone may read it.
 */
struct uart16550 {
	struct vcpu_lock lock;
	uint8_t ier;
	uint8_t fcr;
	uint8_t lcr;
	uint8_t mcr;
	uint8_t line_errors; /* LSR bits that reading LSR clears */
	uint8_t msr_delta;   /* MSR bits that reading MSR clears */
	uint8_t scratch;
	uint8_t divisor_low;
	uint8_t divisor_high;
	uint8_t loop_byte[UART16550_FIFO_BYTES];
	unsigned loop_first;
	unsigned loop_count;
	unsigned on_the_wire; /* looks at LSR until the next input byte has arrived */
	enum uart16550_transmit transmit;
	struct doorbell *doorbell;
	atomic_uint_fast64_t line;
	atomic_bool input_waiting;
	atomic_uint_fast64_t dropped;
	struct ring output;
	struct ring input;
};

/**
 * uart16550_init() - the state after reset.
 * @uart: zeroed or reused; 64-byte aligned; the caller owns it. Nothing to end.
 * @doorbell: rung on vCPU threads; must outlive @uart.
 */
void uart16550_init(struct uart16550 *uart, struct doorbell *doorbell);

/** uart16550_add() - answer the eight ports from @port. Stage: apply. Errors of trap_add(). */
int uart16550_add(struct uart16550 *uart, struct trap_table *table, uint16_t port,
		  struct diag *why);

/**
 * uart16550_output() - take up to @size bytes the guest sent. Main thread.
 *
 * Returns how many; 0 when there is none. While nothing is taken the guest sees a busy transmitter
 * once the ring is full, so a slow reader slows the guest and loses nothing.
 */
size_t uart16550_output(struct uart16550 *uart, uint8_t *buffer, size_t size);

/**
 * uart16550_input() - send @count bytes to the guest. Main thread.
 *
 * Returns how many were accepted. When that is fewer, the doorbell will ring once there is room.
 */
size_t uart16550_input(struct uart16550 *uart, const uint8_t *bytes, size_t count);

/** uart16550_input_space() - how many bytes fit now; if 0, the doorbell will ring. Main thread. */
size_t uart16550_input_space(struct uart16550 *uart);

/**
 * uart16550_interrupt() - has the interrupt line risen since the last pulse? Main thread, after each
 * doorbell and after uart16550_output() or uart16550_input() moved bytes.
 *
 * True exactly once for each rise: the caller then pulses the edge-triggered line.
 */
bool uart16550_interrupt(struct uart16550 *uart);
