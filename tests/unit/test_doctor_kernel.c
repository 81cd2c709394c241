// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of the kernel and of what it does on every CPU. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define SYSCTL "/proc/sys/kernel/"
#define MACHINE_CHECK "/sys/devices/system/machinecheck/machinecheck0/"
#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define WORKQUEUE "/sys/devices/virtual/workqueue/cpumask"

static void bare_metal(void)
{
	assert_good("K11-bare-metal");
	assert_spoilt("K11-bare-metal", "/proc/cpuinfo", "vendor_id\t: X\nflags\t\t: fpu hypervisor", DOCTOR_WARN,
		      "a virtual machine", "systemd-detect-virt");
	/* Another field with that word is no flag. */
	assert_spoilt("K11-bare-metal", "/proc/cpuinfo", "flags\nflags\t\t: fpu\nbugs\t\t: no hypervisor",
		      DOCTOR_PASS, "none", "");
	assert_spoilt("K11-bare-metal", "/proc/cpuinfo", "processor\t: 0", DOCTOR_UNKNOWN, "cpuinfo", "");
	assert_unread("K11-bare-metal", "/proc/cpuinfo");
}

void test_doctor_kernel_register(void);

static void preempt_rt(void)
{
	struct machine_config machine = {0};
	struct doctor_bench bench;

	assert_good("K1-preempt-rt");
	assert_spoilt("K1-preempt-rt", "/proc/version", "Linux version 6.12 (gcc) #1 SMP PREEMPT_DYNAMIC Debian",
		      DOCTOR_FAIL, "not PREEMPT_RT", "linux-image-rt-amd64");
	assert_unread("K1-preempt-rt", "/proc/version");
	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, "/proc/version", "Linux version 6.12 (gcc) #1 SMP Debian");
	CU_ASSERT_EQUAL(doctor_look(&bench, "K1-preempt-rt"), DOCTOR_WARN);
	machine.require_preempt_rt = true;
	CU_ASSERT_EQUAL(doctor_look(&bench, "K1-preempt-rt"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

static void release(void)
{
	struct doctor_bench bench;

	assert_good("K2-kernel-version");
	assert_spoilt("K2-kernel-version", SYSCTL "osrelease", "5.10.0-28-amd64", DOCTOR_FAIL, "Linux 5.10.0",
		      "6.1");
	doctor_set_up(&bench);
	doctor_put_error(&bench, SYSCTL "osrelease", EACCES);
	doctor_put_error(&bench, "/proc/version", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "K2-kernel-version"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static void clocksource(void)
{
	assert_good("K3-clocksource");
	assert_spoilt("K3-clocksource", CLOCKSOURCE, "hpet", DOCTOR_FAIL, "hpet", "echo tsc > " CLOCKSOURCE);
	assert_spoilt("K3-clocksource", CLOCKSOURCE, "kvm-clock", DOCTOR_WARN, "kvm-clock", "echo tsc");
	assert_unread("K3-clocksource", CLOCKSOURCE);
}

static void watchdogs(void)
{
	struct doctor_bench bench;

	assert_good("K4-nmi-watchdog");
	assert_good("K5-soft-watchdog");
	assert_spoilt("K5-soft-watchdog", SYSCTL "watchdog_cpumask", "0-3", DOCTOR_WARN, "1, on CPU 0-3",
		      "sysctl -w kernel.watchdog_cpumask=0-1");
	assert_spoilt("K5-soft-watchdog", SYSCTL "soft_watchdog", NULL, DOCTOR_PASS, "none", "");
	assert_spoilt("K5-soft-watchdog", SYSCTL "soft_watchdog", "x", DOCTOR_UNKNOWN, "soft_watchdog", "");
	assert_unread("K4-nmi-watchdog", SYSCTL "nmi_watchdog");
	assert_unread("K5-soft-watchdog", SYSCTL "soft_watchdog");
	assert_unread("K5-soft-watchdog", SYSCTL "watchdog_cpumask");
	doctor_set_up(&bench);
	doctor_put(&bench, SYSCTL "nmi_watchdog", "1");
	CU_ASSERT_EQUAL(doctor_look(&bench, "K4-nmi-watchdog"), DOCTOR_PASS);
	doctor_put(&bench, SYSCTL "watchdog_cpumask", "0-3");
	CU_ASSERT_EQUAL(doctor_look(&bench, "K4-nmi-watchdog"), DOCTOR_WARN);
	CU_ASSERT_STRING_EQUAL(bench.result.remedy, "sysctl -w kernel.nmi_watchdog=0");
	doctor_tear_down(&bench);
}

static void periodic_work(void)
{
	assert_good("K6-timer-migration");
	assert_spoilt("K6-timer-migration", SYSCTL "timer_migration", "1", DOCTOR_WARN, "1",
		      "sysctl -w kernel.timer_migration=0");
	assert_unread("K6-timer-migration", SYSCTL "timer_migration");

	assert_good("K7-hung-task");
	assert_spoilt("K7-hung-task", SYSCTL "hung_task_timeout_secs", "120", DOCTOR_WARN, "120 s",
		      "sysctl -w kernel.hung_task_timeout_secs=600");
	assert_spoilt("K7-hung-task", SYSCTL "hung_task_timeout_secs", "0", DOCTOR_PASS, "0 s", "");
	assert_unread("K7-hung-task", SYSCTL "hung_task_timeout_secs");

	assert_good("K8-workqueues");
	assert_spoilt("K8-workqueues", WORKQUEUE, "f", DOCTOR_WARN, "CPU 0-3", "echo 3 > " WORKQUEUE);
	assert_spoilt("K8-workqueues", WORKQUEUE, "", DOCTOR_UNKNOWN, WORKQUEUE, "");
	assert_unread("K8-workqueues", WORKQUEUE);

	assert_good("K10-rcu-normal");
	assert_spoilt("K10-rcu-normal", "/sys/kernel/rcu_normal", "0", DOCTOR_WARN, "0",
		      "echo 1 > /sys/kernel/rcu_normal");
	assert_unread("K10-rcu-normal", "/sys/kernel/rcu_normal");
}

static void machine_check_polling(void)
{
	assert_good("K9-machine-check-polling");
	assert_spoilt("K9-machine-check-polling", MACHINE_CHECK "ignore_ce", "0", DOCTOR_WARN,
		      "ignore_ce 0, check_interval 300", "echo 1 > " MACHINE_CHECK "ignore_ce");
	assert_spoilt("K9-machine-check-polling", MACHINE_CHECK "check_interval", NULL, DOCTOR_PASS, "none",
		      "");
	assert_unread("K9-machine-check-polling", MACHINE_CHECK "ignore_ce");
	assert_unread("K9-machine-check-polling", MACHINE_CHECK "check_interval");
}

void test_doctor_kernel_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_kernel", NULL, NULL);

	CU_add_test(suite, "PREEMPT_RT", preempt_rt);
	CU_add_test(suite, "release", release);
	CU_add_test(suite, "clocksource", clocksource);
	CU_add_test(suite, "watchdogs", watchdogs);
	CU_add_test(suite, "periodic work", periodic_work);
	CU_add_test(suite, "machine check polling", machine_check_polling);
	CU_add_test(suite, "bare metal", bare_metal);
}
