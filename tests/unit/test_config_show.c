// SPDX-License-Identifier: Apache-2.0
/* What is shown loads again to the same machine, as YAML and as JSON; the schema has every key. */
#include <CUnit/CUnit.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/embedded.h"
#include "core/config/machine.h"
#include "core/config/schema.h"
#include "core/config/schema_json.h"

void test_config_show_register(void);

static bool same_text(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static bool same_devices(const struct partition_config *a, const struct partition_config *b)
{
	for (size_t i = 0; i < a->device_count && i < b->device_count; i++) {
		if (strcmp(a->device[i].address, b->device[i].address) != 0 ||
		    a->device[i].any_node != b->device[i].any_node)
			return false;
	}
	return a->device_count == b->device_count;
}

static bool same_tasks(const struct guest_tasks *a, const struct guest_tasks *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		const struct guest_task *x = &a->task[i];
		const struct guest_task *y = &b->task[i];

		if (strcmp(x->name, y->name) != 0 || x->period_ns != y->period_ns ||
		    x->deadline_ns != y->deadline_ns || x->budget_ns != y->budget_ns ||
		    x->priority != y->priority || x->vcpu != y->vcpu)
			return false;
	}
	return a->count == b->count && (a->count == 0 || (a->order == b->order &&
							  a->exit_cost_ns == b->exit_cost_ns));
}

/* What is asked of the host's CPUs, memory and devices. */
static bool same_place(const struct partition_config *a, const struct partition_config *b)
{
	bool stated = !cpulist_empty(&a->cpus);

	return a->memory_node == b->memory_node && a->isolation == b->isolation &&
	       (!stated || (a->within == b->within && a->share_cores == b->share_cores)) &&
	       memcmp(&a->cache, &b->cache, sizeof(a->cache)) == 0 &&
	       a->posted_interrupts == b->posted_interrupts && same_devices(a, b) &&
	       same_tasks(&a->tasks, &b->tasks);
}

/* Compares field by field; pointers by what they hold, places and the profile's name not at all. */
static bool same_partition(const struct partition_config *a, const struct partition_config *b)
{
	for (size_t i = 0; i < PARTITION_INITRDS_MAX; i++) {
		if (!same_text(a->initrd[i], b->initrd[i]))
			return false;
	}
	return same_place(a, b) && strcmp(a->name, b->name) == 0 && memcmp(&a->cpus, &b->cpus, sizeof(a->cpus)) == 0 &&
	       a->vcpus == b->vcpus && a->memory_bytes == b->memory_bytes &&
	       a->page_bytes == b->page_bytes && a->schedule.policy == b->schedule.policy &&
	       a->schedule.priority == b->schedule.priority &&
	       a->schedule.runtime_ns == b->schedule.runtime_ns &&
	       a->schedule.deadline_ns == b->schedule.deadline_ns &&
	       a->schedule.period_ns == b->schedule.period_ns && same_text(a->kernel, b->kernel) &&
	       a->initrd_count == b->initrd_count && same_text(a->cmdline, b->cmdline) &&
	       a->exits_disabled == b->exits_disabled && a->kvmclock == b->kvmclock &&
	       a->lock_memory == b->lock_memory &&
	       a->hold_cpu_dma_latency == b->hold_cpu_dma_latency &&
	       a->require_preempt_rt == b->require_preempt_rt && a->exit_port == b->exit_port &&
	       a->reboot == b->reboot && a->seal == b->seal &&
	       a->seal_after_ns == b->seal_after_ns && a->exit_budget == b->exit_budget &&
	       a->latency_budget_ns == b->latency_budget_ns;
}

static void loads_to_the_same(const char *text, size_t length, const struct machine_config *machine)
{
	struct machine_config back;
	struct diag why = {0};
	char line[2048];

	int error = machine_load_text(text, length, "shown", &back, &why);
	if (error != 0)
		printf("\n%s\n%.*s", diag_format(&why, line, sizeof(line)), (int)length, text);
	CU_ASSERT_EQUAL_FATAL(error, 0);
	CU_ASSERT_STRING_EQUAL(back.name, machine->name);
	CU_ASSERT_EQUAL(memcmp(&back.housekeeping, &machine->housekeeping, sizeof(back.housekeeping)), 0);
	CU_ASSERT_EQUAL(back.require_preempt_rt, machine->require_preempt_rt);
	CU_ASSERT_EQUAL_FATAL(back.partition_count, machine->partition_count);
	for (size_t i = 0; i < back.partition_count; i++)
		CU_ASSERT_TRUE(same_partition(&back.partition[i], &machine->partition[i]));
	machine_done(&back);
}

