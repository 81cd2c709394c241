// SPDX-License-Identifier: Apache-2.0
/* Threads that checks have found, and how to move them. */
#pragma once

#include "rt/doctor_words.h"

struct doctor_result;
struct doctor_subject;
struct host_thread;

/**
 * struct doctor_found - what a walk over the threads brought up; begins as DOCTOR_NOTHING_FOUND.
 * @seen: threads that were looked at. @tids: for a remedy. @error: why the CPUs of one are not known.
 */
struct doctor_found {
	unsigned seen;
	struct doctor_items items;
	struct doctor_items tids;
	int error;
};

#define DOCTOR_NOTHING_FOUND ((struct doctor_found){.tids = {.separator = " "}})

/** doctor_found_add() - "NAME (TID) WHAT"; @what may be "". */
void doctor_found_add(struct doctor_found *found, const struct host_thread *thread, const char *what);

/** doctor_found_on_cpus() - "NAME (TID) on CPUS". */
void doctor_found_on_cpus(struct doctor_found *found, const struct host_thread *thread);

/** doctor_advise_taskset() - the command that moves them all to housekeeping CPUs. */
void doctor_advise_taskset(const struct doctor_subject *subject, struct doctor_result *result,
			   struct doctor_found *found);
