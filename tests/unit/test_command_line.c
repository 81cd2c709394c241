// SPDX-License-Identifier: Apache-2.0
/* The options that every command reads in one way. */
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <string.h>

#include "core/cli/command_line.h"
#include "core/cli/commands.h"

void test_command_line_register(void);

/* struct seen - what became of an option of each kind, and the arguments behind them. */
struct seen {
	bool flag;
	bool either;
	const char *value;
	const char *either_value;
	struct command_arguments arguments;
};

static int parse(char **argv, struct seen *seen)
{
	*seen = (struct seen){0};
	const struct command_option options[] = {
		{"json", .flag = &seen->flag},
		{"host", .value = &seen->value},
		{"fix", .flag = &seen->either, .value = &seen->either_value},
		{0},
	};
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	return command_line_parse(argc, argv, "help", options, &seen->arguments);
}

static void switches_and_texts_are_read(void)
{
	char *argv[] = {(char[]){"doctor"}, (char[]){"file"}, (char[]){"--json"}, (char[]){"--host"},
			(char[]){"a"}, (char[]){"--host=b"}, NULL};
	struct seen seen;

	CU_ASSERT_EQUAL_FATAL(parse(argv, &seen), PARSE_DONE);
	CU_ASSERT(seen.flag);
	CU_ASSERT_STRING_EQUAL(seen.value, "b");
	CU_ASSERT_FALSE(seen.either);
	CU_ASSERT_EQUAL_FATAL(seen.arguments.count, 1);
	CU_ASSERT_STRING_EQUAL(seen.arguments.text[0], "file");
}

static void a_value_that_may_be_left_out_stands_behind_an_equals_sign(void)
{
	char *without[] = {(char[]){"doctor"}, (char[]){"--fix"}, (char[]){"file"}, NULL};
	char *with[] = {(char[]){"doctor"}, (char[]){"--fix=P7-ipis"}, (char[]){"file"}, NULL};
	struct seen seen;

	CU_ASSERT_EQUAL_FATAL(parse(without, &seen), PARSE_DONE);
	CU_ASSERT(seen.either);
	CU_ASSERT_PTR_NULL(seen.either_value);
	CU_ASSERT_EQUAL_FATAL(seen.arguments.count, 1);
	CU_ASSERT_STRING_EQUAL(seen.arguments.text[0], "file");
	CU_ASSERT_EQUAL_FATAL(parse(with, &seen), PARSE_DONE);
	CU_ASSERT(seen.either);
	CU_ASSERT_STRING_EQUAL(seen.either_value, "P7-ipis");
	CU_ASSERT_EQUAL(seen.arguments.count, 1);
}

void test_command_line_register(void)
{
	CU_pSuite suite = CU_add_suite("test_command_line", NULL, NULL);

	CU_ADD_TEST(suite, switches_and_texts_are_read);
	CU_ADD_TEST(suite, a_value_that_may_be_left_out_stands_behind_an_equals_sign);
}
