// SPDX-License-Identifier: Apache-2.0
/* Facts of the running host that are in no file of /proc or /sys: those of core/host/files.h under /bulkhead/. */
#pragma once

struct host_files;

/**
 * live_read() - put those of some groups into a snapshot that has the host's topology group already.
 * @groups: enum host_group bits; HOST_LOG without the MSRs.
 *
 * Nothing is changed (see live_interrupts.h) and no KVM guest is made, for that interrupts every CPU.
 * Returns 0 or -ENOMEM.
 */
int live_read(struct host_files *files, unsigned groups);

/**
 * live_msr() - read an MSR on a CPU that is neither isolated nor without ticks, of those the thread may use.
 * @path: what to put it as, "/bulkhead/msr/0x34".
 *
 * The thread is kept on that CPU meanwhile; its affinity is then put back.
 * Returns 0 or -ENOMEM.
 */
int live_msr(struct host_files *files, unsigned msr, const char *path);

/**
 * live_mounts() - put an error on the mount point of a file system that is not mounted, and on kernel
 * threads where they are hidden: what is not seen there may well be there.
 *
 * Returns 0 or -ENOMEM.
 */
int live_mounts(struct host_files *files, unsigned groups);
