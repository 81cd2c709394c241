// SPDX-License-Identifier: Apache-2.0
/* The plan of reservations: what is derived, what is admitted, and how a refusal reads. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sched/reservation.h"
#include "tests/unit/cut_fixture.h"

void test_reservation_register(void);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define US(n) ((uint64_t)(n) * 1000)
#define MS(n) ((uint64_t)(n) * 1000000)

#define RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
#define PERIOD "/proc/sys/kernel/sched_rt_period_us"

static const struct host_shape eight_cpus = {.cores = 8};

static void plan(struct cut *cut, struct reservation_plan *ret)
{
	findings_done(&cut->findings);
	CU_ASSERT_EQUAL_FATAL(reservation_plan(&cut->machine, &cut->host, ret, &cut->findings), 0);
	CU_ASSERT_EQUAL(ret->count, cut->machine.partition_count);
}

static void find(struct cut *cut)
{
	struct reservation_plan reservation = {0};

	plan(cut, &reservation);
	reservation_plan_done(&reservation);
}

static struct partition_config *add(struct cut *cut, const char *name, const char *cpus,
				    uint64_t runtime_ns, uint64_t period_ns)
{
	struct partition_config *partition = cut_add(cut, name, cpus);

	partition->schedule = (struct vcpu_schedule){
		.policy = VCPU_POLICY_DEADLINE, .runtime_ns = runtime_ns,
		.deadline_ns = period_ns, .period_ns = period_ns,
	};
	partition->at.schedule = (struct text_place){partition->at.cpus.line + 3, 15};
	partition->at.tasks = (struct text_place){partition->at.cpus.line + 4, 12};
	if (partition->vcpus == 0)
		partition->vcpus = 1;
	return partition;
}

static struct guest_task task(const char *name, uint64_t budget_ns, uint64_t period_ns,
			      unsigned priority)
{
	struct guest_task ret = {.period_ns = period_ns, .deadline_ns = period_ns,
				 .budget_ns = budget_ns, .priority = priority, .at = {99, 9}};

	snprintf(ret.name, sizeof(ret.name), "%s", name);
	return ret;
}

static void set_tasks(struct partition_config *partition, struct guest_task *tasks, size_t count)
{
	partition->tasks = (struct guest_tasks){.exit_cost_ns = US(10), .task = tasks, .count = count};
}

static void without_reservations_nothing_is_asked(void)
{
	struct reservation_plan reservation = {0};
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	host_fixture_put_error(&cut.host, RUNTIME, EACCES);
	cut_add(&cut, "fifo", "2-3");
	plan(&cut, &reservation);
	cut_assert_nothing(&cut);
	CU_ASSERT_EQUAL(reservation.schedule[0].policy, VCPU_POLICY_FIFO);
	CU_ASSERT_EQUAL(reservation.load_count, 0);
	reservation_plan_done(&reservation);
	cut_tear_down(&cut);
}

static void what_fits_is_admitted_with_its_load(void)
{
	struct reservation_plan reservation = {0};
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	add(&cut, "plc", "3,5", US(400), MS(1));
	add(&cut, "safety", "3", US(5500), MS(10));
	plan(&cut, &reservation);
	cut_assert_nothing(&cut);
	CU_ASSERT_EQUAL_FATAL(reservation.load_count, 2);
	CU_ASSERT_EQUAL(reservation.load[0].cpu, 3);
	CU_ASSERT_EQUAL(reservation.load[0].used_ppb, 950000000);
	CU_ASSERT_EQUAL(reservation.load[0].limit_ppb, 950000000);
	CU_ASSERT_EQUAL(reservation.load[1].cpu, 5);
	CU_ASSERT_EQUAL(reservation.load[1].used_ppb, 400000000);
	CU_ASSERT_EQUAL(reservation.schedule[1].runtime_ns, US(5500));
	reservation_plan_done(&reservation);
	cut_tear_down(&cut);
}

static void above_the_kernels_limit_is_refused(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	add(&cut, "plc", "3", US(400), MS(1));
	add(&cut, "safety", "3", US(640), MS(1));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-kernel",
			"23:15: partitions[1].schedule: CPU 3 would be reserved to 104.00 %: "
			"plc 40.00 %, safety 64.00 %; the kernel admits 95.00 % (sched_rt_runtime_us "
			"950000 of 1000000); give safety at most 550us of each 1ms, or CPUs of its own");
	/* One nanosecond is one too many. */
	cut.partition[1].schedule.runtime_ns = US(550) + 1;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-kernel"), 1);
	cut.partition[1].schedule.runtime_ns = US(550);
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

