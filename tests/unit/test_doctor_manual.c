// SPDX-License-Identifier: Apache-2.0
/* bulkhead-doctor(7) describes every check there is, with its severity and in their order, and no other. */
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "rt/doctor.h"

static const char page_path[] = "man/bulkhead-doctor.7";

void test_doctor_manual_register(void);

/* The next ".It Li NAME" and the line after it, ".Pq SEVERITY"; false after the last. */
static bool read_entry(FILE *page, char name[64], char severity[64])
{
	char line[512];

	while (fgets(line, sizeof(line), page) != NULL) {
		if (sscanf(line, ".It Li %63s", name) != 1)
			continue;
		severity[0] = '\0';
		if (fgets(line, sizeof(line), page) != NULL)
			sscanf(line, ".Pq %63s", severity);
		return true;
	}
	return false;
}

static void the_page_and_the_tables_agree(void)
{
	_cleanup_fclose_ FILE *page = fopen(page_path, "re");
	const struct doctor_check *check;
	char name[64];
	char severity[64];
	size_t count = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(page);
	for (; read_entry(page, name, severity); count++) {
		check = doctor_check_at(count);
		CU_ASSERT_PTR_NOT_NULL_FATAL(check);
		CU_ASSERT_STRING_EQUAL(name, check->id);
		CU_ASSERT_STRING_EQUAL(severity, doctor_severity_name(check->severity));
		if (strcmp(name, check->id) != 0) {
			fprintf(stderr, "%s: %s stands where %s should\n", page_path, name, check->id);
			return;
		}
	}
	check = doctor_check_at(count);
	CU_ASSERT_PTR_NULL(check);
	if (check != NULL)
		fprintf(stderr, "%s: %s is missing\n", page_path, check->id);
}

static bool page_says(const char *wanted)
{
	_cleanup_fclose_ FILE *page = fopen(page_path, "re");
	char line[512];

	CU_ASSERT_PTR_NOT_NULL_FATAL(page);
	while (fgets(line, sizeof(line), page) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, wanted) == 0)
			return true;
	}
	return false;
}

/* P1 to P34: each has a check, or a word why it has none. */
static void every_number_is_spoken_of(void)
{
	for (unsigned number = 1; number <= 34; number++) {
		const struct doctor_check *check;
		bool found = false;
		char wanted[32];

		for (size_t i = 0; !found && (check = doctor_check_at(i)) != NULL; i++) {
			unsigned of = 0;

			found = sscanf(check->id, "P%u-", &of) == 1 && of == number;
		}
		snprintf(wanted, sizeof(wanted), ".It P%u", number);
		CU_ASSERT_NOT_EQUAL(found, page_says(wanted));
		if (found == page_says(wanted))
			fprintf(stderr, "%s: P%u %s\n", page_path, number, found ? "has a check, and a word why it "
				"has none" : "is not spoken of");
	}
}

void test_doctor_manual_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_manual", NULL, NULL);

	CU_ADD_TEST(suite, the_page_and_the_tables_agree);
	CU_ADD_TEST(suite, every_number_is_spoken_of);
}
