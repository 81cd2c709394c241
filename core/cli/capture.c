// SPDX-License-Identifier: Apache-2.0
/* bulkhead capture: store what is known of this host, for --host of the other commands. */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/json_text.h"
#include "core/cli/refusal.h"
#include "core/host/files.h"
#include "core/host/source.h"
#include "core/host/topology.h"

static const char help[] =
	"Usage: bulkhead capture [--json] DIR\n"
	"Store this host's facts in the new or empty folder DIR: with --host DIR other commands\n"
	"then plan for this host anywhere. Nothing on the host is changed, and no CPU that is\n"
	"isolated or runs without ticks is disturbed. What cannot be read is stored as unknown;\n"
	"root can read the most.\n"
	"\n"
	"      --json  print what was stored, and what could not be read, as JSON\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0, or 2 where nothing was stored.\n";

enum {
	PATIENCE_SECONDS = 2,
	TOPOLOGY_BYTES_MAX = 64 << 20,
	ERRNO_END = 4096, /* the kernel's own limit */
};

/* struct capture - what was read, and how much of it was stored. */
struct capture {
	const char *directory;
	struct host_files files;
	size_t stored;
};

static void capture_done(struct capture *capture)
{
	host_files_done(&capture->files);
}

static void say_patience(int number)
{
	static const char text[] = "bulkhead: still reading this host...\n";

	(void)number;
	sys_write_all(STDERR_FILENO, text, sizeof(text) - 1);
}

/* The next sign of life is due in PATIENCE_SECONDS; reading is gone on with after it. */
static void watch(void)
{
	struct sigaction action = {.sa_handler = say_patience, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	alarm(PATIENCE_SECONDS);
}

/* hwloc's XML becomes a file of the snapshot, so that storing it is one step with storing the rest. */
static int add_topology(struct host_files *files, struct diag *why)
{
	_cleanup_close_ int fd = sys_memfd("topology", 0, 0);
	_cleanup_free_ char *text = NULL;
	unsigned type = 0;
	uint64_t bytes = 0;
	char path[64];

	if (fd < 0)
		return diag_set(why, -fd, "no memory for the topology");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int error = topology_write_xml(path, why);
	if (error != 0)
		return error;
	error = sys_file_type(fd, &type, &bytes);
	if (error != 0 || bytes == 0 || bytes > TOPOLOGY_BYTES_MAX)
		return diag_set(why, error != 0 ? -error : EIO, "hwloc wrote no topology");
	text = calloc(1, bytes);
	ssize_t length = text == NULL ? -ENOMEM : sys_read_at(fd, text, bytes, 0);
	if (length != (ssize_t)bytes)
		return diag_set(why, length < 0 ? (int)-length : EIO, "the topology cannot be read back");
	if (text[length - 1] == '\n')
		length--;
	error = host_files_put_bytes(files, "/bulkhead/topology.xml", text, (size_t)length);
	host_files_sort(files);
	return error == 0 ? 0 : diag_set(why, ENOMEM, "no memory for the topology");
}

/* A signal that ends the program waits until the folder is whole. */
static int store(struct capture *capture, struct diag *why)
{
	/* Of these, SIGPIPE is what say_patience() may earn. */
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
	sigset_t blocked;
	sigset_t before;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&blocked, ends[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	int error = host_files_write(&capture->files, capture->directory, &capture->stored, why);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void print_unreadable(const struct host_files *files)
{
	size_t count[ERRNO_END] = {0};
	size_t all = 0;
	const char *before = ":";

	for (size_t i = 0; i < files->count; i++) {
		int error = files->file[i].error;

		all += error != 0;
		if (error > 0 && error < ERRNO_END)
			count[error]++;
	}
	if (all == 0)
		return;
	fprintf(stderr, "bulkhead: note: %zu of %zu files and folders could not be read", all, files->count);
	for (int error = 1; error < ERRNO_END; error++) {
		if (count[error] == 0)
			continue;
		fprintf(stderr, "%s %zu %s", before, count[error], host_unknown(error));
		before = ";";
	}
	fputs(geteuid() == 0 ? "\n" : ". Root can read more.\n", stderr);
}

static json_t *unreadable_json(const struct host_files *files)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < files->count; i++) {
		const struct host_file *file = &files->file[i];

		if (file->error != 0 &&
		    json_array_append_new(list, json_pack("{s:s, s:s}", "path", file->path, "reason",
							  host_unknown(file->error))) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int print_json(const struct capture *capture)
{
	json_t *tree = json_pack("{s:o, s:I, s:o}", "directory", json_text(capture->directory),
				 "files", (json_int_t)capture->stored,
				 "unreadable", unreadable_json(&capture->files));
	struct diag why = {0};

	if (tree == NULL) {
		diag_set(&why, ENOMEM, "what was stored cannot be told as JSON");
		return refusal_print(&why);
	}
	json_dumpf(tree, stdout, JSON_INDENT(2));
	json_decref(tree);
	putchar('\n');
	return output_finish(COMMAND_HELD);
}

static int run(const char *directory, bool json)
{
	_cleanup_(capture_done) struct capture capture = {.directory = directory};
	const struct host_source live = {0};
	struct diag why = {0};
	int error;

	watch();
	error = host_files_read(&live, HOST_CAPTURE, &capture.files, &why);
	if (error == 0)
		error = add_topology(&capture.files, &why);
	if (error == 0)
		error = store(&capture, &why);
	alarm(0);
	if (error != 0)
		return refusal_print(&why);
	print_unreadable(&capture.files);
	if (json)
		return print_json(&capture);
	printf("%s: %zu files\n", directory, capture.stored);
	return output_finish(COMMAND_HELD);
}

int command_capture(int argc, char **argv)
{
	bool json = false;
	const struct command_option options[] = {
		{"json", .flag = &json},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 1)
		return refusal_usage(argv[0], "one folder is needed");
	return run(arguments.text[0], json);
}
