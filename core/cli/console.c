// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/local_server.h"
#include "core/cli/refusal.h"
#include "core/cli/run_folder.h"
#include "core/cli/terminal.h"
#include "core/vmm/console.h"

static const char help[] =
	"Usage: bulkhead console NAME\n"
	"Attach to the serial port of a partition that was started in the background: its last\n"
	"output is shown first. On a terminal, Ctrl-A x detaches, and Ctrl-A twice sends one.\n"
	"\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0 detached, or the partition ended; 2 there is nothing to attach to.\n";

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

/* So that the terminal is put back whatever ends this. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = interrupt};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* False: it detaches, or the partition is gone. At the end of input only output goes on. */
static bool send_keys(int fd, bool on_terminal, bool *escaped, bool *at_end)
{
	uint8_t keys[512];
	ssize_t got = read(STDIN_FILENO, keys, sizeof(keys));
	size_t length;
	enum console_key key = CONSOLE_NOTHING;

	if (got < 0 && errno == EINTR)
		return true;
	*at_end = got <= 0;
	if (got <= 0)
		return true;
	length = (size_t)got;
	if (on_terminal)
		key = console_take_keys(escaped, keys, &length);
	return sys_write_all(fd, keys, length) == 0 && key != CONSOLE_LEAVE;
}

static bool show_output(int fd)
{
	char output[4096];
	ssize_t got = read(fd, output, sizeof(output));

	if (got < 0 && errno == EINTR)
		return true;
	return got > 0 && sys_write_all(STDOUT_FILENO, output, (size_t)got) == 0;
}

static void attach(int fd, bool on_terminal)
{
	bool escaped = false;
	bool at_end = false;
	bool attached = true;

	while (attached && interrupted == 0) {
		struct pollfd polls[] = {
			{.fd = fd, .events = POLLIN},
			{.fd = at_end ? -1 : STDIN_FILENO, .events = POLLIN},
		};

		if (poll(polls, 2, -1) < 0)
			continue;
		if (polls[0].revents != 0)
			attached = show_output(fd);
		if (attached && polls[1].revents != 0)
			attached = send_keys(fd, on_terminal, &escaped, &at_end);
	}
}

static int connect_console(const char *name, struct diag *why)
{
	char path[RUN_PATH_MAX];
	int error = run_name_check(name, why);
	int fd;

	if (error != 0)
		return error;
	diag_key(why, "%s", name);
	fd = local_connect(run_path(name, "console", path), why);
	if (fd != -ENOENT && fd != -ECONNREFUSED)
		return fd;
	if (run_folder_runs(name) == 1)
		return diag_set(why, ENOENT, "its console is where it was started: standard input and output of "
				"bulkhead run");
	diag_set(why, ESRCH, "no such partition runs");
	diag_remedy(why, "bulkhead list shows those that do");
	return -ESRCH;
}

int command_console(int argc, char **argv)
{
	const struct command_option options[] = {{0}};
	struct command_arguments arguments;
	struct terminal terminal;
	struct diag why = {0};
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 1)
		return refusal_usage(argv[0], "one partition's name is needed");
	_cleanup_close_ int fd = connect_console(arguments.text[0], &why);
	if (fd < 0)
		return refusal_print(&why);
	terminal_save(&terminal);
	catch_signals();
	if (terminal.saved)
		fputs("attached; Ctrl-A x detaches\n", stderr);
	terminal_raw(&terminal);
	attach(fd, terminal.saved);
	terminal_restore(&terminal);
	return COMMAND_HELD;
}
