// SPDX-License-Identifier: Apache-2.0
/* bulkhead: find the command and run it. */
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/commands.h"
#include "core/cli/refusal.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *purpose;
} commands[] = {
	{"run", command_run, "run one partition in the foreground"},
	{"start", command_start, "start partitions in the background"},
	{"stop", command_stop, "end them"},
	{"list", command_list, "list the partitions that run"},
	{"status", command_status, "show whether one runs as promised"},
	{"console", command_console, "attach to the serial port of one"},
	{"pause", command_pause, "stop the vCPUs of one for a while"},
	{"resume", command_resume, "let it go on"},
	{"latency", command_latency, "measure what a partition's vCPUs get, and report it"},
	{"doctor", command_doctor, "tell what on a host will hurt real-time guests"},
	{"discover", command_discover, "write a first machine file from the hardware"},
	{"check", command_check, "check a machine file"},
	{"show", command_show, "print a machine file resolved, or a launch record"},
	{"plan", command_plan, "print every change that apply would make of this host"},
	{"apply", command_apply, "make this host what a machine file needs"},
	{"revert", command_revert, "put back what apply changed"},
	{"boot", command_boot, "have this host boot for a machine file"},
	{"capture", command_capture, "store a host's facts, for --host of the others"},
	{"schema", command_schema, "print what a machine file may say"},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *stream)
{
	fputs("Usage: bulkhead COMMAND [ARGUMENTS]\n"
	      "Cut a machine into real-time partitions on KVM, run them, and measure them.\n\n", stream);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].purpose);
	fputs("\n  --help, --version; bulkhead COMMAND --help says more; so does bulkhead(1).\n", stream);
}

int main(int argc, char **argv)
{
	struct diag why = {0};

	output_begin();
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_help(stdout);
		return output_finish(COMMAND_HELD);
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("bulkhead " BULKHEAD_VERSION);
		return output_finish(COMMAND_HELD);
	}
	for (size_t i = 0; argc > 1 && i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	if (argc < 2) {
		print_help(stderr);
		return COMMAND_UNKNOWN;
	}
	diag_set(&why, 0, "no such command");
	diag_got(&why, argv[1], strlen(argv[1]));
	diag_remedy(&why, "see bulkhead --help");
	return refusal_print(&why);
}
