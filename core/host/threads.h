// SPDX-License-Identifier: Apache-2.0
/* Threads of a host: names, scheduling, and the CPUs they may use, from /proc/PID/task/TID. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"

struct host_files;

enum { THREAD_NAME_MAX = 64 }; /* as proc_task_name() of the kernel cuts names of kernel threads */

/**
 * struct host_thread - one thread.
 * @pid, @tid: of its process, and its own.
 * @name: bytes that are not printable ASCII replaced.
 * @kernel: a kernel thread; @worker: one of a workqueue; @bound: user space may not change its CPUs.
 * @policy: SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_DEADLINE and so on, of sched.h.
 * @priority: real-time priority, 0 where the policy has none.
 * @started: clock ticks from boot to its start, by which another thread with its number is told from it.
 * @error: positive errno why @cpus is not known; 0 where it is.
 */
struct host_thread {
	unsigned pid;
	unsigned tid;
	char name[THREAD_NAME_MAX];
	bool kernel;
	bool worker;
	bool bound;
	unsigned policy;
	unsigned priority;
	uint64_t started;
	int error;
	struct cpulist cpus;
};

/** struct host_threads - @count of them, those of one process together; zeros are empty. */
struct host_threads {
	struct host_thread *thread;
	size_t count;
};

/**
 * threads_parse() - read those of a snapshot, but for threads that have ended.
 * @ret: set on success.
 *
 * Pure. Returns 0; -ENODATA where not every thread of the host is in the snapshot, which shows in kthreadd,
 * thread 2 of each host, not being among them (a PID namespace, /proc mounted with hidepid, a part of a
 * tree); -EACCES and others where a thread could not be read; -EINVAL for one that is not understood; -ENOMEM.
 */
int threads_parse(const struct host_files *files, struct host_threads *ret);

/** threads_find() - the first thread of that name, or NULL. */
const struct host_thread *threads_find(const struct host_threads *threads, const char *name);

/** thread_is_real_time() - SCHED_FIFO, SCHED_RR or SCHED_DEADLINE. */
bool thread_is_real_time(const struct host_thread *thread);

void threads_done(struct host_threads *threads);
