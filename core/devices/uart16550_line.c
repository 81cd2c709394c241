// SPDX-License-Identifier: Apache-2.0
#include "core/devices/uart16550_line.h"

#include "core/kvm/doorbell.h"

bool uart16550_output_has_room(const struct uart16550 *uart)
{
	return ring_space(&uart->output) >= UART16550_FIFO_BYTES;
}

bool uart16550_line_is_high(const struct uart16550 *uart, uint64_t line)
{
	return (line & LINE_NOW) != 0 ||
	       ((line & LINE_INPUT) != 0 && ring_used(&uart->input) > 0) ||
	       ((line & LINE_ROOM) != 0 && uart16550_output_has_room(uart)) ||
	       ((line & LINE_EMPTY) != 0 && ring_used(&uart->output) == 0);
}

/*
 * The main thread only ever raises the line (it adds input and removes output), a vCPU alone lowers
 * it. Both change the word by read-modify-write, so one comes first. If this does, the main thread
 * sees that the rise is not pulsed yet, or its own mark fails because the count moved on. If the
 * main thread does, the second look here sees the bytes it moved before, and rings. So no rise is
 * lost, and none is pulsed twice.
 */
void uart16550_line_publish(struct uart16550 *uart, uint64_t conditions, bool fell)
{
	bool stays_high = !fell && uart16550_line_is_high(uart, conditions);
	uint64_t old = atomic_load_explicit(&uart->line, memory_order_relaxed);
	uint64_t new;

	do {
		new = (old & ~(uint64_t)(LINE_CONDITIONS | LINE_PULSED)) + LINE_CHANGE;
		new |= conditions | (stays_high ? old & LINE_PULSED : 0);
	} while (!atomic_compare_exchange_weak_explicit(&uart->line, &old, new, memory_order_acq_rel,
							memory_order_relaxed));
	if ((new & LINE_PULSED) == 0 && uart16550_line_is_high(uart, conditions))
		doorbell_ring(uart->doorbell);
}

bool uart16550_interrupt(struct uart16550 *uart)
{
	/* A read-modify-write, not a load: see uart16550_line_publish(). */
	uint64_t line = atomic_fetch_or_explicit(&uart->line, 0, memory_order_acq_rel);

	do {
		if ((line & LINE_PULSED) != 0 || !uart16550_line_is_high(uart, line))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&uart->line, &line, line | LINE_PULSED,
							memory_order_acq_rel, memory_order_acquire));
	return true;
}

size_t uart16550_output(struct uart16550 *uart, uint8_t *buffer, size_t size)
{
	return ring_get(&uart->output, buffer, size);
}

/*
 * Half a ring of room, so that a guest reading a long input rings once per half ring. Pairs with the
 * announcements below, which look at the ring again after announcing.
 */
void uart16550_input_taken(struct uart16550 *uart)
{
	if (ring_space(&uart->input) >= RING_BYTES / 2 &&
	    atomic_exchange_explicit(&uart->input_waiting, false, memory_order_acq_rel))
		doorbell_ring(uart->doorbell);
}

size_t uart16550_input(struct uart16550 *uart, const uint8_t *bytes, size_t count)
{
	size_t taken = ring_put(&uart->input, bytes, count);

	if (taken == count)
		return taken;
	(void)atomic_exchange_explicit(&uart->input_waiting, true, memory_order_acq_rel);
	return taken + ring_put(&uart->input, bytes + taken, count - taken);
}

size_t uart16550_input_space(struct uart16550 *uart)
{
	if (ring_space(&uart->input) == 0)
		(void)atomic_exchange_explicit(&uart->input_waiting, true, memory_order_acq_rel);
	return ring_space(&uart->input);
}
