// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of guests' timers. */
#include <CUnit/CUnit.h>
#include <errno.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define KVM "/sys/module/kvm/parameters/"
#define INTEL "/sys/module/kvm_intel/parameters/"

void test_doctor_timers_register(void);

static void kvmclock_synchronization(void)
{
	struct doctor_bench bench;

	assert_good("P3-kvmclock-sync");
	assert_spoilt("P3-kvmclock-sync", KVM "kvmclock_periodic_sync", "Y", DOCTOR_WARN, "Y",
		      "options kvm kvmclock_periodic_sync=0");
	assert_spoilt("P3-kvmclock-sync", KVM "kvmclock_periodic_sync", "", DOCTOR_UNKNOWN, "sync", "");
	assert_spoilt("P3-kvmclock-sync", KVM "kvmclock_periodic_sync", NULL, DOCTOR_PASS, "no periodic", "");
	assert_unread("P3-kvmclock-sync", KVM "kvmclock_periodic_sync");

	/* Absent because the module is not loaded: nothing is known of what it will do. */
	doctor_set_up(&bench);
	doctor_remove_all(&bench, KVM "*");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P3-kvmclock-sync"), DOCTOR_UNKNOWN);
	CU_ASSERT_STRING_EQUAL(bench.result.remedy, "modprobe kvm");
	doctor_tear_down(&bench);
}

static void timers_on_other_cpus(void)
{
	struct partition_config partition = {
		.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1},
		.exits_disabled = EXITS_DISABLED_PAUSE,
	};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	assert_good("P9-guest-timer");
	assert_spoilt("P9-guest-timer", KVM "pi_inject_timer", "1", DOCTOR_WARN, "as nohz_full sets it",
		      "echo 0 > /sys/module/kvm/parameters/pi_inject_timer");
	assert_spoilt("P9-guest-timer", KVM "pi_inject_timer", "-1", DOCTOR_UNKNOWN, "pi_inject_timer -1",
		      "modprobe kvm_intel");
	assert_spoilt("P9-guest-timer", KVM "pi_inject_timer", "2", DOCTOR_UNKNOWN, "pi_inject_timer", "");
	assert_spoilt("P9-guest-timer", KVM "pi_inject_timer", NULL, DOCTOR_UNKNOWN, "pi_inject_timer", "");
	assert_unread("P9-guest-timer", KVM "pi_inject_timer");

	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, KVM "pi_inject_timer", "1");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-guest-timer"), DOCTOR_NOT_APPLICABLE);
	partition.exits_disabled = EXITS_DISABLED_MWAIT;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-guest-timer"), DOCTOR_WARN);
	doctor_tear_down(&bench);
}

static void injection_needs_apicv(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put(&bench, "/sys/module/kvm/parameters/pi_inject_timer", "1");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-guest-timer"), DOCTOR_WARN);
	doctor_put_error(&bench, INTEL "enable_apicv", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-guest-timer"), DOCTOR_WARN);
	doctor_put(&bench, INTEL "enable_apicv", "N");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-guest-timer"), DOCTOR_PASS);
	doctor_tear_down(&bench);
}

static void preemption_timer(void)
{
	struct partition_config partition = {
		.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}, .exits_disabled = EXITS_DISABLED_HLT,
	};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	assert_good("P9-preemption-timer");
	assert_spoilt("P9-preemption-timer", INTEL "preemption_timer", "N", DOCTOR_WARN, "N",
		      "options kvm_intel preemption_timer=1");
	assert_unread("P9-preemption-timer", INTEL "preemption_timer");
	doctor_set_up(&bench);
	bench.machine = &machine;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-preemption-timer"), DOCTOR_PASS);
	/* KVM does without it for a guest that may wait by MWAIT. */
	partition.exits_disabled |= EXITS_DISABLED_MWAIT;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-preemption-timer"), DOCTOR_WARN);
	bench.machine = NULL;
	doctor_remove_all(&bench, INTEL "*");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-preemption-timer"), DOCTOR_UNKNOWN);
	doctor_put(&bench, "/sys/module/kvm_amd/parameters/avic", "Y");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P9-preemption-timer"), DOCTOR_NOT_APPLICABLE);
	doctor_tear_down(&bench);
}

void test_doctor_timers_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_timers", NULL, NULL);

	CU_add_test(suite, "kvmclock's synchronization", kvmclock_synchronization);
	CU_add_test(suite, "timers on other CPUs", timers_on_other_cpus);
	CU_add_test(suite, "injection needs APICv", injection_needs_apicv);
	CU_add_test(suite, "preemption timer", preemption_timer);
}
