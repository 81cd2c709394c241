// SPDX-License-Identifier: Apache-2.0
/*
 * Every file in configs/broken/ is refused with just the line its first line expects: "# expect: "
 * and the message without the file's own name. The examples and the quickstart beside them are sound.
 */
#include <CUnit/CUnit.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/machine.h"

void test_broken_configs_register(void);

enum { BROKEN_MIN = 20 };

static int read_expectation(const char *path, char *buffer, int size)
{
	static const char mark[] = "# expect: ";
	FILE *file = fopen(path, "re");
	char *line = file != NULL ? fgets(buffer, size, file) : NULL;

	if (file != NULL)
		fclose(file);
	if (line == NULL || strncmp(line, mark, strlen(mark)) != 0)
		return -1;
	memmove(line, line + strlen(mark), strlen(line + strlen(mark)) + 1);
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

static void file_is_refused_as_expected(const char *path)
{
	struct machine_config machine = {0};
	struct diag why = {0};
	char expected[2048];
	char line[2048];

	CU_ASSERT_EQUAL_FATAL(read_expectation(path, expected, sizeof(expected)), 0);
	int error = machine_load(path, &machine, &why);
	CU_ASSERT_TRUE(error < 0);
	CU_ASSERT_EQUAL(why.error, -error);
	CU_ASSERT_PTR_NULL(machine.partition);
	diag_format(&why, line, sizeof(line));
	/* A fault in another file, a profile's, is expected with that file's name. */
	const char *said = strncmp(line, path, strlen(path)) == 0 ? line + strlen(path) + 1 : line;
	if (strcmp(said, expected) != 0)
		printf("\n%s\n  expected %s\n  got      %s\n", path, expected, said);
	CU_ASSERT_STRING_EQUAL(said, expected);
}

static void every_broken_file_is_refused_as_expected(void)
{
	glob_t files;

	CU_ASSERT_EQUAL_FATAL(glob("configs/broken/*.yaml", 0, NULL, &files), 0);
	CU_ASSERT_TRUE(files.gl_pathc >= BROKEN_MIN);
	for (size_t i = 0; i < files.gl_pathc; i++)
		file_is_refused_as_expected(files.gl_pathv[i]);
	globfree(&files);
}

static void every_example_is_sound(void)
{
	glob_t files;

	CU_ASSERT_EQUAL_FATAL(glob("configs/examples/*.yaml", 0, NULL, &files), 0);
	CU_ASSERT_EQUAL_FATAL(glob("configs/*.yaml", GLOB_APPEND, NULL, &files), 0);
	CU_ASSERT_TRUE(files.gl_pathc >= 3);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct machine_config machine = {0};
		struct diag why = {0};
		char line[2048];

		if (machine_load(files.gl_pathv[i], &machine, &why) != 0) {
			printf("\n%s\n", diag_format(&why, line, sizeof(line)));
			CU_FAIL("an example is refused");
		}
		machine_done(&machine);
	}
	globfree(&files);
}

void test_broken_configs_register(void)
{
	CU_pSuite suite = CU_add_suite("test_broken_configs", NULL, NULL);

	CU_ADD_TEST(suite, every_broken_file_is_refused_as_expected);
	CU_ADD_TEST(suite, every_example_is_sound);
}
