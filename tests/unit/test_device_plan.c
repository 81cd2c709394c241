// SPDX-License-Identifier: Apache-2.0
/* Devices that are passed through: alone, near, and with interrupts posted. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "irq/device_plan.h"
#include "tests/unit/cut_fixture.h"

void test_device_plan_register(void);

enum {
	NIC = 0x020000,
	BRIDGE = 0x060400,
};

static const struct host_shape two_nodes = {.nodes = 2, .cores = 4};

/* struct bench - a cut, and room for the devices of two partitions. */
struct bench {
	struct cut cut;
	struct partition_device device[2][2];
};

static void set_up(struct bench *bench)
{
	memset(bench->device, 0, sizeof(bench->device));
	cut_set_up(&bench->cut, &two_nodes);
	host_fixture_device(&bench->cut.host, "0000:03:00.0", NIC, 0, 12);
}

static void add(struct bench *bench, const char *cpus, const char *address)
{
	size_t index = bench->cut.machine.partition_count;
	struct partition_config *partition = cut_add(&bench->cut, index == 0 ? "plc" : "vision", cpus);

	partition->device = bench->device[index];
	partition->device_count = 1;
	snprintf(partition->device[0].address, PCI_ADDRESS_MAX, "%s", address);
	partition->device[0].at = (struct text_place){7, 9};
}

static void find(struct bench *bench)
{
	findings_done(&bench->cut.findings);
	CU_ASSERT_EQUAL_FATAL(device_plan(&bench->cut.machine, &bench->cut.host, &bench->cut.findings), 0);
}

static void assert_one(struct bench *bench, enum finding_kind kind, const char *rule)
{
	find(bench);
	CU_ASSERT_EQUAL(cut_count(&bench->cut, rule), 1);
	CU_ASSERT_EQUAL(findings_count(&bench->cut.findings, kind), 1);
	CU_ASSERT_EQUAL(bench->cut.findings.count, 1);
}

static void set_driver(struct bench *bench, const char *address, const char *driver)
{
	char path[96];
	char target[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", address);
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	host_fixture_put(&bench->cut.host, path, target);
}

static void a_device_alone_and_near_is_fine(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "2", "0000:03:00.0");
	find(&bench);
	cut_assert_nothing(&bench.cut);
	cut_tear_down(&bench.cut);
}

static void absent_is_not_unknown(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "2", "0000:04:00.0");
	assert_one(&bench, FINDING_REFUSED, "device-absent");
	CU_ASSERT_EQUAL(bench.cut.findings.item[0].diag.line, 7);
	CU_ASSERT_STRING_EQUAL(bench.cut.findings.item[0].diag.key, "partitions[0].devices[0].vfio");
	bench.cut.host.files.complete = false;
	assert_one(&bench, FINDING_UNKNOWN, "device-unknown");
	cut_tear_down(&bench.cut);
}

static void a_device_goes_to_one_partition_once(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "2", "0000:03:00.0");
	add(&bench, "3", "0000:03:00.0");
	find(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "device-twice"), 1);
	CU_ASSERT_EQUAL(bench.cut.findings.item[0].partition, 1);
	cut_tear_down(&bench.cut);

	set_up(&bench);
	add(&bench, "2", "0000:03:00.0");
	bench.device[0][1] = bench.device[0][0];
	bench.cut.partition[0].device_count = 2;
	assert_one(&bench, FINDING_REFUSED, "device-twice");
	cut_tear_down(&bench.cut);
}

static void a_group_is_not_split(void)
{
	struct bench bench;

	set_up(&bench);
	host_fixture_device(&bench.cut.host, "0000:03:00.1", NIC, 0, 12);
	host_fixture_device(&bench.cut.host, "0000:02:00.0", BRIDGE, 0, 12);
	set_driver(&bench, "0000:02:00.0", "pcieport");
	add(&bench, "2", "0000:03:00.0");
	/* A bridge and a function without a driver are no harm. */
	find(&bench);
	cut_assert_nothing(&bench.cut);
	set_driver(&bench, "0000:03:00.1", "vfio-pci");
	find(&bench);
	cut_assert_nothing(&bench.cut);
	set_driver(&bench, "0000:03:00.1", "e1000e");
	assert_one(&bench, FINDING_REFUSED, "device-group");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.cut.findings.item[0].diag.text,
				      "group 12 together with 0000:03:00.1 (driver e1000e)"));
	/* Both to one partition, whatever drives them now. */
	bench.device[0][1] = bench.device[0][0];
	snprintf(bench.device[0][1].address, PCI_ADDRESS_MAX, "0000:03:00.1");
	bench.cut.partition[0].device_count = 2;
	find(&bench);
	cut_assert_nothing(&bench.cut);
	/* Each to another one. */
	bench.cut.partition[0].device_count = 1;
	add(&bench, "3", "0000:03:00.1");
	find(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "device-group"), 2);
	cut_tear_down(&bench.cut);
}

static void a_large_group_is_cut_short_in_words(void)
{
	struct bench bench;
	char address[PCI_ADDRESS_MAX];

	set_up(&bench);
	for (unsigned i = 0; i < 32; i++) {
		snprintf(address, sizeof(address), "0000:04:%02x.0", i);
		host_fixture_device(&bench.cut.host, address, NIC, 0, 12);
		set_driver(&bench, address, "a_driver_with_a_long_name");
	}
	add(&bench, "2", "0000:03:00.0");
	assert_one(&bench, FINDING_REFUSED, "device-group");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.cut.findings.item[0].diag.text, ", ...: the IOMMU"));
	cut_tear_down(&bench.cut);
}

