// SPDX-License-Identifier: Apache-2.0
/* What a partition asks of the host, its devices and its tasks: values that arrive, limits that hold. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/machine.h"

void test_config_items_register(void);

#define DEADLINE "schedule: {policy: deadline}, "
#define FIXED(...) DEADLINE "tasks: {set: [" __VA_ARGS__ "]}"
#define EDF(...) DEADLINE "tasks: {order: edf, set: [" __VA_ARGS__ "]}"

/* Loads a machine of one partition with @keys, in flow style, beside what it needs. */
static int load(const char *keys, struct machine_config *ret, struct diag *why)
{
	size_t size = strlen(keys) + 128;
	char *text = malloc(size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	snprintf(text, size,
		 "machine: m\npartitions:\n  - {name: p, memory: {size: 64M}, boot: {kernel: k}, %s}\n",
		 keys);
	int error = machine_load_text(text, strlen(text), "m.yaml", ret, why);
	free(text);
	return error;
}

static void every_key_arrives(void)
{
	static const char text[] = "machine: m\n"
				   "partitions:\n"
				   "  - name: du\n"
				   "    cpus: 4-5\n"
				   "    placement: {within: node, siblings: shared}\n"
				   "    isolation: cpuset\n"
				   "    memory: {size: 1G, node: 3}\n"
				   "    cache: {l3-ways: 4, l2-ways: 2, memory-bandwidth: 50}\n"
				   "    interrupts: {posted: required}\n"
				   "    devices:\n"
				   "      - vfio: 3B:02.0\n"
				   "      - node: any\n"
				   "        vfio: \"0001:af:1f.7\"\n"
				   "    boot: {kernel: k}\n";
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), "m", &machine, NULL), 0);
	const struct partition_config *du = &machine.partition[0];
	CU_ASSERT_EQUAL(du->within, WITHIN_NODE);
	CU_ASSERT_TRUE(du->share_cores);
	CU_ASSERT_EQUAL(du->isolation, ISOLATION_CPUSET);
	CU_ASSERT_EQUAL(du->memory_node, 3);
	CU_ASSERT_EQUAL(du->cache.l3_ways, 4);
	CU_ASSERT_EQUAL(du->cache.l2_ways, 2);
	CU_ASSERT_EQUAL(du->cache.bandwidth_percent, 50);
	CU_ASSERT_TRUE(du->posted_interrupts);
	CU_ASSERT_EQUAL_FATAL(du->device_count, 2);
	CU_ASSERT_STRING_EQUAL(du->device[0].address, "0000:3b:02.0");
	CU_ASSERT_FALSE(du->device[0].any_node);
	CU_ASSERT_EQUAL(du->device[0].at.line, 11);
	CU_ASSERT_STRING_EQUAL(du->device[1].address, "0001:af:1f.7");
	CU_ASSERT_TRUE(du->device[1].any_node);
	CU_ASSERT_EQUAL(du->device[1].at.line, 12);
	CU_ASSERT_EQUAL(du->device[1].at.column, 9);
	CU_ASSERT_EQUAL(du->at.within.line, 5);
	CU_ASSERT_EQUAL(du->at.isolation.line, 6);
	CU_ASSERT_EQUAL(du->at.node.line, 7);
	CU_ASSERT_EQUAL(du->at.cache.line, 8);
	CU_ASSERT_EQUAL(du->at.cache.column, 22); /* of the first of its keys */
	CU_ASSERT_EQUAL(du->at.posted.line, 9);
	machine_done(&machine);
}

