// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of passed-through devices, one spoilt fact at a time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define CAP "/sys/class/iommu/dmar0/intel-iommu/cap"
#define APICV "/sys/module/kvm_intel/parameters/enable_apicv"
#define DEVICE "/sys/bus/pci/devices/0000:03:00.0/"
#define SECOND "/bulkhead/later/proc/interrupts"

void test_doctor_devices_register(void);

static void assert_looks(struct doctor_bench *bench, const char *id, enum doctor_verdict verdict,
			 const char *value)
{
	CU_ASSERT_EQUAL(doctor_look(bench, id), verdict);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench->result.value, value));
}

/* struct one_device - a machine of a partition with one device. */
struct one_device {
	struct partition_device device;
	struct partition_config partition;
	struct machine_config machine;
};

static void one_device(struct one_device *one, struct doctor_bench *bench)
{
	*one = (struct one_device){
		.device = {.address = "0000:03:00.0"},
		.partition = {.device_count = 1, .schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}},
		.machine = {.partition_count = 1},
	};
	one->partition.device = &one->device;
	one->machine.partition = &one->partition;
	doctor_set_up(bench);
	bench->machine = &one->machine;
}

static void posting_can_be_had(void)
{
	assert_good("P11-posted");
	assert_spoilt("P11-posted", APICV, "N", DOCTOR_WARN, "enable_apicv is N", "enable_apicv=1");
	assert_spoilt("P11-posted", "/proc/interrupts", "     CPU0\n 24:   1  PCI-MSI-0000:00:17.0  0-edge  ahci",
		      DOCTOR_WARN, "no interrupt is remapped", "dmesg | grep -i remapping");
	assert_unread("P11-posted", "/proc/interrupts");
	assert_spoilt("P11-posted", "/proc/cmdline", "quiet intremap=off", DOCTOR_WARN, "intremap=off",
		      "take intremap=off off");
	assert_spoilt("P11-posted", CAP, "d2008c40660462", DOCTOR_WARN, "does without", "one exit for each");
	assert_unread("P11-posted", APICV);
	assert_unread("P11-posted", CAP);
}

static void posting_that_is_required_fails(void)
{
	struct doctor_bench bench;
	struct one_device one;

	one_device(&one, &bench);
	doctor_put(&bench, CAP, "d2008c40660462");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P11-posted"), DOCTOR_WARN);
	one.partition.posted_interrupts = true;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P11-posted"), DOCTOR_FAIL);
	doctor_remove(&bench, DEVICE "iommu_group");
	doctor_remove_all(&bench, "/sys/class/iommu/*/*/*");
	assert_looks(&bench, "P11-posted", DOCTOR_FAIL, "no IOMMU is in use");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "intel_iommu=on"));
	assert_looks(&bench, "D1-iommu", DOCTOR_FAIL, "not in use");
	doctor_tear_down(&bench);
}

#define VFIO(first, second) \
	"  CPU0 CPU1 CPU2 CPU3\n" \
	" 45: 0 0 " first " 0 IR-PCI-MSIX-0000:03:00.0 0-edge vfio-msix[0](0000:03:00.0)\n" \
	" 46: 0 0 " second " 0 IR-PCI-MSIX-0000:03:00.0 1-edge vfio-msix[1](0000:03:00.0)\n"

static void posting_is_seen_in_use(void)
{
	struct doctor_bench bench;

	assert_good("P11-posting-in-use");
	assert_spoilt("P11-posting-in-use", SECOND, VFIO("507", "0"), DOCTOR_WARN,
		      "in 500 ms: IRQ 45 vfio-msix[0](0000:03:00.0) +500", "disable --now irqbalance");
	assert_spoilt("P11-posting-in-use", SECOND, VFIO("7", "x"), DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P11-posting-in-use", SECOND, "CPU0 CPU1 CPU2 CPU3\n 3: 1 1 1 1 IO-APIC 3-edge ttyS0\n",
		      DOCTOR_NOT_APPLICABLE, "no device is passed through now", "");
	assert_unread("P11-posting-in-use", SECOND);
	assert_unread("P11-posting-in-use", "/proc/interrupts");

	doctor_set_up(&bench);
	doctor_put(&bench, APICV, "N");
	assert_looks(&bench, "P11-posting-in-use", DOCTOR_UNKNOWN, "or the devices were silent");
	doctor_tear_down(&bench);
}

static void the_iommu_is_in_use(void)
{
	assert_good("D1-iommu");
	assert_spoilt("D1-iommu", DEVICE "iommu_group", NULL, DOCTOR_WARN, "not in use", "VT-d");
	assert_unread("D1-iommu", DEVICE "iommu_group");
}

static void devices_have_the_right_driver(void)
{
	struct doctor_bench bench;
	struct one_device one;

	one_device(&one, &bench);
	assert_looks(&bench, "D2-vfio-bound", DOCTOR_PASS, "all 1");
	doctor_put(&bench, DEVICE "driver", "../../../bus/pci/drivers/igb");
	assert_looks(&bench, "D2-vfio-bound", DOCTOR_FAIL, "0000:03:00.0: igb");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "echo 0000:03:00.0 > " DEVICE "driver/unbind"));
	doctor_remove(&bench, DEVICE "driver");
	assert_looks(&bench, "D2-vfio-bound", DOCTOR_FAIL, "no driver");
	CU_ASSERT_PTR_NULL(strstr(bench.result.remedy, "unbind"));
	doctor_put_error(&bench, DEVICE "driver", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "D2-vfio-bound"), DOCTOR_UNKNOWN);
	doctor_remove_all(&bench, DEVICE "*");
	assert_looks(&bench, "D2-vfio-bound", DOCTOR_FAIL, "is not on this host");
	bench.host.files.complete = false;
	CU_ASSERT_EQUAL(doctor_look(&bench, "D2-vfio-bound"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static void files_without_devices_need_nothing(void)
{
	static const char *const checks[] = {"P11-posted", "P11-posting-in-use", "D1-iommu", "D2-vfio-bound"};
	struct doctor_bench bench;
	struct one_device one;

	one_device(&one, &bench);
	one.partition.device_count = 0;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		CU_ASSERT_EQUAL(doctor_look(&bench, checks[i]), DOCTOR_NOT_APPLICABLE);
	bench.machine = NULL;
	CU_ASSERT_EQUAL(doctor_look(&bench, "D2-vfio-bound"), DOCTOR_NOT_APPLICABLE);
	doctor_tear_down(&bench);
}

void test_doctor_devices_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_devices", NULL, NULL);

	CU_ADD_TEST(suite, posting_can_be_had);
	CU_ADD_TEST(suite, posting_that_is_required_fails);
	CU_ADD_TEST(suite, posting_is_seen_in_use);
	CU_ADD_TEST(suite, the_iommu_is_in_use);
	CU_ADD_TEST(suite, devices_have_the_right_driver);
	CU_ADD_TEST(suite, files_without_devices_need_nothing);
}
