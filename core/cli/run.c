// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/cli/commands.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/cli/run_folder.h"
#include "core/cli/service_notify.h"
#include "core/cli/supervisor.h"

static const char help[] =
	"Usage: bulkhead run [OPTIONS] FILE [NAME]\n"
	"       bulkhead run [OPTIONS] --kernel IMAGE\n"
	"Run one partition in the foreground: of a machine file, or made of options. Its serial\n"
	"port is standard input and output; on a terminal, Ctrl-A x leaves.\n"
	"\n"
	"      --kernel IMAGE     a Linux bzImage, a PVH ELF, a Multiboot image, or probe\n"
	"      --initrd FILE      for Linux; each one is a module for PVH and Multiboot\n"
	"      --cmdline TEXT     the guest's command line\n"
	PARTITION_OPTIONS_HELP
	"      --exit-port        a guest's write of V to port 0xf4 ends with status (V<<1)|1\n"
	"      --reboot ACTION    when the guest reboots: exit (the default) or restart\n"
	"      --timeout TIME     end after this long, with status 2\n"
	"      --name NAME        of a one-off run, by which stop, status and others find it\n"
	"      --console WHERE    standard (input and output), or socket: for bulkhead console;\n"
	"                         socket is the default under a service manager\n"
	"      --log              write messages to the log in /run/bulkhead/NAME\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 the guest powered off or rebooted, or was left by Ctrl-A x; 1 it crashed;\n"
	"2 it could not be started, was stopped, or ran into the timeout; with --exit-port as\n"
	"said there. Under a service manager ($NOTIFY_SOCKET) a stop as asked is 0.\n";

enum run_option {
	OPTION_TIMEOUT = OPTION_PARTITION_END,
	OPTION_NAME,
	OPTION_CONSOLE,
	OPTION_LOG,
};

static const struct option options[] = {
	PARTITION_OPTIONS,
	{"kernel", required_argument, NULL, OPTION_KERNEL},
	{"initrd", required_argument, NULL, OPTION_INITRD},
	{"cmdline", required_argument, NULL, OPTION_CMDLINE},
	{"exit-port", no_argument, NULL, OPTION_EXIT_PORT},
	{"reboot", required_argument, NULL, OPTION_REBOOT},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"name", required_argument, NULL, OPTION_NAME},
	{"console", required_argument, NULL, OPTION_CONSOLE},
	{"log", no_argument, NULL, OPTION_LOG},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* struct run_options - those of run alone. @console: NULL where not stated. */
struct run_options {
	uint64_t timeout_ns;
	const char *name;
	const char *console;
	bool log;
};

static int take_option(void *own_request, int option, const char *value, struct diag *why)
{
	struct run_options *own = own_request;

	switch ((enum run_option)option) {
	case OPTION_TIMEOUT:
		return duration_parse(value, &own->timeout_ns, why);
	case OPTION_NAME:
		own->name = value;
		return run_name_check(value, why);
	case OPTION_CONSOLE:
		own->console = value;
		if (strcmp(value, "standard") == 0 || strcmp(value, "socket") == 0)
			return 0;
		diag_set(why, EINVAL, "not a place for the console");
		diag_got(why, value, strlen(value));
		diag_allowed(why, "standard or socket");
		return -EINVAL;
	case OPTION_LOG:
		own->log = true;
		return 0;
	}
	return -EINVAL;
}

/* What options and file say together. */
static int settle(const struct run_options *own, struct partition_request *request, struct diag *why)
{
	if (own->name != NULL && request->file != NULL)
		return diag_set(why, EINVAL, "--name is for one-off runs: in a machine file partitions have names");
	if ((own->console != NULL || own->log) && own->name == NULL && request->file == NULL) {
		diag_set(why, EINVAL, "--console and --log are for a partition with a name");
		diag_remedy(why, "add --name NAME");
		return -EINVAL;
	}
	if (own->name != NULL)
		snprintf(request->oneoff.name, sizeof(request->oneoff.name), "%s", own->name);
	/* Before the plan, which would miss what the running one has taken. */
	const char *name = request->file != NULL ? request->name : own->name;
	return name == NULL ? 0 : run_folder_check(name, why);
}

static bool on_socket(const struct run_options *own, bool named)
{
	if (own->console != NULL)
		return strcmp(own->console, "socket") == 0;
	return named && service_managed();
}

int command_run(int argc, char **argv)
{
	static const struct partition_command command = {help, options, take_option};
	_cleanup_(partition_request_done) struct partition_request request = {0};
	_cleanup_(partition_run_done) struct partition_run run = {0};
	struct run_options own = {0};
	struct supervision supervision = {.run = &run};
	struct diag why = {0};
	int status;

	if (partition_request_init(&request, &why) != 0)
		return refusal_print(&why);
	status = partition_command_parse(&command, argc, argv, &own, &request);
	if (status != PARSE_DONE)
		return status;
	if (settle(&own, &request, &why) != 0 || partition_run_plan(&request, &run, &why) != 0)
		return refusal_print(&why);
	supervision.file = request.file == NULL ? "" : request.file;
	supervision.timeout_ns = own.timeout_ns;
	supervision.named = request.file != NULL || own.name != NULL;
	supervision.console_socket = on_socket(&own, supervision.named);
	supervision.log = own.log;
	return supervise(&supervision);
}
