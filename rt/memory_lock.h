// SPDX-License-Identifier: Apache-2.0
/* All of this process' memory resident, now and later, so that no thread of it faults. */
#pragma once

struct diag;

/**
 * memory_lock() - mlockall(MCL_CURRENT | MCL_FUTURE): what is mapped, and all that will be, is
 * populated and stays. Returns 0; -EPERM or -ENOMEM where RLIMIT_MEMLOCK is too
 * small and CAP_IPC_LOCK missing, with the remedy.
 */
int memory_lock(struct diag *why);

/** memory_lock_refused() - the same refusal, for a mapping that the lock's limit forbade. Returns -@error. */
int memory_lock_refused(int error, struct diag *why);

/** enum future_lock - how mappings made from now on are locked, once memory_lock() has been. */
enum future_lock {
	FUTURE_LOCK_AT_ONCE,
	FUTURE_LOCK_ON_TOUCH, /* page by page, as somebody populates them */
};

/** memory_lock_future() - choose it. Returns 0 or -errno. */
int memory_lock_future(enum future_lock how);

/** memory_unlock() - take memory_lock() back. */
void memory_unlock(void);
