// SPDX-License-Identifier: Apache-2.0
/* doctor --fix: what fails is put right, as far as that can be done while the host runs. */
#pragma once

#include <stdbool.h>

struct doctor_patient;

/**
 * struct doctor_fix - @check: the one check to put right; NULL: all. @json: tell as JSON.
 */
struct doctor_fix {
	const char *check;
	bool json;
};

/**
 * doctor_fix() - look, change what failing checks ask for, and look again.
 * @patient: of the running host.
 *
 * Each change is borrowed, so that bulkhead revert puts it back. With a file they are those of apply; without
 * one, settings, threads and interrupts for the CPUs that the doctor takes for real-time ones.
 * Prints what was changed and what is still not as it should be. Returns the exit status.
 */
int doctor_fix(const struct doctor_fix *fix, const struct doctor_patient *patient);