static void every_key_of_a_task_arrives(void)
{
	static const char text[] =
		"machine: m\n"
		"partitions:\n"
		"  - name: p\n"
		"    vcpus: 2\n"
		"    memory: {size: 64M}\n"
		"    boot: {kernel: k}\n"
		"    schedule: {policy: deadline, period: 1ms}\n"
		"    tasks:\n"
		"      exit-cost: 7us\n"
		"      set:\n"
		"        - {name: loop, period: 4ms, budget: 1ms, deadline: 3ms, priority: 90, vcpu: 1}\n"
		"        - {priority: 1, budget: 2ms, period: 10ms, name: log}\n";
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), "m", &machine, NULL), 0);
	const struct partition_config *p = &machine.partition[0];
	CU_ASSERT_EQUAL(p->tasks.order, TASKS_FIXED_PRIORITY);
	CU_ASSERT_EQUAL(p->tasks.exit_cost_ns, 7000);
	CU_ASSERT_EQUAL_FATAL(p->tasks.count, 2);
	CU_ASSERT_STRING_EQUAL(p->tasks.task[0].name, "loop");
	CU_ASSERT_EQUAL(p->tasks.task[0].period_ns, 4000000);
	CU_ASSERT_EQUAL(p->tasks.task[0].deadline_ns, 3000000);
	CU_ASSERT_EQUAL(p->tasks.task[0].budget_ns, 1000000);
	CU_ASSERT_EQUAL(p->tasks.task[0].priority, 90);
	CU_ASSERT_EQUAL(p->tasks.task[0].vcpu, 1);
	CU_ASSERT_EQUAL(p->tasks.task[1].deadline_ns, 10000000); /* its period */
	CU_ASSERT_EQUAL(p->tasks.task[1].vcpu, 0);
	CU_ASSERT_EQUAL(p->tasks.task[1].at.line, 12);
	CU_ASSERT_EQUAL(p->tasks.task[1].at.column, 11);
	CU_ASSERT_EQUAL(p->at.tasks.line, 11);
	CU_ASSERT_EQUAL(p->schedule.runtime_ns, 0); /* to be derived, with this period */
	CU_ASSERT_EQUAL(p->schedule.period_ns, 1000000);
	machine_done(&machine);
}

static void what_is_not_given_falls_back(void)
{
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(load("cpus: 1", &machine, NULL), 0);
	const struct partition_config *p = &machine.partition[0];
	CU_ASSERT_EQUAL(p->within, WITHIN_CACHE);
	CU_ASSERT_FALSE(p->share_cores);
	CU_ASSERT_EQUAL(p->isolation, ISOLATION_ANY);
	CU_ASSERT_EQUAL(p->memory_node, PARTITION_NODE_OWN);
	CU_ASSERT_EQUAL(p->cache.l3_ways, 0);
	CU_ASSERT_EQUAL(p->cache.bandwidth_percent, 0);
	CU_ASSERT_FALSE(p->posted_interrupts);
	CU_ASSERT_EQUAL(p->device_count, 0);
	CU_ASSERT_PTR_NULL(p->device);
	CU_ASSERT_EQUAL(p->tasks.count, 0);
	CU_ASSERT_EQUAL(p->at.isolation.line, 0);
	CU_ASSERT_EQUAL(p->at.node.line, 0);
	machine_done(&machine);
}

/* One row: keys of a partition, and what loading them returns. */
struct row {
	const char *keys;
	int error;
};

static void rows_hold(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct machine_config machine = {0};
		struct diag why = {0};
		int error = load(rows[i].keys, &machine, &why);

		if (error != rows[i].error)
			printf("\n%s: %d\n", rows[i].keys, error);
		CU_ASSERT_EQUAL(error, rows[i].error);
		CU_ASSERT_EQUAL(why.error, -error);
		machine_done(&machine);
	}
}

#define ROWS_HOLD(rows) rows_hold(rows, sizeof(rows) / sizeof((rows)[0]))

