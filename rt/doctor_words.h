// SPDX-License-Identifier: Apache-2.0
/* What several checks say in the same way: lists that are cut where they grow too long. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/cpulist.h"
#include "rt/doctor.h"

struct host_threads;

/**
 * struct doctor_items - "a, b, c and 4 more".
 * @separator: between two of them, ", " where NULL.
 * @count: how many were added, also those that found no room.
 */
struct doctor_items {
	const char *separator;
	char text[160];
	size_t length;
	unsigned count;
	unsigned left_out;
};

void doctor_items_add(struct doctor_items *items, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** doctor_items_end() - say how many were left out. Returns the text. */
const char *doctor_items_end(struct doctor_items *items);

/** struct doctor_cpu_text - a CPU list that fits a sentence. */
struct doctor_cpu_text {
	char text[128];
};

/** doctor_cpu_text() - @cpus as Linux writes them, cut with dots at a comma; "none". Returns its text. */
const char *doctor_cpu_text(const struct cpulist *cpus, struct doctor_cpu_text *buffer);

/** doctor_housekeeping_text() - the same of the CPUs for everything else; the boot CPU where none is known. */
const char *doctor_housekeeping_text(const struct doctor_subject *subject,
				     struct doctor_cpu_text *buffer);

bool doctor_cpus_meet(const struct cpulist *a, const struct cpulist *b);

/** doctor_cpus_within() - whether all of @inner are in @outer. */
bool doctor_cpus_within(const struct cpulist *inner, const struct cpulist *outer);

/**
 * doctor_threads_read() - all threads of the host.
 * @ret: set where true is returned; ended with threads_done().
 *
 * Else @result says unknown, and why.
 */
bool doctor_threads_read(const struct doctor_subject *subject, struct doctor_result *result,
			 struct host_threads *ret);
