// SPDX-License-Identifier: Apache-2.0
#include "core/cli/command_line.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>

#include "core/cli/commands.h"
#include "core/cli/refusal.h"

enum {
	OPTIONS_MAX = 15,
	OPTION_FIRST = 1000, /* beyond any letter */
};

static int takes_value(const struct command_option *option)
{
	if (option->value == NULL)
		return no_argument;
	return option->flag == NULL ? required_argument : optional_argument;
}

/* The same table as getopt_long(3) takes it, with help and an end. */
static void make_table(const struct command_option *options, struct option table[OPTIONS_MAX + 2])
{
	int count = 0;

	for (; options[count].name != NULL; count++) {
		assert(count < OPTIONS_MAX);
		table[count] = (struct option){
			.name = options[count].name,
			.has_arg = takes_value(&options[count]),
			.val = OPTION_FIRST + count,
		};
	}
	table[count++] = (struct option){.name = "help", .val = 'h'};
	table[count] = (struct option){0};
}

int command_line_parse(int argc, char **argv, const char *help, const struct command_option *options,
		       struct command_arguments *ret)
{
	struct option table[OPTIONS_MAX + 2];
	int option;

	make_table(options, table);
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return output_finish(COMMAND_HELD);
		}
		if (option < OPTION_FIRST)
			return refusal_option(argv, option);
		const struct command_option *row = &options[option - OPTION_FIRST];
		if (row->value != NULL)
			*row->value = optarg;
		if (row->flag != NULL)
			*row->flag = true;
	}
	ret->count = argc - optind;
	ret->text = argv + optind;
	return PARSE_DONE;
}
