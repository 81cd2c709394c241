// SPDX-License-Identifier: Apache-2.0
/* Machines at random, on hosts of all shapes: what the planner accepts the oracle finds sound. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "tests/oracle/hosts.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/sketch.h"

void test_oracle_register(void);

enum { SKETCHES = 700, SKETCH_BYTES = 65536 };

/* struct tally - what became of the sketches. */
struct tally {
	unsigned held;
	unsigned refused;
	unsigned unknown;
};

static void try_sketch(const struct host_facts *host, const char *text, struct tally *tally)
{
	struct machine_config machine = {0};
	struct machine_plan plan = {0};
	struct findings findings = {0};
	struct diag why = {0};
	char offence[256] = "";
	char line[2048];

	if (machine_load_text(text, strlen(text), "sketch", &machine, &why) != 0) {
		printf("\n%s\n%s\n", diag_format(&why, line, sizeof(line)), text);
		CU_FAIL_FATAL("a sketch that does not load");
	}
	CU_ASSERT_EQUAL_FATAL(flow_plan(&machine, host, &plan, &findings), 0);
	switch (flow_verdict(&findings)) {
	case FLOW_HELD:
		tally->held++;
		if (oracle_judge(&machine, host, &plan, offence, sizeof(offence)) != 0) {
			printf("\n%s\n%s\n", offence, text);
			CU_FAIL("the planner accepted what is not sound");
		}
		break;
	case FLOW_NOT_HELD:
		tally->refused++;
		break;
	case FLOW_UNKNOWN:
		tally->unknown++;
		break;
	}
	findings_done(&findings);
	machine_plan_done(&plan);
	machine_done(&machine);
}

static void what_is_accepted_is_sound(void)
{
	char *text = malloc(SKETCH_BYTES);
	struct tally all = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (unsigned shape = 0; shape < ORACLE_HOSTS; shape++) {
		struct host_facts host;

		CU_ASSERT_EQUAL_FATAL(oracle_host_make(shape, &host), 0);
		for (uint64_t seed = 1; seed <= SKETCHES; seed++) {
			sketch_machine(&host, seed, text, SKETCH_BYTES);
			try_sketch(&host, text, &all);
		}
		host_facts_done(&host);
	}
	free(text);
	/* Neither answer is for the asking. */
	CU_ASSERT_TRUE(all.held > SKETCHES / 2);
	CU_ASSERT_TRUE(all.refused > SKETCHES / 2);
	CU_ASSERT_TRUE(all.unknown > 0);
	CU_ASSERT_EQUAL(all.held + all.refused + all.unknown, ORACLE_HOSTS * SKETCHES);
}

/* struct spoilt - how a sound plan is spoilt, and what the oracle must then say. */
struct spoilt {
	void (*spoil)(struct machine_config *machine, struct machine_plan *plan);
	const char *said;
};

static void give_housekeeping_a_cpu(struct machine_config *machine, struct machine_plan *plan)
{
	(void)machine;
	cpulist_add(&plan->placement.housekeeping, 2);
}

static void take_the_boot_cpu(struct machine_config *machine, struct machine_plan *plan)
{
	cpulist_remove(&plan->placement.housekeeping, 0);
	cpulist_add(&machine->partition[0].cpus, 0);
}

static void take_the_neighbours_cpu(struct machine_config *machine, struct machine_plan *plan)
{
	(void)plan;
	cpulist_add(&machine->partition[0].cpus, 3);
}

static void leave_a_sibling(struct machine_config *machine, struct machine_plan *plan)
{
	(void)plan;
	cpulist_remove(&machine->partition[0].cpus, 34);
	cpulist_add(&machine->partition[1].cpus, 34);
}

static void lie_on_two_nodes(struct machine_config *machine, struct machine_plan *plan)
{
	(void)plan;
	cpulist_add(&machine->partition[0].cpus, 20);
	machine->partition[0].within = WITHIN_NODE;
	cpulist_remove(&plan->placement.housekeeping, 20);
	cpulist_remove(&plan->placement.housekeeping, 52);
}

static void take_too_much_memory(struct machine_config *machine, struct machine_plan *plan)
{
	machine->partition[0].memory_bytes = plan->memory.share[0].bytes = UINT64_C(65) << 30;
}

/* In pages of 2M, of which the pool holds 8 GiB: 16 more, of 16 that are free and 2 that are kept. */
static void grow_beyond_what_is_free(struct machine_config *machine, struct machine_plan *plan)
{
	machine->partition[0].page_bytes = plan->memory.share[0].page_bytes = 2 << 20;
	machine->partition[0].memory_bytes = plan->memory.share[0].bytes = UINT64_C(24) << 30;
}