/* Those that share the same CPUs are told once, and the one that goes over is the first to do so. */
static void cpus_alike_are_told_once(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	add(&cut, "a", "2-4,6", US(500), MS(1));
	add(&cut, "b", "2-4,6", US(500), MS(1));
	add(&cut, "c", "2-4,6", US(500), MS(1));
	add(&cut, "d", "5", US(500), MS(1));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-kernel",
			"23:15: partitions[1].schedule: CPUs 2-4,6 would be reserved to 150.00 %: "
			"a 50.00 %, b 50.00 %, c 50.00 %; the kernel admits 95.00 % (sched_rt_runtime_us "
			"950000 of 1000000); give b at most 450us of each 1ms, or CPUs of its own");
	cut_tear_down(&cut);
}

static void each_cpu_is_a_root_domain_of_its_own(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	add(&cut, "a", "2-3", US(900), MS(1));
	add(&cut, "b", "3-4", US(100), MS(1));
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "CPU 3 would be"));
	cut_tear_down(&cut);
}

static void without_the_kernels_test_ours_still_holds(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	host_fixture_put(&cut.host, RUNTIME, "-1");
	add(&cut, "plc", "3", US(400), MS(1));
	add(&cut, "safety", "3", US(600), MS(1));
	find(&cut);
	cut_assert_nothing(&cut);
	cut.partition[1].schedule.runtime_ns++;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-demand",
			"23:15: partitions[1].schedule: CPU 3 would be reserved to 100.01 %: "
			"plc 40.00 %, safety 60.01 %; there is 100.00 %; give safety at most 600us of "
			"each 1ms, or CPUs of its own");
	cut_tear_down(&cut);
}

static void early_deadlines_are_refused_with_the_interval(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	add(&cut, "idle", "3", US(10), MS(10));
	add(&cut, "plc", "3", US(400), MS(2))->schedule.deadline_ns = MS(1);
	add(&cut, "safety", "3", US(700), MS(4))->schedule.deadline_ns = MS(1);
	add(&cut, "late", "3", US(10), MS(10));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-demand",
			"33:15: partitions[2].schedule: CPU 3 would have to give 1100us within 1ms: "
			"plc 400us, safety 700us; give safety a later deadline or less runtime, or CPUs of "
			"its own");
	cut_tear_down(&cut);
}

static void the_fair_server_takes_its_share(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	host_fixture_put(&cut.host, "/proc/sys/kernel/osrelease", "6.12.0-rt");
	host_fixture_put(&cut.host, "/sys/kernel/debug/sched/fair_server/cpu3/runtime", "50000000");
	host_fixture_put(&cut.host, "/sys/kernel/debug/sched/fair_server/cpu3/period", "1000000000");
	host_fixture_put(&cut.host, "/sys/kernel/debug/sched/fair_server/cpu4/runtime", "0");
	host_fixture_put(&cut.host, "/sys/kernel/debug/sched/fair_server/cpu4/period", "1000000000");
	add(&cut, "plc", "3-4", US(920), MS(1));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-kernel",
			"13:15: partitions[0].schedule: CPU 3 would be reserved to 92.00 %: plc 92.00 %; "
			"the kernel admits 90.00 % (sched_rt_runtime_us 950000 of 1000000, less 5.00 % for "
			"the fair server); give plc at most 900us of each 1ms; or "
			"switch the fair server off there: echo 0 > "
			"/sys/kernel/debug/sched/fair_server/cpu3/runtime");
	cut.partition[0].schedule.runtime_ns = US(900);
	find(&cut);
	cut_assert_nothing(&cut);
	/* It is a demand of its own where the kernel does not test. */
	host_fixture_put(&cut.host, RUNTIME, "-1");
	cut.partition[0].schedule.runtime_ns = US(960);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-demand"), 1);
	cut_tear_down(&cut);
}

