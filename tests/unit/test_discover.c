// SPDX-License-Identifier: Apache-2.0
/* A first machine file for hosts of many shapes: it loads, and the plans refuse nothing of it. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cli/discover.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "sched/group_layout.h"
#include "tests/unit/changes_fixture.h"
#include "tests/unit/cut_fixture.h"

void test_discover_register(void);

#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)

/* struct found - what was discovered on a host, as text and loaded again. */
struct found {
	struct discovery discovery;
	char *text;
	struct machine_config machine;
};

static void found_done(struct found *found)
{
	machine_done(&found->machine);
	free(found->text);
	discovery_done(&found->discovery);
}

static void load(const struct host_facts *host, struct found *ret)
{
	struct diag why = {0};
	char line[2048];
	size_t length = 0;
	FILE *stream;

	*ret = (struct found){0};
	CU_ASSERT_EQUAL_FATAL(discover(host, &ret->discovery), 0);
	stream = open_memstream(&ret->text, &length);
	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	discover_write(&ret->discovery, stream);
	CU_ASSERT_EQUAL_FATAL(fclose(stream), 0);
	if (machine_load_text(ret->text, length, "found.yaml", &ret->machine, &why) != 0) {
		printf("\n%s\n%s\n", ret->text, diag_format(&why, line, sizeof(line)));
		CU_FAIL_FATAL("it does not load");
	}
}

/* Whole cores, of CPUs that may be used. */
static void assert_whole(const struct host_facts *host, const struct cpulist *cpus)
{
	struct cpulist cores;
	struct cpulist usable;

	topology_cores_of(&host->topology, cpus, &cores);
	cpulist_and(&cores, &host->topology.online, &cores);
	cpulist_minus(&cores, cpus, &cores);
	CU_ASSERT_TRUE(cpulist_empty(&cores));
	group_partition_cpus(&host->files, &usable);
	cpulist_or(&usable, &host->topology.allowed, &usable);
	cpulist_and(&host->topology.online, &usable, &usable);
	cpulist_minus(cpus, &usable, &usable);
	CU_ASSERT_TRUE(cpulist_empty(&usable));
}

/* Loads, and nothing is refused or unknown, but for @unknown of the latter. */
static void assert_holds(const struct host_facts *host, struct found *ret, size_t unknown)
{
	struct machine_plan plan = {0};
	struct findings findings = {0};
	char line[2048];

	load(host, ret);
	CU_ASSERT_EQUAL_FATAL(flow_plan(&ret->machine, host, &plan, &findings), 0);
	if (findings_count(&findings, FINDING_REFUSED) != 0 ||
	    findings_count(&findings, FINDING_UNKNOWN) != unknown) {
		puts(ret->text);
		for (size_t i = 0; i < findings.count; i++)
			puts(diag_format(&findings.item[i].diag, line, sizeof(line)));
		CU_FAIL_FATAL("it does not hold");
	}
	for (size_t i = 0; i < ret->machine.partition_count; i++)
		assert_whole(host, &ret->machine.partition[i].cpus);
	findings_done(&findings);
	machine_plan_done(&plan);
}

static void check(const struct host_facts *host)
{
	struct found found;

	assert_holds(host, &found, 0);
	found_done(&found);
}

static void assert_cpus(const struct cpulist *cpus, const char *expected)
{
	char text[CPULIST_TEXT_MAX];

	CU_ASSERT_STRING_EQUAL(cpulist_format(cpus, text, sizeof(text)), expected);
}

