// SPDX-License-Identifier: Apache-2.0
/* CPU lists: what is read, what is refused, and the text they turn back into. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cpulist.h"
#include "core/base/diag.h"

void test_cpulist_register(void);

static void canonical_text_comes_back(void)
{
	static const struct {
		const char *text, *canonical;
		unsigned count;
	} cases[] = {
		{"0", "0", 1},
		{"0-3,8", "0-3,8", 5},
		{"8,0-3", "0-3,8", 5},
		{"1,2,3", "1-3", 3},
		{"5-5", "5", 1},
		{"63-64", "63-64", 2},
		{"4095", "4095", 1},
		{"0-4095", "0-4095", 4096},
		{"007", "7", 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cpulist list;
		char text[CPULIST_TEXT_MAX];

		CU_ASSERT_EQUAL_FATAL(cpulist_parse(cases[i].text, &list, NULL), 0);
		CU_ASSERT_EQUAL(cpulist_count(&list), cases[i].count);
		CU_ASSERT_STRING_EQUAL(cpulist_format(&list, text, sizeof(text)),
				       cases[i].canonical);
	}
}

static void garbage_is_refused_with_the_offending_part(void)
{
	static const struct {
		const char *text, *got;
		int error;
	} cases[] = {
		{"", "", EINVAL},
		{",", "", EINVAL},
		{"1,", "", EINVAL},
		{"1,,2", "", EINVAL},
		{"3-2", "3-2", EINVAL},
		{"1,1", "1", EINVAL},
		{"0-4,3", "3", EINVAL},
		{"-1", "-1", EINVAL},
		{"1-", "1-", EINVAL},
		{"1-2-3", "1-2-3", EINVAL},
		{" 1", " 1", EINVAL},
		{"1 ", "1 ", EINVAL},
		{"0-8:2/4", "0-8:2/4", EINVAL},
		{"0x1", "0x1", EINVAL},
		{"+1", "+1", EINVAL},
		{"a", "a", EINVAL},
		{"all", "all", EINVAL},
		{"4096", "4096", ERANGE},
		{"0-4096", "0-4096", ERANGE},
		{"2,18446744073709551617", "18446744073709551617", ERANGE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cpulist list = {{42}};
		struct diag why = {0};

		CU_ASSERT_EQUAL(cpulist_parse(cases[i].text, &list, &why), -cases[i].error);
		CU_ASSERT_EQUAL(why.error, cases[i].error);
		CU_ASSERT_STRING_EQUAL(why.got, cases[i].got);
		CU_ASSERT_NOT_EQUAL(why.text[0], '\0');
		CU_ASSERT_NOT_EQUAL(why.allowed[0], '\0');
		CU_ASSERT_EQUAL(list.word[0], 42); /* untouched */
	}
}

static void the_longest_text_fits_its_buffer(void)
{
	struct cpulist list = {0};
	struct cpulist back;
	char text[CPULIST_TEXT_MAX];

	for (unsigned cpu = 1; cpu < CPULIST_MAX; cpu += 2)
		cpulist_add(&list, cpu);
	cpulist_format(&list, text, sizeof(text));
	CU_ASSERT_EQUAL(cpulist_parse(text, &back, NULL), 0);
	CU_ASSERT_EQUAL(memcmp(&list, &back, sizeof(list)), 0);
}

static void a_list_that_is_cut_says_so(void)
{
	struct cpulist list;
	char text[12];

	CU_ASSERT_EQUAL_FATAL(cpulist_parse("10-12,20,30", &list, NULL), 0);
	CU_ASSERT_STRING_EQUAL(cpulist_format(&list, text, 12), "10-12,20,30");
	CU_ASSERT_STRING_EQUAL(cpulist_format(&list, text, 11), "10-12,...");
	CU_ASSERT_STRING_EQUAL(cpulist_format(&list, text, 10), "10-12,...");
	CU_ASSERT_STRING_EQUAL(cpulist_format(&list, text, 9), "...");
	CU_ASSERT_STRING_EQUAL(cpulist_format(&list, text, 3), "..");
	cpulist_format(&list, text, 1);
	CU_ASSERT_STRING_EQUAL(text, "");
}

static void the_kernels_lists_are_read(void)
{
	struct cpulist list = {{42}};

	CU_ASSERT_EQUAL(cpulist_parse_kernel("\n", &list), 0);
	CU_ASSERT_TRUE(cpulist_empty(&list));
	CU_ASSERT_EQUAL(cpulist_parse_kernel("", &list), 0);
	CU_ASSERT_EQUAL(cpulist_parse_kernel("0-1,5\n", &list), 0);
	CU_ASSERT_EQUAL(cpulist_count(&list), 3);
	CU_ASSERT_EQUAL(cpulist_parse_kernel("0-\n", &list), -EINVAL);
	CU_ASSERT_EQUAL(cpulist_count(&list), 3);

	char *longest = malloc(CPULIST_TEXT_MAX + 2);
	CU_ASSERT_PTR_NOT_NULL_FATAL(longest);
	memset(longest, '1', CPULIST_TEXT_MAX + 1);
	longest[CPULIST_TEXT_MAX + 1] = '\0';
	CU_ASSERT_EQUAL(cpulist_parse_kernel(longest, &list), -EINVAL);
	free(longest);
}

static void members_and_set_algebra(void)
{
	struct cpulist a = {0};
	struct cpulist b = {0};
	struct cpulist result;

	cpulist_add(&a, 0);
	cpulist_add(&a, 64);
	cpulist_add(&a, CPULIST_MAX); /* beyond the last: nothing happens */
	cpulist_add(&b, 64);
	cpulist_add(&b, 4095);
	CU_ASSERT_EQUAL(cpulist_count(&a), 2);
	CU_ASSERT_TRUE(cpulist_has(&a, 64));
	CU_ASSERT_FALSE(cpulist_has(&a, 63));
	CU_ASSERT_FALSE(cpulist_has(&a, CPULIST_MAX));
	CU_ASSERT_FALSE(cpulist_has(&a, UINT32_MAX));
	CU_ASSERT_EQUAL(cpulist_next(&a, 1), 64);
	CU_ASSERT_EQUAL(cpulist_next(&a, 65), CPULIST_MAX);
	CU_ASSERT_EQUAL(cpulist_next(&b, 4095), 4095);

	cpulist_and(&a, &b, &result);
	CU_ASSERT_EQUAL(cpulist_count(&result), 1);
	cpulist_or(&a, &b, &result);
	CU_ASSERT_EQUAL(cpulist_count(&result), 3);
	cpulist_minus(&a, &b, &a); /* the result may be an operand */
	CU_ASSERT_EQUAL(cpulist_count(&a), 1);
	cpulist_remove(&a, 0);
	cpulist_remove(&a, CPULIST_MAX);
	CU_ASSERT_TRUE(cpulist_empty(&a));
}

void test_cpulist_register(void)
{
	CU_pSuite suite = CU_add_suite("test_cpulist", NULL, NULL);

	CU_ADD_TEST(suite, canonical_text_comes_back);
	CU_ADD_TEST(suite, garbage_is_refused_with_the_offending_part);
	CU_ADD_TEST(suite, the_longest_text_fits_its_buffer);
	CU_ADD_TEST(suite, a_list_that_is_cut_says_so);
	CU_ADD_TEST(suite, the_kernels_lists_are_read);
	CU_ADD_TEST(suite, members_and_set_algebra);
}
