// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/change_print.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/cut.h"
#include "core/cli/findings_print.h"
#include "core/cli/refusal.h"

static const char help[] =
	"Usage: bulkhead plan [--json] [--host DIR] FILE\n"
	"Print every change of this host that bulkhead apply would make for a machine file, as\n"
	"\"what: old -> new\" with the reason; nothing where there is nothing to do. What an earlier\n"
	"apply changed and this file asks for no longer is put back. Nothing is changed.\n"
	"\n"
	"      --host DIR   plan for a host stored by bulkhead capture\n"
	"      --json       print the verdict, all findings and the changes as JSON\n"
	"  -h, --help       show this text\n"
	"\n"
	"Exit status: 0 it can be done, or is; 1 apply refuses the file on that host; 2 it could\n"
	"not be told: the file could not be read or is not sound, or a fact that decides is\n"
	"unknown.\n";

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	struct host_source source;
	bool json;
};

static int print_json(const struct request *request, const struct cut_plan *plan)
{
	json_t *report = change_report_to_json(request->file, &plan->findings);
	json_t *changes = json_array();
	int failed = changes_to_json(&plan->returned, changes);

	failed |= changes_to_json(&plan->changes, changes);
	failed |= json_object_set_new(report, "changes", changes);
	return change_report_print(report) | failed;
}

static int plan(const struct request *request)
{
	static const struct borrow journal = {.folder = BORROW_HOST_FOLDER};
	_cleanup_(cut_plan_done) struct cut_plan plan = {0};
	struct diag why = {0};
	int error = cut_plan_make(request->file, &request->source,
				  request->source.tree == NULL ? &journal : NULL, &plan, &why);

	if (error != 0 && !request->json)
		return refusal_print(&why);
	if (error != 0)
		*findings_add(&plan.findings, FINDING_UNKNOWN, "unreadable", FINDING_MACHINE) = why;
	if (!request->json) {
		findings_print(&plan.findings, stderr);
		changes_print(&plan.returned, stdout);
		changes_print(&plan.changes, stdout);
	} else if (print_json(request, &plan) != 0) {
		diag_set(&why, ENOMEM, "the changes cannot be printed as JSON");
		return refusal_print(&why);
	}
	return output_finish(flow_verdict_status(flow_verdict(&plan.findings)));
}

int command_plan(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"host", .value = &request.source.tree},
		{"json", .flag = &request.json},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 1)
		return refusal_usage(argv[0], "one machine file is needed");
	request.file = arguments.text[0];
	return plan(&request);
}