static void the_usual_shapes(void)
{
	static const struct {
		struct host_shape shape;
		const char *housekeeping;
		const char *real_time;
		const char *best_effort;
	} rows[] = {
		{{.cores = 2}, "0", "1", NULL},
		{{.cores = 4}, "0", "3", "1"},
		{{.cores = 6}, "0", "4-5", "1"},
		{{.cores = 4, .threads = 2}, "0,4", "3,7", "1,5"},
		{{.cores = 8, .threads = 2}, "0-1,8-9", "6-7,14-15", "2-3,10-11"},
		{{.cores = 8, .caches = 4}, "0-1", "30-31", "2-3"},
		{{.cores = 8, .nodes = 2}, "0-1", "14-15", "2-3"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host_facts host;
		struct found found;

		host_fixture_make(&host, &rows[i].shape);
		assert_holds(&host, &found, 0);
		assert_cpus(&found.machine.housekeeping, rows[i].housekeeping);
		assert_cpus(&found.machine.partition[0].cpus, rows[i].real_time);
		CU_ASSERT_EQUAL(found.machine.partition_count, rows[i].best_effort == NULL ? 1 : 2);
		if (rows[i].best_effort != NULL && found.machine.partition_count == 2)
			assert_cpus(&found.machine.partition[1].cpus, rows[i].best_effort);
		CU_ASSERT_TRUE(found.machine.require_preempt_rt);
		found_done(&found);
		host_fixture_done(&host);
	}
}

/* What is planned of a host, made so; whoever looks then may not use the CPUs of cpuset partitions. */
static void make_so(struct host_facts *host, const struct machine_config *machine)
{
	struct machine_plan plan = {0};
	struct changes changes = {0};
	struct findings findings = {0};
	struct cpulist isolated;

	CU_ASSERT_EQUAL_FATAL(flow_plan(machine, host, &plan, &findings), 0);
	CU_ASSERT_EQUAL_FATAL(flow_changes(machine, &plan, host, &changes, &findings), 0);
	CU_ASSERT_NOT_EQUAL(changes_pending(&changes), 0);
	changes_make_so(&changes, &host->files);
	CU_ASSERT_EQUAL_FATAL(host_facts_parse(host), 0);
	group_partition_cpus(&host->files, &isolated);
	CU_ASSERT_FALSE(cpulist_empty(&isolated));
	cpulist_minus(&host->topology.allowed, &isolated, &host->topology.allowed);
	machine_plan_done(&plan);
	changes_done(&changes);
	findings_done(&findings);
}

static void a_host_that_was_cut_is_the_same_host(void)
{
	static const struct host_shape shapes[] = {
		{.cores = 2}, {.cores = 4}, {.cores = 4, .threads = 2}, {.cores = 8, .nodes = 2},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct host_facts host;
		struct found before;
		struct found after;

		host_fixture_make(&host, &shapes[i]);
		assert_holds(&host, &before, 0);
		make_so(&host, &before.machine);
		assert_holds(&host, &after, 0);
		CU_ASSERT_STRING_EQUAL(after.text, before.text);
		found_done(&after);
		/* One that somebody else has made, or that is none any more, is not ours to give. */
		host_fixture_put(&host, "/sys/fs/cgroup/bulkhead-rt/cpuset.cpus.partition",
				 "isolated invalid (Cpu list in cpuset.cpus not exclusive)");
		load(&host, &after);
		CU_ASSERT_STRING_NOT_EQUAL(after.text, before.text);
		found_done(&before);
		found_done(&after);
		host_fixture_done(&host);
	}
}

static void every_shape_up_to_large_ones(void)
{
	static const unsigned nodes[] = {1, 2, 8};
	static const unsigned caches[] = {1, 3};
	static const unsigned cores[] = {1, 2, 3, 5, 8, 16};

	for (size_t i = 0; i < 3 * 2 * 6 * 3; i++) {
		struct host_shape shape = {
			.nodes = nodes[i % 3],
			.caches = caches[i / 3 % 2],
			.cores = cores[i / 6 % 6],
			.threads = (unsigned)(i / 36) + 1,
		};
		struct host_facts host;

		host_fixture_make(&host, &shape);
		check(&host);
		host_fixture_done(&host);
	}
}

static void a_float_where_no_core_is_to_be_had(void)
{
	static const struct {
		unsigned cores, threads;
		enum candidates_lack lack;
	} rows[] = {
		{1, 1, CANDIDATES_ONE_CPU},
		{1, 2, CANDIDATES_ONE_CORE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host_shape shape = {.cores = rows[i].cores, .threads = rows[i].threads};
		struct host_facts host;
		struct found found;

		host_fixture_make(&host, &shape);
		assert_holds(&host, &found, 0);
		CU_ASSERT_EQUAL(found.discovery.candidates.lack, rows[i].lack);
		CU_ASSERT_EQUAL(found.machine.partition_count, 1);
		CU_ASSERT_TRUE(cpulist_empty(&found.machine.partition[0].cpus));
		CU_ASSERT_PTR_NOT_NULL(strstr(found.text, "# No real-time partition: "));
		found_done(&found);
		host_fixture_done(&host);
	}
}

static void offline_cpus_are_left_alone(void)
{
	static const struct host_shape shape = {.cores = 4, .threads = 2};
	struct host_facts host;
	struct found found;

	/* The boot CPU, and the sibling of another: what is left of a core is a whole one. */
	host_fixture_make(&host, &shape);
	host_fixture_offline(&host, 0);
	host_fixture_offline(&host, 7);
	assert_holds(&host, &found, 0);
	assert_cpus(&found.machine.housekeeping, "1,5");
	found_done(&found);
	/* All but one. */
	for (unsigned cpu = 1; cpu < 6; cpu++) {
		host_fixture_offline(&host, cpu);
		check(&host);
	}
	host_fixture_done(&host);

	/* All second threads. */
	host_fixture_make(&host, &shape);
	for (unsigned cpu = 4; cpu < 8; cpu++)
		host_fixture_offline(&host, cpu);
	assert_holds(&host, &found, 0);
	assert_cpus(&found.machine.partition[0].cpus, "3");
	found_done(&found);
	host_fixture_done(&host);
}

static void only_allowed_cpus_are_taken(void)
{
	static const struct host_shape shape = {.cores = 4, .threads = 2};
	struct host_facts host;
	struct found found;

	host_fixture_make(&host, &shape);
	host.topology.allowed = cut_cpus("1-3,5-6");
	assert_holds(&host, &found, 0);
	assert_cpus(&found.machine.housekeeping, "1,5");
	assert_cpus(&found.machine.partition[0].cpus, "2,6");
	CU_ASSERT_EQUAL(found.machine.partition_count, 1);
	found_done(&found);
	/* One thread of each core. */
	host.topology.allowed = cut_cpus("4-7");
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL(found.discovery.candidates.lack, CANDIDATES_NO_WHOLE);
	found_done(&found);
	host.topology.allowed = cut_cpus("");
	check(&host);
	host_fixture_done(&host);
}

static void powerful_cores_are_for_real_time(void)
{
	static const struct host_shape shape = {.cores = 12};
	struct host_facts host;
	struct found found;

	host_fixture_make(&host, &shape);
	host.topology.kinds = 2;
	for (unsigned cpu = 0; cpu < 4; cpu++)
		host.topology.cpu[cpu].kind = 1;
	assert_holds(&host, &found, 0);
	assert_cpus(&found.machine.housekeeping, "0,4");
	assert_cpus(&found.machine.partition[0].cpus, "2-3");
	assert_cpus(&found.machine.partition[1].cpus, "5-6");
	found_done(&found);
	host_fixture_done(&host);
}

static void isolated_cpus_are_for_real_time(void)
{
	static const struct host_shape shape = {.cores = 8};
	struct host_facts host;
	struct found found;

	host_fixture_make(&host, &shape);
	host_fixture_put(&host, "/proc/cmdline", "ro isolcpus=managed_irq,domain,2-3");
	host_fixture_put(&host, "/sys/devices/system/cpu/isolated", "2-3");
	assert_holds(&host, &found, 0);
	assert_cpus(&found.machine.housekeeping, "0-1");
	assert_cpus(&found.machine.partition[0].cpus, "2-3");
	assert_cpus(&found.machine.partition[1].cpus, "4-5");
	found_done(&found);
	host_fixture_done(&host);
}

static void memory_is_where_it_is(void)
{
	static const struct host_shape shape = {.nodes = 2, .cores = 4};
	struct host_facts host;
	struct found found;

	/* A node without memory: that of the real-time cores comes from where there is some, or they do. */
	host_fixture_make(&host, &shape);
	host.topology.node[1].memory_bytes = 0;
	assert_holds(&host, &found, 0);
	assert_cpus(&found.machine.partition[0].cpus, "2-3");
	found_done(&found);
	host.topology.node[0].memory_bytes = 0;
	host.topology.node[1].memory_bytes = GIB(4);
	host.topology.allowed = cut_cpus("0-3");
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL(found.machine.partition[0].memory_node, 1);
	found_done(&found);
	host_fixture_done(&host);

	/* Little of it. */
	host_fixture_make(&host, &(struct host_shape){.cores = 4, .node_bytes = MIB(512)});
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL(found.machine.partition[0].memory_bytes, MIB(32));
	found_done(&found);
	host_fixture_done(&host);
}

static void pools_are_used_where_they_are(void)
{
	static const struct host_shape shape = {.nodes = 2, .cores = 4};
	struct host_facts host;
	struct found found;

	host_fixture_make(&host, &shape);
	host_fixture_pool(&host, 1, MIB(2), 512, 300);
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL(found.machine.partition[0].page_bytes, MIB(2));
	CU_ASSERT_EQUAL(found.machine.partition[0].memory_bytes, MIB(256));
	found_done(&found);
	host_fixture_pool(&host, 1, MIB(2), 512, 4);
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL(found.machine.partition[0].page_bytes, 4096);
	found_done(&found);
	host_fixture_pool(&host, 1, GIB(1), 2, 2);
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL(found.machine.partition[0].page_bytes, GIB(1));
	CU_ASSERT_EQUAL(found.machine.partition[0].memory_bytes, GIB(1));
	found_done(&found);
	host_fixture_done(&host);
}

/* Nothing but the CPUs is known: nothing that needs a fact is claimed, and what memory needs is told. */
static void unknown_facts_are_not_claimed(void)
{
	static const struct host_shape shape = {.cores = 4, .threads = 2};
	struct host_facts host;
	struct found found;

	host_fixture_make(&host, &shape);
	host_files_done(&host.files);
	host_files_sort(&host.files);
	CU_ASSERT_EQUAL_FATAL(host_facts_parse(&host), 0);
	assert_holds(&host, &found, 0);
	CU_ASSERT_FALSE(found.machine.require_preempt_rt);
	CU_ASSERT_NOT_EQUAL(found.discovery.unknown_count, 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(found.text, "whether it is PREEMPT_RT is unknown"));
	CU_ASSERT_PTR_NOT_NULL(strstr(found.text, "# Could not be read"));
	found_done(&found);

	host.topology.node[0].memory_known = false;
	assert_holds(&host, &found, 2);
	CU_ASSERT_EQUAL(found.machine.partition[0].memory_bytes, MIB(16));
	found_done(&found);
	host_fixture_done(&host);
}

static void untold_cores_float(void)
{
	static const struct host_shape shape = {.cores = 4, .threads = 2};
	struct host_facts host;
	struct found found;

	host_fixture_make(&host, &shape);
	for (unsigned cpu = 0; cpu < 8; cpu++)
		host.topology.cpu[cpu].core = TOPOLOGY_UNKNOWN;
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL(found.discovery.candidates.lack, CANDIDATES_UNTOLD);
	found_done(&found);
	host_fixture_done(&host);

	/* Without a cache told, one core of one thread still works. */
	host_fixture_make(&host, &(struct host_shape){.cores = 4});
	for (unsigned cpu = 0; cpu < 4; cpu++)
		host.topology.cpu[cpu].cache = TOPOLOGY_UNKNOWN;
	assert_holds(&host, &found, 0);
	assert_cpus(&found.machine.partition[0].cpus, "3");
	found_done(&found);
	host_fixture_done(&host);
}

static void devices_by_group(void)
{
	struct host_facts host;
	struct found found;

	host_fixture_make(&host, &(struct host_shape){.cores = 4});
	host_fixture_device(&host, "0000:03:00.0", 0x020000, 0, 12);
	host_fixture_device(&host, "0000:04:00.0", 0x010802, 0, 13);
	host_fixture_device(&host, "0000:04:00.1", 0x0c0330, 0, 13);
	host_fixture_device(&host, "0000:05:00.0", 0x020000, 0, 14);
	host_fixture_device(&host, "0000:05:00.1", 0x0c0500, 0, 14);
	host_fixture_put(&host, "/sys/bus/pci/devices/0000:05:00.1/driver", "../drivers/i801_smbus");
	host_fixture_device(&host, "0000:06:00.0", 0x060400, 0, 15);
	host_fixture_device(&host, "0000:07:00.0", 0x020000, 0, -1);
	assert_holds(&host, &found, 0);
	CU_ASSERT_EQUAL_FATAL(found.discovery.passthrough.count, 3);
	CU_ASSERT_STRING_EQUAL(found.discovery.passthrough.device[0].pci->address, "0000:03:00.0");
	CU_ASSERT_EQUAL(found.discovery.passthrough.device[0].mates, 0);
	CU_ASSERT_EQUAL(found.discovery.passthrough.device[1].mates, 1);
	CU_ASSERT_EQUAL(found.discovery.passthrough.shared, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(found.text, "#   0000:04:00.0  NVMe "));
	found_done(&found);
	host_fixture_done(&host);
}

/* Whatever a tree says, it stays in its comment. */
static void hostile_texts_stay_in_comments(void)
{
	struct host_facts host;
	struct found found;
	json_t *tree;

	host_fixture_make(&host, &(struct host_shape){.cores = 4});
	host_fixture_device(&host, "0000:03:00.0", 0x020000, 0, 12);
	host_fixture_device(&host, "0000:0\n:00.0", 0x020000, 0, 13);
	host_fixture_put(&host, "/sys/bus/pci/devices/0000:03:00.0/driver", "x/a\n  - evil: \x1b[2J\xff");
	snprintf(host.cpu_model, sizeof(host.cpu_model), "CPU\r\nmachine: other\xe2\x80\xa8");
	snprintf(host.kernel.release, sizeof(host.kernel.release), "6.1\nhost: {}\x85");
	assert_holds(&host, &found, 0);
	CU_ASSERT_STRING_EQUAL(found.machine.name, "discovered");
	CU_ASSERT_EQUAL(found.discovery.passthrough.count, 1);
	CU_ASSERT_PTR_NULL(strchr(found.text, '\x1b'));
	CU_ASSERT_PTR_NULL(strchr(found.text, '\r'));
	CU_ASSERT_PTR_NULL(strstr(found.text, "\nhost: {}"));
	tree = discover_json(&found.discovery, found.text);
	CU_ASSERT_PTR_NOT_NULL(tree);
	json_decref(tree);
	found_done(&found);
	host_fixture_done(&host);
}

static void json_says_the_same(void)
{
	struct host_facts host;
	struct found found;
	json_t *tree;
	const char *file = NULL;

	host_fixture_make(&host, &(struct host_shape){.nodes = 2, .cores = 4, .threads = 2});
	assert_holds(&host, &found, 0);
	tree = discover_json(&found.discovery, found.text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(tree, "housekeeping")), "0-1,8-9");
	CU_ASSERT_TRUE(json_is_null(json_object_get(tree, "lack")));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(tree, "domains")), 2);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(tree, "pools")), 4);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(tree, "partitions")), 2);
	file = json_string_value(json_object_get(tree, "file"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_STRING_EQUAL(file, found.text);
	json_decref(tree);
	found_done(&found);
	host_fixture_done(&host);
}

/* A shape that no machine has: offline and forbidden CPUs, kinds and isolation at random. */
static void shuffle(struct host_facts *host, unsigned *seed)
{
	struct host_topology *topology = &host->topology;
	char text[CPULIST_TEXT_MAX];

	topology->kinds = 2;
	for (unsigned cpu = 0; cpu < topology->cpu_count; cpu++) {
		topology->cpu[cpu].kind = rand_r(seed) % 4 == 0;
		if (rand_r(seed) % 4 == 0)
			cpulist_remove(&topology->allowed, cpu);
		if (rand_r(seed) % 4 == 0)
			cpulist_add(&host->kernel.isolated, cpu);
		if (rand_r(seed) % 8 == 0)
			topology->cpu[cpu].cache = TOPOLOGY_UNKNOWN;
		if (rand_r(seed) % 4 == 0 && cpulist_count(&topology->online) > 1)
			host_fixture_offline(host, cpu);
	}
	for (size_t i = 0; i < topology->node_count; i++)
		topology->node[i].memory_bytes = (uint64_t)(rand_r(seed) % 4) * MIB(512);
	topology->node[0].memory_bytes += GIB(1);
	cpulist_format(&host->kernel.isolated, text, sizeof(text));
	host_fixture_put(host, "/sys/devices/system/cpu/isolated", text);
}

static void shapes_at_random(void)
{
	unsigned seed = 20250601;

	for (unsigned i = 0; i < 200; i++) {
		struct host_shape shape = {
			.nodes = 1 + (unsigned)rand_r(&seed) % 3,
			.caches = 1 + (unsigned)rand_r(&seed) % 3,
			.cores = 1 + (unsigned)rand_r(&seed) % 4,
			.threads = 1 + (unsigned)rand_r(&seed) % 3,
		};
		struct host_facts host;

		host_fixture_make(&host, &shape);
		shuffle(&host, &seed);
		check(&host);
		host_fixture_done(&host);
	}
}

void test_discover_register(void)
{
	CU_pSuite suite = CU_add_suite("test_discover", NULL, NULL);

	CU_ADD_TEST(suite, the_usual_shapes);
	CU_ADD_TEST(suite, a_host_that_was_cut_is_the_same_host);
	CU_ADD_TEST(suite, every_shape_up_to_large_ones);
	CU_ADD_TEST(suite, a_float_where_no_core_is_to_be_had);
	CU_ADD_TEST(suite, offline_cpus_are_left_alone);
	CU_ADD_TEST(suite, only_allowed_cpus_are_taken);
	CU_ADD_TEST(suite, powerful_cores_are_for_real_time);
	CU_ADD_TEST(suite, isolated_cpus_are_for_real_time);
	CU_ADD_TEST(suite, memory_is_where_it_is);
	CU_ADD_TEST(suite, pools_are_used_where_they_are);
	CU_ADD_TEST(suite, unknown_facts_are_not_claimed);
	CU_ADD_TEST(suite, untold_cores_float);
	CU_ADD_TEST(suite, devices_by_group);
	CU_ADD_TEST(suite, hostile_texts_stay_in_comments);
	CU_ADD_TEST(suite, json_says_the_same);
	CU_ADD_TEST(suite, shapes_at_random);
}
