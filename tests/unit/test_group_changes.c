// SPDX-License-Identifier: Apache-2.0
/* Control groups as changes: in which order, from what to what, and what stands in the way. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sched/group_changes.h"
#include "sched/isolation.h"
#include "sched/group_calls.h"
#include "tests/unit/changes_fixture.h"
#include "tests/unit/cut_fixture.h"

void test_group_changes_register(void);

#define C "/sys/fs/cgroup/"

static const struct host_shape two_nodes = {.nodes = 2, .cores = 2};

/* struct bench - a machine cut on a host, and its groups planned. */
struct bench {
	struct cut cut;
	struct isolation_plan isolation;
	struct changes changes;
};

/* plc has CPU 2, and CPU 3 is shared by two partitions with reservations; node 1 is that of CPUs 2 and 3. */
static void set_up(struct bench *bench)
{
	*bench = (struct bench){0};
	cut_set_up(&bench->cut, &two_nodes);
	host_fixture_put(&bench->cut.host, C "cgroup.subtree_control", "memory pids");
	host_fixture_put(&bench->cut.host, C "io.cost.qos", "");
	cut_add(&bench->cut, "plc", "2");
	for (unsigned i = 0; i < 2; i++)
		cut_add(&bench->cut, i == 0 ? "a" : "b", "3")->schedule.policy = VCPU_POLICY_DEADLINE;
}

static void division(const struct bench *bench, struct cpu_division *ret)
{
	*ret = (struct cpu_division){.housekeeping = bench->cut.host.topology.online};
	for (size_t i = 0; i < bench->cut.machine.partition_count; i++) {
		const struct partition_config *partition = &bench->cut.partition[i];

		if (partition->schedule.policy != VCPU_POLICY_OTHER)
			cpulist_or(&ret->partitions, &partition->cpus, &ret->partitions);
	}
	cpulist_minus(&ret->housekeeping, &ret->partitions, &ret->housekeeping);
}

static void plan_into(struct bench *bench, struct changes *ret)
{
	struct cpu_division cpus;
	struct findings aside = {0};

	division(bench, &cpus);
	isolation_plan_done(&bench->isolation);
	CU_ASSERT_EQUAL_FATAL(isolation_plan(&bench->cut.machine, &bench->cut.host, &bench->isolation, &aside),
			      0);
	findings_done(&aside);
	findings_done(&bench->cut.findings);
	CU_ASSERT_EQUAL_FATAL(group_changes(&bench->cut.machine, &bench->cut.host, &cpus, &bench->isolation,
					    ret, &bench->cut.findings), 0);
}

static void plan(struct bench *bench)
{
	changes_done(&bench->changes);
	plan_into(bench, &bench->changes);
}

static void tear_down(struct bench *bench)
{
	changes_done(&bench->changes);
	isolation_plan_done(&bench->isolation);
	cut_tear_down(&bench->cut);
}

/* "PATH" of what is made, "PATH=VALUE" of what is written, those that hold in brackets; each on its line. */
static void assert_planned(const struct bench *bench, const char *expected)
{
	char text[4096] = "";
	size_t used = 0;

	for (size_t i = 0; i < bench->changes.count; i++) {
		const struct change *change = &bench->changes.item[i];

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s%.40s%s\n",
					 change->held ? "[" : "", change->path,
					 change->value != NULL ? "=" : "",
					 change->value != NULL ? change->value : "", change->held ? "]" : "");
		CU_ASSERT_FATAL(used < sizeof(text));
		CU_ASSERT_NOT_EQUAL(change->reason[0], '\0');
	}
	if (strcmp(text, expected) != 0) {
		printf("\nexpected\n%sfound\n%s", expected, text);
		CU_FAIL("other changes");
	}
}

