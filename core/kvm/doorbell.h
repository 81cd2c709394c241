// SPDX-License-Identifier: Apache-2.0
/*
 * How a vCPU thread tells the VMM's main thread that there is something in a ring for it, at the
 * cost of one write(2) only when the main thread sleeps. On a sealed vCPU it can only follow a
 * userspace exit, which the partition's exit budget has already counted.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct doorbell - @fd an eventfd the main thread polls; @armed set by it before it sleeps;
 * @rung counts the write(2)s, for the contract's evidence.
 */
struct doorbell {
	int fd;
	atomic_bool armed;
	atomic_uint_fast64_t rung;
};

/**
 * doorbell_ring() - wake the main thread if it sleeps. For vCPU threads.
 *
 * Pairs with doorbell_arm(): what was put into a ring before is seen by the main thread either in
 * its last look before sleeping or because of this write.
 */
void doorbell_ring(struct doorbell *doorbell);

/** doorbell_arm() - main thread, before its last look at the rings and its sleep. */
void doorbell_arm(struct doorbell *doorbell);