static void grow_beyond_the_node(struct machine_config *machine, struct machine_plan *plan)
{
	machine->partition[0].page_bytes = plan->memory.share[0].page_bytes = 2 << 20;
	machine->partition[0].memory_bytes = plan->memory.share[0].bytes = UINT64_C(45) << 30;
}

static void move_memory_away(struct machine_config *machine, struct machine_plan *plan)
{
	(void)machine;
	plan->memory.share[0].node = 2;
}

static void reserve_too_much(struct machine_config *machine, struct machine_plan *plan)
{
	(void)machine;
	plan->reservation.schedule[1].runtime_ns *= 2;
}

static void promise_too_early(struct machine_config *machine, struct machine_plan *plan)
{
	(void)machine;
	plan->reservation.schedule[1].deadline_ns = plan->reservation.schedule[1].runtime_ns;
	plan->reservation.schedule[2].deadline_ns = plan->reservation.schedule[2].runtime_ns;
}

static void starve_the_tasks(struct machine_config *machine, struct machine_plan *plan)
{
	(void)machine;
	plan->reservation.schedule[2].runtime_ns -= 60000;
}

static void share_cache_ways(struct machine_config *machine, struct machine_plan *plan)
{
	(void)machine;
	plan->cache.share[1].l3_mask = plan->cache.share[0].l3_mask;
}

static void drop_the_partition_root(struct machine_config *machine, struct machine_plan *plan)
{
	(void)machine;
	plan->isolation.mode[1] = ISOLATION_AFFINITY;
}

static const char sound[] =
	"machine: sound\n"
	"partitions:\n"
	"  - {name: a, cpus: \"2,34\", memory: {size: 1G}, cache: {l3-ways: 2}, boot: {kernel: probe}}\n"
	"  - {name: b, cpus: 3, memory: {size: 1G}, boot: {kernel: probe},\n"
	"     placement: {siblings: shared},\n"
	"     schedule: {policy: deadline, runtime: 5ms, period: 10ms}}\n"
	"  - {name: c, cpus: 3, memory: {size: 1G}, boot: {kernel: probe},\n"
	"     placement: {siblings: shared}, schedule: {policy: deadline},\n"
	"     tasks: {order: edf, exit-cost: 10us, set: [{name: t, period: 10ms, budget: 1ms}]}}\n";

static void what_is_not_sound_is_seen(void)
{
	static const struct spoilt table[] = {
		{NULL, NULL},
		{give_housekeeping_a_cpu, "of housekeeping"},
		{take_the_boot_cpu, "boot CPU"},
		{take_the_neighbours_cpu, "a's and b's"},
		{leave_a_sibling, "shares a core"},
		{lie_on_two_nodes, "nodes"},
		{take_too_much_memory, "more memory"},
		{grow_beyond_what_is_free, "more than is free"},
		{grow_beyond_the_node, "beyond its memory"},
		{move_memory_away, "no CPU there"},
		{reserve_too_much, "not admit"},
		{promise_too_early, "misses its deadline"},
		{starve_the_tasks, "a task of c"},
		{share_cache_ways, "share cache ways"},
		{drop_the_partition_root, "no cpuset"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct machine_config machine = {0};
		struct machine_plan plan = {0};
		struct findings findings = {0};
		struct host_facts host;
		char text[256] = "";

		CU_ASSERT_EQUAL_FATAL(oracle_host_make(1, &host), 0);
		CU_ASSERT_EQUAL_FATAL(machine_load_text(sound, strlen(sound), "sound", &machine, NULL), 0);
		CU_ASSERT_EQUAL_FATAL(flow_plan(&machine, &host, &plan, &findings), 0);
		CU_ASSERT_EQUAL(flow_verdict(&findings), FLOW_HELD);
		if (table[i].spoil != NULL)
			table[i].spoil(&machine, &plan);
		CU_ASSERT_EQUAL(oracle_judge(&machine, &host, &plan, text, sizeof(text)),
				table[i].spoil != NULL);
		if (table[i].spoil != NULL && strstr(text, table[i].said) == NULL) {
			printf("\n%zu: %s\n", i, text);
			CU_FAIL("another offence was told");
		}
		findings_done(&findings);
		machine_plan_done(&plan);
		host_facts_done(&host);
		machine_done(&machine);
	}
}

void test_oracle_register(void)
{
	CU_pSuite suite = CU_add_suite("oracle", NULL, NULL);

	CU_ADD_TEST(suite, what_is_accepted_is_sound);
	CU_ADD_TEST(suite, what_is_not_sound_is_seen);
}
