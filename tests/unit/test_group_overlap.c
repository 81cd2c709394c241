// SPDX-License-Identifier: Apache-2.0
/* Which of the groups beside a cpuset partition has its CPUs, out of a folder that stands for them. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "sched/group_overlap.h"

void test_group_overlap_register(void);

static char root[] = "/tmp/bulkhead-overlap-XXXXXX";

static const char *const groups[] = {"bulkhead-panel", "bulkhead-plc", "system.slice", "by-hand"};

enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

static const char *path_of(const char *group, const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s%s", root, group, file);
	return path;
}

static void store(const char *group, const char *file, const char *text)
{
	FILE *stream = fopen(path_of(group, file), "w");

	/* Nothing is asserted while a suite is set up: what is not there is missed soon enough. */
	if (stream == NULL)
		return;
	fputs(text, stream);
	fclose(stream);
}

/* Two partitions on CPUs 2 and 3, and two groups that state no CPUs. */
static int set_up(void)
{
	if (mkdtemp(root) == NULL)
		return 1;
	for (size_t i = 0; i < GROUPS; i++) {
		if (mkdir(path_of(groups[i], ""), 0700) != 0)
			return 1;
		store(groups[i], "/cpuset.cpus", i == 0 ? "3\n" : i == 1 ? "2\n" : "\n");
		store(groups[i], "/cpuset.cpus.partition", i < 2 ? "isolated invalid (not exclusive)\n" : "member\n");
	}
	return 0;
}

static int tear_down(void)
{
	for (size_t i = 0; i < GROUPS; i++) {
		unlink(path_of(groups[i], "/cpuset.cpus"));
		unlink(path_of(groups[i], "/cpuset.cpus.partition"));
		rmdir(path_of(groups[i], ""));
	}
	return rmdir(root);
}

static void assert_found(const char *text, const char *remedy)
{
	struct diag why = {0};
	char wanted[256];

	CU_ASSERT_TRUE_FATAL(group_overlap_find(path_of("bulkhead-plc", ""), &why));
	snprintf(wanted, sizeof(wanted), "CPU 2 is in control group %s/%s: a CPU of two groups makes the cpuset "
		 "partition invalid", root, text);
	CU_ASSERT_STRING_EQUAL(why.text, wanted);
	CU_ASSERT_STRING_EQUAL(why.remedy, remedy);
}

static void who_overlaps_is_named_with_a_remedy(void)
{
	struct diag why = {0};
	char remedy[128];

	CU_ASSERT_FALSE(group_overlap_find(path_of("bulkhead-plc", ""), &why));
	store("system.slice", "/cpuset.cpus", "0-3\n");
	assert_found("system.slice", "systemctl set-property system.slice AllowedCPUs=0-1");
	store("system.slice", "/cpuset.cpus", "0-1,3\n");
	CU_ASSERT_FALSE(group_overlap_find(path_of("bulkhead-plc", ""), &why));
	store("system.slice", "/cpuset.cpus", "\n");
	store("by-hand", "/cpuset.cpus", "1-2\n");
	snprintf(remedy, sizeof(remedy), "echo 1 > %s/by-hand/cpuset.cpus, or remove that group", root);
	assert_found("by-hand", remedy);
	store("by-hand", "/cpuset.cpus", "2\n");
	assert_found("by-hand", "remove that group");
	store("by-hand", "/cpuset.cpus", "\n");
}

static void what_is_no_group_overlaps_with_nothing(void)
{
	struct diag why = {0};

	CU_ASSERT_FALSE(group_overlap_find(path_of("bulkhead-gone", ""), &why));
	CU_ASSERT_FALSE(group_overlap_find("bulkhead-plc", &why));
	store("bulkhead-plc", "/cpuset.cpus", "no list");
	store("system.slice", "/cpuset.cpus", "0-3\n");
	CU_ASSERT_FALSE(group_overlap_find(path_of("bulkhead-plc", ""), &why));
	store("bulkhead-plc", "/cpuset.cpus", "2\n");
	store("system.slice", "/cpuset.cpus", "\n");
}

void test_group_overlap_register(void)
{
	CU_pSuite suite = CU_add_suite("test_group_overlap", set_up, tear_down);

	CU_ADD_TEST(suite, who_overlaps_is_named_with_a_remedy);
	CU_ADD_TEST(suite, what_is_no_group_overlaps_with_nothing);
}
