// SPDX-License-Identifier: Apache-2.0
/* All of this process' memory resident, now and later, so that no thread of it faults. */
#pragma once

struct diag;

/**
 * memory_lock() - mlockall(MCL_CURRENT | MCL_FUTURE); populates every mapping of the process.
 *
 * Stage: apply, once everything is mapped. Returns 0; -EPERM or -ENOMEM where RLIMIT_MEMLOCK is too
 * small and CAP_IPC_LOCK missing, with the remedy.
 */
int memory_lock(struct diag *why);
