// SPDX-License-Identifier: Apache-2.0
/* Interrupts off partition CPUs: which are moved and where to, which are not, and what irqbalance is told. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/change.h"
#include "irq/balancer_changes.h"
#include "irq/interrupt_changes.h"
#include "tests/unit/cut_fixture.h"
#include "tests/unit/thread_facts.h"

#define DEFAULT_AFFINITY "/proc/irq/default_smp_affinity"
#define FIXED "/bulkhead/fixed-interrupts"
#define UNIT "/usr/lib/systemd/system/irqbalance.service"

void test_interrupt_changes_register(void);

/* struct bench - CPUs 2 and 3 of four are a partition's, and three devices have interrupts. */
struct bench {
	struct cut cut;
	struct cpu_division cpus;
	struct changes changes;
};

static void put(struct bench *bench, const char *path, const char *text)
{
	host_fixture_put(&bench->cut.host, path, text);
}

static void put_interrupt(struct bench *bench, unsigned number, const char *requested, const char *effective,
			  const char *actions)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/irq/%u/smp_affinity_list", number);
	put(bench, path, requested);
	snprintf(path, sizeof(path), "/proc/irq/%u/effective_affinity_list", number);
	put(bench, path, effective);
	snprintf(path, sizeof(path), "/sys/kernel/irq/%u/actions", number);
	put(bench, path, actions);
}

static void set_up(struct bench *bench)
{
	static const struct host_shape four = {.cores = 4};

	cut_set_up(&bench->cut, &four);
	bench->cpus = (struct cpu_division){.partitions = cut_cpus("2-3"), .housekeeping = cut_cpus("0-1")};
	bench->changes = (struct changes){0};
	put(bench, DEFAULT_AFFINITY, "f");
	put(bench, FIXED, "0 36");
	put_interrupt(bench, 0, "0-3", "0", "timer");
	put_interrupt(bench, 24, "0-3", "2", "ahci");
	put_interrupt(bench, 25, "3", "3", "eth0-rx-0");
	put_interrupt(bench, 26, "0", "0", "ttyS0");
	put_interrupt(bench, 36, "2", "2", "nvme0q1");
}

static void tear_down(struct bench *bench)
{
	changes_done(&bench->changes);
	cut_tear_down(&bench->cut);
}

static void run(struct bench *bench)
{
	changes_done(&bench->changes);
	findings_done(&bench->cut.findings);
	bench->cut.findings = (struct findings){0};
	CU_ASSERT_EQUAL_FATAL(interrupt_changes(&bench->cut.host, &bench->cpus, &bench->changes,
						&bench->cut.findings), 0);
}

static const struct change *find(const struct bench *bench, const char *path)
{
	for (size_t i = 0; i < bench->changes.count; i++) {
		if (strcmp(bench->changes.item[i].path, path) == 0)
			return &bench->changes.item[i];
	}
	return NULL;
}

static size_t place_of(const struct bench *bench, const char *path)
{
	const struct change *change = find(bench, path);

	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	return (size_t)(change - bench->changes.item);
}

static void assert_value(const struct bench *bench, const char *path, const char *value, bool held)
{
	const struct change *change = find(bench, path);

	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	CU_ASSERT_STRING_EQUAL(change->value, value);
	CU_ASSERT_EQUAL(change->held, held);
	CU_ASSERT_STRING_EQUAL(change->domain, "interrupts");
	CU_ASSERT_NOT_EQUAL(change->reason[0], '\0');
}

/* What apply would do to the host. */
static void apply(struct bench *bench)
{
	for (size_t i = 0; i < bench->changes.count; i++)
		put(bench, bench->changes.item[i].path, bench->changes.item[i].value);
}

/* On the host as it is after apply the same settings are wanted, and all of them hold. */
static void assert_fixed_point(struct bench *bench)
{
	struct changes before;

	run(bench);
	apply(bench);
	before = bench->changes;
	bench->changes = (struct changes){0};
	run(bench);
	CU_ASSERT_EQUAL(changes_pending(&bench->changes), 0);
	CU_ASSERT_EQUAL(bench->changes.count, before.count);
	for (size_t i = 0; i < before.count && i < bench->changes.count; i++) {
		CU_ASSERT_STRING_EQUAL(bench->changes.item[i].path, before.item[i].path);
		CU_ASSERT_STRING_EQUAL(bench->changes.item[i].value, before.item[i].value);
	}
	changes_done(&before);
}

