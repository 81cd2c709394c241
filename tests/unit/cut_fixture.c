// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cut_fixture.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

static char file_name[] = "machine.yaml";

void cut_set_up(struct cut *cut, const struct host_shape *shape)
{
	*cut = (struct cut){
		.machine = {.file = file_name, .housekeeping_at = {3, 17}},
	};
	cut->machine.partition = cut->partition;
	host_fixture_make(&cut->host, shape);
}

struct cpulist cut_cpus(const char *text)
{
	struct cpulist cpus = {0};

	CU_ASSERT_EQUAL_FATAL(cpulist_parse_kernel(text, &cpus), 0);
	return cpus;
}

struct partition_config *cut_add(struct cut *cut, const char *name, const char *cpus)
{
	size_t index = cut->machine.partition_count++;
	struct partition_config *partition = &cut->partition[index];
	unsigned line = 10 * ((unsigned)index + 1);

	CU_ASSERT_FATAL(index < CUT_PARTITIONS);
	*partition = (struct partition_config){
		.cpus = cut_cpus(cpus),
		.memory_bytes = UINT64_C(64) << 20,
		.page_bytes = 4096,
		.memory_node = PARTITION_NODE_OWN,
		.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1},
		.at = {.cpus = {line, 11}, .memory = {line + 1, 13}, .node = {line + 2, 25}},
	};
	snprintf(partition->name, sizeof(partition->name), "%s", name);
	partition->vcpus = cpulist_count(&partition->cpus);
	return partition;
}

size_t cut_count(const struct cut *cut, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < cut->findings.count; i++)
		count += strcmp(cut->findings.item[i].rule, rule) == 0;
	return count;
}

void cut_assert_nth(const struct cut *cut, size_t nth, enum finding_kind kind, const char *rule,
		    const char *text)
{
	static const char file[] = "machine.yaml:";
	char line[2048];

	CU_ASSERT_FATAL(nth < cut->findings.count);
	const struct finding *finding = &cut->findings.item[nth];

	CU_ASSERT_EQUAL(finding->kind, kind);
	CU_ASSERT_STRING_EQUAL(finding->rule, rule);
	CU_ASSERT_NOT_EQUAL(finding->diag.error, 0);
	diag_format(&finding->diag, line, sizeof(line));
	if (strncmp(line, file, sizeof(file) - 1) != 0 ||
	    strcmp(line + sizeof(file) - 1, text) != 0) {
		printf("\n  expected %s%s\n  found    %s\n", file, text, line);
		CU_FAIL("another text");
	}
}

static void print_all(const struct cut *cut)
{
	char line[2048];

	for (size_t i = 0; i < cut->findings.count; i++)
		printf("\n  found    %s", diag_format(&cut->findings.item[i].diag, line, sizeof(line)));
}

void cut_assert_only(const struct cut *cut, enum finding_kind kind, const char *rule, const char *text)
{
	if (cut->findings.count != 1)
		print_all(cut);
	CU_ASSERT_EQUAL_FATAL(cut->findings.count, 1);
	cut_assert_nth(cut, 0, kind, rule, text);
}

void cut_assert_nothing(const struct cut *cut)
{
	if (cut->findings.count != 0)
		print_all(cut);
	CU_ASSERT_EQUAL(cut->findings.count, 0);
}

void cut_tear_down(struct cut *cut)
{
	findings_done(&cut->findings);
	host_fixture_done(&cut->host);
}
