// SPDX-License-Identifier: Apache-2.0
/* Sizes and durations: exact in, exact out, nothing guessed. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/units.h"

void test_units_register(void);

struct good {
	const char *text;
	uint64_t value;
};

struct bad {
	const char *text;
	int error;
};

typedef int parser(const char *text, uint64_t *ret, struct diag *why);

static void refuses(parser *parse, const struct bad *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct diag why = {0};
		uint64_t value = 42;

		CU_ASSERT_EQUAL(parse(cases[i].text, &value, &why), -cases[i].error);
		CU_ASSERT_EQUAL(value, 42);
		CU_ASSERT_EQUAL(why.error, cases[i].error);
		CU_ASSERT_STRING_EQUAL(why.got, cases[i].text);
		CU_ASSERT_NOT_EQUAL(why.allowed[0], '\0');
		CU_ASSERT_EQUAL(parse(cases[i].text, &value, NULL), -cases[i].error);
	}
}

static void sizes_are_read(void)
{
	static const struct good cases[] = {
		{"0", 0},
		{"0M", 0},
		{"4K", 4096},
		{"512M", UINT64_C(512) << 20},
		{"1G", UINT64_C(1) << 30},
		{"16T", UINT64_C(16) << 40},
		{"8388607T", UINT64_C(8388607) << 40},
		{"9007199254740991K", UINT64_C(9007199254740991) << 10},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t bytes = 42;

		CU_ASSERT_EQUAL(size_parse(cases[i].text, &bytes, NULL), 0);
		CU_ASSERT_EQUAL(bytes, cases[i].value);
	}
}

static void wrong_sizes_are_refused(void)
{
	static const struct bad cases[] = {
		{"", EINVAL}, {"M", EINVAL}, {"512", EINVAL}, {"512m", EINVAL}, {"512MB", EINVAL},
		{"512MiB", EINVAL}, {"512 M", EINVAL}, {" 512M", EINVAL}, {"512M ", EINVAL},
		{"-1M", EINVAL}, {"+1M", EINVAL}, {"1.5G", EINVAL}, {"0x10M", EINVAL}, {"1e3M", EINVAL},
		{"8388608T", ERANGE}, {"9007199254740992K", ERANGE},
		{"9223372036854775808K", ERANGE}, {"99999999999999999999999999M", ERANGE},
	};

	refuses(size_parse, cases, sizeof(cases) / sizeof(cases[0]));
}

static void durations_are_read(void)
{
	static const struct good cases[] = {
		{"0", 0}, {"0s", 0}, {"1ns", 1}, {"250us", 250000}, {"1ms", 1000000},
		{"1.5ms", 1500000}, {"0.001us", 1}, {"0.000000001s", 1}, {"1.50us", 1500},
		{"1.5000000s", 1500000000}, {"2m", UINT64_C(120000000000)},
		{"12h", UINT64_C(43200000000000)}, {"0.5h", UINT64_C(1800000000000)},
		{"9223372036854775807ns", INT64_MAX}, {"9223372036.854775807s", INT64_MAX},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns = 42;

		CU_ASSERT_EQUAL(duration_parse(cases[i].text, &ns, NULL), 0);
		CU_ASSERT_EQUAL(ns, cases[i].value);
	}
}

static void wrong_durations_are_refused(void)
{
	static const struct bad cases[] = {
		{"", EINVAL}, {"us", EINVAL}, {"50", EINVAL}, {"50 us", EINVAL}, {"50µs", EINVAL},
		{"50US", EINVAL}, {"-1us", EINVAL}, {".5us", EINVAL}, {"1.us", EINVAL},
		{"1.5ns", EINVAL}, {"1.0001us", EINVAL}, {"1.2.3us", EINVAL}, {"1.5", EINVAL},
		{"1us1ns", EINVAL}, {"1d", EINVAL}, {"infinity", EINVAL},
		{"9223372036854775808ns", ERANGE}, {"9223372036.854775808s", ERANGE},
		{"2562048h", ERANGE}, {"99999999999999999999s", ERANGE},
	};

	refuses(duration_parse, cases, sizeof(cases) / sizeof(cases[0]));
}

static void texts_are_the_shortest_and_parse_back(void)
{
	static const struct good sizes[] = {
		{"0", 0}, {"4K", 4096}, {"1025K", 1025 << 10}, {"1M", 1 << 20}, {"3G", UINT64_C(3) << 30},
	};
	static const struct good durations[] = {
		{"0", 0}, {"1ns", 1}, {"1001ns", 1001}, {"1us", 1000}, {"1500us", 1500000},
		{"1s", 1000000000}, {"90s", UINT64_C(90000000000)}, {"1h", UINT64_C(3600000000000)},
	};
	char text[32];
	uint64_t back;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CU_ASSERT_STRING_EQUAL(size_format(sizes[i].value, text, sizeof(text)), sizes[i].text);
		CU_ASSERT_EQUAL(size_parse(text, &back, NULL), 0);
		CU_ASSERT_EQUAL(back, sizes[i].value);
	}
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		CU_ASSERT_STRING_EQUAL(duration_format(durations[i].value, text, sizeof(text)),
				       durations[i].text);
		CU_ASSERT_EQUAL(duration_parse(text, &back, NULL), 0);
		CU_ASSERT_EQUAL(back, durations[i].value);
	}
	CU_ASSERT_STRING_EQUAL(size_format(1000, text, sizeof(text)), "1000 bytes");
}

void test_units_register(void)
{
	CU_pSuite suite = CU_add_suite("test_units", NULL, NULL);

	CU_ADD_TEST(suite, sizes_are_read);
	CU_ADD_TEST(suite, wrong_sizes_are_refused);
	CU_ADD_TEST(suite, durations_are_read);
	CU_ADD_TEST(suite, wrong_durations_are_refused);
	CU_ADD_TEST(suite, texts_are_the_shortest_and_parse_back);
}