static void interrupts_leave_partition_cpus(void)
{
	struct bench bench;

	set_up(&bench);
	run(&bench);
	assert_value(&bench, DEFAULT_AFFINITY, "3", false);
	assert_value(&bench, "/proc/irq/24/smp_affinity_list", "0-1", false);
	/* It had no other CPU. */
	assert_value(&bench, "/proc/irq/25/smp_affinity_list", "0-1", false);
	/* Where somebody put it, as long as that is no partition's. */
	assert_value(&bench, "/proc/irq/26/smp_affinity_list", "0", true);
	CU_ASSERT_STRING_EQUAL(find(&bench, "/proc/irq/24/smp_affinity_list")->check, "P12-irq-affinity");
	CU_ASSERT_STRING_EQUAL(find(&bench, "/proc/irq/24/smp_affinity_list")->old, "0-3");
	CU_ASSERT_STRING_EQUAL(find(&bench, DEFAULT_AFFINITY)->check, "P12-default-affinity");
	CU_ASSERT_EQUAL(bench.changes.count, 4);
	tear_down(&bench);
}

static void what_was_done_is_what_is_wanted(void)
{
	static const char *const affinities[] = {"0-3", "0", "1-2", "3", "0-63", "8-15", "2,8-15", "0-1", "1"};
	struct bench bench;

	set_up(&bench);
	assert_fixed_point(&bench);
	tear_down(&bench);
	for (size_t i = 0; i < sizeof(affinities) / sizeof(affinities[0]); i++) {
		struct cpulist steered;
		struct cpulist both;

		set_up(&bench);
		put_interrupt(&bench, 24, affinities[i], "0", "ahci");
		put(&bench, UNIT, "[Service]\nExecStart=/usr/sbin/irqbalance");
		put(&bench, THREAD_PATH("1", "1", "stat"),
		    THREAD_STAT("1", "systemd", THREAD_OF_USER, "0", POLICY_OTHER));
		assert_fixed_point(&bench);
		steered = cut_cpus(find(&bench, "/proc/irq/24/smp_affinity_list")->value);
		cpulist_and(&steered, &bench.cpus.partitions, &both);
		CU_ASSERT(cpulist_empty(&both));
		/* Linux takes no list without a CPU that is online. */
		cpulist_and(&steered, &bench.cpus.housekeeping, &both);
		CU_ASSERT_FALSE(cpulist_empty(&both));
		tear_down(&bench);
	}
}

/* What was noted of an interrupt counts for wherever among the other CPUs it is found later. */
static void irqbalance_may_move_it_among_the_others(void)
{
	const struct change *change;
	struct bench bench;

	set_up(&bench);
	put_interrupt(&bench, 27, "0,9", "0", "i8042");
	run(&bench);
	change = find(&bench, "/proc/irq/24/smp_affinity_list");
	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	CU_ASSERT_STRING_EQUAL(change->value, "0-1");
	CU_ASSERT_FALSE(change->held);
	CU_ASSERT_TRUE(change_holds(change, "0-1"));
	CU_ASSERT_TRUE(change_holds(change, "1"));
	CU_ASSERT_FALSE(change_holds(change, "1-2"));
	change = find(&bench, "/proc/irq/26/smp_affinity_list");
	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	CU_ASSERT_TRUE(change->held);
	CU_ASSERT_TRUE(change_holds(change, "1"));
	CU_ASSERT_FALSE(change_holds(change, "3"));
	/* One of its CPUs is not there: it may stay as it is. */
	change = find(&bench, "/proc/irq/27/smp_affinity_list");
	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	CU_ASSERT_TRUE(change->held);
	tear_down(&bench);
}

