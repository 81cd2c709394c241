// SPDX-License-Identifier: Apache-2.0
/* Profiles: what they lend, what they may not say, and how they stand on each other. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/config/machine.h"

void test_config_profile_register(void);

static char folder[32];

static int folder_make(void)
{
	snprintf(folder, sizeof(folder), "/tmp/bulkhead-test-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : 1;
}

static int folder_remove(void)
{
	char path[128];

	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), "%s/p%d.yaml", folder, i);
		unlink(path);
	}
	rmdir(folder);
	return 0;
}

static void profile_write(int number, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/p%d.yaml", folder, number);
	FILE *file = fopen(path, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
}

/* Loads a partition with @keys from a file in the folder. */
static int load(const char *keys, struct machine_config *ret, struct diag *why)
{
	char name[128];
	char text[1024];

	snprintf(name, sizeof(name), "%s/m.yaml", folder);
	snprintf(text, sizeof(text),
		 "machine: m\npartitions:\n  - name: p\n    memory: {size: 1G}\n"
		 "    boot: {kernel: k}\n%s\n", keys);
	return machine_load_text(text, strlen(text), name, ret, why);
}

static void built_in_profiles_lend_their_values(void)
{
	static const char *const names[] = {"industrial", "nfv", "best-effort"};
	static const uint64_t pages[] = {UINT64_C(2) << 20, UINT64_C(1) << 30, 4096};
	static const unsigned exits[] = {7, 15, 0};

	for (size_t i = 0; i < 3; i++) {
		struct machine_config machine;
		char keys[64];

		snprintf(keys, sizeof(keys), "    profile: %s", names[i]);
		CU_ASSERT_EQUAL_FATAL(load(keys, &machine, NULL), 0);
		CU_ASSERT_STRING_EQUAL(machine.partition[0].profile, names[i]);
		CU_ASSERT_EQUAL(machine.partition[0].page_bytes, pages[i]);
		CU_ASSERT_EQUAL(machine.partition[0].exits_disabled, exits[i]);
		CU_ASSERT_EQUAL(machine.partition[0].lock_memory, i != 2);
		CU_ASSERT_EQUAL(machine.partition[0].at.pages.line, 6); /* the line naming the profile */
		machine_done(&machine);
	}
}

static void the_partition_has_the_last_word(void)
{
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(load("    profile: industrial\n    exits: {disable: [pause]}\n"
				   "    schedule: {policy: other}\n    on-reboot: exit", &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].exits_disabled, EXITS_DISABLED_PAUSE);
	CU_ASSERT_EQUAL(machine.partition[0].schedule.policy, VCPU_POLICY_OTHER);
	CU_ASSERT_EQUAL(machine.partition[0].schedule.priority, 0); /* went with the profile's policy */
	CU_ASSERT_EQUAL(machine.partition[0].reboot, REBOOT_EXIT);
	CU_ASSERT_EQUAL(machine.partition[0].page_bytes, UINT64_C(2) << 20); /* key by key elsewhere */
	machine_done(&machine);
}

static void profiles_inherit_in_order(void)
{
	struct machine_config machine;

	profile_write(0, "inherits: ./p1.yaml\nmemory: {pages: 4K}\nseal: {}\n");
	profile_write(1, "memory: {pages: 2M}\nseal: {after: 1s}\nexits: {budget: 5}\n"
			 "boot: {initrd: [a, b], cmdline: quiet}\nlatency: {budget: 30us}\n");
	CU_ASSERT_EQUAL_FATAL(load("    profile: ././p0.yaml", &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].page_bytes, 4096);
	CU_ASSERT_EQUAL(machine.partition[0].seal, SEAL_NEVER);
	CU_ASSERT_EQUAL(machine.partition[0].exit_budget, 5);
	CU_ASSERT_EQUAL(machine.partition[0].initrd_count, 2);
	CU_ASSERT_STRING_EQUAL(machine.partition[0].kernel, "k");
	machine_done(&machine);

	CU_ASSERT_EQUAL_FATAL(load("    profile: ./p1.yaml\n    seal: {port: true}", &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].seal, SEAL_PORT);
	machine_done(&machine);
}