static const char cut_groups[] =
	C "cgroup.subtree_control=+cpuset\n"
	C "bulkhead.io\n"
	C "bulkhead.io/cgroup.type=threaded\n"
	C "bulkhead.io/cpuset.cpus=0-1\n"
	C "bulkhead.io/cpuset.mems=0-1\n"
	C "bulkhead-plc\n"
	C "bulkhead-plc/cgroup.type=threaded\n"
	C "bulkhead-plc/cpuset.cpus=2\n"
	C "bulkhead-plc/cpuset.mems=1\n"
	C "bulkhead.cpu3\n"
	C "bulkhead.cpu3/cgroup.type=threaded\n"
	C "bulkhead.cpu3/cpuset.cpus=3\n"
	C "bulkhead.cpu3/cpuset.mems=1\n"
	C "bulkhead-plc/cpuset.cpus.partition=isolated\n"
	C "bulkhead.cpu3/cpuset.cpus.partition=root\n";

static void lists_are_cut_before_partitions_take_them(void)
{
	const struct change *change;
	struct bench bench;

	set_up(&bench);
	plan(&bench);
	assert_planned(&bench, cut_groups);
	cut_assert_nothing(&bench.cut);
	change = changes_find(&bench.changes, C "cgroup.subtree_control");
	CU_ASSERT_STRING_EQUAL(change->restore, "-cpuset");
	CU_ASSERT_STRING_EQUAL(change->old, "memory pids");
	CU_ASSERT_EQUAL(change->kind, CHANGE_GROUP_TEXT);
	change = changes_find(&bench.changes, C "bulkhead-plc/cpuset.cpus.partition");
	CU_ASSERT_STRING_EQUAL(change->check, "P16-partitions");
	CU_ASSERT_PTR_NULL(change->old);
	tear_down(&bench);
}

static void what_was_applied_is_planned_the_same_and_held(void)
{
	struct changes again = {0};
	struct bench bench;

	set_up(&bench);
	cut_add(&bench.cut, "hmi", "")->schedule.policy = VCPU_POLICY_OTHER;
	bench.cut.partition[3].memory_max_bytes = (UINT64_C(128) << 20) + 5;
	plan(&bench);
	changes_make_so(&bench.changes, &bench.cut.host.files);
	/* Two words of one file. */
	host_fixture_put(&bench.cut.host, C "cgroup.subtree_control", "cpuset memory pids");
	plan_into(&bench, &again);
	assert_changes_alike(&bench.changes, &again);
	assert_changes_held(&again, "made by hand");
	CU_ASSERT_STRING_EQUAL(changes_find(&again, C "bulkhead-hmi/memory.max")->value, "134217728");
	CU_ASSERT_PTR_NULL(changes_find(&again, C "cgroup.subtree_control")->restore);

	/* One that was made invalid since is to be written again, by a word that can be put back. */
	host_fixture_put(&bench.cut.host, C "bulkhead-plc/cpuset.cpus.partition",
			 "isolated invalid (Cpu list in cpuset.cpus not exclusive)");
	changes_done(&again);
	plan_into(&bench, &again);
	CU_ASSERT_EQUAL(changes_pending(&again), 1);
	CU_ASSERT_STRING_EQUAL(changes_find(&again, C "bulkhead-plc/cpuset.cpus.partition")->restore,
			       "isolated");
	changes_done(&again);
	tear_down(&bench);
}

