// SPDX-License-Identifier: Apache-2.0
#include "core/cli/doctor_report.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/config/machine.h"
#include "core/host/host.h"

int doctor_report_make(struct doctor_report *report)
{
	const struct doctor_check *check;
	size_t count = 0;

	while (doctor_check_at(count) != NULL)
		count++;
	report->finding = calloc(count, sizeof(report->finding[0]));
	if (report->finding == NULL)
		return -ENOMEM;
	for (; (check = doctor_check_at(report->count)) != NULL; report->count++) {
		struct doctor_finding *finding = &report->finding[report->count];

		finding->check = check;
		check->look(&report->subject, &finding->result);
		report->tally[finding->result.verdict]++;
	}
	return 0;
}

/* JSON is UTF-8; a name of a folder or of a CPU model need not be. */
static json_t *plain_string(const char *text)
{
	char copy[512];
	size_t length = 0;

	for (; *text != '\0' && length < sizeof(copy) - 1; text++)
		copy[length++] = *text < 0x20 || *text > 0x7e ? '?' : *text;
	copy[length] = '\0';
	return json_string(copy);
}

static json_t *cpu_list(const struct cpulist *cpus)
{
	char text[CPULIST_TEXT_MAX];

	return json_string(cpulist_format(cpus, text, sizeof(text)));
}

static json_t *host_json(const struct doctor_report *report)
{
	const struct host_facts *host = report->subject.host;

	return json_pack("{s:s, s:o?, s:b, s:o?, s:o?}", "source", report->host == NULL ? "live" : "capture",
			 "path", report->host == NULL ? NULL : plain_string(report->host),
			 "complete", host->files.complete,
			 "kernel", plain_string(host->kernel.release), "cpu", plain_string(host->cpu_model));
}

static json_t *summary_json(const struct doctor_report *report)
{
	json_t *summary = json_object();

	for (int verdict = 0; verdict < DOCTOR_VERDICTS; verdict++)
		json_object_set_new(summary, doctor_verdict_name((enum doctor_verdict)verdict),
				    json_integer(report->tally[verdict]));
	return summary;
}

static json_t *finding_json(const struct doctor_finding *finding)
{
	const struct doctor_check *check = finding->check;
	const struct doctor_result *result = &finding->result;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", check->id,
			 "severity", doctor_severity_name(check->severity), "title", check->title,
			 "verdict", doctor_verdict_name(result->verdict), "value", result->value,
			 "expected", result->expected, "why", check->why, "remedy", result->remedy);
}

int doctor_json_print(const struct doctor_report *report)
{
	const struct doctor_subject *subject = &report->subject;
	json_t *checks = json_array();
	int error = 0;

	for (size_t i = 0; i < report->count; i++) {
		if (json_array_append_new(checks, finding_json(&report->finding[i])) != 0)
			error = -ENOMEM;
	}
	json_t *tree = json_pack("{s:i, s:o, s:o?, s:o, s:s, s:o, s:o, s:o}", "format", 1,
				 "host", host_json(report),
				 "file", subject->machine == NULL ? NULL : plain_string(subject->machine->file),
				 "rt_cpus", cpu_list(&subject->rt_cpus), "rt_cpus_from", subject->rt_cpus_from,
				 "housekeeping", cpu_list(&subject->housekeeping),
				 "summary", summary_json(report), "checks", checks);

	if (tree == NULL)
		return -ENOMEM;
	if (error == 0 && json_dumpf(tree, stdout, JSON_INDENT(2)) == 0)
		putchar('\n');
	json_decref(tree);
	return error;
}

void doctor_report_done(struct doctor_report *report)
{
	free(report->finding);
	*report = (struct doctor_report){0};
}
