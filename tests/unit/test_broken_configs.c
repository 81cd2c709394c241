// SPDX-License-Identifier: Apache-2.0
/*
 * Every file in configs/broken/ is refused with just the line its first line expects: "# expect: "
 * and the message without the file's own name. "# expect on HOST: " and "# expect unknown on HOST: " are
 * for the planner: such a file is sound in itself and must load. The examples and the quickstart beside them are sound.
 */
#include <CUnit/CUnit.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/machine.h"

void test_broken_configs_register(void);

enum { BROKEN_MIN = 20 };

/* Reads a file's first line; returns what follows @mark in it, NULL where it begins otherwise. */
static const char *expectation_read(const char *path, const char *mark, char *buffer, int size)
{
	FILE *file = fopen(path, "re");
	char *line = file != NULL ? fgets(buffer, size, file) : NULL;

	if (file != NULL)
		fclose(file);
	if (line == NULL || strncmp(line, mark, strlen(mark)) != 0)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return line + strlen(mark);
}

static void file_loads(const char *path)
{
	struct machine_config machine = {0};
	struct diag why = {0};
	char line[2048];

	if (machine_load(path, &machine, &why) != 0) {
		printf("\n%s\n", diag_format(&why, line, sizeof(line)));
		CU_FAIL("a sound file is refused");
	}
	machine_done(&machine);
}

static void file_is_refused_as_expected(const char *path)
{
	struct machine_config machine = {0};
	struct diag why = {0};
	char first[2048];
	char line[2048];

	if (expectation_read(path, "# expect on ", first, sizeof(first)) != NULL ||
	    expectation_read(path, "# expect unknown on ", first, sizeof(first)) != NULL) {
		file_loads(path);
		return;
	}
	const char *expected = expectation_read(path, "# expect: ", first, sizeof(first));
	CU_ASSERT_PTR_NOT_NULL_FATAL(expected);
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
	for (size_t i = 0; i < files.gl_pathc; i++)
		file_loads(files.gl_pathv[i]);
	globfree(&files);
}

void test_broken_configs_register(void)
{
	CU_pSuite suite = CU_add_suite("test_broken_configs", NULL, NULL);

	CU_ADD_TEST(suite, every_broken_file_is_refused_as_expected);
	CU_ADD_TEST(suite, every_example_is_sound);
}
