// SPDX-License-Identifier: Apache-2.0
#include "core/cli/discover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/refusal.h"
#include "core/host/host.h"

static const char help[] =
	"Usage: bulkhead discover [--json] [--host DIR] [--output FILE]\n"
	"Write a first machine file from the hardware: housekeeping, a real-time partition on\n"
	"whole cores of one cache, a best-effort one where cores are left; as comments, what\n"
	"else there is to have: CPUs by cache, hugepages, devices for passthrough.\n"
	"\n"
	"      --host DIR     a host stored by bulkhead capture, another tool's copy of /proc and\n"
	"                     /sys, or an hwloc XML file, in place of this host\n"
	"      --json         print what was found as JSON, the file as a text in it\n"
	"      --output FILE  write to a new file, not to standard output\n"
	"  -h, --help         show this text\n"
	"\n"
	"Exit status: 0, or 2 where the host could not be read or the file not be written.\n";

/* struct request - what the command line asks for. */
struct request {
	struct host_source source;
	const char *output;
	bool json;
};

static int out_of_memory(struct diag *why)
{
	return diag_set(why, ENOMEM, "not enough memory to describe the host");
}

/* The machine file as one text, which the caller frees. */
static int file_text(const struct discovery *discovery, char **ret, struct diag *why)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	bool failed;

	if (stream == NULL)
		return out_of_memory(why);
	discover_write(discovery, stream);
	failed = ferror(stream) != 0;
	if (fclose(stream) != 0 || failed) {
		free(text);
		return out_of_memory(why);
	}
	*ret = text;
	return 0;
}

/* Turns the file's text into the JSON that holds it. */
static int discovery_as_json(const struct discovery *discovery, char **text, struct diag *why)
{
	json_t *tree = discover_json(discovery, *text);
	char *dump = tree == NULL ? NULL : json_dumps(tree, JSON_INDENT(2));
	char *line = NULL;

	json_decref(tree);
	if (dump == NULL || asprintf(&line, "%s\n", dump) < 0)
		line = NULL;
	free(dump);
	if (line == NULL)
		return out_of_memory(why);
	free(*text);
	*text = line;
	return 0;
}

static int describe(const struct request *request, char **ret, struct diag *why)
{
	_cleanup_(host_facts_done) struct host_facts host = {0};
	_cleanup_(discovery_done) struct discovery discovery = {0};
	_cleanup_free_ char *text = NULL;
	int error = host_facts_read(&request->source, HOST_PLAN, &host, why);

	if (error != 0)
		return error;
	if (discover(&host, &discovery) != 0)
		return out_of_memory(why);
	error = file_text(&discovery, &text, why);
	if (error == 0 && request->json)
		error = discovery_as_json(&discovery, &text, why);
	if (error == 0)
		*ret = take_pointer(text);
	return error;
}

static int refuse_output(const char *path, int error, const char *what, const char *remedy,
			 struct diag *why)
{
	diag_key(why, "--output");
	diag_set(why, error, "cannot %s it: %s", what, strerror(error));
	diag_got(why, path, strlen(path));
	diag_remedy(why, "%s", remedy);
	return -error;
}

/* A file that exists may have been worked on for days: it is not written over. */
static int write_output(const char *path, const char *text, struct diag *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
	int error;

	if (fd < 0)
		return refuse_output(path, errno, "create", errno == EEXIST ?
				     "name a new file, or remove this one" :
				     "name a file in a folder that you may write to", why);
	error = sys_write_all(fd, text, strlen(text));
	if (close(fd) != 0 && error == 0)
		error = -errno;
	if (error == 0)
		return 0;
	unlink(path);
	return refuse_output(path, -error, "write", "make room, or name a file elsewhere", why);
}

static int run(const struct request *request)
{
	_cleanup_free_ char *text = NULL;
	struct diag why = {0};
	int error = describe(request, &text, &why);

	if (error == 0 && request->output != NULL)
		error = write_output(request->output, text, &why);
	if (error != 0)
		return refusal_print(&why);
	if (request->output == NULL)
		fputs(text, stdout);
	return output_finish(COMMAND_HELD);
}

int command_discover(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"host", .value = &request.source.tree},
		{"json", .flag = &request.json},
		{"output", .value = &request.output},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 0)
		return refusal_usage(argv[0], "it takes no further arguments");
	return run(&request);
}
