// SPDX-License-Identifier: Apache-2.0
/* The tables of checks, one per subject and file; rt/doctor.c puts them in order. */
#pragma once

#include "rt/doctor.h"

/** struct doctor_table - @count checks. */
struct doctor_table {
	const struct doctor_check *check;
	size_t count;
};

extern const struct doctor_table doctor_kvm, doctor_timers, doctor_interrupts, doctor_threads,
	doctor_deadline, doctor_cgroup, doctor_memory, doctor_idle, doctor_cmdline, doctor_kernel,
	doctor_topology, doctor_devices;

/** doctor_say() - set verdict and value; doctor_expect(), doctor_advise() - the other fields. */
void doctor_say(struct doctor_result *result, enum doctor_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_expect(struct doctor_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_advise(struct doctor_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** doctor_unknown() - unknown, because @fact (a path, mostly) could not be read for @error. */
void doctor_unknown(struct doctor_result *result, const char *fact, int error);
