// SPDX-License-Identifier: Apache-2.0
#include "core/cli/refusal.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/commands.h"

int refusal_print(const struct diag *why)
{
	char line[2048];

	fprintf(stderr, "bulkhead: %s\n", diag_format(why, line, sizeof(line)));
	return COMMAND_UNKNOWN;
}

int refusal_option(char *const *argv, int option)
{
	struct diag why = {0};
	const char *word = argv[optind - 1];

	diag_key(&why, "%s", argv[0]);
	diag_set(&why, EINVAL, option == ':' ? "option without its value" : "not an option here");
	/* A bundle of short options stays at its word until the last one; optopt names the one. */
	if (optopt != 0 && strncmp(word, "--", 2) != 0) {
		char letter[3] = {'-', (char)optopt, '\0'};

		diag_got(&why, letter, 2);
	} else {
		diag_got(&why, word, strlen(word));
	}
	diag_remedy(&why, "see bulkhead %s --help", argv[0]);
	return refusal_print(&why);
}

int refusal_usage(const char *command, const char *text)
{
	struct diag why = {0};

	diag_key(&why, "%s", command);
	diag_set(&why, EINVAL, "%s", text);
	diag_remedy(&why, "see bulkhead %s --help", command);
	return refusal_print(&why);
}

static bool output_closed;

void output_begin(void)
{
	output_closed = !sys_is_open(STDOUT_FILENO);
	sys_standard_streams();
}

int output_finish(int status)
{
	struct diag why = {0};

	if (fflush(stdout) == 0 && !ferror(stdout) && !output_closed)
		return status;
	diag_set(&why, EIO, "cannot write to standard output");
	diag_remedy(&why, "check where it goes: a full disk, or a reader that has ended");
	return refusal_print(&why);
}
