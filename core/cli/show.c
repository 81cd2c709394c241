// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/commands.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/config/machine.h"

static const char help[] =
	"Usage: bulkhead show [--json] FILE\n"
	"       bulkhead show --launch [--best-effort] FILE [NAME]\n"
	"Print a machine file with its profiles resolved and every value stated. What is\n"
	"printed is itself a machine file, and describes the same machine.\n"
	"\n"
	"      --json         print JSON instead of YAML\n"
	"      --launch       print the launch record of one partition on this host, for\n"
	"                     bulkhead-vmm(8)\n"
	"      --best-effort  plan as run --best-effort does\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit status: 0, or 2 where the file could not be read or is not sound.\n";

enum {
	OPTION_JSON = OPTION_PARTITION_END,
	OPTION_LAUNCH,
};

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},
	{"json", no_argument, NULL, OPTION_JSON},
	{"launch", no_argument, NULL, OPTION_LAUNCH},
	{"best-effort", no_argument, NULL, OPTION_BEST_EFFORT},
	{NULL, 0, NULL, 0},
};

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	const char *name;
	bool json;
	bool launch;
	bool best_effort;
};

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

static int show(const struct request *request)
{
	_cleanup_(machine_done) struct machine_config machine = {0};
	struct diag why = {0};

	if (machine_load(request->file, &machine, &why) != 0)
		return refusal_print(&why);
	int error = request->json ? print_json(&machine) : machine_write_yaml(&machine, stdout);
	if (error == -ENOMEM) {
		diag_set(&why, ENOMEM, "not enough memory to print the machine");
		return refusal_print(&why);
	}
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
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return output_finish(COMMAND_HELD);
		case OPTION_JSON:
			request.json = true;
			break;
		case OPTION_LAUNCH:
			request.launch = true;
			break;
		case OPTION_BEST_EFFORT:
			request.best_effort = true;
			break;
		default:
			return refusal_option(argv, option);
		}
	}
	if (argc - optind < 1 || argc - optind > (request.launch ? 2 : 1))
		return refusal_usage(argv[0], "one machine file is needed");
	if (request.best_effort && !request.launch)
		return refusal_usage(argv[0], "--best-effort goes with --launch");
	request.file = argv[optind];
	request.name = argv[optind + 1];
	return request.launch ? show_launch(&request) : show(&request);
}