static void best_effort_partitions_have_their_shares(void)
{
	struct partition_config *partition;
	struct bench bench;

	set_up(&bench);
	bench.cut.machine.partition_count = 0;
	partition = cut_add(&bench.cut, "hmi", "1");
	partition->schedule.policy = VCPU_POLICY_OTHER;
	partition->isolation = ISOLATION_AFFINITY;
	partition->memory_max_bytes = UINT64_C(1) << 30;
	partition->cpu_weight = 50;
	partition->io_weight = 200;
	plan(&bench);
	assert_planned(&bench,
		       C "cgroup.subtree_control=+cpu\n"
		       C "cgroup.subtree_control=+io\n"
		       "[" C "cgroup.subtree_control=+memory]\n"
		       C "bulkhead-hmi\n"
		       C "bulkhead-hmi/cgroup.type=domain\n"
		       C "bulkhead-hmi/cpu.weight=50\n"
		       C "bulkhead-hmi/io.weight=default 200\n"
		       C "bulkhead-hmi/memory.max=1073741824\n");
	cut_assert_nothing(&bench.cut);
	/* Words of one file are settings of their own. */
	CU_ASSERT_TRUE(change_same(&bench.changes.item[0], &bench.changes.item[0]));
	CU_ASSERT_FALSE(change_same(&bench.changes.item[0], &bench.changes.item[1]));

	/* What a device has of its own stays. */
	host_fixture_put(&bench.cut.host, C "bulkhead-hmi/cgroup.type", "domain");
	host_fixture_put(&bench.cut.host, C "bulkhead-hmi/io.weight", "default 100\n8:16 300");
	plan(&bench);
	CU_ASSERT_STRING_EQUAL(changes_find(&bench.changes, C "bulkhead-hmi/io.weight")->restore,
			       "default 100");

	/* What the kernel has not. */
	host_fixture_put(&bench.cut.host, C "io.cost.qos", NULL);
	host_fixture_put(&bench.cut.host, C "cgroup.controllers", "cpuset cpu io pids");
	plan(&bench);
	CU_ASSERT_EQUAL(bench.cut.findings.count, 2);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "group-weight"), 2);
	CU_ASSERT_PTR_NULL(changes_find(&bench.changes, C "bulkhead-hmi/memory.max"));
	CU_ASSERT_PTR_NULL(changes_find(&bench.changes, C "bulkhead-hmi/io.weight"));
	CU_ASSERT_PTR_NOT_NULL(changes_find(&bench.changes, C "bulkhead-hmi/cpu.weight"));
	tear_down(&bench);
}

static void threaded_groups_have_no_shares(void)
{
	struct bench bench;

	set_up(&bench);
	bench.cut.machine.partition_count = 0;
	cut_add(&bench.cut, "hmi", "1")->schedule.policy = VCPU_POLICY_OTHER;
	bench.cut.partition[0].cpu_weight = 50;
	plan(&bench);
	cut_assert_only(&bench.cut, FINDING_NOTE, "group-weight",
			"10:11: partitions[0].weight.cpu: not kept: a partition with a cpuset is in threaded "
			"groups, which have no such limit of their own; state isolation: affinity");
	/* A CPU of its own, though the fair scheduler's, is not where other threads may be. */
	CU_ASSERT_STRING_EQUAL(changes_find(&bench.changes, C "bulkhead.io/cpuset.cpus")->value, "0,2-3");
	tear_down(&bench);
}

static void other_groups_keep_off_the_partitions(void)
{
	struct bench bench;

	set_up(&bench);
	host_fixture_put(&bench.cut.host, C "system.slice/cpuset.cpus", "0-1");
	host_fixture_put(&bench.cut.host, C "user.slice/cpuset.cpus", "");
	host_fixture_put(&bench.cut.host, C "bulkhead-old/cpuset.cpus", "2");
	host_fixture_put(&bench.cut.host, C "system.slice/x.service/cpuset.cpus", "0-3");
	plan(&bench);
	cut_assert_nothing(&bench.cut);

	host_fixture_put(&bench.cut.host, C "system.slice/cpuset.cpus", "1-2");
	plan(&bench);
	cut_assert_only(&bench.cut, FINDING_REFUSED, "group-foreign",
			"10:11: partitions[0]: CPU 2 is in control group /sys/fs/cgroup/system.slice: a CPU of "
			"two groups makes the cpuset partition invalid; systemctl set-property system.slice "
			"AllowedCPUs=0-1");
	host_fixture_put(&bench.cut.host, C "system.slice/cpuset.cpus", "");
	host_fixture_put(&bench.cut.host, C "tuned/cpuset.cpus", "3");
	plan(&bench);
	cut_assert_only(&bench.cut, FINDING_REFUSED, "group-foreign",
			"20:11: partitions[1]: CPU 3 is in control group /sys/fs/cgroup/tuned: a CPU of two "
			"groups makes the cpuset partition invalid; echo 0-1 > /sys/fs/cgroup/tuned/cpuset.cpus, "
			"or remove that group");

	/* A partition further down has taken its CPUs, whatever its parent lists. */
	host_fixture_put(&bench.cut.host, C "tuned/cpuset.cpus", NULL);
	host_fixture_put(&bench.cut.host, C "system.slice/x.service/cpuset.cpus.partition", "member");
	plan(&bench);
	cut_assert_nothing(&bench.cut);
	host_fixture_put(&bench.cut.host, C "system.slice/x.service/cpuset.cpus.partition", "isolated");
	host_fixture_put(&bench.cut.host, C "system.slice/x.service/cpuset.cpus.exclusive.effective", "3");
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "group-foreign"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.cut.findings.item[0].diag.text, "CPU 3 is in"));
	tear_down(&bench);
}

