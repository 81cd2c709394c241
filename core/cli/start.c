// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/background.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/partition_unit.h"
#include "core/cli/refusal.h"
#include "core/cli/run_folder.h"
#include "core/config/machine.h"

static const char help[] =
	"Usage: bulkhead start [--best-effort] FILE NAME\n"
	"       bulkhead start [--best-effort] FILE --all\n"
	"Start a partition in the background and wait until its guest runs: as a service of\n"
	"systemd where bulkhead boot has installed FILE, else as a process of its own, whose\n"
	"messages are in /run/bulkhead/NAME/log.\n"
	"\n"
	"      --all          every partition of FILE that does not run, in its order\n"
	"      --best-effort  note what cannot be had, and go on without it; no service then\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit status: 0 the guest runs; else as that of bulkhead run, or 2.\n";

/* struct starting - what was asked for. @service: systemd runs this file's partitions. */
struct starting {
	const char *file;
	bool best_effort;
	bool service;
};

static int start(const struct starting *starting, const char *name)
{
	struct diag why = {0};
	int status = COMMAND_UNKNOWN;
	int error = run_folder_check(name, &why);

	if (error != 0)
		return refusal_print(&why);
	diag_key(&why, "%s", name);
	if (starting->service)
		error = partition_unit_start(name, &why);
	else
		error = background_start(starting->file, name, starting->best_effort, &status, &why);
	if (error == 0)
		return COMMAND_HELD;
	return error == -ECANCELED ? status : refusal_print(&why);
}

/* One that fails does not keep the others from starting; the first failure is the answer. */
static int start_all(const struct starting *starting, const struct machine_config *machine)
{
	int status = COMMAND_HELD;

	for (size_t i = 0; i < machine->partition_count; i++) {
		const char *name = machine->partition[i].name;
		int one = COMMAND_HELD;

		if (run_folder_runs(name) != 1)
			one = start(starting, name);
		if (status == COMMAND_HELD)
			status = one;
	}
	return status;
}

static int start_one(const struct starting *starting, const struct machine_config *machine,
		     const char *name)
{
	struct diag why = {0};

	if (machine_find(machine, name) != NULL)
		return start(starting, name);
	diag_at(&why, starting->file, 0, 0);
	diag_set(&why, ENOENT, "no partition has this name");
	diag_got(&why, name, strlen(name));
	return refusal_print(&why);
}

int command_start(int argc, char **argv)
{
	_cleanup_(machine_done) struct machine_config machine = {0};
	struct starting starting = {0};
	bool all = false;
	const struct command_option options[] = {
		{"all", .flag = &all},
		{"best-effort", .flag = &starting.best_effort},
		{0},
	};
	struct command_arguments arguments;
	struct diag why = {0};
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != (all ? 1 : 2))
		return refusal_usage(argv[0], "a machine file is needed, and a partition's name or --all");
	starting.file = arguments.text[0];
	if (machine_load(starting.file, &machine, &why) != 0)
		return refusal_print(&why);
	starting.service = !starting.best_effort && partition_unit_runs(starting.file);
	return all ? start_all(&starting, &machine) : start_one(&starting, &machine, arguments.text[1]);
}
