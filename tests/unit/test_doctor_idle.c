// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of idle states and frequencies, one spoilt fact at a time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define CPU3 "/sys/devices/system/cpu/cpu3/"
#define DRIVER "/sys/devices/system/cpu/cpuidle/current_driver"

void test_doctor_idle_register(void);

static void assert_looks(struct doctor_bench *bench, const char *id, enum doctor_verdict verdict,
			 const char *value)
{
	CU_ASSERT_EQUAL(doctor_look(bench, id), verdict);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench->result.value, value));
}

static void deep_states_are_found(void)
{
	assert_good("P22-idle-states");
	assert_spoilt("P22-idle-states", CPU3 "cpuidle/state2/disable", "0", DOCTOR_WARN, "C6 of 133 us on CPU 3",
		      "cpupower -c 3 idle-set -D 3");
	assert_spoilt("P22-idle-states", CPU3 "cpuidle/state1/latency", "10", DOCTOR_WARN, "C1 of 10 us", "cpupower");
	assert_spoilt("P22-idle-states", CPU3 "cpuidle/state2/disable", "maybe", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P22-idle-states", CPU3 "cpuidle/state2/disable", NULL, DOCTOR_UNKNOWN, "no such file", "");
	assert_spoilt("P22-idle-states", CPU3 "cpuidle/state2/latency", "", DOCTOR_UNKNOWN, "not understood", "");
	assert_unread("P22-idle-states", CPU3 "cpuidle/state0/latency");
	assert_unread("P22-idle-states", CPU3 "cpuidle/state1/latency");
	assert_unread("P22-idle-states", CPU3 "cpuidle/state2/disable");
	assert_unread("P22-idle-states", CPU3 "power/pm_qos_resume_latency_us");
}

static void limits_count(void)
{
	static const struct {
		const char *limit;
		enum doctor_verdict verdict;
		const char *value;
	} cases[] = {
		{"0", DOCTOR_WARN, "C6"},
		{"n/a", DOCTOR_PASS, "C1 of 2 us at most"}, /* of CPU 2, which has no limit */
		{"2", DOCTOR_PASS, "C1 of 2 us at most"},
		{"133", DOCTOR_WARN, "C6"},
		{"-1", DOCTOR_UNKNOWN, "not understood"},
		{"none", DOCTOR_UNKNOWN, "not understood"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct doctor_bench bench;

		doctor_set_up(&bench);
		doctor_put(&bench, CPU3 "cpuidle/state2/disable", "0");
		doctor_put(&bench, CPU3 "power/pm_qos_resume_latency_us", cases[i].limit);
		assert_looks(&bench, "P22-idle-states", cases[i].verdict, cases[i].value);
		doctor_tear_down(&bench);
	}
}

static void a_holder_softens(void)
{
	struct partition_config partition = {.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	cpulist_add(&partition.cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, CPU3 "cpuidle/state2/disable", "0");
	assert_looks(&bench, "P22-idle-states", DOCTOR_FAIL, "C6 of 133 us on CPU 3");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "hold-cpu-dma-latency: true"));
	doctor_put(&bench, "/bulkhead/cpu-dma-latency", "0");
	assert_looks(&bench, "P22-idle-states", DOCTOR_WARN, "for now somebody holds");
	partition.hold_cpu_dma_latency = true;
	assert_looks(&bench, "P22-idle-states", DOCTOR_PASS, "while they run");
	doctor_tear_down(&bench);
}

static void hosts_without_idle_states(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_remove_all(&bench, "/sys/devices/system/cpu/cpu*/cpuidle/*/*");
	assert_looks(&bench, "P22-idle-states", DOCTOR_UNKNOWN, "intel_idle, but no");
	doctor_put(&bench, DRIVER, "none");
	assert_looks(&bench, "P22-idle-states", DOCTOR_PASS, "no idle driver");
	doctor_put_error(&bench, DRIVER, EACCES);
	assert_looks(&bench, "P22-idle-states", DOCTOR_UNKNOWN, "permission denied");
	doctor_remove(&bench, DRIVER);
	assert_looks(&bench, "P22-idle-states", DOCTOR_PASS, "no idle driver");
	bench.host.files.complete = false;
	assert_looks(&bench, "P22-idle-states", DOCTOR_UNKNOWN, "cpuidle");
	doctor_tear_down(&bench);
}

static void every_state_may_be_off(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	for (const char *cpu = "23"; *cpu != '\0'; cpu++) {
		for (const char *state = "012"; *state != '\0'; state++) {
			char path[128];

			snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%c/cpuidle/state%c/disable", *cpu,
				 *state);
			doctor_put(&bench, path, "1");
		}
	}
	assert_looks(&bench, "P22-idle-states", DOCTOR_PASS, "no state is enabled");
	doctor_tear_down(&bench);
}

static void governors(void)
{
	struct doctor_bench bench;

	assert_good("P22-governor");
	assert_spoilt("P22-governor", CPU3 "cpufreq/scaling_governor", "powersave", DOCTOR_WARN,
		      "powersave on 3, driver acpi-cpufreq", "cpupower -c 2-3 frequency-set -g performance");
	assert_unread("P22-governor", CPU3 "cpufreq/scaling_governor");
	doctor_set_up(&bench);
	doctor_remove_all(&bench, "/sys/devices/system/cpu/cpu*/cpufreq/*");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P22-governor"), DOCTOR_NOT_APPLICABLE);
	bench.host.files.complete = false;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P22-governor"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

void test_doctor_idle_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_idle", NULL, NULL);

	CU_ADD_TEST(suite, deep_states_are_found);
	CU_ADD_TEST(suite, limits_count);
	CU_ADD_TEST(suite, a_holder_softens);
	CU_ADD_TEST(suite, hosts_without_idle_states);
	CU_ADD_TEST(suite, every_state_may_be_off);
	CU_ADD_TEST(suite, governors);
}
