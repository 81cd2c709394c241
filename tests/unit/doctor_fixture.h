// SPDX-License-Identifier: Apache-2.0
/* A host on which every check of the doctor passes or does not apply, to be spoilt one fact at a time. */
#pragma once

#include <stddef.h>

#include "core/host/host.h"
#include "rt/doctor.h"

/**
 * struct doctor_fact - a file of the good host: "/sys/...", and its text as host_text() gives it.
 */
struct doctor_fact {
	const char *path;
	const char *text;
};

/** struct doctor_fact_table - @count facts. */
struct doctor_fact_table {
	const struct doctor_fact *fact;
	size_t count;
};

/** doctor_facts_more - facts of interrupts, threads, memory, idle states, topology and devices. */
extern const struct doctor_fact_table doctor_facts_more;

/**
 * struct doctor_bench - a host and what the doctor makes of it.
 * @host: four cores of one thread each, one node, one last-level cache, CPUs 2-3 isolated.
 * @machine: NULL, or a file the test borrows to it.
 */
struct doctor_bench {
	struct host_facts host;
	const struct machine_config *machine;
	struct doctor_subject subject;
	struct doctor_result result;
};

/** doctor_set_up() - the good host, complete. doctor_set_up_empty() - one of which nothing is known. */
void doctor_set_up(struct doctor_bench *bench);
void doctor_set_up_empty(struct doctor_bench *bench);
void doctor_tear_down(struct doctor_bench *bench);

/** doctor_put(), doctor_put_error(), doctor_remove() - change one of its files. */
void doctor_put(struct doctor_bench *bench, const char *path, const char *text);
void doctor_put_error(struct doctor_bench *bench, const char *path, int error);
void doctor_remove(struct doctor_bench *bench, const char *path);

/** doctor_remove_all() - remove all files that match a pattern, as host_files_next() takes it. */
void doctor_remove_all(struct doctor_bench *bench, const char *pattern);

/** doctor_check_find() - a check by its id; fails the test where there is none. */
const struct doctor_check *doctor_check_find(const char *id);

/**
 * doctor_look() - parse the host as it is now and have one check look at it.
 *
 * Returns its verdict; the rest is in @bench->result.
 */
enum doctor_verdict doctor_look(struct doctor_bench *bench, const char *id);

/** assert_good() - on the good host the check passes. */
void assert_good(const char *id);

/**
 * assert_spoilt() - on the good host with that one file the check says @verdict, with a value that holds
 * @value and, after fail and warn, a remedy that holds @remedy. @text NULL: without that file.
 */
void assert_spoilt(const char *id, const char *path, const char *text, enum doctor_verdict verdict,
		   const char *value, const char *remedy);

/**
 * assert_unread() - the check says unknown where that file may not be read, and where the snapshot is
 * incomplete and does not hold it.
 */
void assert_unread(const char *id, const char *path);

/** assert_sound() - what every result must keep to, whatever the host. */
void assert_sound(const struct doctor_check *check, const struct doctor_result *result);
