// SPDX-License-Identifier: Apache-2.0
/* Planned changes, and a snapshot on which they have been made. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/change.h"
#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"

/**
 * struct change_bench - a host, and a machine of two partitions for it.
 * @partition: SCHED_FIFO of priority 1, whose guest keeps its MWAIT exits off; then SCHED_DEADLINE.
 * @host: read, or made by the test, which may change it until changes are planned.
 */
struct change_bench {
	struct host_facts host;
	struct partition_config partition[2];
	struct machine_config machine;
	struct cpu_division cpus;
	struct changes changes;
	struct findings findings;
};

/** change_planner - setting_changes() and its kind. */
typedef int change_planner(const struct machine_config *machine, const struct host_facts *host,
			   const struct cpu_division *cpus, struct changes *ret, struct findings *findings);

/** change_bench_cut() - the partitions' CPUs: lists, "" for no such partition; all others that are online are housekeeping. */
void change_bench_cut(struct change_bench *bench, const char *fifo, const char *deadline);

/** change_bench_plan() - parse the host as it is now and plan, in place of an earlier plan. */
void change_bench_plan(struct change_bench *bench, change_planner *planner);

void change_bench_done(struct change_bench *bench);

/**
 * assert_fixed_point() - the same changes are planned again on the host on which they have been made, each of
 * them held, and each check of the doctor that one of them is the remedy of passes there.
 * @name: of the host, for messages. Leaves the host changed.
 */
void assert_fixed_point(struct change_bench *bench, change_planner *planner, const char *name);

/** assert_fixed_points() - the same on every host of tests/fixtures/hosts, for each kind of partition and both. */
void assert_fixed_points(change_planner *planner);

/**
 * changes_make_so() - what the files of a host would read once a whole list has been made so.
 * @files: changed in place and sorted; facts that were parsed from it are to be parsed anew.
 *
 * Each as the kernel shows it: the word in brackets, a word of a list, a line among others, a thread's policy
 * and CPUs in its stat and status. A folder or a group has no file of its own: those made in it are there.
 */
void changes_make_so(const struct changes *changes, struct host_files *files);

/** changes_find() - the change of one path, or NULL. */
const struct change *changes_find(const struct changes *changes, const char *path);

/** assert_changes_alike() - the same settings in the same order, whatever holds of them. */
void assert_changes_alike(const struct changes *a, const struct changes *b);

/** assert_changes_held() - nothing is left to be done; says what is, and for which host. */
void assert_changes_held(const struct changes *changes, const char *host);
