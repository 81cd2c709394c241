// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/commands.h"
#include "core/cli/refusal.h"
#include "core/config/machine.h"

static const char help[] =
	"Usage: bulkhead show [--json] FILE\n"
	"Print a machine file with its profiles resolved and every value stated. What is\n"
	"printed is itself a machine file, and describes the same machine.\n"
	"\n"
	"      --json  print JSON instead of YAML\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0, or 2 where the file could not be read or is not sound.\n";

enum {
	OPTION_JSON = 256,
};

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},
	{"json", no_argument, NULL, OPTION_JSON},
	{NULL, 0, NULL, 0},
};

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	bool json;
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
		default:
			return refusal_option(argv, option);
		}
	}
	if (argc - optind != 1)
		return refusal_usage(argv[0], "one machine file is needed");
	request.file = argv[optind];
	return show(&request);
}