static void addresses_are_strict(void)
{
	static const struct row rows[] = {
		{"devices: [{vfio: 00:00.0}]", 0},
		{"devices: [{vfio: ff:1f.7}]", 0},
		{"devices: [{vfio: \"ffff:FF:1F.7\"}]", 0},
		{"devices: [{vfio: 00:20.0}]", -EINVAL},
		{"devices: [{vfio: 00:00.8}]", -EINVAL},
		{"devices: [{vfio: 0:00.0}]", -EINVAL},
		{"devices: [{vfio: 00:0.0}]", -EINVAL},
		{"devices: [{vfio: 00:00:0}]", -EINVAL},
		{"devices: [{vfio: 00:00.}]", -EINVAL},
		{"devices: [{vfio: 00:00.00}]", -EINVAL},
		{"devices: [{vfio: \"00:00.0 \"}]", -EINVAL},
		{"devices: [{vfio: \":00:00.0\"}]", -EINVAL},
		{"devices: [{vfio: \"000:00:00.0\"}]", -EINVAL},
		{"devices: [{vfio: \"10000:00:00.0\"}]", -EINVAL},
		{"devices: [{vfio: \"0000:00:0g.0\"}]", -EINVAL},
		{"devices: [{vfio: \"/0/../0:1.0\"}]", -EINVAL},
		{"devices: [{vfio: \"\"}]", -EINVAL},
		{"devices: [{vfio: }]", -EINVAL},
		{"devices: [{vfio: [00:00.0]}]", -EINVAL},
		{"devices: [00:00.0]", -EINVAL},
		{"devices: [[]]", -EINVAL},
		{"devices: [null]", -EINVAL},
		{"devices: [{}]", -EINVAL},
		{"devices: []", 0},
		{"devices: {}", -EINVAL},
		{"devices: ", -EINVAL},
		{"devices: [{vfio: 00:00.0}, {vfio: \"0001:00:00.0\"}]", 0},
		{"devices: [{vfio: 0A:00.0}, {vfio: \"0000:0a:00.0\"}]", -EINVAL},
	};

	ROWS_HOLD(rows);
}

static void limits_hold_to_the_last_value(void)
{
	static const struct row rows[] = {
		{"cache: {l3-ways: 1}", 0},
		{"cache: {l3-ways: 64}", 0},
		{"cache: {l3-ways: 65}", -ERANGE},
		{"cache: {l2-ways: 0}", -ERANGE},
		{"cache: {memory-bandwidth: 1}", 0},
		{"cache: {memory-bandwidth: 100}", 0},
		{"cache: {memory-bandwidth: 101}", -ERANGE},
		{"cache: {memory-bandwidth: 0}", -ERANGE},
		{"cache: {memory-bandwidth: 50%}", -EINVAL},
		{FIXED("{name: a, period: 10us, budget: 1us, priority: 1}"), 0},
		{FIXED("{name: a, period: 100s, budget: 100s, priority: 255}"), 0},
		{FIXED("{name: a, period: 9999ns, budget: 1us, priority: 1}"), -ERANGE},
		{FIXED("{name: a, period: 10us, budget: 999ns, priority: 1}"), -ERANGE},
		{FIXED("{name: a, period: 100000001us, budget: 1us, priority: 1}"), -ERANGE},
		{FIXED("{name: a, period: 10us, budget: 1us, priority: 0}"), -ERANGE},
		{FIXED("{name: a, period: 10us, budget: 1us, priority: 256}"), -ERANGE},
		{FIXED("{name: a, period: 2ms, budget: 2ms, deadline: 2ms, priority: 1}"), 0},
		{FIXED("{name: a, period: 2ms, budget: 1ms, deadline: 1ms, priority: 1}"), 0},
		{FIXED("{name: a, period: 2ms, budget: 1001us, deadline: 1ms, priority: 1}"), -EINVAL},
		{FIXED("{name: a, period: 2ms, budget: 1ms, deadline: 2001us, priority: 1}"), -EINVAL},
		{FIXED("{name: a, period: 2ms, budget: 1ms, deadline: 0, priority: 1}"), -ERANGE},
		{"vcpus: 64, " EDF("{name: a, period: 2ms, budget: 1ms, vcpu: 63}"), 0},
		{"vcpus: 64, " EDF("{name: a, period: 2ms, budget: 1ms, vcpu: 64}"), -ERANGE},
		{"cpus: 3-4, " EDF("{name: a, period: 2ms, budget: 1ms, vcpu: 1}"), 0},
		{"cpus: 3-4, " EDF("{name: a, period: 2ms, budget: 1ms, vcpu: 2}"), -ERANGE},
		{EDF("{name: a, period: 2ms, budget: 1ms}, {name: A, period: 2ms, budget: 1ms}"), 0},
		{EDF("{name: a, period: 2ms, budget: 1ms, priority: 3}"), -EINVAL},
		{FIXED("{name: a, period: 2ms, budget: 1ms}"), -EINVAL},
		{DEADLINE "tasks: {exit-cost: 1ms, set: [{name: a, period: 2ms, budget: 1ms, priority: 1}]}", 0},
		{DEADLINE "tasks: {exit-cost: 1000001ns, set: [{name: a, period: 2ms, budget: 1ms, "
		 "priority: 1}]}", -ERANGE},
	};

	ROWS_HOLD(rows);
}