static void an_unreadable_fair_server_is_assumed_and_said(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	host_fixture_put(&cut.host, "/proc/sys/kernel/osrelease", "6.12.0-rt");
	add(&cut, "plc", "3-4", US(900), MS(1));
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-fair-server"), 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].kind, FINDING_NOTE);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "CPUs 3-4 "));
	cut.partition[0].schedule.runtime_ns = US(901);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-kernel"), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-fair-server"), 1);
	cut_tear_down(&cut);
}

static void unknown_limits_are_unknown_and_ours_still_holds(void)
{
	struct reservation_plan reservation = {0};
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	host_fixture_put_error(&cut.host, RUNTIME, EACCES);
	add(&cut, "plc", "3", US(400), MS(1));
	plan(&cut, &reservation);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].kind, FINDING_UNKNOWN);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-unknown"), 1);
	CU_ASSERT_EQUAL(reservation.load[0].limit_ppb, 0);
	reservation_plan_done(&reservation);
	add(&cut, "safety", "3", US(700), MS(1));
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-unknown"), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-demand"), 1);
	cut_tear_down(&cut);
}

static void each_fact_that_is_unknown_or_absurd_is_unknown(void)
{
	static const struct {
		const char *path;
		const char *text; /* NULL: unreadable */
	} bad[] = {
		{RUNTIME, NULL}, {PERIOD, NULL}, {RUNTIME, "-2"}, {RUNTIME, "1000001"}, {PERIOD, "0"},
		{PERIOD, "-1"}, {RUNTIME, "all"},
		{"/proc/sys/kernel/sched_deadline_period_min_us", NULL},
		{"/proc/sys/kernel/sched_deadline_period_max_us", NULL},
		{"/proc/sys/kernel/sched_deadline_period_max_us", "-1"},
		{"/proc/sys/kernel/sched_deadline_period_max_us", "9223372036854775807"},
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cut cut;

		cut_set_up(&cut, &eight_cpus);
		if (bad[i].text == NULL)
			host_fixture_put_error(&cut.host, bad[i].path, ENODATA);
		else
			host_fixture_put(&cut.host, bad[i].path, bad[i].text);
		add(&cut, "plc", "3", US(400), MS(1));
		find(&cut);
		CU_ASSERT_EQUAL(cut.findings.count, 1);
		CU_ASSERT_EQUAL(cut_count(&cut, "reservation-unknown"), 1);
		cut_tear_down(&cut);
	}
}

static void a_limit_of_nothing_admits_nothing(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	host_fixture_put(&cut.host, RUNTIME, "0");
	add(&cut, "plc", "3", 1024, MS(1000));
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-kernel"), 1);
	cut_tear_down(&cut);
}

