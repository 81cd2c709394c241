// SPDX-License-Identifier: Apache-2.0
/* The byte ring, and the doorbell that goes with it. */
#include <CUnit/CUnit.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/ring.h"
#include "core/kvm/doorbell.h"

void test_ring_register(void);

enum { STREAM_BYTES = 4 << 20, WAIT_MS = 10000 };

static void bytes_come_out_in_order(void)
{
	static struct ring ring;
	uint8_t out[8] = { 0 };

	CU_ASSERT_EQUAL(ring_get(&ring, out, sizeof(out)), 0);
	CU_ASSERT_EQUAL(ring_put(&ring, (const uint8_t *)"abc", 3), 3);
	CU_ASSERT_EQUAL(ring_used(&ring), 3);
	CU_ASSERT_EQUAL(ring_get(&ring, out, 2), 2);
	CU_ASSERT_EQUAL(ring_get(&ring, out + 2, sizeof(out) - 2), 1);
	CU_ASSERT_STRING_EQUAL((const char *)out, "abc");
}

static void a_full_ring_takes_what_fits(void)
{
	static struct ring ring;
	static uint8_t bytes[RING_BYTES + 1];

	CU_ASSERT_EQUAL(ring_put(&ring, bytes, sizeof(bytes)), RING_BYTES);
	CU_ASSERT_EQUAL(ring_space(&ring), 0);
	CU_ASSERT_EQUAL(ring_put(&ring, bytes, 1), 0);
	CU_ASSERT_EQUAL(ring_get(&ring, bytes, 1), 1);
	CU_ASSERT_EQUAL(ring_put(&ring, bytes, 2), 1);
}

static void the_indexes_wrap_past_32_bits(void)
{
	static struct ring ring;
	uint8_t out[4] = { 0 };

	atomic_store(&ring.head, UINT32_MAX - 1);
	atomic_store(&ring.tail, UINT32_MAX - 1);
	CU_ASSERT_EQUAL(ring_put(&ring, (const uint8_t *)"wrap", 4), 4);
	CU_ASSERT_EQUAL(ring_used(&ring), 4);
	CU_ASSERT_EQUAL(ring_get(&ring, out, 4), 4);
	CU_ASSERT_EQUAL(memcmp(out, "wrap", 4), 0);
	CU_ASSERT_EQUAL(ring_used(&ring), 0);
}

static void the_doorbell_writes_only_to_a_sleeper(void)
{
	struct doorbell doorbell = { .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
	uint64_t count = 0;

	doorbell_ring(&doorbell);
	CU_ASSERT_EQUAL(atomic_load(&doorbell.rung), 0);
	doorbell_arm(&doorbell);
	doorbell_ring(&doorbell);
	doorbell_ring(&doorbell);
	CU_ASSERT_EQUAL(atomic_load(&doorbell.rung), 1);
	CU_ASSERT_EQUAL(read(doorbell.fd, &count, sizeof(count)), (ssize_t)sizeof(count));
	CU_ASSERT_EQUAL(count, 1);
	close(doorbell.fd);
}

struct stream {
	struct ring ring;
	struct doorbell doorbell;
};

static void *produce(void *argument)
{
	struct stream *stream = argument;

	for (unsigned i = 0; i < STREAM_BYTES;) {
		uint8_t byte = (uint8_t)(i * 7);

		if (ring_put(&stream->ring, &byte, 1) == 0)
			continue;
		i++;
		doorbell_ring(&stream->doorbell);
	}
	return NULL;
}

/* The consumer sleeps whenever it may; a wake-up that got lost shows as a sleep without end. */
static void no_byte_and_no_wakeup_is_lost_between_threads(void)
{
	static struct stream stream;
	struct pollfd wait = { .events = POLLIN };
	pthread_t thread;
	unsigned received = 0;
	unsigned wrong = 0;

	wait.fd = stream.doorbell.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, produce, &stream), 0);
	while (received < STREAM_BYTES) {
		uint8_t bytes[256];
		uint64_t count;
		size_t got;

		doorbell_arm(&stream.doorbell);
		got = ring_get(&stream.ring, bytes, sizeof(bytes));
		for (size_t i = 0; i < got; i++)
			wrong += bytes[i] != (uint8_t)(received++ * 7);
		if (got > 0)
			continue;
		CU_ASSERT_EQUAL_FATAL(poll(&wait, 1, WAIT_MS), 1);
		CU_ASSERT_EQUAL(read(wait.fd, &count, sizeof(count)), (ssize_t)sizeof(count));
	}
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(wrong, 0);
	close(wait.fd);
}

void test_ring_register(void)
{
	CU_pSuite suite = CU_add_suite("test_ring", NULL, NULL);

	CU_ADD_TEST(suite, bytes_come_out_in_order);
	CU_ADD_TEST(suite, a_full_ring_takes_what_fits);
	CU_ADD_TEST(suite, the_indexes_wrap_past_32_bits);
	CU_ADD_TEST(suite, the_doorbell_writes_only_to_a_sleeper);
	CU_ADD_TEST(suite, no_byte_and_no_wakeup_is_lost_between_threads);
}