static void a_profiles_fault_names_the_profile(void)
{
	struct machine_config machine;
	struct diag why = {0};
	char path[128];

	snprintf(path, sizeof(path), "%s/p2.yaml", folder);
	profile_write(2, "memory:\n  pages: 3M\n");
	CU_ASSERT_EQUAL(load("    profile: ./p2.yaml", &machine, &why), -EINVAL);
	CU_ASSERT_STRING_EQUAL(why.file, path);
	CU_ASSERT_EQUAL(why.line, 2);
	CU_ASSERT_STRING_EQUAL(why.key, "memory.pages");
	/* Sound on its own, wrong beside the partition's values: still the profile's line. */
	profile_write(2, "lock-memory: false\n");
	CU_ASSERT_EQUAL(load("    profile: ./p2.yaml\n    schedule: {policy: fifo, priority: 1}",
			     &machine, &why), -EINVAL);
	CU_ASSERT_STRING_EQUAL(why.file, path);
	profile_write(2, "{\n");
	CU_ASSERT_EQUAL(load("    profile: ./p2.yaml", &machine, &why), -EINVAL);
	CU_ASSERT_STRING_EQUAL(why.file, path);
	CU_ASSERT_STRING_EQUAL(why.key, "");
	CU_ASSERT_EQUAL(load("    profile: /dev/null", &machine, &why), -EINVAL);
	CU_ASSERT_EQUAL(load("    profile: ./none.yaml", &machine, &why), -ENOENT);
	CU_ASSERT_EQUAL(why.line, 6);
}

static void circles_and_long_chains_are_refused(void)
{
	struct machine_config machine;
	struct diag why = {0};
	char text[64];

	profile_write(0, "inherits: ./p0.yaml\n");
	CU_ASSERT_EQUAL(load("    profile: ./p0.yaml", &machine, &why), -ELOOP);
	profile_write(1, "inherits: ./p2.yaml\n");
	profile_write(2, "inherits: ././p1.yaml\n");
	CU_ASSERT_EQUAL(load("    profile: ./p1.yaml", &machine, &why), -ELOOP);

	for (int i = 3; i < 11; i++) {
		snprintf(text, sizeof(text), i < 10 ? "inherits: ./p%d.yaml\n" : "on-reboot: exit\n", i + 1);
		profile_write(i, text);
	}
	profile_write(11, "inherits: ./p3.yaml\n");
	CU_ASSERT_EQUAL(load("    profile: ./p3.yaml", &machine, &why), 0);
	machine_done(&machine);
	CU_ASSERT_EQUAL(load("    profile: ./p11.yaml", &machine, &why), -E2BIG);
	/* The long part known already, by an earlier partition. */
	CU_ASSERT_EQUAL(load("    profile: ./p3.yaml\n"
			     "  - {name: q, profile: ./p11.yaml, boot: {kernel: k}, memory: {size: 1G}}",
			     &machine, &why), -E2BIG);
}

static void profiles_place_cpus_of_who_states_some(void)
{
	struct machine_config machine;
	const struct partition_config *p = NULL;

	CU_ASSERT_EQUAL_FATAL(load("    profile: nfv\n    cpus: 2-3", &machine, NULL), 0);
	p = &machine.partition[0];
	CU_ASSERT_EQUAL(p->within, WITHIN_NODE);
	CU_ASSERT_FALSE(p->share_cores);
	CU_ASSERT_EQUAL(p->isolation, ISOLATION_ANY);
	CU_ASSERT_FALSE(p->posted_interrupts);
	CU_ASSERT_EQUAL(p->at.within.line, 6);
	machine_done(&machine);
	/* What a profile says of CPUs is no contradiction where there are none. */
	CU_ASSERT_EQUAL_FATAL(load("    profile: best-effort\n    vcpus: 2", &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].isolation, ISOLATION_AFFINITY);
	CU_ASSERT_TRUE(machine.partition[0].share_cores);
	machine_done(&machine);
}

