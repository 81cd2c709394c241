// SPDX-License-Identifier: Apache-2.0
/* Hugepage pools as changes: by node, never smaller, and the same once they are large enough. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sched/group_changes.h"
#include "sched/memory_plan.h"
#include "tests/unit/changes_fixture.h"
#include "tests/unit/cut_fixture.h"

void test_hugepage_changes_register(void);

#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)

static const struct host_shape two_nodes = {.nodes = 2, .cores = 4};
static const struct host_shape one_node = {.cores = 4};

static char *pool_path(unsigned node, unsigned kilobytes, char *buffer, size_t size)
{
	snprintf(buffer, size, "/sys/devices/system/node/node%u/hugepages/hugepages-%ukB/nr_hugepages", node,
		 kilobytes);
	return buffer;
}

/* A node's pools as its own files have them; hand-made topologies do not read those again. */
static void put_pool(struct cut *cut, unsigned node, uint64_t page_bytes, uint64_t pages)
{
	char path[96];
	char text[24];

	host_fixture_pool(&cut->host, (int)node, page_bytes, pages, pages);
	snprintf(text, sizeof(text), "%u", (unsigned)pages);
	host_fixture_put(&cut->host, pool_path(node, (unsigned)(page_bytes / 1024), path, sizeof(path)), text);
}

static void set_up(struct cut *cut)
{
	cut_set_up(cut, &two_nodes);
	for (unsigned node = 0; node < 2; node++) {
		put_pool(cut, node, MIB(2), node == 0 ? 0 : 100);
		put_pool(cut, node, GIB(1), 0);
	}
}

static void add(struct cut *cut, const char *cpus, uint64_t bytes, uint64_t page_bytes)
{
	struct partition_config *partition = cut_add(cut, "plc", cpus);

	partition->memory_bytes = bytes;
	partition->page_bytes = page_bytes;
}

static void plan(struct cut *cut, struct changes *ret)
{
	struct memory_plan memory = {0};

	findings_done(&cut->findings);
	CU_ASSERT_EQUAL_FATAL(memory_plan(&cut->machine, &cut->host, &memory, &cut->findings), 0);
	CU_ASSERT_EQUAL(findings_count(&cut->findings, FINDING_REFUSED), 0);
	CU_ASSERT_EQUAL_FATAL(hugepage_changes(&cut->machine, &cut->host, &memory, ret, &cut->findings), 0);
	memory_plan_done(&memory);
}

static void assert_pool(const struct changes *changes, unsigned node, unsigned kilobytes, const char *old,
			const char *value)
{
	char path[96];
	const struct change *change =
		changes_find(changes, pool_path(node, kilobytes, path, sizeof(path)));

	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	CU_ASSERT_STRING_EQUAL(change->old, old);
	CU_ASSERT_STRING_EQUAL(change->value, value);
	CU_ASSERT_EQUAL(change->held, strcmp(old, value) == 0);
	CU_ASSERT_STRING_EQUAL(change->domain, "hugepages");
	CU_ASSERT_STRING_EQUAL(change->check, "M1-hugepages");
}

static void pools_grow_by_node(void)
{
	struct changes changes = {0};
	struct cut cut;

	set_up(&cut);
	add(&cut, "2", MIB(512), MIB(2));
	add(&cut, "3", MIB(512), MIB(2));
	add(&cut, "5", MIB(128), MIB(2));
	add(&cut, "6", GIB(2), GIB(1));
	plan(&cut, &changes);
	CU_ASSERT_EQUAL(changes.count, 3);
	assert_pool(&changes, 0, 2048, "0", "512");
	assert_pool(&changes, 1, 2048, "100", "100"); /* 64 are asked for: none is taken away */
	assert_pool(&changes, 1, 1048576, "0", "2");
	changes_done(&changes);
	cut_tear_down(&cut);
}

static void pools_that_were_grown_are_planned_the_same(void)
{
	struct changes changes = {0};
	struct changes again = {0};
	struct cut cut;

	set_up(&cut);
	add(&cut, "2", MIB(512), MIB(2));
	add(&cut, "5", GIB(1), GIB(1));
	add(&cut, "", MIB(600), MIB(2));
	plan(&cut, &changes);
	/* 856 pages in all, of which 100 are there: what floats is of the node with most room. */
	assert_pool(&changes, 0, 2048, "0", "456");
	assert_pool(&changes, 1, 2048, "100", "100");
	assert_pool(&changes, 1, 1048576, "0", "1");
	changes_make_so(&changes, &cut.host.files);
	put_pool(&cut, 0, MIB(2), 456);
	put_pool(&cut, 1, GIB(1), 1);
	plan(&cut, &again);
	assert_changes_alike(&changes, &again);
	assert_changes_held(&again, "made by hand");
	CU_ASSERT_EQUAL(cut.findings.count, 0);
	changes_done(&changes);
	changes_done(&again);
	cut_tear_down(&cut);
}

static void a_kernel_without_numa_has_one_pool(void)
{
	static const char path[] = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
	struct changes changes = {0};
	struct cut cut;

	cut_set_up(&cut, &one_node);
	host_fixture_pool(&cut.host, 0, MIB(2), 3, 3);
	add(&cut, "2", MIB(512), MIB(2));
	add(&cut, "", MIB(2), MIB(2));
	plan(&cut, &changes);
	CU_ASSERT_EQUAL_FATAL(changes.count, 1);
	CU_ASSERT_STRING_EQUAL(changes.item[0].path, path);
	CU_ASSERT_STRING_EQUAL(changes.item[0].value, "257");
	changes_done(&changes);

	/* Ordinary pages need no pool. */
	cut.partition[0].page_bytes = cut.partition[1].page_bytes = 4096;
	plan(&cut, &changes);
	CU_ASSERT_EQUAL(changes.count, 0);
	changes_done(&changes);
	cut_tear_down(&cut);
}

static void a_pool_that_cannot_be_read_is_unknown(void)
{
	struct changes changes = {0};
	struct cut cut;
	char path[96];

	set_up(&cut);
	add(&cut, "5", MIB(128), MIB(2));
	host_fixture_put_error(&cut.host, pool_path(1, 2048, path, sizeof(path)), EACCES);
	plan(&cut, &changes);
	CU_ASSERT_EQUAL(changes.count, 0);
	CU_ASSERT_EQUAL_FATAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].kind, FINDING_UNKNOWN);
	CU_ASSERT_STRING_EQUAL(cut.findings.item[0].rule, "hugepage-unknown");
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "permission denied"));
	changes_done(&changes);
	cut_tear_down(&cut);
}

void test_hugepage_changes_register(void)
{
	CU_pSuite suite = CU_add_suite("hugepage_changes", NULL, NULL);

	CU_ADD_TEST(suite, pools_grow_by_node);
	CU_ADD_TEST(suite, pools_that_were_grown_are_planned_the_same);
	CU_ADD_TEST(suite, a_kernel_without_numa_has_one_pool);
	CU_ADD_TEST(suite, a_pool_that_cannot_be_read_is_unknown);
}
