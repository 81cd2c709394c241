// SPDX-License-Identifier: Apache-2.0
/* Threads that have no business in the groups of vCPUs, and how they leave them. */
#pragma once

struct changes;
struct diag;
struct change;

/** DRIFT_FOREIGN - the domain of a process that is in the group of a partition and is no VMM of Bulkhead's. */
#define DRIFT_FOREIGN "foreign"

/**
 * drift_foreign_find() - who is in the groups that are cpuset partitions, and is no VMM.
 * @applied: what the journal lists: its groups are those with a cpuset.cpus.partition.
 * @ret: one change for each process and group is added, not held: @path the group's cgroup.threads, @old the
 * process, @name its name, @started when it did, @reason what is to be told.
 *
 * A VMM is known by the program it runs. Interrupts no CPU; a process that ends meanwhile, and a group that is
 * gone, is none. Returns 0 or -ENOMEM.
 */
int drift_foreign_find(const struct changes *applied, struct changes *ret);

/**
 * drift_foreign_move() - move such a process to the group above, which is the root: where it was before is
 * nowhere to be known.
 *
 * The whole process, as the kernel moves it. Its threads get the CPUs that no partition has. Returns 0, also
 * where it has ended; or -errno with @why.
 */
int drift_foreign_move(const struct change *change, struct diag *why);
