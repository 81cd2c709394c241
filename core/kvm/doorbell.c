// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/doorbell.h"

#include <unistd.h>

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
