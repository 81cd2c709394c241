// SPDX-License-Identifier: Apache-2.0
/*
 * Runs every unit suite, or those named on the command line. The last line counts test functions:
 * "N passed, N failed, N skipped". Ends with 0 when all passed, 1 when one failed, 2 when nothing ran.
 */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <stdio.h>

/* The generated list holds SUITE(test_NAME) for each tests/unit/test_NAME.c. */
#define SUITE(name) void name##_register(void);
#include "unit_suites.h"
#undef SUITE

static void register_suites(void)
{
#define SUITE(name) name##_register();
#include "unit_suites.h"
#undef SUITE
}

struct tally {
	unsigned run;
	unsigned failed;
};

/* CUnit counts one run at a time. A suite whose own set-up fails runs no test: that is a failure too. */
static void tally_add(struct tally *tally)
{
	unsigned suites_failed = CU_get_number_of_suites_failed();

	tally->run += CU_get_number_of_tests_run() + suites_failed;
	tally->failed += CU_get_number_of_tests_failed() + suites_failed;
}

static int run_suite(const char *name, struct tally *tally)
{
	CU_pSuite suite = CU_get_suite(name);

	if (suite == NULL) {
		fprintf(stderr, "unit: no suite is called \"%s\"\n", name);
		return -1;
	}
	CU_basic_run_suite(suite);
	tally_add(tally);
	return 0;
}

static int run_suites(int count, char **name, struct tally *tally)
{
	for (int i = 0; i < count; i++) {
		if (run_suite(name[i], tally) != 0)
			return -1;
	}
	if (count == 0) {
		CU_basic_run_tests();
		tally_add(tally);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct tally tally = {0};
	int ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	register_suites();
	if (CU_get_error() != CUE_SUCCESS) {
		fprintf(stderr, "unit: a suite did not register: %s\n", CU_get_error_msg());
		return 2;
	}
	CU_basic_set_mode(CU_BRM_VERBOSE);
	ret = run_suites(argc - 1, argv + 1, &tally);
	CU_cleanup_registry();
	printf("%u passed, %u failed, 0 skipped\n", tally.run - tally.failed, tally.failed);
	if (ret != 0 || tally.run == 0)
		return 2;
	return tally.failed != 0;
}
