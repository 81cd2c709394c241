// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of KVM, one spoilt fact at a time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define KVM "/sys/module/kvm/parameters/"
#define INTEL "/sys/module/kvm_intel/parameters/"
#define CAPABILITIES "/bulkhead/kvm-capabilities"
#define MULTIHIT "/sys/devices/system/cpu/vulnerabilities/itlb_multihit"

void test_doctor_kvm_register(void);

static void kvm_is_there(void)
{
	struct doctor_bench bench;

	assert_good("H1-kvm-usable");
	assert_spoilt("H1-kvm-usable", CAPABILITIES, NULL, DOCTOR_FAIL, "no such file", "modprobe kvm_intel");
	assert_unread("H1-kvm-usable", CAPABILITIES);
	doctor_set_up(&bench);
	doctor_put_error(&bench, CAPABILITIES, ENOENT);
	CU_ASSERT_EQUAL(doctor_look(&bench, "H1-kvm-usable"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

static void halt_polling(void)
{
	assert_good("H2-halt-polling");
	assert_spoilt("H2-halt-polling", KVM "halt_poll_ns", "200000", DOCTOR_WARN, "200000 ns",
		      "echo 0 > /sys/module/kvm/parameters/halt_poll_ns");
	assert_unread("H2-halt-polling", KVM "halt_poll_ns");
}

static void huge_pages_are_split_and_joined(void)
{
	struct doctor_bench bench;

	assert_good("P1-nx-huge-pages");
	assert_spoilt("P1-nx-huge-pages", KVM "nx_huge_pages", "N", DOCTOR_PASS, "N", "");
	assert_spoilt("P1-nx-huge-pages", KVM "nx_huge_pages", "Y", DOCTOR_WARN, "Y, recovery ratio 0",
		      "echo N > /sys/module/kvm/parameters/nx_huge_pages");
	assert_spoilt("P1-nx-huge-pages", KVM "nx_huge_pages", "what", DOCTOR_UNKNOWN, "nx_huge_pages", "");
	assert_unread("P1-nx-huge-pages", KVM "nx_huge_pages");

	doctor_set_up(&bench);
	doctor_put(&bench, KVM "nx_huge_pages", "Y");
	doctor_put(&bench, MULTIHIT, "KVM: Mitigation: Split huge pages");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P1-nx-huge-pages"), DOCTOR_PASS);
	doctor_put(&bench, KVM "nx_huge_pages_recovery_ratio", "60");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P1-nx-huge-pages"), DOCTOR_FAIL);
	CU_ASSERT_STRING_EQUAL(bench.result.value,
			       "Y, recovery ratio 60, itlb_multihit: KVM: Mitigation: Split huge pages");
	doctor_put_error(&bench, MULTIHIT, EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P1-nx-huge-pages"), DOCTOR_UNKNOWN);
	doctor_put(&bench, MULTIHIT, "KVM: Vulnerable");
	doctor_put_error(&bench, KVM "nx_huge_pages_recovery_ratio", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P1-nx-huge-pages"), DOCTOR_UNKNOWN);
	/* A kvm that does not know "never" does not load with it. */
	doctor_put(&bench, KVM "nx_huge_pages", "Y");
	doctor_put(&bench, KVM "nx_huge_pages_recovery_ratio", "0");
	doctor_put(&bench, "/sys/devices/system/cpu/vulnerabilities/itlb_multihit", "Not affected");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P1-nx-huge-pages"), DOCTOR_WARN);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "nx_huge_pages=never"));
	doctor_put(&bench, "/proc/sys/kernel/osrelease", "6.1.0");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P1-nx-huge-pages"), DOCTOR_WARN);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "nx_huge_pages=0 >"));
	doctor_tear_down(&bench);
}

static void creating_a_guest(void)
{
	struct doctor_bench bench;

	assert_good("P2-create-vm");
	assert_unread("P2-create-vm", KVM "nx_huge_pages");
	doctor_set_up(&bench);
	doctor_put(&bench, KVM "nx_huge_pages", "N");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P2-create-vm"), DOCTOR_PASS);
	doctor_put(&bench, "/proc/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P2-create-vm"), DOCTOR_WARN);
	CU_ASSERT_STRING_EQUAL(bench.result.remedy, "mount -o remount,favordynmods /sys/fs/cgroup");
	doctor_put_error(&bench, "/proc/mounts", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P2-create-vm"), DOCTOR_UNKNOWN);
	doctor_put(&bench, "/proc/sys/kernel/osrelease", "6.14.2");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P2-create-vm"), DOCTOR_NOT_APPLICABLE);
	doctor_tear_down(&bench);
}

static void pause_loops(void)
{
	struct doctor_bench bench;

	assert_good("P4-pause-exits");
	assert_spoilt("P4-pause-exits", INTEL "ple_gap", "128", DOCTOR_WARN, "ple_gap 128",
		      "options kvm_intel ple_gap=0");
	assert_unread("P4-pause-exits", INTEL "ple_gap");

	doctor_set_up(&bench);
	doctor_remove_all(&bench, INTEL "*");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P4-pause-exits"), DOCTOR_UNKNOWN);
	doctor_put(&bench, "/sys/module/kvm_amd/parameters/pause_filter_count", "3000");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P4-pause-exits"), DOCTOR_WARN);
	CU_ASSERT_STRING_EQUAL(bench.result.value, "pause_filter_count 3000");
	doctor_put(&bench, "/sys/module/kvm_amd/parameters/pause_filter_count", "0");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P4-pause-exits"), DOCTOR_PASS);
	doctor_tear_down(&bench);
}

static void exits_that_can_be_turned_off(void)
{
	struct partition_config partition = {
		.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1},
		.exits_disabled = EXITS_DISABLED_HLT | EXITS_DISABLED_MWAIT,
	};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	assert_good("P10-disable-exits");
	assert_spoilt("P10-disable-exits", CAPABILITIES, "KVM_CAP_X86_DISABLE_EXITS 4", DOCTOR_FAIL,
		      "0x4, hlt not offered", "exits.disable");
	assert_spoilt("P10-disable-exits", CAPABILITIES, "KVM_CAP_IRQCHIP 1", DOCTOR_UNKNOWN, "DISABLE_EXITS",
		      "");
	assert_spoilt("P10-disable-exits", CAPABILITIES, "KVM_CAP_X86_DISABLE_EXITS x", DOCTOR_UNKNOWN,
		      "DISABLE_EXITS", "");
	assert_unread("P10-disable-exits", CAPABILITIES);

	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, CAPABILITIES, "X86_DISABLE_EXITS 14");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P10-disable-exits"), DOCTOR_FAIL);
	CU_ASSERT_STRING_EQUAL(bench.result.value, "0xe, mwait not offered");
	doctor_put(&bench, KVM "mitigate_smt_rsb", "Y");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P10-disable-exits"), DOCTOR_FAIL);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "nosmt"));
	doctor_tear_down(&bench);
}

static void virtual_interrupt_controller(void)
{
	assert_good("P14-apicv");
	assert_spoilt("P14-apicv", INTEL "enable_apicv", "N", DOCTOR_WARN, "enable_apicv N",
		      "modprobe -r kvm_intel");
	assert_spoilt("P14-apicv", INTEL "enable_apicv", "perhaps", DOCTOR_UNKNOWN, "enable_apicv", "");
	assert_unread("P14-apicv", INTEL "enable_apicv");
}

static void a_constant_tsc(void)
{
	struct doctor_bench bench;

	assert_good("P24-constant-tsc");
	assert_spoilt("P24-constant-tsc", "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu tsc constant_tsc",
		      DOCTOR_WARN, "constant_tsc, no nonstop_tsc", "invtsc");
	assert_spoilt("P24-constant-tsc", "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu not_constant_tsc\n",
		      DOCTOR_FAIL, "no constant_tsc", "invtsc");
	assert_spoilt("P24-constant-tsc", "/proc/cpuinfo", "processor\t: 0", DOCTOR_UNKNOWN, "cpuinfo", "");
	assert_unread("P24-constant-tsc", "/proc/cpuinfo");

	doctor_set_up(&bench);
	doctor_put(&bench, "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu");
	doctor_put(&bench, "/bulkhead/kernel-log", "kvm: RT requires X86_FEATURE_CONSTANT_TSC");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P24-constant-tsc"), DOCTOR_FAIL);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.value, "kvm refused"));
	doctor_tear_down(&bench);
}

void test_doctor_kvm_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_kvm", NULL, NULL);

	CU_add_test(suite, "KVM is there", kvm_is_there);
	CU_add_test(suite, "halt polling", halt_polling);
	CU_add_test(suite, "huge pages are split and joined", huge_pages_are_split_and_joined);
	CU_add_test(suite, "creating a guest", creating_a_guest);
	CU_add_test(suite, "PAUSE loops", pause_loops);
	CU_add_test(suite, "exits that can be turned off", exits_that_can_be_turned_off);
	CU_add_test(suite, "virtual interrupt controller", virtual_interrupt_controller);
	CU_add_test(suite, "a constant TSC", a_constant_tsc);
}
