// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/control_client.h"
#include "core/cli/control_message.h"
#include "core/cli/partition_unit.h"
#include "core/cli/refusal.h"
#include "core/cli/run_folder.h"

static const char help[] =
	"Usage: bulkhead stop [--timeout TIME] NAME\n"
	"       bulkhead stop [--timeout TIME] --all\n"
	"End a running partition and wait until it has ended. Of one that crashed, what is left\n"
	"behind is put back and removed.\n"
	"\n"
	"      --all           every partition that bulkhead list shows\n"
	"      --timeout TIME  how long it may take to end before it is killed (2s)\n"
	"  -h, --help          show this text\n"
	"\n"
	"Exit status: 0 it is ended; 1 no such partition runs; 2 it could not be ended.\n";

/* Beyond what the VMM has: for the supervisor to clean up. */
#define GRACE_NS UINT64_C(10000000000)

/* struct stopping - what was asked for. @status: the worst so far. */
struct stopping {
	struct control_request request;
	int status;
};

/* What a partition left that is not there any more. systemd may be about to start it once more. */
static int clear(const char *name)
{
	struct run_folder folder = {0};
	struct diag why = {0};
	char path[RUN_PATH_MAX];

	diag_key(&why, "%s", name);
	if (access(run_path(name, "lock", path), F_OK) != 0) {
		diag_set(&why, ESRCH, "no such partition runs");
		refusal_print(&why);
		return COMMAND_NOT_HELD;
	}
	if (partition_unit_stop(name, &why) != 0 || run_folder_take(name, &folder, &why) != 0)
		return refusal_print(&why);
	run_folder_leave(&folder, false);
	return COMMAND_HELD;
}

static int stop(const char *name, const struct control_request *request)
{
	_cleanup_close_ int fd = -1;
	struct diag why = {0};
	int error = control_ask(name, request, NULL, &fd, &why);

	/* It may end of itself while it is asked. */
	if (error == -ESRCH)
		return clear(name);
	if (error == 0 && control_wait_end(fd, request->timeout_ns + GRACE_NS) != 0) {
		diag_key(&why, "%s", name);
		error = diag_set(&why, ETIMEDOUT, "it was told to end, and has not");
	}
	return error == 0 ? COMMAND_HELD : refusal_print(&why);
}

static int stop_each(void *context, const char *name)
{
	struct stopping *stopping = context;
	int status = stop(name, &stopping->request);

	if (status != COMMAND_HELD && status != COMMAND_NOT_HELD)
		stopping->status = status;
	return 0;
}

static int stop_all(struct stopping *stopping)
{
	struct diag why = {0};
	int error = run_folder_walk(stop_each, stopping);

	if (error == 0)
		return stopping->status;
	diag_set(&why, -error, "which partitions run cannot be told (%s)", strerror(-error));
	return refusal_print(&why);
}

int command_stop(int argc, char **argv)
{
	struct stopping stopping = {.request = {.command = CONTROL_STOP}};
	const char *timeout = NULL;
	bool all = false;
	const struct command_option options[] = {
		{"all", .flag = &all},
		{"timeout", .value = &timeout},
		{0},
	};
	struct command_arguments arguments;
	struct diag why = {0};
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != (all ? 0 : 1))
		return refusal_usage(argv[0], "one partition's name is needed, or --all alone");
	diag_key(&why, "--timeout");
	if (timeout != NULL && duration_parse(timeout, &stopping.request.timeout_ns, &why) != 0)
		return refusal_print(&why);
	return all ? stop_all(&stopping) : stop(arguments.text[0], &stopping.request);
}
