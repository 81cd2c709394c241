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

/**
 * doorbell_open() - a doorbell held shut: doorbell_wait() blocks until doorbell_release().
 * @ret: the caller closes its @fd.
 *
 * So a vCPU thread that may make no other call than to ring can still be told when to start.
 * Stage: apply. Returns 0 or -errno.
 */
int doorbell_open(struct doorbell *ret);

/** doorbell_wait() - vCPU thread: wait for doorbell_release(). */
void doorbell_wait(struct doorbell *doorbell);

/**
 * doorbell_stir() - main thread: have every vCPU thread that waits run for a moment, and go on waiting.
 *
 * A thread that was given another CPU gets there when it next runs, and not before.
 */
void doorbell_stir(struct doorbell *doorbell);

/** doorbell_release() - main thread: let every waiting vCPU thread go. Returns 0 or -errno. */
int doorbell_release(struct doorbell *doorbell);

/** doorbell_hear() - main thread: take what was rung, so that the descriptor polls quiet again. */
void doorbell_hear(struct doorbell *doorbell);