static void a_profiles_tasks_are_replaced_as_a_whole(void)
{
	struct machine_config machine;
	const struct guest_tasks *tasks = NULL;

	profile_write(0, "schedule: {policy: deadline}\n"
			 "tasks: {order: edf, exit-cost: 30us, set: [{name: a, period: 2ms, budget: 1ms},\n"
			 "  {name: b, period: 4ms, budget: 1ms}]}\n");
	CU_ASSERT_EQUAL_FATAL(load("    profile: ./p0.yaml", &machine, NULL), 0);
	tasks = &machine.partition[0].tasks;
	CU_ASSERT_EQUAL_FATAL(tasks->count, 2);
	CU_ASSERT_EQUAL(tasks->order, TASKS_EDF);
	CU_ASSERT_EQUAL(tasks->task[1].at.line, 6); /* the line naming the profile */
	CU_ASSERT_EQUAL(machine.partition[0].at.tasks.line, 6);
	machine_done(&machine);

	CU_ASSERT_EQUAL_FATAL(load("    profile: ./p0.yaml\n    tasks: {set: [{name: c, period: 8ms, "
				   "budget: 1ms, priority: 3}]}", &machine, NULL), 0);
	tasks = &machine.partition[0].tasks;
	CU_ASSERT_EQUAL_FATAL(tasks->count, 1);
	CU_ASSERT_EQUAL(tasks->order, TASKS_FIXED_PRIORITY);
	CU_ASSERT_EQUAL(tasks->exit_cost_ns, 10000);
	CU_ASSERT_EQUAL(tasks->task[0].at.line, 7);
	machine_done(&machine);

	CU_ASSERT_EQUAL_FATAL(load("    profile: ./p0.yaml\n    tasks: {}\n    schedule: {}", &machine,
				   NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].tasks.count, 0);
	machine_done(&machine);
}

static void options_take_the_same_rules(void)
{
	struct partition_config partition;
	struct diag why = {0};

	CU_ASSERT_EQUAL_FATAL(partition_default(&partition), 0);
	CU_ASSERT_EQUAL(partition.vcpus, 1);
	CU_ASSERT_STRING_EQUAL(partition.cmdline, "");
	CU_ASSERT_EQUAL(partition.memory_node, PARTITION_NODE_OWN);
	CU_ASSERT_EQUAL(partition.isolation, ISOLATION_ANY);
	CU_ASSERT_EQUAL(partition.within, WITHIN_CACHE);
	CU_ASSERT_EQUAL(partition.at.pages.line, 0);
	CU_ASSERT_EQUAL(partition_check(&partition, &why), -EINVAL);
	CU_ASSERT_STRING_EQUAL(why.key, "name");
	snprintf(partition.name, sizeof(partition.name), "guest");
	partition.kernel = strdup("k");
	partition.memory_bytes = UINT64_C(64) << 20;
	CU_ASSERT_EQUAL(partition_check(&partition, &why), 0);
	partition.schedule.policy = VCPU_POLICY_FIFO;
	partition.schedule.priority = 99;
	CU_ASSERT_EQUAL(partition_check(&partition, &why), -ERANGE);
	CU_ASSERT_STRING_EQUAL(why.key, "schedule.priority");
	CU_ASSERT_STRING_EQUAL(why.got, "99");
	partition_done(&partition);
	partition_done(&partition);
}

void test_config_profile_register(void)
{
	CU_pSuite suite = CU_add_suite("test_config_profile", folder_make, folder_remove);

	CU_ADD_TEST(suite, built_in_profiles_lend_their_values);
	CU_ADD_TEST(suite, the_partition_has_the_last_word);
	CU_ADD_TEST(suite, profiles_inherit_in_order);
	CU_ADD_TEST(suite, a_profiles_fault_names_the_profile);
	CU_ADD_TEST(suite, circles_and_long_chains_are_refused);
	CU_ADD_TEST(suite, profiles_place_cpus_of_who_states_some);
	CU_ADD_TEST(suite, a_profiles_tasks_are_replaced_as_a_whole);
	CU_ADD_TEST(suite, options_take_the_same_rules);
}
