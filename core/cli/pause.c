// SPDX-License-Identifier: Apache-2.0
#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/control_client.h"
#include "core/cli/control_message.h"
#include "core/cli/refusal.h"

static const char pause_help[] =
	"Usage: bulkhead pause NAME\n"
	"Stop a running partition's vCPUs where they are, until bulkhead resume. Its memory stays;\n"
	"the guest's clocks go on, so that it finds time to have passed.\n"
	"\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0 it is paused; 2 it could not be.\n";

static const char resume_help[] =
	"Usage: bulkhead resume NAME\n"
	"Let a paused partition go on.\n"
	"\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0 it runs; 2 it could not be resumed.\n";

static int tell(int argc, char **argv, const char *help, enum control_command command)
{
	const struct control_request request = {.command = command};
	const struct command_option options[] = {{0}};
	struct command_arguments arguments;
	struct diag why = {0};
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 1)
		return refusal_usage(argv[0], "one partition's name is needed");
	if (control_ask(arguments.text[0], &request, NULL, NULL, &why) != 0)
		return refusal_print(&why);
	return COMMAND_HELD;
}

int command_pause(int argc, char **argv)
{
	return tell(argc, argv, pause_help, CONTROL_PAUSE);
}

int command_resume(int argc, char **argv)
{
	return tell(argc, argv, resume_help, CONTROL_RESUME);
}