#define LOOP "tasks: {set: [{name: a, period: 2ms, budget: 1ms, priority: 1}]}"

static void what_tasks_leave_open_and_what_not(void)
{
	static const struct row rows[] = {
		{"schedule: {policy: deadline}, " LOOP, 0},
		{"schedule: {policy: deadline, period: 1ms}, " LOOP, 0},
		{"schedule: {policy: deadline, period: 99us}, " LOOP, -ERANGE},
		{"schedule: {policy: deadline, runtime: 1ms}, " LOOP, -EINVAL},
		{"schedule: {policy: deadline, deadline: 1ms}, " LOOP, -EINVAL},
		{"schedule: {policy: deadline, runtime: 1ms, deadline: 1ms}, " LOOP, -EINVAL},
		{"schedule: {policy: deadline, deadline: 1ms, period: 2ms}, " LOOP, -EINVAL},
		{"schedule: {policy: deadline, runtime: 1ms, period: 2ms}, " LOOP, 0},
		{"schedule: {policy: deadline, runtime: 10us, period: 2ms}, " LOOP, -EINVAL},
		{"schedule: {policy: deadline, runtime: 10001ns, period: 2ms}, " LOOP, 0},
		{"schedule: {policy: fifo, priority: 1}, " LOOP, -EINVAL},
		{LOOP, -EINVAL},
		{"schedule: {policy: deadline}", -EINVAL},
		{"schedule: {policy: deadline, runtime: 1ms, period: 2ms}, tasks: {}", 0},
		{"schedule: {policy: deadline, runtime: 1ms, period: 2ms}, tasks: {order: edf}", -EINVAL},
		{"schedule: {policy: deadline, runtime: 1ms, period: 2ms}, tasks: {exit-cost: 1us}", -EINVAL},
	};

	ROWS_HOLD(rows);
}

static void what_isolates_cpus_needs_them(void)
{
	static const struct row rows[] = {
		{"isolation: any", 0},
		{"isolation: affinity", 0},
		{"isolation: cpuset", -EINVAL},
		{"isolation: isolcpus, vcpus: 2", -EINVAL},
		{"isolation: isolcpus, cpus: 2", 0},
		{"isolation: isolcpus, cpus: 2, schedule: {policy: fifo, priority: 1}", 0},
		{"isolation: isolcpus, cpus: 2, schedule: {policy: deadline, runtime: 1ms, period: 2ms}",
		 -EINVAL},
		{"isolation: cpuset, cpus: 2, schedule: {policy: deadline, runtime: 1ms, period: 2ms}", 0},
		{"placement: {}", 0},
		{"placement: {within: cache}", -EINVAL},
		{"placement: {siblings: own}, vcpus: 1", -EINVAL},
		{"placement: {within: cache, siblings: own}, cpus: 1", 0},
		{"interrupts: {posted: required}", 0},
	};

	ROWS_HOLD(rows);
}

/* Writes @before, @count items with their number in two digits between @left and @right, and @after. */
static void list_print(char *buffer, size_t size, const char *before, const char *left,
		       const char *right, int count, const char *after)
{
	size_t used = (size_t)snprintf(buffer, size, "%s", before);

	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s{%s%02x%s}", i == 0 ? "" : ", ",
					 left, i, right);
	snprintf(buffer + used, size - used, "%s", after);
}

