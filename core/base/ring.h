// SPDX-License-Identifier: Apache-2.0
/* A ring of bytes from one thread to one other, without locks or syscalls; its owner embeds it. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { RING_BYTES = 16384 }; /* a power of two */

/** struct ring - @head is written by the producer alone, @tail by the consumer alone; both only grow. */
struct ring {
	_Alignas(64) atomic_uint_fast32_t head;
	_Alignas(64) atomic_uint_fast32_t tail;
	_Alignas(64) uint8_t byte[RING_BYTES];
};

static inline size_t ring_used(const struct ring *ring)
{
	return (uint32_t)(atomic_load_explicit(&ring->head, memory_order_acquire) -
			  atomic_load_explicit(&ring->tail, memory_order_acquire));
}

static inline size_t ring_space(const struct ring *ring)
{
	return RING_BYTES - ring_used(ring);
}

/** ring_put() - producer: add up to @count bytes; returns how many fitted. */
static inline size_t ring_put(struct ring *ring, const uint8_t *bytes, size_t count)
{
	uint32_t head = (uint32_t)atomic_load_explicit(&ring->head, memory_order_relaxed);
	size_t space = ring_space(ring);

	if (count > space)
		count = space;
	for (size_t i = 0; i < count; i++)
		ring->byte[(head + i) % RING_BYTES] = bytes[i];
	/* Pairs with the acquire in ring_used() on the consumer's side. */
	atomic_store_explicit(&ring->head, (uint32_t)(head + count), memory_order_release);
	return count;
}

/** ring_get() - consumer: take up to @count bytes; returns how many there were. */
static inline size_t ring_get(struct ring *ring, uint8_t *bytes, size_t count)
{
	uint32_t tail = (uint32_t)atomic_load_explicit(&ring->tail, memory_order_relaxed);
	size_t used = ring_used(ring);

	if (count > used)
		count = used;
	for (size_t i = 0; i < count; i++)
		bytes[i] = ring->byte[(tail + i) % RING_BYTES];
	/* Pairs with the acquire in ring_used() on the producer's side. */
	atomic_store_explicit(&ring->tail, (uint32_t)(tail + count), memory_order_release);
	return count;
}