static void what_cannot_move_is_noted(void)
{
	struct bench bench;

	set_up(&bench);
	run(&bench);
	CU_ASSERT_PTR_NULL(find(&bench, "/proc/irq/0/smp_affinity_list"));
	CU_ASSERT_PTR_NULL(find(&bench, "/proc/irq/36/smp_affinity_list"));
	CU_ASSERT_EQUAL_FATAL(cut_count(&bench.cut, "interrupt-managed"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.cut.findings.item[0].diag.text, "IRQ 36 nvme0q1 on CPU 2: the"));
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.cut.findings.item[0].diag.remedy, "isolcpus=managed_irq,2-3"));

	/* It goes nowhere where it would disturb. */
	put(&bench, "/proc/irq/36/effective_affinity_list", "0");
	run(&bench);
	CU_ASSERT_EQUAL(bench.cut.findings.count, 0);

	/* debugfs says the same where nobody could ask. */
	put(&bench, FIXED, NULL);
	put(&bench, "/sys/kernel/debug/irq/irqs/36", "dstate:   0x1c09200\n            IRQD_AFFINITY_MANAGED");
	run(&bench);
	CU_ASSERT_PTR_NULL(find(&bench, "/proc/irq/36/smp_affinity_list"));
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "interrupt-untold"), 1);
	put(&bench, "/sys/kernel/debug/irq/irqs/36", NULL);
	run(&bench);
	assert_value(&bench, "/proc/irq/36/smp_affinity_list", "0-1", false);
	tear_down(&bench);
}

static void many_that_cannot_move_are_told_in_one_note(void)
{
	struct bench bench;
	char numbers[512] = "";

	set_up(&bench);
	for (unsigned i = 0; i < 40; i++) {
		size_t used = strlen(numbers);

		put_interrupt(&bench, 100 + i, "3", "3", "nvme0q1, with a comma");
		snprintf(numbers + used, sizeof(numbers) - used, "%s%u", i == 0 ? "" : " ", 100 + i);
	}
	put(&bench, FIXED, numbers);
	run(&bench);
	CU_ASSERT_EQUAL_FATAL(cut_count(&bench.cut, "interrupt-managed"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.cut.findings.item[0].diag.text, " and others: the kernel alone places them"));
	tear_down(&bench);
}

static void nobody_moves_what_does_not_come_or_is_a_partitions_own(void)
{
	struct bench bench;

	set_up(&bench);
	put_interrupt(&bench, 9, "0-3", "3", "");
	put_interrupt(&bench, 45, "2", "2", "vfio-msix[0](0000:03:00.0)");
	put_interrupt(&bench, 46, "2", "2", "vfio-intx(0000:03:00.0),ehci_hcd:usb1");
	/* Older kernels have no folder that tells: one that never came has no row. */
	put(&bench, "/proc/irq/50/smp_affinity_list", "0-3");
	run(&bench);
	CU_ASSERT_PTR_NULL(find(&bench, "/proc/irq/9/smp_affinity_list"));
	CU_ASSERT_PTR_NULL(find(&bench, "/proc/irq/45/smp_affinity_list"));
	assert_value(&bench, "/proc/irq/46/smp_affinity_list", "0-1", false);
	CU_ASSERT_PTR_NULL(find(&bench, "/proc/irq/50/smp_affinity_list"));
	put(&bench, "/proc/interrupts", "     CPU0\n 50:    1   IR-PCI-MSI-0000:00:17.0    0-edge      ahci[0000:00:17.0]");
	run(&bench);
	assert_value(&bench, "/proc/irq/50/smp_affinity_list", "0-1", false);
	tear_down(&bench);
}

