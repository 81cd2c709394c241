// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/cpu_map.h"
#include "core/cli/findings_print.h"
#include "core/cli/flow.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/config/machine.h"
#include "core/host/host.h"

static const char help[] =
	"Usage: bulkhead show [--json] [--host DIR] FILE\n"
	"       bulkhead show --map [--host DIR] [FILE]\n"
	"       bulkhead show --launch [--best-effort] [--host DIR] FILE [NAME]\n"
	"Print a machine file with its profiles resolved and every value stated. What is\n"
	"printed is itself a machine file, and describes the same machine.\n"
	"\n"
	"      --json         print JSON instead of YAML\n"
	"      --host DIR     resolve against this host, stored by bulkhead capture: what the file\n"
	"                     leaves to be derived, like a reservation, is stated too\n"
	"      --map          draw the host's CPUs, and whose they are\n"
	"      --launch       print the launch record of one partition, for bulkhead-vmm(8)\n"
	"      --best-effort  plan as run --best-effort does\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit status: 0, or 2 where the file could not be read or is not sound.\n";

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	const char *name;
	struct host_source source;
	bool json;
	bool launch;
	bool map;
	bool best_effort;
};

/* struct shown - what it is made from; ended with shown_done(). */
struct shown {
	struct machine_config machine;
	struct host_facts host;
	struct machine_plan plan;
	struct findings findings;
};

static void shown_done(struct shown *shown)
{
	findings_done(&shown->findings);
	machine_plan_done(&shown->plan);
	host_facts_done(&shown->host);
	machine_done(&shown->machine);
}

static int print_json(const struct machine_config *machine)
{
	json_t *tree = machine_to_json(machine);
	int error = tree == NULL ? -ENOMEM : 0;

	if (error == 0 && json_dumpf(tree, stdout, JSON_INDENT(2)) != 0)
		error = -EIO;
	json_decref(tree);
	if (error == 0)
		putchar('\n');
	return error;
}

/* What the plan derived takes the place of what the file left open. */
static int resolve(const struct request *request, struct shown *shown, struct diag *why)
{
	int error = host_facts_read(&request->source, HOST_PLAN, &shown->host, why);

	if (error == 0 && flow_plan(&shown->machine, &shown->host, &shown->plan, &shown->findings) != 0)
		error = diag_set(why, ENOMEM, "not enough memory to plan the machine");
	for (size_t i = 0; error == 0 && i < shown->machine.partition_count; i++)
		shown->machine.partition[i].schedule = shown->plan.reservation.schedule[i];
	return error;
}

static int show(const struct request *request)
{
	_cleanup_(shown_done) struct shown shown = {0};
	struct diag why = {0};
	int error = machine_load(request->file, &shown.machine, &why);

	if (error == 0 && request->source.tree != NULL)
		error = resolve(request, &shown, &why);
	if (error != 0)
		return refusal_print(&why);
	error = request->json ? print_json(&shown.machine) : machine_write_yaml(&shown.machine, stdout);
	if (error == -ENOMEM) {
		diag_set(&why, ENOMEM, "not enough memory to print the machine");
		return refusal_print(&why);
	}
	return output_finish(COMMAND_HELD);
}

static int show_map(const struct request *request)
{
	_cleanup_(shown_done) struct shown shown = {0};
	struct diag why = {0};
	bool planned = request->file != NULL;
	int error = 0;

	if (planned)
		error = machine_load(request->file, &shown.machine, &why);
	if (error == 0)
		error = host_facts_read(&request->source, HOST_TOPOLOGY | HOST_MEMORY | HOST_KERNEL,
					&shown.host, &why);
	if (error == 0 && planned &&
	    placement_plan(&shown.machine, &shown.host, &shown.plan.placement, &shown.findings) != 0)
		error = diag_set(&why, ENOMEM, "not enough memory to plan the machine");
	if (error != 0)
		return refusal_print(&why);
	findings_print(&shown.findings, stderr);
	cpu_map_print(stdout, &shown.host.topology, planned ? &shown.plan.placement : NULL,
		      planned ? &shown.machine : NULL);
	return output_finish(COMMAND_HELD);
}

/* With the standard streams as console, so that the record can be run by hand as it stands. */
static int show_launch(const struct request *asked)
{
	_cleanup_(partition_request_done) struct partition_request request = {0};
	_cleanup_(partition_run_done) struct partition_run run = {0};
	_cleanup_free_ char *record = NULL;
	struct diag why = {0};
	int error = partition_request_init(&request, &why);

	request.file = asked->file;
	request.name = asked->name;
	request.best_effort = asked->best_effort;
	request.source = asked->source;
	if (error == 0)
		error = partition_run_plan(&request, &run, &why);
	if (error != 0)
		return refusal_print(&why);
	run.launch.console_input = STDIN_FILENO;
	run.launch.console_output = STDOUT_FILENO;
	record = launch_encode(&run.launch);
	if (record == NULL) {
		diag_set(&why, ENOMEM, "not enough memory to print the record");
		return refusal_print(&why);
	}
	if (strcmp(run.launch.kernel, PARTITION_KERNEL_PROBE) == 0)
		fputs("bulkhead: note: the built-in probe guest has no path: write one to \"kernel\" to "
		      "run this record by hand\n", stderr);
	puts(record);
	return output_finish(COMMAND_HELD);
}

int command_show(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"json", .flag = &request.json},
		{"launch", .flag = &request.launch},
		{"best-effort", .flag = &request.best_effort},
		{"host", .value = &request.source.tree},
		{"map", .flag = &request.map},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count < (request.map ? 0 : 1) || arguments.count > (request.launch ? 2 : 1))
		return refusal_usage(argv[0], "one machine file is needed");
	if (request.best_effort && !request.launch)
		return refusal_usage(argv[0], "--best-effort goes with --launch");
	if (request.json + request.launch + request.map > 1)
		return refusal_usage(argv[0], "--json, --launch and --map do not go together");
	request.file = arguments.count > 0 ? arguments.text[0] : NULL;
	request.name = arguments.count > 1 ? arguments.text[1] : NULL;
	if (request.map)
		return show_map(&request);
	return request.launch ? show_launch(&request) : show(&request);
}
