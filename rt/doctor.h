// SPDX-License-Identifier: Apache-2.0
/*
 * The doctor: what on this host will hurt a real-time guest.
 *
 * A check looks at facts and nothing else, so that it can be shown any host. It never takes a fact that
 * could not be read for a good one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/cpulist.h"

struct host_facts;
struct machine_config;

/** enum doctor_verdict - in the order in which people should read them. */
enum doctor_verdict {
	DOCTOR_FAIL,
	DOCTOR_WARN,
	DOCTOR_UNKNOWN,
	DOCTOR_PASS,
	DOCTOR_NOT_APPLICABLE,
};

enum { DOCTOR_VERDICTS = DOCTOR_NOT_APPLICABLE + 1 };

/** enum doctor_severity - what a failed check costs. */
enum doctor_severity {
	DOCTOR_BREAKS, /* partitions do not start, or hang */
	DOCTOR_STALLS, /* milliseconds, rarely or often */
	DOCTOR_JITTER, /* microseconds */
	DOCTOR_CARE,   /* nothing yet: it hides a problem, or makes one likely */
};

/**
 * struct doctor_subject - what the checks look at.
 * @machine: NULL where no file is given: then the host is held against real-time guests in general.
 * @rt_cpus: CPUs of the real-time partitions; without a file those set apart, else all but
 * the boot CPU's core. @rt_cpus_from: "the file", "isolcpus, nohz_full and isolated cpuset
 * partitions", "all but the boot CPU's core".
 * @housekeeping: all other online CPUs.
 * @needs_*: whether the file has temporal partitions, devices, hugepages; true without a file.
 */
struct doctor_subject {
	const struct host_facts *host;
	const struct machine_config *machine;
	struct cpulist rt_cpus;
	const char *rt_cpus_from;
	struct cpulist housekeeping;
	bool needs_deadline;
	bool needs_devices;
	bool needs_hugepages;
	bool needs_exits_disabled;
	unsigned fifo_priority; /* the highest of a vCPU; 1 without a file; 0: none is SCHED_FIFO */
};

/**
 * struct doctor_result - what one check found.
 * @value: as it is, "" only with DOCTOR_NOT_APPLICABLE; for DOCTOR_UNKNOWN why it could not be told.
 * @expected: what it should be.
 * @remedy: a command a person can type, or a setting in the firmware; "" with pass and not applicable.
 */
struct doctor_result {
	enum doctor_verdict verdict;
	char value[256];
	char expected[192];
	char remedy[512];
};

/**
 * struct doctor_check - one check.
 * @id: stable, its number too: "P1-nx-huge-pages"; bulkhead(1) promises that.
 * @title: the fact's name for people. @why: why it matters, one sentence.
 * @look: pure; fills a zeroed result.
 */
struct doctor_check {
	const char *id;
	enum doctor_severity severity;
	const char *title;
	const char *why;
	void (*look)(const struct doctor_subject *subject, struct doctor_result *ret);
};

/** doctor_subject_init() - what follows from a host and a file (or NULL). Borrows both. */
void doctor_subject_init(struct doctor_subject *subject, const struct host_facts *host,
			 const struct machine_config *machine);

/** doctor_check_at() - the checks in the order of their numbers; NULL past the last. */
const struct doctor_check *doctor_check_at(size_t index);

/** doctor_verdict_name(), doctor_severity_name() - "pass", "not-applicable"; "breaks". */
const char *doctor_verdict_name(enum doctor_verdict verdict);
const char *doctor_severity_name(enum doctor_severity severity);