static void a_virtual_function_needs_its_physical_one(void)
{
	struct bench bench;

	set_up(&bench);
	host_fixture_device(&bench.cut.host, "0000:03:02.0", NIC, 0, 13);
	host_fixture_put(&bench.cut.host, "/sys/bus/pci/devices/0000:03:02.0/physfn",
			 "../0000:03:00.0");
	add(&bench, "2", "0000:03:02.0");
	find(&bench);
	cut_assert_nothing(&bench.cut);
	add(&bench, "3", "0000:03:00.0");
	find(&bench);
	cut_assert_only(&bench.cut, FINDING_REFUSED, "device-function",
			"7:9: partitions[0].devices[0].vfio: 0000:03:02.0 is a virtual function of "
			"0000:03:00.0, which is passed to partition vision: the driver that makes it would "
			"be gone; pass 0000:03:00.0 alone, or leave it to the host and pass virtual "
			"functions of it");
	cut_tear_down(&bench.cut);
}

static void bridges_are_not_passed_through(void)
{
	struct bench bench;

	set_up(&bench);
	host_fixture_device(&bench.cut.host, "0000:02:00.0", BRIDGE, 0, 13);
	add(&bench, "2", "0000:02:00.0");
	assert_one(&bench, FINDING_REFUSED, "device-bridge");
	/* Those that no bus is behind: the host's own, and to its firmware and serial ports. */
	host_fixture_device(&bench.cut.host, "0000:00:1f.0", 0x060100, 0, 14);
	snprintf(bench.device[0][0].address, PCI_ADDRESS_MAX, "0000:00:1f.0");
	assert_one(&bench, FINDING_REFUSED, "device-bridge");
	snprintf(bench.device[0][0].address, PCI_ADDRESS_MAX, "0000:00:00.0");
	assert_one(&bench, FINDING_REFUSED, "device-bridge");
	cut_tear_down(&bench.cut);
}

static void devices_are_near(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "5", "0000:03:00.0");
	assert_one(&bench, FINDING_REFUSED, "device-node");
	bench.device[0][0].any_node = true;
	find(&bench);
	cut_assert_nothing(&bench.cut);
	bench.device[0][0].any_node = false;
	/* One of two nodes is near enough; a partition that floats is near to everything. */
	bench.cut.partition[0].cpus = cut_cpus("2,5");
	find(&bench);
	cut_assert_nothing(&bench.cut);
	bench.cut.partition[0].cpus = cut_cpus("");
	find(&bench);
	cut_assert_nothing(&bench.cut);
	/* A CPU of which no node is told. */
	bench.cut.partition[0].cpus = cut_cpus("5,4000");
	assert_one(&bench, FINDING_UNKNOWN, "device-unknown");
	cut_tear_down(&bench.cut);

	set_up(&bench);
	host_fixture_device(&bench.cut.host, "0000:05:00.0", NIC, -1, 14);
	add(&bench, "5", "0000:05:00.0");
	find(&bench);
	cut_assert_nothing(&bench.cut);
	cut_tear_down(&bench.cut);
}

static void without_an_iommu_nothing_is_passed_through(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "2", "0000:03:00.0");
	bench.cut.host.iommu = FACT_NO;
	assert_one(&bench, FINDING_REFUSED, "device-no-iommu");
	bench.cut.host.iommu = FACT_UNKNOWN;
	assert_one(&bench, FINDING_UNKNOWN, "device-unknown");
	cut_tear_down(&bench.cut);

	set_up(&bench);
	host_fixture_device(&bench.cut.host, "0000:05:00.0", NIC, 0, -1);
	add(&bench, "2", "0000:05:00.0");
	assert_one(&bench, FINDING_REFUSED, "device-no-iommu");
	cut_tear_down(&bench.cut);
}

static void posted_interrupts_are_wanted_or_required(void)
{
	struct bench bench;

	set_up(&bench);
	add(&bench, "2", "0000:03:00.0");
	bench.cut.host.posted_interrupts = FACT_NO;
	assert_one(&bench, FINDING_NOTE, "posted-absent");
	bench.cut.partition[0].posted_interrupts = true;
	assert_one(&bench, FINDING_REFUSED, "posted-absent");
	/* Who requires it is told, with devices or without; who only wants it, with them. */
	bench.cut.partition[0].device_count = 0;
	assert_one(&bench, FINDING_REFUSED, "posted-absent");
	bench.cut.partition[0].posted_interrupts = false;
	find(&bench);
	cut_assert_nothing(&bench.cut);
	bench.cut.host.posted_interrupts = FACT_UNKNOWN;
	bench.cut.partition[0].device_count = 1;
	assert_one(&bench, FINDING_NOTE, "posted-unknown");
	bench.cut.partition[0].posted_interrupts = true;
	assert_one(&bench, FINDING_UNKNOWN, "posted-unknown");
	bench.cut.host.posted_interrupts = FACT_YES;
	find(&bench);
	cut_assert_nothing(&bench.cut);
	cut_tear_down(&bench.cut);
}

void test_device_plan_register(void)
{
	CU_pSuite suite = CU_add_suite("test_device_plan", NULL, NULL);

	CU_ADD_TEST(suite, a_device_alone_and_near_is_fine);
	CU_ADD_TEST(suite, absent_is_not_unknown);
	CU_ADD_TEST(suite, a_device_goes_to_one_partition_once);
	CU_ADD_TEST(suite, a_group_is_not_split);
	CU_ADD_TEST(suite, a_large_group_is_cut_short_in_words);
	CU_ADD_TEST(suite, a_virtual_function_needs_its_physical_one);
	CU_ADD_TEST(suite, bridges_are_not_passed_through);
	CU_ADD_TEST(suite, devices_are_near);
	CU_ADD_TEST(suite, without_an_iommu_nothing_is_passed_through);
	CU_ADD_TEST(suite, posted_interrupts_are_wanted_or_required);
}
