// SPDX-License-Identifier: Apache-2.0
/* A vCPU thread's control group: entered through a descriptor that somebody with the right to open it left. */
#pragma once

#include <sys/types.h>

struct diag;

/**
 * thread_group_enter() - put thread @tid of this process into a group, and read it back.
 * @fd: its cgroup.threads, open for writing. cgroup-v2.rst: the right to write is the opener's, so that this
 * process needs no privilege; the process itself stands in a group of the same threaded subtree.
 *
 * Resets the thread's affinity to the group's CPUs. Returns 0 or -errno with @why: -EOPNOTSUPP the process is
 * in no group of that subtree; -EBUSY a reservation for which the group's CPUs have no room.
 */
int thread_group_enter(int fd, pid_t tid, struct diag *why);

/**
 * thread_group_wait() - until thread @tid, which is just running for a moment, has last run on a CPU that it
 * may use. Returns 0; -ETIMEDOUT with @why after a second.
 */
int thread_group_wait(pid_t tid, struct diag *why);
