// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/findings_print.h"
#include "core/cli/flow.h"
#include "core/cli/json_text.h"
#include "core/cli/plan_json.h"
#include "core/cli/refusal.h"
#include "core/config/machine.h"
#include "core/host/host.h"

static const char help[] =
	"Usage: bulkhead check [--json] [--host DIR] FILE\n"
	"       bulkhead check --file-only FILE\n"
	"Check a machine file: its form, its values, and whether the machine can be cut so on\n"
	"this host. Nothing is changed, and no privilege is needed.\n"
	"\n"
	"      --host DIR   hold it against a host stored by bulkhead capture, against another\n"
	"                   tool's copy of /proc and /sys, or against an hwloc XML file\n"
	"      --json       print the verdict, all findings and the plan as JSON\n"
	"      --file-only  look at the file alone, at no host\n"
	"  -h, --help       show this text\n"
	"\n"
	"Exit status: 0 the file holds; 1 it does not hold on that host; 2 it could not be told:\n"
	"the file could not be read or is not sound, or a fact that decides is unknown.\n"
	"bulkhead-machine(5) describes the file.\n";

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	struct host_source source;
	bool json;
	bool file_only;
};

/* struct checked - all there is to say about a file. */
struct checked {
	struct machine_config machine;
	struct host_facts host;
	struct machine_plan plan;
	struct findings findings;
	bool loaded;
	bool planned;
};

static void checked_done(struct checked *checked)
{
	findings_done(&checked->findings);
	machine_plan_done(&checked->plan);
	host_facts_done(&checked->host);
	machine_done(&checked->machine);
}

/* A file or a host that cannot be read is one more thing that keeps the verdict from being told. */
static int look(const struct request *request, struct checked *ret, struct diag *why)
{
	int error = machine_load(request->file, &ret->machine, why);

	if (error != 0)
		return error;
	ret->loaded = true;
	if (request->file_only)
		return 0;
	error = host_facts_read(&request->source, HOST_PLAN, &ret->host, why);
	if (error == 0)
		error = flow_plan(&ret->machine, &ret->host, &ret->plan, &ret->findings);
	if (error == -ENOMEM)
		diag_set(why, ENOMEM, "not enough memory to plan the machine");
	ret->planned = error == 0;
	return error;
}

static int set_new(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value);
}

static int print_json(const struct request *request, const struct checked *checked,
		      enum flow_verdict verdict)
{
	json_t *tree = json_object();
	int failed = set_new(tree, "format", json_integer(1));

	failed |= set_new(tree, "file", json_text(request->file));
	failed |= set_new(tree, "verdict", json_string(flow_verdict_name(verdict)));
	failed |= set_new(tree, "findings", findings_to_json(&checked->findings));
	if (checked->loaded)
		failed |= set_new(tree, "machine", json_string(checked->machine.name));
	if (checked->planned) {
		failed |= set_new(tree, "host", host_to_json(&checked->host, request->source.tree));
		failed |= set_new(tree, "plan", plan_to_json(&checked->machine, &checked->plan));
	}
	if (failed == 0)
		failed = json_dumpf(tree, stdout, JSON_INDENT(2));
	json_decref(tree);
	putchar('\n');
	return failed;
}

static void print_verdict(const struct request *request, const struct checked *checked,
			  enum flow_verdict verdict)
{
	const struct findings *findings = &checked->findings;
	const char *host = request->source.tree == NULL ? "this host" : request->source.tree;
	size_t partitions = checked->machine.partition_count;

	if (request->file_only) {
		printf("%s: ok, machine %s, %zu partition%s; held against no host\n", request->file,
		       checked->machine.name, partitions, partitions == 1 ? "" : "s");
		return;
	}
	switch (verdict) {
	case FLOW_HELD:
		printf("%s: holds on %s: machine %s, %zu partition%s\n", request->file, host,
		       checked->machine.name, partitions, partitions == 1 ? "" : "s");
		break;
	case FLOW_NOT_HELD:
		printf("%s: does not hold on %s: %zu refused, %zu unknown\n", request->file, host,
		       findings_count(findings, FINDING_REFUSED),
		       findings_count(findings, FINDING_UNKNOWN));
		break;
	case FLOW_UNKNOWN:
		printf("%s: could not tell whether it holds on %s: %zu unknown\n", request->file, host,
		       findings_count(findings, FINDING_UNKNOWN));
		break;
	}
}

static int check(const struct request *request)
{
	_cleanup_(checked_done) struct checked checked = {0};
	struct diag why = {0};
	enum flow_verdict verdict;
	int error = look(request, &checked, &why);

	if (error != 0 && !request->json)
		return refusal_print(&why);
	if (error != 0)
		*findings_add(&checked.findings, FINDING_UNKNOWN, "unreadable", FINDING_MACHINE) = why;
	verdict = flow_verdict(&checked.findings);
	if (!request->json) {
		findings_print(&checked.findings, stderr);
		print_verdict(request, &checked, verdict);
	} else if (print_json(request, &checked, verdict) != 0) {
		diag_set(&why, ENOMEM, "the findings cannot be printed as JSON");
		return refusal_print(&why);
	}
	return output_finish(flow_verdict_status(verdict));
}

int command_check(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"host", .value = &request.source.tree},
		{"json", .flag = &request.json},
		{"file-only", .flag = &request.file_only},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 1)
		return refusal_usage(argv[0], "one machine file is needed");
	if (request.file_only && (request.json || request.source.tree != NULL))
		return refusal_usage(argv[0], "--file-only goes with no other option");
	request.file = arguments.text[0];
	return check(&request);
}
