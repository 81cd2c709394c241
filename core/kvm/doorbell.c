// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/doorbell.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/cleanup.h"

/*
 * Both sides exchange the same word, so one of the two comes first: if it is the arming, the ring
 * sees it and writes; if it is the ring, the arming reads from it and thereby sees all that the
 * vCPU thread stored before. A plain load here could see neither.
 */
void doorbell_ring(struct doorbell *doorbell)
{
	static const uint64_t one = 1;

	if (!atomic_exchange_explicit(&doorbell->armed, false, memory_order_acq_rel))
		return;
	atomic_fetch_add_explicit(&doorbell->rung, 1, memory_order_relaxed);
	/* Can fail only where the counter is full, and then the main thread is awake already. */
	if (write(doorbell->fd, &one, sizeof(one)) < 0)
		return;
}

void doorbell_arm(struct doorbell *doorbell)
{
	(void)atomic_exchange_explicit(&doorbell->armed, true, memory_order_acq_rel);
}

/* eventfd(2): a write that would bring the counter past this value blocks. */
#define COUNTER_FULL (UINT64_MAX - 1)

int doorbell_open(struct doorbell *ret)
{
	const uint64_t full = COUNTER_FULL;
	_cleanup_close_ int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0 || write(fd, &full, sizeof(full)) < 0)
		return -errno;
	*ret = (struct doorbell){.fd = take_fd(&fd)};
	return 0;
}

void doorbell_wait(struct doorbell *doorbell)
{
	const uint64_t one = 1;

	while (write(doorbell->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

/* eventfd(2): nothing is added to the counter, yet all that sleep on it are woken, to find it as full as before. */
void doorbell_stir(struct doorbell *doorbell)
{
	const uint64_t nothing = 0;
	ssize_t written = write(doorbell->fd, &nothing, sizeof(nothing));

	(void)written;
}

int doorbell_release(struct doorbell *doorbell)
{
	uint64_t counter;

	return read(doorbell->fd, &counter, sizeof(counter)) < 0 ? -errno : 0;
}

void doorbell_hear(struct doorbell *doorbell)
{
	uint64_t counter;
	ssize_t got = read(doorbell->fd, &counter, sizeof(counter));

	(void)got;
}
