// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/doctor_affinity.h"
#include "core/cli/doctor_report.h"
#include "core/cli/refusal.h"
#include "core/config/machine.h"
#include "core/host/host.h"

static const char help[] =
	"Usage: bulkhead doctor [--json] [--host DIR] [--verbose] [FILE]\n"
	"Tell what on this host will hurt real-time guests, why, and what to do about it.\n"
	"Nothing is changed. With FILE, what its partitions need is looked at.\n"
	"\n"
	"      --json      print JSON instead of a table\n"
	"      --host DIR  look at a captured host in place of this one\n"
	"      --verbose   list also the checks that pass or do not apply\n"
	"  -h, --help      show this text\n"
	"\n"
	"Exit status: 0 nothing fails; 1 something does; 2 nothing does, but a fact could not\n"
	"be read, or the file or the host could not.\n";

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	const char *host;
	bool json;
	bool verbose;
};

static int status_of(const struct doctor_report *report)
{
	if (report->tally[DOCTOR_FAIL] > 0)
		return COMMAND_NOT_HELD;
	return report->tally[DOCTOR_UNKNOWN] > 0 ? COMMAND_UNKNOWN : COMMAND_HELD;
}

static int diagnose(const struct request *request, const struct machine_config *machine,
		    const struct host_facts *host)
{
	_cleanup_(doctor_report_done) struct doctor_report report = {.host = request->host};
	struct diag why = {0};
	int error;

	doctor_subject_init(&report.subject, host, machine);
	error = doctor_report_make(&report);
	if (error == 0 && request->json)
		error = doctor_json_print(&report);
	else if (error == 0)
		doctor_table_print(&report, request->verbose);
	if (error != 0) {
		diag_set(&why, -error, "not enough memory to tell what was found");
		return refusal_print(&why);
	}
	return output_finish(status_of(&report));
}

static int doctor(const struct request *request)
{
	_cleanup_(machine_done) struct machine_config machine = {0};
	_cleanup_(host_facts_done) struct host_facts host = {0};
	const struct host_source source = {.tree = request->host};
	const struct machine_config *file = NULL;
	struct cpulist allowed = {0};
	struct diag why = {0};

	if (request->file != NULL) {
		if (machine_load(request->file, &machine, &why) != 0)
			return refusal_print(&why);
		file = &machine;
	}
	/* A refusal only means that this process stays where it was started. */
	if (request->host == NULL)
		doctor_affinity_narrow(file, &allowed);
	if (host_facts_read(&source, HOST_ALL, &host, &why) != 0)
		return refusal_print(&why);
	/* What the doctor may use is what it was started with, not where it withdrew to. */
	if (!cpulist_empty(&allowed))
		cpulist_and(&allowed, &host.topology.online, &host.topology.allowed);
	return diagnose(request, file, &host);
}

int command_doctor(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"json", .flag = &request.json},
		{"host", .value = &request.host},
		{"verbose", .flag = &request.verbose},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count > 1)
		return refusal_usage(argv[0], "one machine file at most");
	request.file = arguments.text[0];
	return doctor(&request);
}
