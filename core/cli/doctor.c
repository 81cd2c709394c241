// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/doctor_affinity.h"
#include "core/cli/doctor_fix.h"
#include "core/cli/doctor_visit.h"
#include "core/cli/doctor_watch.h"
#include "core/cli/refusal.h"
#include "core/config/machine.h"

static const char help[] =
	"Usage: bulkhead doctor [--json] [--host DIR] [--verbose] [FILE]\n"
	"       bulkhead doctor --fix[=CHECK] [--json] [FILE]\n"
	"       bulkhead doctor --watch [--json] FILE\n"
	"Tell what on this host will hurt real-time guests, why, and what to do about it.\n"
	"Nothing is changed, but by --fix and --watch. With FILE, what its partitions need is\n"
	"looked at.\n"
	"\n"
	"      --json         print JSON instead of a table\n"
	"      --host DIR     look at a captured host in place of this one\n"
	"      --verbose      list also the checks that pass or do not apply\n"
	"      --fix[=CHECK]  change what failing checks, or one, ask for, as far as that can be\n"
	"                     done while the host runs; bulkhead revert puts it back\n"
	"      --watch        tell within a second, a line each, when something that was applied\n"
	"                     for FILE holds no longer, and when it does again; where FILE says\n"
	"                     drift: repair it is put back; until SIGTERM or SIGINT\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit status: 0 nothing fails; 1 something does; 2 nothing does, but a fact could not\n"
	"be read, or the file or the host could not; for --watch: nothing is applied.\n";

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	const char *host;
	const char *check;
	bool fix;
	bool watch;
	bool json;
	bool verbose;
};

static int diagnose(const struct request *request, const struct doctor_patient *patient)
{
	_cleanup_(doctor_visit_done) struct doctor_visit visit = {0};
	struct diag why = {0};
	int error = doctor_visit(patient, &visit, &why);

	if (error == 0 && request->json) {
		error = doctor_json_print(&visit.report);
		if (error != 0)
			diag_set(&why, -error, "not enough memory to tell what was found");
	} else if (error == 0) {
		doctor_table_print(&visit.report, request->verbose);
	}
	return error != 0 ? refusal_print(&why) : output_finish(doctor_visit_status(&visit));
}

static int doctor(const struct request *request)
{
	const struct doctor_fix fix = {.check = request->check, .json = request->json};
	_cleanup_(machine_done) struct machine_config machine = {0};
	struct doctor_patient patient = {.tree = request->host};
	struct diag why = {0};

	if (request->file != NULL) {
		if (machine_load(request->file, &machine, &why) != 0)
			return refusal_print(&why);
		patient.machine = &machine;
	}
	/* A refusal only means that this process stays where it was started. */
	if (request->host == NULL)
		doctor_affinity_narrow(patient.machine, &patient.allowed);
	if (request->watch)
		return doctor_watch(&machine, request->json);
	return request->fix ? doctor_fix(&fix, &patient) : diagnose(request, &patient);
}

static bool has_check(const char *id)
{
	const struct doctor_check *check;

	for (size_t i = 0; (check = doctor_check_at(i)) != NULL; i++) {
		if (strcmp(check->id, id) == 0)
			return true;
	}
	return false;
}

/* What is wrong with the options as a whole, or NULL. */
static const char *contradiction(const struct request *request)
{
	if (request->fix && request->watch)
		return "--fix and --watch are two things to do";
	if (request->host != NULL && (request->fix || request->watch))
		return "--host goes with neither --fix nor --watch: only this host can be changed";
	if (request->watch && request->file == NULL)
		return "--watch needs the machine file that was applied";
	if (request->verbose && (request->fix || request->watch))
		return "--verbose goes with neither --fix nor --watch";
	if (request->check != NULL && !has_check(request->check))
		return "--fix: no check is called so; bulkhead doctor --verbose lists them all";
	return NULL;
}

int command_doctor(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"json", .flag = &request.json},
		{"host", .value = &request.host},
		{"verbose", .flag = &request.verbose},
		{"fix", .flag = &request.fix, .value = &request.check},
		{"watch", .flag = &request.watch},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count > 1)
		return refusal_usage(argv[0], "one machine file at most");
	request.file = arguments.text[0];
	const char *wrong = contradiction(&request);

	return wrong != NULL ? refusal_usage(argv[0], wrong) : doctor(&request);
}
