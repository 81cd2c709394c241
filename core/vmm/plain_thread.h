// SPDX-License-Identifier: Apache-2.0
/* Threads as the VMM needs them: ordinary, small, deaf to signals, and never joined. */
#pragma once

/**
 * plain_thread_start() - create a SCHED_OTHER thread with every signal blocked and a stack of 64 KiB,
 * whoever calls and under whatever policy.
 * @name: up to 15 characters. @thread_main ends with plain_thread_leave().
 *
 * Returns 0 or -errno.
 */
int plain_thread_start(const char *name, void *(*thread_main)(void *argument), void *argument);

/**
 * plain_thread_leave() - end the calling thread by exit(2) alone: pthread_exit() would give the stack
 * back to the system, which the thread's filter rightly refuses.
 */
_Noreturn void plain_thread_leave(void);