static void as_many_devices_as_there_is_room_for(void)
{
	char keys[2048];
	struct machine_config machine;

	list_print(keys, sizeof(keys), "devices: [", "vfio: ", ":00.0", PARTITION_DEVICES_MAX,
		   "]");
	CU_ASSERT_EQUAL_FATAL(load(keys, &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].device_count, PARTITION_DEVICES_MAX);
	CU_ASSERT_STRING_EQUAL(machine.partition[0].device[31].address, "0000:1f:00.0");
	machine_done(&machine);
	list_print(keys, sizeof(keys), "devices: [", "vfio: ", ":00.0", PARTITION_DEVICES_MAX + 1,
		   "]");
	CU_ASSERT_EQUAL(load(keys, &machine, NULL), -E2BIG);
}

static void as_many_tasks_as_there_is_room_for(void)
{
	static const char before[] = DEADLINE "tasks: {order: edf, set: [";
	char keys[8192];
	struct machine_config machine;

	list_print(keys, sizeof(keys), before, "period: 2ms, budget: 1us, name: t", "",
		   PARTITION_TASKS_MAX, "]}");
	CU_ASSERT_EQUAL_FATAL(load(keys, &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].tasks.count, PARTITION_TASKS_MAX);
	CU_ASSERT_STRING_EQUAL(machine.partition[0].tasks.task[63].name, "t3f");
	machine_done(&machine);
	list_print(keys, sizeof(keys), before, "period: 2ms, budget: 1us, name: t", "",
		   PARTITION_TASKS_MAX + 1, "]}");
	CU_ASSERT_EQUAL(load(keys, &machine, NULL), -E2BIG);
}

static void every_prefix_of_a_file_is_survived(void)
{
	static const char text[] =
		"machine: m\npartitions:\n  - name: p\n    cpus: 1\n    memory: {size: 1G}\n"
		"    boot: {kernel: k}\n    schedule: {policy: deadline}\n"
		"    devices: [{vfio: 03:00.0}, {vfio: 04:00.0, node: any}]\n"
		"    tasks:\n      set:\n        - {name: a, period: 2ms, budget: 1ms, priority: 1}\n"
		"        - name: b\n          period: 2ms\n          budget: 1ms\n          priority: 1\n";

	for (size_t length = 0; length <= strlen(text); length++) {
		struct machine_config machine = {0};
		char *exact = malloc(length + 1);

		if (exact == NULL) {
			CU_FAIL("not enough memory");
			return;
		}
		memcpy(exact, text, length);
		int error = machine_load_text(exact, length, "m", &machine, NULL);
		if (length == strlen(text))
			CU_ASSERT_EQUAL(error, 0);
		machine_done(&machine);
		free(exact);
	}
}

static void one_cpu_in_two_partitions_is_for_the_plan(void)
{
	static const char text[] =
		"machine: m\nhost: {housekeeping: 0-1}\npartitions:\n"
		"  - {name: a, cpus: 1, memory: {size: 16M}, boot: {kernel: k}}\n"
		"  - {name: b, cpus: 1-2, memory: {size: 16M}, boot: {kernel: k}}\n";
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), "m", &machine, NULL), 0);
	machine_done(&machine);
}

void test_config_items_register(void)
{
	CU_pSuite suite = CU_add_suite("test_config_items", NULL, NULL);

	CU_ADD_TEST(suite, every_key_arrives);
	CU_ADD_TEST(suite, every_key_of_a_task_arrives);
	CU_ADD_TEST(suite, what_is_not_given_falls_back);
	CU_ADD_TEST(suite, addresses_are_strict);
	CU_ADD_TEST(suite, limits_hold_to_the_last_value);
	CU_ADD_TEST(suite, what_tasks_leave_open_and_what_not);
	CU_ADD_TEST(suite, what_isolates_cpus_needs_them);
	CU_ADD_TEST(suite, as_many_devices_as_there_is_room_for);
	CU_ADD_TEST(suite, as_many_tasks_as_there_is_room_for);
	CU_ADD_TEST(suite, every_prefix_of_a_file_is_survived);
	CU_ADD_TEST(suite, one_cpu_in_two_partitions_is_for_the_plan);
}
