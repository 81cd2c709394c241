// SPDX-License-Identifier: Apache-2.0
#include "core/cli/doctor_visit.h"

#include <errno.h>

#include "core/base/diag.h"
#include "core/cli/commands.h"

int doctor_visit(const struct doctor_patient *patient, struct doctor_visit *ret, struct diag *why)
{
	const struct host_source source = {.tree = patient->tree};
	int error = host_facts_read(&source, HOST_ALL, &ret->host, why);

	if (error != 0)
		return error;
	/* What the doctor may use is what it was started with, not where it withdrew to. */
	if (!cpulist_empty(&patient->allowed))
		cpulist_and(&patient->allowed, &ret->host.topology.online, &ret->host.topology.allowed);
	ret->report.host = patient->tree;
	doctor_subject_init(&ret->report.subject, &ret->host, patient->machine);
	error = doctor_report_make(&ret->report);
	if (error != 0)
		diag_set(why, -error, "not enough memory to tell what was found");
	return error;
}

int doctor_visit_status(const struct doctor_visit *visit)
{
	if (visit->report.tally[DOCTOR_FAIL] > 0)
		return COMMAND_NOT_HELD;
	return visit->report.tally[DOCTOR_UNKNOWN] > 0 ? COMMAND_UNKNOWN : COMMAND_HELD;
}

void doctor_visit_done(struct doctor_visit *visit)
{
	doctor_report_done(&visit->report);
	host_facts_done(&visit->host);
}
