// SPDX-License-Identifier: Apache-2.0
/* One look of the doctor at a host, with all its checks. */
#pragma once

#include "core/base/cpulist.h"
#include "core/cli/doctor_report.h"
#include "core/host/host.h"

struct diag;
struct machine_config;

/**
 * struct doctor_patient - what is looked at.
 * @tree: a captured host; NULL the running one.
 * @machine: the file, or NULL.
 * @allowed: CPUs that the doctor was started with, where it withdrew from some since; else empty.
 */
struct doctor_patient {
	const char *tree;
	const struct machine_config *machine;
	struct cpulist allowed;
};

/** struct doctor_visit - zeros are empty. */
struct doctor_visit {
	struct host_facts host;
	struct doctor_report report;
};

/**
 * doctor_visit() - read the host and have every check look.
 * @ret: zeroed; ended with doctor_visit_done(), also after a failure.
 *
 * Returns 0 or -errno with @why.
 */
int doctor_visit(const struct doctor_patient *patient, struct doctor_visit *ret, struct diag *why);

/** doctor_visit_status() - what its findings come to: enum command_status. */
int doctor_visit_status(const struct doctor_visit *visit);

void doctor_visit_done(struct doctor_visit *visit);
