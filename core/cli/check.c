// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/commands.h"
#include "core/cli/refusal.h"
#include "core/config/machine.h"

static const char help[] =
	"Usage: bulkhead check FILE\n"
	"Check a machine file: its form, its values, and that they fit together.\n"
	"\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0 the file holds; 1 it is sound but does not hold on this host;\n"
	"2 it could not be read or is not sound. bulkhead-machine(5) describes the file.\n";

static const struct option options[] = {
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

int command_check(int argc, char **argv)
{
	_cleanup_(machine_done) struct machine_config machine = {0};
	struct diag why = {0};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option != 'h')
			return refusal_option(argv, option);
		fputs(help, stdout);
		return output_finish(COMMAND_HELD);
	}
	if (argc - optind != 1)
		return refusal_usage(argv[0], "one machine file is needed");
	if (machine_load(argv[optind], &machine, &why) != 0)
		return refusal_print(&why);
	printf("%s: ok, machine %s, %zu partition%s\n", argv[optind], machine.name,
	       machine.partition_count, machine.partition_count == 1 ? "" : "s");
	return output_finish(COMMAND_HELD);
}
