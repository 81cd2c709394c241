// SPDX-License-Identifier: Apache-2.0
/* Drift: one event when it begins, one when it is over, and how often it is put back. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "core/cli/drift.h"

void test_drift_register(void);

#define SECOND UINT64_C(1000000000)
#define TIMER "/proc/sys/kernel/timer_migration"
#define VECTOR "/proc/irq/24/smp_affinity_list"

/* struct bench - looks one second apart, and what came of them, as a text: "began a; over a, repaired; ". */
struct bench {
	struct drift drift;
	struct drift_actions actions;
	struct changes now;
	uint64_t now_ns;
	unsigned repairs;
	bool repair_works;
	bool is_hindered;
	char told[512];
};

static bool put_back(void *context, const struct change *change)
{
	struct bench *bench = context;

	CU_ASSERT_PTR_NOT_NULL(change->value);
	bench->repairs++;
	return bench->repair_works;
}

static bool is_hindered(void *context, const struct change *change)
{
	const struct bench *bench = context;

	CU_ASSERT_PTR_NOT_NULL(change->value);
	return bench->is_hindered;
}

static void note(void *context, const struct drift_event *event)
{
	static const char *const names[] = {
		[DRIFT_BEGAN] = "began", [DRIFT_OVER] = "over", [DRIFT_GIVEN_UP] = "given up",
	};
	struct bench *bench = context;
	size_t used = strlen(bench->told);

	snprintf(bench->told + used, sizeof(bench->told) - used, "%s %s%s%s; ", names[event->kind],
		 strrchr(event->change->path, '/') + 1, event->change->old == NULL ? " absent" : "",
		 event->repaired ? ", repaired" : "");
}

static void set_up(struct bench *bench, bool repair)
{
	*bench = (struct bench){.now_ns = 100 * SECOND, .repair_works = true};
	bench->actions = (struct drift_actions){
		.repair = repair ? put_back : NULL, .hindered = is_hindered, .tell = note, .context = bench,
	};
}

static void tear_down(struct bench *bench)
{
	changes_done(&bench->now);
	drift_done(&bench->drift);
}

static void find(struct bench *bench, const char *path, const char *domain, const char *text, const char *wanted)
{
	struct change *change = changes_add(&bench->now, CHANGE_TEXT, domain, "%s", path);

	change_text(&bench->now, change, COMPARE_EXACT, text, "%s", wanted);
}

/* What the look that was prepared tells; the next one begins empty. */
static void assert_told(struct bench *bench, const char *told)
{
	bench->told[0] = '\0';
	CU_ASSERT_EQUAL(drift_look(&bench->drift, &bench->now, &bench->actions, bench->now_ns), 0);
	CU_ASSERT_STRING_EQUAL(bench->told, told);
	changes_done(&bench->now);
	bench->now_ns += SECOND;
}

static void it_is_told_once_when_it_begins_and_once_when_it_is_over(void)
{
	struct bench bench;

	set_up(&bench, false);
	find(&bench, TIMER, "kernel", "0", "0");
	find(&bench, VECTOR, "interrupts", "0-1", "0-1");
	assert_told(&bench, "");
	find(&bench, TIMER, "kernel", "1", "0");
	find(&bench, VECTOR, "interrupts", "0-1", "0-1");
	assert_told(&bench, "began timer_migration; ");
	CU_ASSERT_EQUAL(drift_active(&bench.drift), 1);
	for (int i = 0; i < 3; i++) {
		find(&bench, TIMER, "kernel", "1", "0");
		find(&bench, VECTOR, "interrupts", "0-1", "0-1");
		assert_told(&bench, "");
	}
	find(&bench, TIMER, "kernel", "0", "0");
	find(&bench, VECTOR, "interrupts", NULL, "0-1");
	assert_told(&bench, "over timer_migration; began smp_affinity_list absent; ");
	/* A device that is gone has no interrupts to be steered. */
	find(&bench, TIMER, "kernel", "0", "0");
	assert_told(&bench, "over smp_affinity_list absent; ");
	CU_ASSERT_EQUAL(drift_active(&bench.drift), 0);
	CU_ASSERT_EQUAL(bench.drift.count, 0);
	tear_down(&bench);
}

static void it_is_put_back(void)
{
	struct bench bench;

	set_up(&bench, true);
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "began timer_migration, repaired; ");
	find(&bench, TIMER, "kernel", "0", "0");
	assert_told(&bench, "over timer_migration, repaired; ");
	CU_ASSERT_EQUAL(bench.repairs, 1);

	/* At first it does not work. */
	bench.repair_works = false;
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "began timer_migration; ");
	bench.repair_works = true;
	/* Not at once: the cause may still be there. */
	for (unsigned i = 0; i < DRIFT_RETRY_NS / SECOND - 1; i++) {
		find(&bench, TIMER, "kernel", "1", "0");
		assert_told(&bench, "");
		CU_ASSERT_EQUAL(bench.repairs, 2);
	}
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "");
	CU_ASSERT_EQUAL(bench.repairs, 3);
	find(&bench, TIMER, "kernel", "0", "0");
	assert_told(&bench, "over timer_migration, repaired; ");
	tear_down(&bench);
}

