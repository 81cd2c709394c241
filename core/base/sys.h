// SPDX-License-Identifier: Apache-2.0
/*
 * Kernel calls that return 0, a value, or -errno: raw errno stays behind this header. None of these
 * is for a vCPU thread, but where said.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** sys_open() - open with O_CLOEXEC added, no mode. Returns a descriptor or -errno. */
int sys_open(const char *path, int flags);

/** sys_ioctl() - @argument is passed through. Returns the call's value or -errno. */
int sys_ioctl(int fd, unsigned long request, void *argument);
int sys_ioctl_value(int fd, unsigned long request, unsigned long argument);

/** sys_memfd() - an anonymous file of @bytes; @flags as memfd_create(2), MFD_CLOEXEC added. */
int sys_memfd(const char *name, uint64_t bytes, unsigned flags);

/** sys_map() - mmap(2) of @bytes at an address the kernel chooses; sets @ret on success. */
int sys_map(int fd, uint64_t offset, size_t bytes, int protection, int flags, void **ret);

/**
 * sys_read_file() - read a whole small file (procfs, sysfs) into @buffer, terminated, its last
 * newline removed. Returns the length, -errno, or -EFBIG when it does not fit: its beginning is there then.
 */
ssize_t sys_read_file(const char *path, char *buffer, size_t size);

/** sys_write_all() - write every byte, going on after interruptions. Returns 0 or -errno. */
int sys_write_all(int fd, const void *bytes, size_t count);

/**
 * sys_standard_streams() - make sure that descriptors 0 to 2 are open, on /dev/null where they were
 * not, so that nothing opened later is taken for one of them. First thing in a program.
 */
void sys_standard_streams(void);

/** sys_is_open() - whether @fd is an open descriptor. */
bool sys_is_open(int fd);

/** sys_gettid() - the calling thread's id. */
pid_t sys_gettid(void);