static void without_partitions_nothing_is_wanted(void)
{
	struct bench bench;

	set_up(&bench);
	bench.cpus = (struct cpu_division){.housekeeping = cut_cpus("0-3")};
	run(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	bench.cpus = (struct cpu_division){.partitions = cut_cpus("0-3")};
	run(&bench);
	CU_ASSERT_EQUAL(bench.changes.count, 0);
	tear_down(&bench);
}

static void what_cannot_be_read_is_unknown(void)
{
	static const struct {
		const char *path;
		const char *text;
		int error;
	} cases[] = {
		{DEFAULT_AFFINITY, NULL, EACCES},
		{DEFAULT_AFFINITY, "no mask", 0},
		{"/proc/irq/24/smp_affinity_list", NULL, EACCES},
		{"/proc/irq/24/smp_affinity_list", "3-2", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench bench;

		set_up(&bench);
		if (cases[i].text == NULL)
			host_fixture_put_error(&bench.cut.host, cases[i].path, cases[i].error);
		else
			put(&bench, cases[i].path, cases[i].text);
		run(&bench);
		CU_ASSERT_PTR_NULL(find(&bench, cases[i].path));
		CU_ASSERT_EQUAL(cut_count(&bench.cut, "interrupt-unknown"), 1);
		tear_down(&bench);
	}
}

static void start_balancer(struct bench *bench, const char *first)
{
	put(bench, THREAD_PATH("1", "1", "stat"), first);
	put(bench, THREAD_PATH("1", "1", "status"), THREAD_STATUS("first", "0-3"));
	put(bench, THREAD_PATH("2", "2", "stat"), THREAD_STAT("2", "kthreadd", THREAD_OF_KERNEL, "0", POLICY_OTHER));
	put(bench, THREAD_PATH("2", "2", "status"), THREAD_STATUS("kthreadd", "0-3"));
	put(bench, THREAD_PATH("80", "80", "stat"),
	    THREAD_STAT("80", "irqbalance", THREAD_OF_USER, "0", POLICY_OTHER));
	put(bench, THREAD_PATH("80", "80", "status"), THREAD_STATUS("irqbalance", "0-3"));
}

static void irqbalance_is_told_first(void)
{
	static const char systemd[] = THREAD_STAT("1", "systemd", THREAD_OF_USER, "0", POLICY_OTHER);
	struct bench bench;

	set_up(&bench);
	run(&bench);
	CU_ASSERT_PTR_NULL(find(&bench, BALANCER_FILE));

	/* Whether it runs now or later. */
	put(&bench, UNIT, "[Service]\nEnvironmentFile=-/etc/default/irqbalance");
	put(&bench, THREAD_PATH("1", "1", "stat"), systemd);
	run(&bench);
	assert_value(&bench, BALANCER_FILE, "IRQBALANCE_BANNED_CPUS=c\nIRQBALANCE_BANNED_CPULIST=2-3\n", false);
	assert_value(&bench, BALANCER_DROP_IN, "[Service]\nEnvironmentFile=" BALANCER_FILE "\n", false);
	CU_ASSERT_EQUAL(find(&bench, BALANCER_FILE)->after, AFTER_IRQBALANCE_RESTART);
	CU_ASSERT_EQUAL(find(&bench, BALANCER_DROP_IN)->after, AFTER_IRQBALANCE_RESTART);
	CU_ASSERT_PTR_NULL(find(&bench, BALANCER_FILE)->old);
	CU_ASSERT_STRING_EQUAL(find(&bench, BALANCER_FILE)->check, "P12-irqbalance");
	CU_ASSERT(place_of(&bench, BALANCER_DROP_IN) < place_of(&bench, DEFAULT_AFFINITY));
	CU_ASSERT(place_of(&bench, BALANCER_DROP_IN) < place_of(&bench, "/proc/irq/24/smp_affinity_list"));

	/* A unit that is masked cannot be restarted. */
	host_fixture_put_error(&bench.cut.host, "/etc/systemd/system/irqbalance.service", EINVAL);
	run(&bench);
	CU_ASSERT_PTR_NULL(find(&bench, BALANCER_FILE));
	tear_down(&bench);
}

static void irqbalance_of_somebody_else_is_noted(void)
{
	struct bench bench;

	set_up(&bench);
	put(&bench, UNIT, "[Service]");
	start_balancer(&bench, THREAD_STAT("1", "runit", THREAD_OF_USER, "0", POLICY_OTHER));
	run(&bench);
	CU_ASSERT_PTR_NULL(find(&bench, BALANCER_FILE));
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "balancer-unmanaged"), 1);
	tear_down(&bench);
}

void test_interrupt_changes_register(void)
{
	CU_pSuite suite = CU_add_suite("test_interrupt_changes", NULL, NULL);

	CU_ADD_TEST(suite, interrupts_leave_partition_cpus);
	CU_ADD_TEST(suite, what_was_done_is_what_is_wanted);
	CU_ADD_TEST(suite, irqbalance_may_move_it_among_the_others);
	CU_ADD_TEST(suite, what_cannot_move_is_noted);
	CU_ADD_TEST(suite, many_that_cannot_move_are_told_in_one_note);
	CU_ADD_TEST(suite, nobody_moves_what_does_not_come_or_is_a_partitions_own);
	CU_ADD_TEST(suite, without_partitions_nothing_is_wanted);
	CU_ADD_TEST(suite, what_cannot_be_read_is_unknown);
	CU_ADD_TEST(suite, irqbalance_is_told_first);
	CU_ADD_TEST(suite, irqbalance_of_somebody_else_is_noted);
}