static void somebody_who_goes_on_is_given_way_for_a_while(void)
{
	struct bench bench;

	set_up(&bench, true);
	for (unsigned i = 0; i < DRIFT_REPAIRS_MAX; i++) {
		find(&bench, TIMER, "kernel", "1", "0");
		assert_told(&bench, "began timer_migration, repaired; ");
		find(&bench, TIMER, "kernel", "0", "0");
		assert_told(&bench, "over timer_migration, repaired; ");
	}
	CU_ASSERT_EQUAL(bench.repairs, DRIFT_REPAIRS_MAX);
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "began timer_migration; given up timer_migration; ");
	while (bench.now_ns < 160 * SECOND) {
		find(&bench, TIMER, "kernel", "1", "0");
		assert_told(&bench, "");
	}
	CU_ASSERT_EQUAL(bench.repairs, DRIFT_REPAIRS_MAX);
	/* A minute after the first one there is room for one more. */
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "");
	CU_ASSERT_EQUAL(bench.repairs, DRIFT_REPAIRS_MAX + 1);
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "given up timer_migration; ");
	/* Others are put back all the same. */
	find(&bench, TIMER, "kernel", "1", "0");
	find(&bench, VECTOR, "interrupts", "0-3", "0-1");
	assert_told(&bench, "began smp_affinity_list, repaired; ");
	tear_down(&bench);
}

static void what_is_repaired_in_vain_is_tried_now_and_then(void)
{
	const unsigned apart = (unsigned)(DRIFT_RETRY_NS / SECOND);
	struct bench bench;

	set_up(&bench, true);
	bench.repair_works = false;
	for (unsigned i = 0; i < DRIFT_REPAIRS_MAX * apart + 5; i++) {
		find(&bench, TIMER, "kernel", "1", "0");
		assert_told(&bench, i == 0			    ? "began timer_migration; " :
				    i == DRIFT_REPAIRS_MAX * apart ? "given up timer_migration; " :
								     "");
	}
	CU_ASSERT_EQUAL(bench.repairs, DRIFT_REPAIRS_MAX);
	/* Nor is it given up for good. */
	bench.now_ns += DRIFT_WINDOW_NS;
	bench.repair_works = true;
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "");
	find(&bench, TIMER, "kernel", "0", "0");
	assert_told(&bench, "over timer_migration, repaired; ");
	tear_down(&bench);
}

/* However long it takes, and whatever was tried before. */
static void what_is_hindered_is_put_back_once_it_is_not(void)
{
	struct bench bench;

	set_up(&bench, true);
	bench.repair_works = false;
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "began timer_migration; ");
	CU_ASSERT_EQUAL(bench.repairs, 1);
	bench.is_hindered = true;
	for (unsigned i = 0; i < 100; i++) {
		find(&bench, TIMER, "kernel", "1", "0");
		assert_told(&bench, "");
	}
	CU_ASSERT_EQUAL(bench.repairs, 1);
	bench.is_hindered = false;
	bench.repair_works = true;
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "");
	CU_ASSERT_EQUAL(bench.repairs, 2);
	find(&bench, TIMER, "kernel", "0", "0");
	assert_told(&bench, "over timer_migration, repaired; ");

	/* A repair in vain a second before does not delay it either. */
	bench.repair_works = false;
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "began timer_migration; ");
	bench.is_hindered = true;
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "");
	bench.is_hindered = false;
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "");
	CU_ASSERT_EQUAL(bench.repairs, 4);
	tear_down(&bench);
}

static void an_unplugged_cpu_is_only_told_of(void)
{
	struct bench bench;

	set_up(&bench, true);
	find(&bench, "/sys/devices/system/cpu/cpu3/online", DRIFT_CPUS, "0", "1");
	assert_told(&bench, "began online; ");
	CU_ASSERT_EQUAL(bench.repairs, 0);
	assert_told(&bench, "over online; ");
	tear_down(&bench);
}

static void what_was_put_back_is_forgotten_in_time(void)
{
	struct bench bench;

	set_up(&bench, true);
	find(&bench, TIMER, "kernel", "1", "0");
	assert_told(&bench, "began timer_migration, repaired; ");
	assert_told(&bench, "over timer_migration, repaired; ");
	CU_ASSERT_EQUAL(bench.drift.count, 1);
	bench.now_ns += DRIFT_WINDOW_NS;
	assert_told(&bench, "");
	CU_ASSERT_EQUAL(bench.drift.count, 0);
	tear_down(&bench);
}

/* Kinds and threads that share a path are settings of their own. */
static void a_setting_is_known_by_kind_and_thread(void)
{
	struct bench bench;

	set_up(&bench, false);
	for (unsigned i = 0; i < 2; i++) {
		struct change *change = changes_add(&bench.now, CHANGE_AFFINITY, "threads", "/proc/9/task/9");

		change->started = 7 + i;
		change_text(&bench.now, change, COMPARE_CPUS, "0-3", "0-1");
	}
	struct change *change = changes_add(&bench.now, CHANGE_POLICY, "threads", "/proc/9/task/9");

	change_text(&bench.now, change, COMPARE_EXACT, "other", "fifo 2");
	assert_told(&bench, "began 9; began 9; began 9; ");
	CU_ASSERT_EQUAL(drift_active(&bench.drift), 3);
	tear_down(&bench);
}

void test_drift_register(void)
{
	CU_pSuite suite = CU_add_suite("test_drift", NULL, NULL);

	CU_ADD_TEST(suite, it_is_told_once_when_it_begins_and_once_when_it_is_over);
	CU_ADD_TEST(suite, it_is_put_back);
	CU_ADD_TEST(suite, somebody_who_goes_on_is_given_way_for_a_while);
	CU_ADD_TEST(suite, what_is_repaired_in_vain_is_tried_now_and_then);
	CU_ADD_TEST(suite, what_is_hindered_is_put_back_once_it_is_not);
	CU_ADD_TEST(suite, an_unplugged_cpu_is_only_told_of);
	CU_ADD_TEST(suite, what_was_put_back_is_forgotten_in_time);
	CU_ADD_TEST(suite, a_setting_is_known_by_kind_and_thread);
}
