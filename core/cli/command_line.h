// SPDX-License-Identifier: Apache-2.0
/* The command line of a command whose options are switches and texts: all but those that run a partition. */
#pragma once

#include <stdbool.h>

/** PARSE_DONE - the command line was read; no exit status. */
enum { PARSE_DONE = -1 };

/**
 * struct command_option - one long option; a row without a @name ends a table.
 * @flag: set true, for an option without a value.
 * @value: set to its value, which is part of the command line, for one that takes one; the last of several
 * counts. With both, the value may be left out, and stands behind "=" where it is not.
 */
struct command_option {
	const char *name;
	bool *flag;
	const char **value;
};

/** struct command_arguments - what stands behind the options. */
struct command_arguments {
	int count;
	char **text;
};

/**
 * command_line_parse() - read the options of a command; --help and -h are every command's.
 * @argc, @argv: as the command got them; getopt_long(3) moves the arguments behind the options.
 * @options: 15 at most.
 *
 * Returns PARSE_DONE, or the exit status where there is nothing more to do: the help was printed, or the
 * refusal.
 */
int command_line_parse(int argc, char **argv, const char *help, const struct command_option *options,
		       struct command_arguments *ret);
