// SPDX-License-Identifier: Apache-2.0
/* Diagnostics: every field bounded and printable, one line whatever goes in. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"

void test_diag_register(void);

static void all_fields_make_one_line(void)
{
	struct diag why = {0};
	char line[512];

	diag_at(&why, "m.yaml", 7, 13);
	diag_key(&why, "memory.%s", "size");
	CU_ASSERT_EQUAL(diag_set(&why, ERANGE, "out of %s", "range"), -ERANGE);
	diag_got(&why, "8Mxyz", 2);
	diag_allowed(&why, "16M to %d", 16);
	diag_remedy(&why, "give more");
	CU_ASSERT_EQUAL(why.error, ERANGE);
	CU_ASSERT_STRING_EQUAL(diag_format(&why, line, sizeof(line)),
			       "m.yaml:7:13: memory.size: out of range: got \"8M\", "
			       "allowed 16M to 16; give more");
}

static void absent_fields_leave_no_trace(void)
{
	struct diag why = {0};
	char line[128];

	diag_set(&why, EINVAL, "no");
	CU_ASSERT_STRING_EQUAL(diag_format(&why, line, sizeof(line)), "no");
	diag_allowed(&why, "1 to 2");
	CU_ASSERT_STRING_EQUAL(diag_format(&why, line, sizeof(line)), "no: allowed 1 to 2");
	diag_at(&why, "f", 0, 0);
	diag_remedy(&why, "go");
	CU_ASSERT_STRING_EQUAL(diag_format(&why, line, sizeof(line)), "f: no: allowed 1 to 2; go");
}

static void setting_again_keeps_only_the_place(void)
{
	struct diag why = {0};
	char line[128];

	diag_at(&why, "f", 1, 2);
	diag_key(&why, "k");
	diag_set(&why, EINVAL, "first");
	diag_got(&why, "g", 1);
	diag_allowed(&why, "a");
	diag_remedy(&why, "r");
	diag_at(&why, NULL, 3, 4);
	diag_set(&why, EIO, "second");
	CU_ASSERT_STRING_EQUAL(diag_format(&why, line, sizeof(line)), "f:3:4: k: second");
	CU_ASSERT_EQUAL(why.error, EIO);
}

static void nobody_need_listen(void)
{
	CU_ASSERT_EQUAL(diag_set(NULL, ENOENT, "%d", 1), -ENOENT);
	diag_at(NULL, "f", 1, 1);
	diag_key(NULL, "k");
	diag_got(NULL, "g", 1);
	diag_allowed(NULL, "a");
	diag_remedy(NULL, "r");
}

static void long_texts_are_cut_and_marked(void)
{
	struct diag why = {0};
	char text[1000];
	char line[64];

	memset(text, 'x', sizeof(text));
	diag_got(&why, text, sizeof(text));
	CU_ASSERT_EQUAL(strlen(why.got), sizeof(why.got) - 1);
	CU_ASSERT_STRING_EQUAL(why.got + strlen(why.got) - 4, "x...");
	diag_got(&why, text, sizeof(why.got) - 1);
	CU_ASSERT_STRING_EQUAL(why.got + strlen(why.got) - 4, "xxxx");

	diag_set(&why, EINVAL, "%.*s", (int)sizeof(text), text);
	diag_key(&why, "%.*s", (int)sizeof(text), text);
	CU_ASSERT_EQUAL(strlen(why.text), sizeof(why.text) - 1);
	diag_format(&why, line, sizeof(line));
	CU_ASSERT_EQUAL(strlen(line), sizeof(line) - 1);
}

static void nothing_drives_the_terminal(void)
{
	static const char hostile[] = "\033[2J\r\n\0\177\bend";
	struct diag why = {0};
	char line[512];

	diag_at(&why, "a\033]0;b\007.yaml", 1, 1);
	diag_key(&why, "k\033c");
	diag_set(&why, EINVAL, "%s", "t\nu");
	diag_got(&why, hostile, sizeof(hostile) - 1);
	diag_format(&why, line, sizeof(line));
	for (const char *c = line; *c != '\0'; c++)
		CU_ASSERT_TRUE((unsigned char)*c >= 0x20 && *c != 0x7f);
	CU_ASSERT_PTR_NOT_NULL(strstr(line, "end"));
	diag_got(&why, "caf\303\251", 5);
	CU_ASSERT_STRING_EQUAL(why.got, "caf\303\251");
}

void test_diag_register(void)
{
	CU_pSuite suite = CU_add_suite("test_diag", NULL, NULL);

	CU_ADD_TEST(suite, all_fields_make_one_line);
	CU_ADD_TEST(suite, absent_fields_leave_no_trace);
	CU_ADD_TEST(suite, setting_again_keeps_only_the_place);
	CU_ADD_TEST(suite, nobody_need_listen);
	CU_ADD_TEST(suite, long_texts_are_cut_and_marked);
	CU_ADD_TEST(suite, nothing_drives_the_terminal);
}
