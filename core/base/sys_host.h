// SPDX-License-Identifier: Apache-2.0
/*
 * More kernel calls that return 0, a value, or -errno: those that look at a whole host. Apart from
 * core/base/sys.h, so that bulkhead-vmm, which does not, does not carry them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cpulist;

/** sys_open_at() - openat(2): as sys_open(), below an open folder. */
int sys_open_at(int folder, const char *path, int flags);

/**
 * sys_open_within() - openat2(2): as sys_open_at(), for folders that somebody else filled.
 * @resolve: RESOLVE_IN_ROOT, RESOLVE_BENEATH and so on, of linux/openat2.h.
 *
 * Returns a descriptor or -errno: -EXDEV where a link leads out, -ENOSYS before Linux 5.6.
 */
int sys_open_within(int folder, const char *path, int flags, uint64_t resolve);

/** sys_create_at() - a new file, for writing; never through a link. Returns a descriptor or -errno. */
int sys_create_at(int folder, const char *name);

/** sys_make_folder_at(), sys_remove_at() - mkdirat(2), unlinkat(2). Return 0 or -errno. */
int sys_make_folder_at(int folder, const char *name);
int sys_remove_at(int folder, const char *path, bool is_folder);

/**
 * sys_file_type(), sys_file_type_at() - S_IFREG and so on, of stat(2), and its size; of a link itself.
 * Return 0 or -errno.
 */
int sys_file_type(int fd, unsigned *ret_type, uint64_t *ret_bytes);
int sys_file_type_at(int folder, const char *path, unsigned *ret_type, uint64_t *ret_bytes);

/** sys_filesystem() - statfs(2)'s f_type of what is mounted at @path. Returns 0 or -errno. */
int sys_filesystem(const char *path, uint64_t *ret_type);

/**
 * sys_read_link_at() - the target of a symbolic link, terminated.
 * @path: "" where @folder is the link itself, opened with O_PATH.
 *
 * Returns its length, or -errno; -ENAMETOOLONG where it does not fit.
 */
ssize_t sys_read_link_at(int folder, const char *path, char *buffer, size_t size);

/** sys_read() - read(2), gone on with after interruptions; sys_read_at() at an offset. */
ssize_t sys_read(int fd, void *buffer, size_t size);
ssize_t sys_read_at(int fd, void *buffer, size_t size, uint64_t offset);

/**
 * sys_lock() - flock(2) without waiting; let go by closing.
 *
 * Returns 0; -EWOULDBLOCK somebody holds it otherwise.
 */
int sys_lock(int fd, bool exclusive);

/** struct sys_entry - one entry of a folder; @type: DT_DIR and so on of readdir(3), DT_UNKNOWN too. */
struct sys_entry {
	const char *name;
	unsigned char type;
};

/**
 * sys_list() - call @visit for each entry of a folder but . and .. .
 * @fd: the folder, opened for reading; taken over and closed.
 * @visit: returns 0 to go on; the first other value ends the list.
 *
 * Returns 0, -errno, or what @visit returned.
 */
int sys_list(int fd, int (*visit)(void *context, const struct sys_entry *entry), void *context);

/** sys_sleep_until() - until CLOCK_MONOTONIC shows @when_ns; sys_now() is what it shows. */
void sys_sleep_until(uint64_t when_ns);
uint64_t sys_now(void);

/** sys_affinity(), sys_set_affinity() - CPUs that the calling thread may run on. Return 0 or -errno. */
int sys_affinity(struct cpulist *ret);
int sys_set_affinity(const struct cpulist *cpus);

/** sys_thread_affinity(), sys_thread_set_affinity() - the same of any thread. */
int sys_thread_affinity(pid_t tid, struct cpulist *ret);
int sys_thread_set_affinity(pid_t tid, const struct cpulist *cpus);

/** sys_cpu() - the CPU that the calling thread runs on now, or -errno. */
int sys_cpu(void);

/** sys_kernel_log() - syslog(2) as klogctl(3). Returns its value or -errno. */
int sys_kernel_log(int action, char *buffer, int size);