static void systemd_is_asked_to_keep_the_controllers(void)
{
	static const char file[] = "/run/systemd/system/bulkhead.slice.d/50-bulkhead.conf";
	struct changes again = {0};
	const struct change *change;
	struct bench bench;

	set_up(&bench);
	bench.cut.machine.partition_count = 1;
	host_fixture_put(&bench.cut.host, C "init.scope/cgroup.type", "domain");
	plan(&bench);
	change = &bench.changes.item[0];
	CU_ASSERT_STRING_EQUAL(change->path, "/run/systemd/system/bulkhead.slice.d");
	CU_ASSERT_EQUAL(change->kind, CHANGE_FOLDER);
	change = &bench.changes.item[1];
	CU_ASSERT_STRING_EQUAL(change->path, file);
	CU_ASSERT_EQUAL(change->kind, CHANGE_FILE);
	CU_ASSERT_EQUAL(change->after, AFTER_SYSTEMD_RELOAD);
	CU_ASSERT_PTR_NOT_NULL(strstr(change->value, "[Slice]\nAllowedCPUs=\nAllowedMemoryNodes=\n"
						     "AllowedMemoryNodes=0-1\n"));
	CU_ASSERT_PTR_NULL(strstr(change->value, "Weight"));
	change = &bench.changes.item[2];
	CU_ASSERT_STRING_EQUAL(change->path, C "bulkhead.slice");
	CU_ASSERT_EQUAL(change->kind, CHANGE_GROUP);
	CU_ASSERT_STRING_EQUAL(bench.changes.item[3].path, C "cgroup.subtree_control");

	changes_make_so(&bench.changes, &bench.cut.host.files);
	host_fixture_put(&bench.cut.host, C "bulkhead.slice/cgroup.type", "domain");
	plan_into(&bench, &again);
	assert_changes_alike(&bench.changes, &again);
	assert_changes_held(&again, "made by hand");
	changes_done(&again);

	/* Nothing to hold. */
	bench.cut.partition[0].isolation = ISOLATION_AFFINITY;
	plan(&bench);
	CU_ASSERT_PTR_NULL(changes_find(&bench.changes, file));
	tear_down(&bench);
}

