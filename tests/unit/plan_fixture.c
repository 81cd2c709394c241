// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan_fixture.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

void plan_set_cpus(struct cpulist *list, const char *text)
{
	*list = (struct cpulist){0};
	CU_ASSERT_EQUAL_FATAL(cpulist_parse_kernel(text, list), 0);
}

void plan_set_up(struct plan_bench *bench)
{
	*bench = (struct plan_bench){0};
	CU_ASSERT_EQUAL_FATAL(partition_default(&bench->partition), 0);
	snprintf(bench->partition.name, sizeof(bench->partition.name), "plc");
	bench->partition.kernel = strdup("/boot/vmlinuz");
	bench->partition.vcpus = 1;
	bench->partition.memory_bytes = UINT64_C(64) << 20;
	bench->partition.page_bytes = 4096;
	bench->partition.schedule =
		(struct vcpu_schedule){.policy = VCPU_POLICY_FIFO, .priority = 1};
	plan_set_cpus(&bench->host.topology.present, "0-3");
	plan_set_cpus(&bench->host.topology.online, "0-3");
	plan_set_cpus(&bench->host.topology.allowed, "0-3");
	bench->host.kernel.preempt_rt = FACT_NO;
	bench->host.memory.total_bytes = (struct fact_number){.known = true, .value = INT64_C(8) << 30};
	bench->host.memory.available_bytes =
		(struct fact_number){.known = true, .value = INT64_C(6) << 30};
	bench->host.memory.pool[0] = (struct host_pool){.page_bytes = 2 << 20, .known = true};
	bench->host.memory.pool[1] = (struct host_pool){.page_bytes = 1 << 30, .known = true};
}

void plan_tear_down(struct plan_bench *bench)
{
	launch_done(&bench->launch);
	partition_done(&bench->partition);
}

void plan_state_cpus(struct plan_bench *bench, const char *text)
{
	plan_set_cpus(&bench->partition.cpus, text);
	bench->partition.vcpus = cpulist_count(&bench->partition.cpus);
}

int plan_run(struct plan_bench *bench)
{
	return launch_plan(&bench->partition, &bench->terms, &bench->host, &bench->launch,
			   &bench->notes, &bench->why);
}

void assert_plan_cpus(const struct launch *launch, const int *expected, unsigned count)
{
	CU_ASSERT_EQUAL_FATAL(launch->vcpus, count);
	for (unsigned i = 0; i < count; i++)
		CU_ASSERT_EQUAL(launch->vcpu_cpu[i], expected[i]);
}

void assert_plan_others(const struct launch *launch, const char *expected)
{
	char text[CPULIST_TEXT_MAX];

	CU_ASSERT_STRING_EQUAL(cpulist_format(&launch->other_cpus, text, sizeof(text)), expected);
}

void assert_plan_refused(struct plan_bench *bench, int error, const char *key, const char *text)
{
	CU_ASSERT_EQUAL(plan_run(bench), -error);
	CU_ASSERT_EQUAL(bench->why.error, error);
	CU_ASSERT_STRING_EQUAL(bench->why.key, key);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench->why.text, text));
	CU_ASSERT_NOT_EQUAL(bench->why.remedy[0], '\0');
	CU_ASSERT_PTR_NULL(bench->launch.kernel);
	CU_ASSERT_PTR_NULL(bench->launch.cmdline);
	plan_tear_down(bench);
}
