// SPDX-License-Identifier: Apache-2.0
/* Which CPUs a plan keeps free, and which are housekeeping's. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"

void test_flow_division_register(void);

#define RT ", memory: {size: 64M}, schedule: {policy: fifo, priority: 1}, boot: {kernel: k}}\n"
#define OTHER "  - {name: panel, memory: {size: 64M}, boot: {kernel: k}"

/* Asserts what a file divides CPUs 0-7 into. */
static void expect(const char *text, const char *partitions, const char *housekeeping)
{
	struct machine_config machine = {0};
	struct host_facts host = {0};
	struct cpu_division cpus;
	char list[64];

	CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), "m.yaml", &machine, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(cpulist_parse("0-7", &host.topology.online, NULL), 0);
	flow_division(&machine, &host, &cpus);
	CU_ASSERT_STRING_EQUAL(cpulist_format(&cpus.partitions, list, sizeof(list)), partitions);
	CU_ASSERT_STRING_EQUAL(cpulist_format(&cpus.housekeeping, list, sizeof(list)), housekeeping);
	machine_done(&machine);
}

static void unstated_housekeeping_is_all_the_rest(void)
{
	expect("machine: m\npartitions:\n  - {name: plc, cpus: 2-3" RT, "2-3", "0-1,4-7");
}

static void cpus_that_nobody_has_stay_idle(void)
{
	expect("machine: m\nhost: {housekeeping: 0-1}\npartitions:\n  - {name: plc, cpus: 2-3" RT,
	       "2-7", "0-1");
}

static void a_floating_partition_may_use_them(void)
{
	expect("machine: m\nhost: {housekeeping: 0-1}\npartitions:\n  - {name: plc, cpus: 2-3" RT
	       OTHER "}\n", "2-3", "0-1");
}

static void best_effort_cpus_are_neither(void)
{
	expect("machine: m\nhost: {housekeeping: 0-1}\npartitions:\n  - {name: plc, cpus: 2-3" RT
	       OTHER ", cpus: 4-5}\n", "2-3,6-7", "0-1");
}

static void without_real_time_nothing_is_kept_free(void)
{
	expect("machine: m\nhost: {housekeeping: 0-1}\npartitions:\n" OTHER ", cpus: 4-5}\n", "", "0-7");
}

static void housekeeping_that_is_offline_is_none(void)
{
	expect("machine: m\nhost: {housekeeping: \"0,9\"}\npartitions:\n  - {name: plc, cpus: 2-7" RT,
	       "1-7", "0");
}

void test_flow_division_register(void)
{
	CU_pSuite suite = CU_add_suite("test_flow_division", NULL, NULL);

	CU_ADD_TEST(suite, unstated_housekeeping_is_all_the_rest);
	CU_ADD_TEST(suite, cpus_that_nobody_has_stay_idle);
	CU_ADD_TEST(suite, a_floating_partition_may_use_them);
	CU_ADD_TEST(suite, best_effort_cpus_are_neither);
	CU_ADD_TEST(suite, without_real_time_nothing_is_kept_free);
	CU_ADD_TEST(suite, housekeeping_that_is_offline_is_none);
}