static void goes_round(const struct machine_config *machine)
{
	char *yaml = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&yaml, &size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	CU_ASSERT_EQUAL(machine_write_yaml(machine, stream), 0);
	fclose(stream);
	loads_to_the_same(yaml, size, machine);
	free(yaml);

	json_t *tree = machine_to_json(machine);
	CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
	char *json = json_dumps(tree, JSON_INDENT(2));
	loads_to_the_same(json, strlen(json), machine);
	free(json);
	json_decref(tree);
}

static void shown_files_load_to_the_same_machine(void)
{
	static const char *const files[] = {"configs/examples/press-line.yaml",
					    "configs/examples/telco-du.yaml"};
	struct machine_config machine;

	for (size_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL_FATAL(machine_load(files[i], &machine, NULL), 0);
		goes_round(&machine);
		machine_done(&machine);
	}
	CU_ASSERT_EQUAL_FATAL(machine_load_text(quickstart_yaml,
						(size_t)(quickstart_yaml_end - quickstart_yaml),
						QUICKSTART_NAME, &machine, NULL), 0);
	CU_ASSERT_STRING_EQUAL(machine.partition[0].name, "probe");
	CU_ASSERT_STRING_EQUAL(machine.partition[0].kernel, PARTITION_KERNEL_PROBE);
	CU_ASSERT_TRUE(cpulist_empty(&machine.partition[0].cpus));
	CU_ASSERT_EQUAL(machine.partition[0].latency_budget_ns, 0);
	goes_round(&machine);
	machine_done(&machine);
}

static void texts_that_look_like_something_else_go_round(void)
{
	static const char *const texts[] = {
		"true", "null", "~", "12", "1e3", ".inf", "0x10", " x ", "a: b", "a #b", "- a", "&a", "*a",
		"!a", "%a", "@a", "`a", "{a}", "[a]", "'a'", "\\\"a\\\\", "a,b", "\xc3\xa9", "2001-01-01",
		"x=\\\"y z\\\"", "?", ":", "-", "|", ">", "yes", "\xe2\x80\xa8",
	};
	char text[512];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct machine_config machine;

		snprintf(text, sizeof(text),
			 "machine: m\npartitions: [{name: \"null\", memory: {size: 16M}, boot: "
			 "{kernel: \"%s\", initrd: [\"%s\", b], cmdline: \"%s\"}}]\n",
			 texts[i], texts[i], texts[i]);
		CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), "m", &machine, NULL), 0);
		goes_round(&machine);
		machine_done(&machine);
	}
}

static void what_is_asked_of_the_host_goes_round(void)
{
	static const char *const partitions[] = {
		"cpus: 2, placement: {within: machine, siblings: shared}, isolation: cpuset",
		"cpus: 2, isolation: isolcpus, interrupts: {posted: required}",
		"vcpus: 2, isolation: affinity, cache: {l3-ways: 64, l2-ways: 1, memory-bandwidth: 100}",
		"cpus: 2, cache: {l2-ways: 3}, devices: []",
		"devices: [{vfio: 03:00.0}, {vfio: \"ABCD:fF:1f.7\", node: any}]",
		"schedule: {policy: deadline}, tasks: {set: [{name: a, period: 2ms, budget: 1ms, "
		"priority: 255}, {name: \"null\", period: 2ms, deadline: 1500us, budget: 1us, "
		"priority: 1}]}",
		"vcpus: 64, schedule: {policy: deadline, period: 5ms}, tasks: {order: edf, exit-cost: 0, "
		"set: [{name: a, period: 2ms, budget: 1ms, vcpu: 63}]}",
		"schedule: {policy: deadline, runtime: 1ms, deadline: 2ms, period: 5ms}, tasks: "
		"{exit-cost: 1ns, set: [{name: a, period: 100s, budget: 100s, priority: 7}]}",
		"schedule: {policy: deadline, runtime: 1ms, period: 5ms}",
	};
	char text[1024];

	for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++) {
		for (int node = -1; node <= 1023; node += 1024 / 2) {
			struct machine_config machine;
			char memory[32] = "";

			if (node >= 0)
				snprintf(memory, sizeof(memory), ", node: %d", node);
			snprintf(text, sizeof(text),
				 "machine: m\npartitions: [{name: p, memory: {size: 16M%s}, boot: "
				 "{kernel: k}, %s}]\n", memory, partitions[i]);
			CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), "m", &machine,
								NULL), 0);
			CU_ASSERT_EQUAL(machine.partition[0].memory_node, node);
			goes_round(&machine);
			machine_done(&machine);
		}
	}
}