static void the_hosts_bounds_of_a_period_are_kept(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	host_fixture_put(&cut.host, "/proc/sys/kernel/sched_deadline_period_min_us", "2000");
	add(&cut, "plc", "3", US(400), MS(1));
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-period",
			"13:15: partitions[0].schedule: the kernel takes periods from 2ms to 4194304us "
			"(sched_deadline_period_{min,max}_us): got \"1ms\", allowed 2ms to 4194304us; give "
			"a longer period, or echo 1000 > /proc/sys/kernel/sched_deadline_period_min_us");
	cut.partition[0].schedule.period_ns = MS(5000);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-period"), 1);
	cut.partition[0].schedule.period_ns = MS(2);
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void what_is_no_reservation_to_the_kernel_is_refused(void)
{
	static const struct vcpu_schedule bad[] = {
		{.policy = VCPU_POLICY_DEADLINE, .runtime_ns = 1023, .deadline_ns = MS(1), .period_ns = MS(1)},
		{.policy = VCPU_POLICY_DEADLINE, .runtime_ns = MS(1), .deadline_ns = US(999), .period_ns = MS(1)},
		{.policy = VCPU_POLICY_DEADLINE, .runtime_ns = US(1), .deadline_ns = MS(2), .period_ns = MS(1)},
		{.policy = VCPU_POLICY_DEADLINE, .runtime_ns = 0, .deadline_ns = MS(1), .period_ns = MS(1)},
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cut cut;

		cut_set_up(&cut, &eight_cpus);
		add(&cut, "plc", "3", 0, 0)->schedule = bad[i];
		find(&cut);
		CU_ASSERT_EQUAL(cut.findings.count, 1);
		CU_ASSERT_EQUAL(cut_count(&cut, "reservation-runtime"), 1);
		cut_tear_down(&cut);
	}
}

static void floating_vcpus_count_against_the_cpus_of_nobody(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	cut_add(&cut, "fifo", "4-7");
	add(&cut, "float", "", US(950), MS(1))->vcpus = 3;
	find(&cut);
	cut_assert_nothing(&cut);
	add(&cut, "more", "", US(500), MS(1))->vcpus = 2;
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-kernel",
			"33:15: partitions[2].schedule: the 4 CPUs of no partition would be reserved to "
			"385.00 %: float 3 x 95.00 %, more 2 x 50.00 %; the kernel admits 380.00 % "
			"(sched_rt_runtime_us 950000 of 1000000); give more at most 475us of each 1ms, or "
			"CPUs of its own");
	cut.partition[0].cpus = cut_cpus("0-7");
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "no CPU is left"));
	cut_tear_down(&cut);
}

/* The kernel rounds the limit of one CPU down before it multiplies. */
static void nothing_floats_over_isolated_cpus(void)
{
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	add(&cut, "float", "", US(950), MS(1))->vcpus = 4;
	host_fixture_put(&cut.host, "/sys/devices/system/cpu/isolated", "4-7");
	find(&cut);
	cut_assert_nothing(&cut);
	host_fixture_put(&cut.host, "/sys/devices/system/cpu/isolated", "3-7");
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-kernel",
			"13:15: partitions[0].schedule: the 3 CPUs of no partition and not isolated would be "
			"reserved to 380.00 %: float 4 x 95.00 %; the kernel admits 285.00 % "
			"(sched_rt_runtime_us 950000 of 1000000); give float at most 712us of each 1ms, or "
			"CPUs of its own");
	cut.partition[0].vcpus = 1;
	host_fixture_put_error(&cut.host, "/sys/devices/system/cpu/isolated", EACCES);
	find(&cut);
	cut_assert_only(&cut, FINDING_UNKNOWN, "reservation-unknown",
			"13:15: partitions[0].schedule: over how many CPUs its vCPUs float is not known: "
			"/sys/devices/system/cpu/isolated could not be read; let it be read, or capture the "
			"host again with it");
	cut_tear_down(&cut);
}

