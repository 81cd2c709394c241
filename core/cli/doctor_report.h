// SPDX-License-Identifier: Apache-2.0
/* What the doctor found on one host, and its two forms: a table for people, JSON for programs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "rt/doctor.h"

/** struct doctor_finding - one check and what it found. */
struct doctor_finding {
	const struct doctor_check *check;
	struct doctor_result result;
};

/**
 * struct doctor_report - all of them, in the order of their numbers; zeros are empty.
 * @host: the folder or file the facts are from; NULL the running host.
 * @tally: how many there are of each verdict.
 */
struct doctor_report {
	const char *host;
	struct doctor_subject subject;
	struct doctor_finding *finding;
	size_t count;
	unsigned tally[DOCTOR_VERDICTS];
};

/**
 * doctor_report_make() - have every check look.
 * @report: with @host and @subject set.
 *
 * Pure. Returns 0 or -ENOMEM.
 */
int doctor_report_make(struct doctor_report *report);

/**
 * doctor_table_print() - write the table to standard output: what fails first, then by what it costs.
 * @verbose: list also what passes and what does not apply, which are else only counted.
 */
void doctor_table_print(const struct doctor_report *report, bool verbose);

/** doctor_json_print() - write JSON to standard output. Returns 0 or -ENOMEM. */
int doctor_json_print(const struct doctor_report *report);

void doctor_report_done(struct doctor_report *report);