static void a_full_stream_is_noticed(void)
{
	struct machine_config machine;
	FILE *full = fopen("/dev/full", "we");

	CU_ASSERT_PTR_NOT_NULL_FATAL(full);
	setvbuf(full, NULL, _IONBF, 0);
	CU_ASSERT_EQUAL_FATAL(machine_load("configs/examples/press-line.yaml", &machine, NULL), 0);
	CU_ASSERT_TRUE(machine_write_yaml(&machine, full) < 0);
	machine_done(&machine);
	fclose(full);
}

static json_t *property(json_t *mapping, const char *path)
{
	const char *dot = strchr(path, '.');
	char section[32];

	if (dot == NULL)
		return json_object_get(json_object_get(mapping, "properties"), path);
	snprintf(section, sizeof(section), "%.*s", (int)(dot - path), path);
	return property(property(mapping, section), dot + 1);
}

static void the_schema_describes_the_items_of_lists(void)
{
	json_t *schema = schema_to_json();
	json_t *partition = json_object_get(property(schema, "partitions"), "items");
	json_t *set = property(partition, "tasks.set");
	json_t *task = json_object_get(set, "items");
	json_t *device = json_object_get(property(partition, "devices"), "items");

	CU_ASSERT_PTR_NOT_NULL_FATAL(task);
	CU_ASSERT_PTR_NOT_NULL_FATAL(device);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(set, "minItems")), 1);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(set, "maxItems")), PARTITION_TASKS_MAX);
	CU_ASSERT_TRUE(json_is_false(json_object_get(task, "additionalProperties")));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(task, "required")), 3);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(property(task, "priority"), "maximum")), 255);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(device, "required")), 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(property(device, "node"), "default")),
			       "near");
	/* What a profile may give instead is not required of a partition. */
	CU_ASSERT_EQUAL(json_array_size(json_object_get(partition, "required")), 1);
	json_decref(schema);
}

static void the_schema_names_every_key(void)
{
	json_t *schema = schema_to_json();
	json_t *item = json_object_get(property(schema, "partitions"), "items");

	CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
	for (size_t i = 0; i < machine_schema.key_count; i++)
		CU_ASSERT_PTR_NOT_NULL(property(schema, machine_schema.keys[i].path));
	for (size_t i = 0; i < partition_schema.key_count; i++) {
		const struct key *key = &partition_schema.keys[i];

		if (key->path == NULL || key->help == NULL) {
			CU_FAIL("a key without a row in its table");
			continue;
		}
		CU_ASSERT_EQUAL(property(item, key->path) == NULL,
				(key->flags & KEY_ONLY_IN_PROFILE) != 0);
	}
	json_decref(schema);
}

void test_config_show_register(void)
{
	CU_pSuite suite = CU_add_suite("test_config_show", NULL, NULL);

	CU_ADD_TEST(suite, shown_files_load_to_the_same_machine);
	CU_ADD_TEST(suite, texts_that_look_like_something_else_go_round);
	CU_ADD_TEST(suite, what_is_asked_of_the_host_goes_round);
	CU_ADD_TEST(suite, a_full_stream_is_noticed);
	CU_ADD_TEST(suite, the_schema_names_every_key);
	CU_ADD_TEST(suite, the_schema_describes_the_items_of_lists);
}