static void many_floating_vcpus_are_summed_as_the_kernel_does(void)
{
	static const struct host_shape many = {.cores = 100};
	struct cut cut;

	cut_set_up(&cut, &many);
	add(&cut, "float", "", US(950), MS(1))->vcpus = 100;
	find(&cut);
	cut_assert_nothing(&cut);
	/* 0.95 x 100 in one piece: 190 halves. */
	cut.partition[0].schedule.runtime_ns = US(500);
	cut.partition[0].vcpus = 190;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-kernel"), 1);
	cut.partition[0].vcpus = 189;
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

static void a_reservation_is_derived_from_tasks(void)
{
	struct guest_task tasks[] = {task("control", US(200), MS(1), 2), task("plan", MS(2), MS(10), 1)};
	struct reservation_plan reservation = {0};
	struct partition_config *partition;
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	partition = add(&cut, "plc", "3", 0, 0);
	set_tasks(partition, tasks, 2);
	plan(&cut, &reservation);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-derived"), 1);
	CU_ASSERT_EQUAL(cut.findings.item[0].kind, FINDING_NOTE);
	CU_ASSERT_EQUAL(cut.findings.item[0].diag.line, 14);
	CU_ASSERT_TRUE(reservation.schedule[0].runtime_ns > reservation.schedule[0].period_ns * 2 / 5);
	CU_ASSERT_TRUE(reservation.schedule[0].runtime_ns < reservation.schedule[0].period_ns * 4 / 5);
	CU_ASSERT_EQUAL(reservation.schedule[0].deadline_ns, reservation.schedule[0].period_ns);
	/* What was derived serves when it is stated, and counts on its CPU. */
	CU_ASSERT_TRUE(reservation.load[0].used_ppb > 400000000);
	partition->schedule = reservation.schedule[0];
	reservation_plan_done(&reservation);
	find(&cut);
	cut_assert_nothing(&cut);
	partition->schedule.runtime_ns -= 1000;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	cut_tear_down(&cut);
}

static void a_stated_period_or_deadline_is_kept(void)
{
	struct guest_task tasks[] = {task("control", US(200), MS(5), 2)};
	struct reservation_plan reservation = {0};
	struct partition_config *partition;
	uint64_t runtime_ns;
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	partition = add(&cut, "plc", "3", 0, US(2500));
	set_tasks(partition, tasks, 1);
	plan(&cut, &reservation);
	runtime_ns = reservation.schedule[0].runtime_ns;
	CU_ASSERT_TRUE(runtime_ns != 0);
	CU_ASSERT_EQUAL(reservation.schedule[0].period_ns, US(2500));
	reservation_plan_done(&reservation);
	partition->schedule.deadline_ns = MS(2);
	plan(&cut, &reservation);
	CU_ASSERT_EQUAL(reservation.schedule[0].deadline_ns, MS(2));
	CU_ASSERT_TRUE(reservation.schedule[0].runtime_ns <= runtime_ns);
	reservation_plan_done(&reservation);
	/* Nor is a period the host does not take. */
	partition->schedule.period_ns = US(50);
	find(&cut);
	CU_ASSERT_EQUAL(findings_count(&cut.findings, FINDING_REFUSED), 1);
	cut_tear_down(&cut);
}

static void tasks_that_come_late_are_named(void)
{
	struct guest_task tasks[] = {task("control", US(200), MS(1), 2), task("plan", MS(2), MS(10), 1)};
	struct partition_config *partition;
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	partition = add(&cut, "plc", "3", US(500), MS(1));
	set_tasks(partition, tasks, 2);
	find(&cut);
	cut_assert_only(&cut, FINDING_REFUSED, "reservation-tasks",
			"99:9: partitions[0].tasks.set[0]: task control of vCPU 0 can be 220us late with "
			"500us of each 1ms (50.00 %), 10us of it for exits: its deadline is 1ms; reserve "
			"221us of each 500us (44.20 %), 10us of it for exits, the least that serves all "
			"tasks");
	partition->tasks.order = TASKS_EDF;
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "short of what all tasks need"));
	partition->schedule.runtime_ns = US(200);
	find(&cut);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text, "without bound"));
	/* Exits take all of it. */
	partition->schedule.runtime_ns = US(10);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	cut_tear_down(&cut);
}

static void tasks_that_no_reservation_serves_are_refused(void)
{
	struct guest_task tasks[] = {task("control", US(200), MS(1), 2), task("plan", MS(9), MS(10), 1)};
	struct partition_config *partition;
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	partition = add(&cut, "plc", "3", 0, 0);
	set_tasks(partition, tasks, 2);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text,
				      "task plan of vCPU 0 is late without bound with the whole CPU"));
	/* The whole CPU would do, but the kernel does not admit as much. */
	tasks[1].budget_ns = US(7500);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[0].diag.text,
				      "and its CPU has 95.00 % for partitions"));
	/* Nor what exits leave of it. */
	tasks[1].budget_ns = US(7999);
	partition->tasks.exit_cost_ns = MS(1);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	cut_tear_down(&cut);
}

