// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/moment.h"
#include "core/cli/refusal.h"
#include "core/cli/run_folder.h"
#include "core/cli/run_state.h"

static const char help[] =
	"Usage: bulkhead list [--json]\n"
	"List the partitions of this host that run, and those that crashed.\n"
	"\n"
	"      --json  print JSON\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0, or 2 where it could not be told of one of them.\n";

/* struct listing - @json: NULL where lines are printed. */
struct listing {
	json_t *json;
	size_t count;
	bool unknown;
};

/* What is to be said of a partition whose folder is there. */
static const char *look(const char *name, struct run_state *state)
{
	int runs = run_folder_runs(name);
	bool told = run_state_read(name, state, NULL) == 0;

	if (runs < 0)
		return "unknown";
	if (runs == 0)
		return run_phase_name(RUN_CRASHED);
	return told ? run_phase_name(state->phase) : run_phase_name(RUN_STARTING);
}

static void print_line(struct listing *listing, const char *name, const char *phase,
		       const struct run_state *state)
{
	char since[MOMENT_TEXT_MAX];
	char cpus[256];
	char pid[16] = "-";

	if (listing->count == 0)
		printf("%-20s %-9s %8s  %-12s %s\n", "NAME", "STATE", "PID", "CPUS", "SINCE");
	if (state->pid != 0 && strcmp(phase, run_phase_name(RUN_CRASHED)) != 0)
		snprintf(pid, sizeof(pid), "%d", (int)state->pid);
	cpulist_format(&state->cpus, cpus, sizeof(cpus));
	printf("%-20s %-9s %8s  %-12s %s\n", name, phase, pid, *cpus == '\0' ? "any" : cpus,
	       moment_format(state->since_s, since));
}

static int visit(void *context, const char *name)
{
	struct listing *listing = context;
	struct run_state state = {0};
	const char *phase = look(name, &state);
	char cpus[CPULIST_TEXT_MAX];

	listing->unknown = listing->unknown || strcmp(phase, "unknown") == 0;
	if (listing->json == NULL)
		print_line(listing, name, phase, &state);
	else
		json_array_append_new(listing->json, json_pack(
			"{s:s, s:s, s:i, s:s, s:I}", "name", name, "state", phase, "pid", (int)state.pid,
			"cpus", cpulist_format(&state.cpus, cpus, sizeof(cpus)), "since",
			(json_int_t)state.since_s));
	listing->count++;
	return 0;
}

static int print_json(json_t *partitions)
{
	json_t *tree = json_pack("{s:i, s:o}", "format", 1, "partitions", partitions);
	int failed = json_dumpf(tree, stdout, JSON_INDENT(2));

	putchar('\n');
	json_decref(tree);
	return failed;
}

int command_list(int argc, char **argv)
{
	struct listing listing = {0};
	bool json = false;
	const struct command_option options[] = {{"json", .flag = &json}, {0}};
	struct command_arguments arguments;
	struct diag why = {0};
	int status = command_line_parse(argc, argv, help, options, &arguments);
	int error;

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 0)
		return refusal_usage(argv[0], "it takes no arguments");
	if (json)
		listing.json = json_array();
	error = run_folder_walk(visit, &listing);
	if (error == 0 && json && print_json(listing.json) != 0)
		error = -ENOMEM;
	if (error != 0) {
		diag_set(&why, -error, "the partitions cannot be listed (%s)", strerror(-error));
		return refusal_print(&why);
	}
	return output_finish(listing.unknown ? COMMAND_UNKNOWN : COMMAND_HELD);
}