static void without_version_2_nothing_is_made(void)
{
	struct bench bench;

	set_up(&bench);
	bench.cut.machine.partition_count = 1;
	host_fixture_put(&bench.cut.host, "/proc/mounts", "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0");
	plan(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	cut_assert_only(&bench.cut, FINDING_NOTE, "group-absent",
			"10:11: partitions[0]: partition plc has no control group: the host mounts cgroup "
			"version 1; boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all");
	host_fixture_put(&bench.cut.host, "/proc/mounts", "cgroup2 /mnt/cgroup cgroup2 rw 0 0");
	host_fixture_put(&bench.cut.host, "/mnt/cgroup/cgroup.controllers", "cpuset cpu");
	plan(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	CU_ASSERT_EQUAL(findings_count(&bench.cut.findings, FINDING_REFUSED), 1);
	tear_down(&bench);
}

static void what_cannot_be_read_is_unknown(void)
{
	struct bench bench;

	set_up(&bench);
	bench.cut.machine.partition_count = 1;
	host_fixture_put_error(&bench.cut.host, C "bulkhead.io/cgroup.type", EACCES);
	plan(&bench);
	cut_assert_only(&bench.cut, FINDING_UNKNOWN, "group-unknown",
			" /sys/fs/cgroup/bulkhead.io/cgroup.type could not be read (permission denied), so "
			"that it could not be put back; run as root, or capture the host again with its "
			"/sys/fs/cgroup");
	CU_ASSERT_PTR_NULL(changes_find(&bench.changes, C "bulkhead.io"));
	host_fixture_put_error(&bench.cut.host, C "cgroup.subtree_control", EACCES);
	plan(&bench);
	CU_ASSERT_TRUE(findings_count(&bench.cut.findings, FINDING_UNKNOWN) > 1);
	CU_ASSERT_PTR_NULL(changes_find(&bench.changes, C "cgroup.subtree_control"));
	tear_down(&bench);
}

static void nodes_without_memory_are_left_out(void)
{
	struct bench bench;

	set_up(&bench);
	bench.cut.machine.partition_count = 2;
	bench.cut.host.topology.node[1].memory_bytes = 0;
	plan(&bench);
	CU_ASSERT_STRING_EQUAL(changes_find(&bench.changes, C "bulkhead.io/cpuset.mems")->value, "0");
	CU_ASSERT_PTR_NULL(changes_find(&bench.changes, C "bulkhead-plc/cpuset.mems"));
	bench.cut.partition[0].memory_node = 0;
	plan(&bench);
	CU_ASSERT_STRING_EQUAL(changes_find(&bench.changes, C "bulkhead-plc/cpuset.mems")->value, "0");
	host_fixture_put(&bench.cut.host, "/sys/devices/system/node/has_memory", "0-1");
	plan(&bench);
	CU_ASSERT_STRING_EQUAL(changes_find(&bench.changes, C "bulkhead.io/cpuset.mems")->value, "0-1");
	CU_ASSERT_STRING_EQUAL(changes_find(&bench.changes, C "bulkhead.cpu3/cpuset.mems")->value, "1");
	tear_down(&bench);
}

static void invalid_partitions_are_explained(void)
{
	/* perr_strings of kernel/cgroup/cpuset.c, of several versions. */
	static const struct {
		const char *read;
		const char *said;
	} table[] = {
		{"isolated invalid (Invalid cpu list in cpuset.cpus.exclusive)", "none that it may have"},
		{"root invalid (Parent is an invalid partition root)", "invalid itself"},
		{"root invalid (Parent is not a partition root)", "no partition root"},
		{"isolated invalid (Cpu list in cpuset.cpus not exclusive)", "another control group"},
		{"root invalid (Parent unable to distribute cpu downstream)", "no CPU left"},
		{"isolated invalid (No cpu available due to hotplug)", "offline"},
		{"root invalid (cpuset.cpus is empty)", "has no CPUs"},
		{"root invalid (cpuset.cpus and cpuset.cpus.exclusive are empty)", "has no CPUs"},
		{"isolated invalid (partition config conflicts with housekeeping setup)", "isolcpus=domain"},
		{"isolated invalid (Enable partition not permitted)", "may not make"},
	};
	struct diag why = {0};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		group_invalid_explain(table[i].read, &why);
		CU_ASSERT_PTR_NOT_NULL(strstr(why.text, table[i].said));
		CU_ASSERT_STRING_EQUAL(why.got, table[i].read);
		CU_ASSERT_NOT_EQUAL(why.remedy[0], '\0');
	}
	group_invalid_explain("root invalid (Something new)", &why);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "reason of its own"));
	CU_ASSERT_STRING_EQUAL(why.remedy, "");
	why = (struct diag){0};
	group_invalid_explain("isolated", &why);
	CU_ASSERT_STRING_EQUAL(why.text, "");
}

void test_group_changes_register(void)
{
	CU_pSuite suite = CU_add_suite("group_changes", NULL, NULL);

	CU_ADD_TEST(suite, lists_are_cut_before_partitions_take_them);
	CU_ADD_TEST(suite, what_was_applied_is_planned_the_same_and_held);
	CU_ADD_TEST(suite, best_effort_partitions_have_their_shares);
	CU_ADD_TEST(suite, threaded_groups_have_no_shares);
	CU_ADD_TEST(suite, other_groups_keep_off_the_partitions);
	CU_ADD_TEST(suite, systemd_is_asked_to_keep_the_controllers);
	CU_ADD_TEST(suite, without_version_2_nothing_is_made);
	CU_ADD_TEST(suite, what_cannot_be_read_is_unknown);
	CU_ADD_TEST(suite, nodes_without_memory_are_left_out);
	CU_ADD_TEST(suite, invalid_partitions_are_explained);
}