/* Derived ones are summed like stated ones, and the remedy does not tell to state less. */
static void derived_reservations_are_admitted_too(void)
{
	struct guest_task tasks[] = {task("control", US(400), MS(1), 2)};
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	add(&cut, "other", "3", US(600), MS(1));
	set_tasks(add(&cut, "plc", "3", 0, 0), tasks, 1);
	find(&cut);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-derived"), 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-kernel"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(cut.findings.item[1].diag.remedy,
				      "give plc's tasks less to do, or it CPUs of its own"));
	cut_tear_down(&cut);
}

static void floating_tasks_are_refused(void)
{
	struct guest_task tasks[] = {task("control", US(100), MS(1), 2)};
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	set_tasks(add(&cut, "plc", "", US(900), MS(1)), tasks, 1);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	cut.partition[0].schedule = (struct vcpu_schedule){.policy = VCPU_POLICY_DEADLINE};
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	cut_tear_down(&cut);
}

static void tasks_beyond_a_whole_cpu_are_refused_under_any_policy(void)
{
	struct guest_task tasks[] = {task("control", US(600), MS(1), 2), task("plan", US(600), MS(1), 1)};
	struct cut cut;

	cut_set_up(&cut, &eight_cpus);
	set_tasks(cut_add(&cut, "fifo", "3-4"), tasks, 2);
	find(&cut);
	CU_ASSERT_EQUAL(cut.findings.count, 1);
	CU_ASSERT_EQUAL(cut_count(&cut, "reservation-tasks"), 1);
	tasks[1].vcpu = 1;
	find(&cut);
	cut_assert_nothing(&cut);
	cut_tear_down(&cut);
}

void test_reservation_register(void)
{
	CU_pSuite suite = CU_add_suite("reservation", NULL, NULL);

	CU_ADD_TEST(suite, without_reservations_nothing_is_asked);
	CU_ADD_TEST(suite, what_fits_is_admitted_with_its_load);
	CU_ADD_TEST(suite, above_the_kernels_limit_is_refused);
	CU_ADD_TEST(suite, cpus_alike_are_told_once);
	CU_ADD_TEST(suite, each_cpu_is_a_root_domain_of_its_own);
	CU_ADD_TEST(suite, without_the_kernels_test_ours_still_holds);
	CU_ADD_TEST(suite, early_deadlines_are_refused_with_the_interval);
	CU_ADD_TEST(suite, the_fair_server_takes_its_share);
	CU_ADD_TEST(suite, an_unreadable_fair_server_is_assumed_and_said);
	CU_ADD_TEST(suite, unknown_limits_are_unknown_and_ours_still_holds);
	CU_ADD_TEST(suite, each_fact_that_is_unknown_or_absurd_is_unknown);
	CU_ADD_TEST(suite, a_limit_of_nothing_admits_nothing);
	CU_ADD_TEST(suite, the_hosts_bounds_of_a_period_are_kept);
	CU_ADD_TEST(suite, what_is_no_reservation_to_the_kernel_is_refused);
	CU_ADD_TEST(suite, floating_vcpus_count_against_the_cpus_of_nobody);
	CU_ADD_TEST(suite, nothing_floats_over_isolated_cpus);
	CU_ADD_TEST(suite, many_floating_vcpus_are_summed_as_the_kernel_does);
	CU_ADD_TEST(suite, a_reservation_is_derived_from_tasks);
	CU_ADD_TEST(suite, a_stated_period_or_deadline_is_kept);
	CU_ADD_TEST(suite, tasks_that_come_late_are_named);
	CU_ADD_TEST(suite, tasks_that_no_reservation_serves_are_refused);
	CU_ADD_TEST(suite, derived_reservations_are_admitted_too);
	CU_ADD_TEST(suite, floating_tasks_are_refused);
	CU_ADD_TEST(suite, tasks_beyond_a_whole_cpu_are_refused_under_any_policy);
}
