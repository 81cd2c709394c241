// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of interrupts, one spoilt fact at a time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"
#include "tests/unit/thread_facts.h"

#define FIRST "/proc/interrupts"
#define SECOND "/bulkhead/later/proc/interrupts"
#define WINDOW "/bulkhead/window-ns"
#define IRQ24 "/proc/irq/24/"
#define IRQBALANCE "/etc/default/irqbalance"

void test_doctor_interrupts_register(void);

/* What the second sample is where only rows that matter here are in it; CPUs 2 and 3 are real-time. */
#define LATER(loc, res, cal) \
	"           CPU0       CPU1       CPU2       CPU3       \n" \
	" 24:        100         200          0          0  PCI-MSI    0-edge      ahci\n" \
	"LOC:       9000       5000        900       " loc "   Local timer interrupts\n" \
	"IWI:         12         13          4          4   IRQ work interrupts\n" \
	"RES:       5000       6000         10         " res "   Rescheduling interrupts\n" \
	"CAL:       7000       8000         " cal "         91   Function call interrupts\n" \
	"TLB:        300        400          0          0   TLB shootdowns\n"

static void assert_looks(struct doctor_bench *bench, const char *id, enum doctor_verdict verdict,
			 const char *value)
{
	CU_ASSERT_EQUAL(doctor_look(bench, id), verdict);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench->result.value, value));
}

static void ipis_are_counted(void)
{
	assert_good("P7-ipis");
	/* What happens on housekeeping CPUs alone does not matter. */
	assert_spoilt("P7-ipis", SECOND, LATER("901", "11", "90"), DOCTOR_PASS, "none on CPU 2-3 in 500 ms", "");
	assert_spoilt("P7-ipis", SECOND, LATER("901", "11", "93"), DOCTOR_WARN, "CAL 3", "trace-cmd");
	assert_spoilt("P7-ipis", SECOND, LATER("901", "111", "91"), DOCTOR_FAIL, "CAL 1, RES 100", "trace-cmd");
	assert_spoilt("P7-ipis", SECOND, "CPU0 CPU1 CPU2 CPU3\nTLB: 1 1 1 1\n", DOCTOR_UNKNOWN, "no row CAL", "");
	assert_spoilt("P7-ipis", SECOND, "CPU0 CPU1\nTLB: 1 1\n", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P7-ipis", SECOND, "nothing of the kind", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P7-ipis", WINDOW, "0", DOCTOR_UNKNOWN, "time watched", "");
	assert_unread("P7-ipis", FIRST);
	assert_unread("P7-ipis", SECOND);
	assert_unread("P7-ipis", WINDOW);
}

static void ticks_are_counted(void)
{
	struct doctor_bench bench;

	assert_good("P7-ticks");
	assert_spoilt("P7-ticks", SECOND, LATER("1401", "11", "90"), DOCTOR_WARN, "up to 500 in 500 ms",
		      "nohz_full=2-3");
	/* An idle CPU does not tick, which proves nothing about a busy one. */
	assert_spoilt("P7-ticks", "/sys/devices/system/cpu/nohz_full", "", DOCTOR_UNKNOWN, "says little",
		      "nohz_full=2-3");
	assert_unread("P7-ticks", FIRST);
	assert_unread("P7-ticks", SECOND);

	doctor_set_up(&bench);
	doctor_put_error(&bench, "/sys/devices/system/cpu/nohz_full", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P7-ticks"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static void device_interrupts_stay_away(void)
{
	assert_good("P12-irq-affinity");
	assert_spoilt("P12-irq-affinity", IRQ24 "effective_affinity_list", "3", DOCTOR_FAIL,
		      "IRQ 24 ahci[0000:00:17.0] on 3", "for i in 24; do echo 0-1 > /proc/irq/$i/smp_affinity_list");
	assert_spoilt("P12-irq-affinity", IRQ24 "effective_affinity_list", "", DOCTOR_PASS, "none of 4", "");
	assert_spoilt("P12-irq-affinity", IRQ24 "smp_affinity_list", "", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P7-ipis", WINDOW, "1000", DOCTOR_UNKNOWN, "nothing shows", "");
	/* Without a handler an interrupt does not come. */
	assert_spoilt("P12-irq-affinity", "/proc/irq/9/effective_affinity_list", "3", DOCTOR_PASS, "none of 4", "");
	/* The partition's own. */
	assert_spoilt("P12-irq-affinity", "/proc/irq/45/effective_affinity_list", "3", DOCTOR_PASS, "none of 4", "");
	assert_spoilt("P12-irq-affinity", IRQ24 "effective_affinity_list", "3-2", DOCTOR_UNKNOWN,
		      "not understood", "");
	assert_unread("P12-irq-affinity", IRQ24 "effective_affinity_list");
	assert_unread("P12-irq-affinity", FIRST);
}

/* One handler of somebody else is enough, and a device has its partition's CPUs and no others. */
static void a_partitions_own_interrupt_is_its_own(void)
{
	static const char rows[] = "CPU0 CPU1 CPU2 CPU3\n"
				   "45: 0 0 0 0 IR-IO-APIC 16-fasteoi i801_smbus, vfio-intx(0000:03:00.0)\n";
	static const char own[] = "CPU0 CPU1 CPU2 CPU3\n"
				  "45: 0 0 0 0 IR-PCI-MSI 0-edge vfio-msix[0](0000:03:00.0)\n";
	struct partition_device device = {.address = "0000:03:00.0"};
	struct partition_config partition[2] = {
		{.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}, .device = &device,
		 .device_count = 1},
		{.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}},
	};
	struct machine_config machine = {.partition = partition, .partition_count = 2};
	struct doctor_bench bench;

	cpulist_add(&partition[0].cpus, 2);
	cpulist_add(&partition[1].cpus, 3);
	doctor_set_up(&bench);
	doctor_put(&bench, FIRST, rows);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_FAIL);
	doctor_put(&bench, "/sys/kernel/irq/45/actions", "vfio-intx(0000:03:00.0)");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_PASS);
	doctor_put(&bench, "/sys/kernel/irq/45/actions", "vfio-intx(0000:03:00.0),ehci_hcd:usb1");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_FAIL);
	/* It came once, and nobody listens any more. */
	doctor_put(&bench, "/sys/kernel/irq/45/actions", "");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_PASS);

	doctor_remove(&bench, "/sys/kernel/irq/45/actions");
	doctor_put(&bench, FIRST, own);
	bench.machine = &machine;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_PASS);
	doctor_put(&bench, "/proc/irq/45/effective_affinity_list", "3");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_FAIL);
	partition[0].device_count = 0;
	doctor_put(&bench, "/proc/irq/45/effective_affinity_list", "2");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

/* One that was never started has no CPU yet. */
static void an_interrupt_to_come_is_not_known(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put(&bench, IRQ24 "effective_affinity_list", "");
	doctor_put(&bench, IRQ24 "smp_affinity_list", "0-3");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

static void kernels_without_effective_affinity_are_judged_by_the_other(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_remove(&bench, IRQ24 "effective_affinity_list");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_PASS);
	doctor_put(&bench, IRQ24 "smp_affinity_list", "0-3");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

static void managed_interrupts_are_only_warned_of(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put(&bench, "/proc/cmdline", "quiet");
	doctor_put(&bench, IRQ24 "effective_affinity_list", "3");
	doctor_put(&bench, "/sys/kernel/debug/irq/irqs/24", "handler:  handle_edge_irq\n"
		   "dstate:   0x37408200\n            IRQD_ACTIVATED\n            IRQD_AFFINITY_MANAGED");
	assert_looks(&bench, "P12-irq-affinity", DOCTOR_WARN, "24 ahci[0000:00:17.0] on 3 (managed)");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "isolcpus=managed_irq,2-3"));
	/* Unless it comes all the same. */
	doctor_put(&bench, SECOND, "CPU0 CPU1 CPU2 CPU3\n24: 100 200 0 5 PCI-MSI 0-edge ahci\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_FAIL);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "isolcpus=managed_irq,2-3"));
	doctor_tear_down(&bench);
}

/* Where the kernel was told already, one is left that only its own CPU could have come, and it does not. */
static void managed_interrupts_are_taken_where_all_is_done(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_put(&bench, IRQ24 "effective_affinity_list", "3");
	doctor_put(&bench, "/sys/kernel/debug/irq/irqs/24", "IRQD_AFFINITY_MANAGED");
	doctor_put(&bench, "/proc/cmdline", "quiet isolcpus=managed_irq,2-3");
	assert_looks(&bench, "P12-irq-affinity", DOCTOR_PASS, "24 ahci[0000:00:17.0] on 3 (managed)");
	doctor_put(&bench, "/proc/cmdline", "quiet isolcpus=managed_irq,2");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_WARN);
	doctor_put(&bench, "/proc/cmdline", "quiet isolcpus=managed_irq,2-3");
	doctor_put(&bench, SECOND, "CPU0 CPU1 CPU2 CPU3\n24: 100 200 0 5 PCI-MSI 0-edge ahci\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_FAIL);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "fewer queues"));
	doctor_tear_down(&bench);
}

/* More than fit: all are counted, and the remedy takes them all. */
static void many_misrouted_interrupts_are_counted(void)
{
	static const char row[] = "CPU0 CPU1 CPU2 CPU3\n";
	struct doctor_bench bench;
	char rows[8192];
	size_t length = (size_t)snprintf(rows, sizeof(rows), "%s", row);

	doctor_set_up(&bench);
	for (unsigned irq = 100; irq < 160; irq++) {
		char path[64];

		length += (size_t)snprintf(rows + length, sizeof(rows) - length,
					   "%u: 0 0 0 0 PCI-MSI 0-edge nvme0q%u\n", irq, irq);
		snprintf(path, sizeof(path), "/proc/irq/%u/smp_affinity_list", irq);
		doctor_put(&bench, path, "0-3");
		snprintf(path, sizeof(path), "/proc/irq/%u/effective_affinity_list", irq);
		doctor_put(&bench, path, "2");
	}
	doctor_put(&bench, FIRST, rows);
	assert_looks(&bench, "P12-irq-affinity", DOCTOR_FAIL, " more");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "irqaffinity=0-1"));
	doctor_tear_down(&bench);
}

static void pending_moves_are_seen(void)
{
	struct doctor_bench bench;

	assert_good("P12-irq-pending");
	assert_spoilt("P12-irq-pending", IRQ24 "effective_affinity_list", "3", DOCTOR_WARN, "IRQ 24 from 3 to 0-1",
		      "irqaffinity=0-1");
	assert_unread("P12-irq-pending", IRQ24 "effective_affinity_list");
	doctor_set_up(&bench);
	doctor_remove_all(&bench, "/proc/irq/*/*");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-pending"), DOCTOR_UNKNOWN);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irq-affinity"), DOCTOR_UNKNOWN);
	doctor_put_error(&bench, "/proc/irq", EACCES);
	assert_looks(&bench, "P12-irq-pending", DOCTOR_UNKNOWN, "permission denied");
	doctor_tear_down(&bench);
}

static void the_default_mask_is_read(void)
{
	static const char path[] = "/proc/irq/default_smp_affinity";

	assert_good("P12-default-affinity");
	assert_spoilt("P12-default-affinity", path, "f", DOCTOR_WARN, "CPU 0-3", "echo 3 > /proc/irq/default_smp");
	assert_spoilt("P12-default-affinity", path, "ffffffff,ffffffff", DOCTOR_WARN, "CPU 0-3", "irqaffinity=0-1");
	assert_spoilt("P12-default-affinity", path, "fffffff0,00000001", DOCTOR_PASS, "CPU 0", "");
	assert_spoilt("P12-default-affinity", path, "xyz", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt("P12-default-affinity", path, "0", DOCTOR_UNKNOWN, "not understood", "");
	assert_unread("P12-default-affinity", path);
}

static void run_irqbalance(struct doctor_bench *bench, const char *settings)
{
	doctor_set_up(bench);
	doctor_put(bench, THREAD_PATH("800", "800", "stat"),
		   THREAD_STAT("800", "irqbalance", THREAD_OF_USER, "0", POLICY_OTHER));
	doctor_put(bench, THREAD_PATH("800", "800", "status"), THREAD_STATUS("irqbalance", "0-1"));
	if (settings != NULL)
		doctor_put(bench, IRQBALANCE, settings);
}

static void irqbalance_is_judged_by_its_settings(void)
{
	static const struct {
		const char *settings;
		enum doctor_verdict verdict;
		const char *value;
	} cases[] = {
		{NULL, DOCTOR_PASS, "by itself"},
		{"# IRQBALANCE_BANNED_CPULIST=0\nIRQBALANCE_ARGS=", DOCTOR_PASS, "by itself"},
		{"IRQBALANCE_BANNED_CPULIST=", DOCTOR_PASS, "by itself"},
		{"IRQBALANCE_BANNED_CPULIST=\"2-3\"\n", DOCTOR_PASS, "=2-3 in"},
		{"IRQBALANCE_BANNED_CPULIST=3", DOCTOR_FAIL, "=3 in"},
		{"IRQBALANCE_BANNED_CPULIST=0-1", DOCTOR_FAIL, "=0-1 in"},
		{"IRQBALANCE_BANNED_CPULIST=4-3", DOCTOR_FAIL, "4-3 in /etc/default/irqbalance is no list"},
		{"export IRQBALANCE_BANNED_CPUS='0000000C'", DOCTOR_PASS, "CPUS=0000000c"},
		{"IRQBALANCE_BANNED_CPUS=3", DOCTOR_FAIL, "CPUS=3"},
		{"IRQBALANCE_BANNED_CPUS=0\nIRQBALANCE_BANNED_CPULIST=2-3", DOCTOR_FAIL, "CPUS=0"},
	};

	assert_good("P12-irqbalance");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct doctor_bench bench;

		run_irqbalance(&bench, cases[i].settings);
		assert_looks(&bench, "P12-irqbalance", cases[i].verdict, cases[i].value);
		if (cases[i].verdict == DOCTOR_FAIL)
			CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "IRQBALANCE_BANNED_CPULIST=2-3"));
		doctor_tear_down(&bench);
	}
}

/* What systemd passes on: the last file that the unit and its drop-ins name, and those before Environment=. */
static void irqbalance_is_judged_by_its_service(void)
{
#define UNIT_FOLDER "/usr/lib/systemd/system/irqbalance.service"
#define DROP_INS "/systemd/system/irqbalance.service.d/"
	static const struct {
		const char *path[3];
		const char *text[3];
		enum doctor_verdict verdict;
		const char *value;
	} cases[] = {
		/* Its files, and no others. */
		{{UNIT_FOLDER}, {"[Service]\nEnvironmentFile=-" IRQBALANCE}, DOCTOR_FAIL, "=0 in " IRQBALANCE},
		{{UNIT_FOLDER}, {"[Service]\nEnvironmentFile=-/etc/sysconfig/irqbalance"}, DOCTOR_PASS, "by itself"},
		/* A later one counts. */
		{{"/run" DROP_INS "60-bulkhead.conf", "/run/bulkhead/irqbalance.env"},
		 {"[Service]\nEnvironmentFile=/run/bulkhead/irqbalance.env", "IRQBALANCE_BANNED_CPULIST=2-3"},
		 DOCTOR_PASS, "=2-3 in /run/bulkhead/irqbalance.env"},
		{{"/run" DROP_INS "60-bulkhead.conf", "/run/bulkhead/irqbalance.env"},
		 {"[Service]\nEnvironmentFile=/run/bulkhead/irqbalance.env", "IRQBALANCE_BANNED_CPULIST="},
		 DOCTOR_PASS, "by itself"},
		/* One in /etc hides that of its name in /run. */
		{{"/run" DROP_INS "60-a.conf", "/etc" DROP_INS "60-a.conf", "/run/bulkhead/irqbalance.env"},
		 {"[Service]\nEnvironmentFile=/run/bulkhead/irqbalance.env", "[Service]", "IRQBALANCE_BANNED_CPULIST=2-3"},
		 DOCTOR_FAIL, "=0 in " IRQBALANCE},
		/* Any file counts more than Environment=. */
		{{"/etc" DROP_INS "a.conf"}, {"[Service]\nEnvironment=\"X=1\" \"IRQBALANCE_BANNED_CPULIST=2-3\""},
		 DOCTOR_FAIL, "=0 in " IRQBALANCE},
		{{UNIT_FOLDER, "/etc" DROP_INS "a.conf"},
		 {"[Service]", "[Service]\nEnvironment=X=1 IRQBALANCE_BANNED_CPULIST=2-3\n"}, DOCTOR_PASS, "=2-3 in /etc"},
		/* One that nobody has looked at may say anything. */
		{{"/etc" DROP_INS "a.conf"}, {"[Service]\nEnvironmentFile=/srv/irqbalance"}, DOCTOR_UNKNOWN,
		 "/srv/irqbalance: not told"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct doctor_bench bench;

		run_irqbalance(&bench, "IRQBALANCE_BANNED_CPULIST=0");
		for (size_t j = 0; j < 3 && cases[i].path[j] != NULL; j++)
			doctor_put(&bench, cases[i].path[j], cases[i].text[j]);
		CU_ASSERT_EQUAL(host_files_cover(&bench.host.files, "/etc/*/irqbalance"), 0);
		CU_ASSERT_EQUAL(host_files_cover(&bench.host.files, "/proc*"), 0);
		assert_looks(&bench, "P12-irqbalance", cases[i].verdict, cases[i].value);
		doctor_tear_down(&bench);
	}
#undef UNIT_FOLDER
#undef DROP_INS
}

static void irqbalance_without_facts_is_unknown(void)
{
	static const char isolated[] = "/sys/devices/system/cpu/isolated";
	static const char nohz_full[] = "/sys/devices/system/cpu/nohz_full";
	struct machine_config machine = {0};
	struct partition_config partition = {.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}};
	struct doctor_bench bench;

	run_irqbalance(&bench, NULL);
	doctor_put_error(&bench, IRQBALANCE, EACCES);
	assert_looks(&bench, "P12-irqbalance", DOCTOR_UNKNOWN, "permission denied");
	doctor_tear_down(&bench);

	/* Another distribution's file. */
	run_irqbalance(&bench, NULL);
	doctor_put(&bench, "/etc/sysconfig/irqbalance", "IRQBALANCE_BANNED_CPULIST=0");
	assert_looks(&bench, "P12-irqbalance", DOCTOR_FAIL, "/etc/sysconfig/irqbalance");
	bench.host.files.complete = false;
	assert_looks(&bench, "P12-irqbalance", DOCTOR_UNKNOWN, "not told");
	doctor_tear_down(&bench);

	cpulist_add(&partition.cpus, 3);
	machine.partition = &partition;
	machine.partition_count = 1;
	run_irqbalance(&bench, NULL);
	bench.machine = &machine;
	doctor_put_error(&bench, isolated, EACCES);
	doctor_put(&bench, nohz_full, "");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irqbalance"), DOCTOR_UNKNOWN);
	doctor_put(&bench, isolated, "");
	assert_looks(&bench, "P12-irqbalance", DOCTOR_FAIL, "nothing keeps it");
	doctor_remove(&bench, THREAD_PATH("2", "2", "stat"));
	CU_ASSERT_EQUAL(doctor_look(&bench, "P12-irqbalance"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

void test_doctor_interrupts_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_interrupts", NULL, NULL);

	CU_ADD_TEST(suite, ipis_are_counted);
	CU_ADD_TEST(suite, ticks_are_counted);
	CU_ADD_TEST(suite, device_interrupts_stay_away);
	CU_ADD_TEST(suite, a_partitions_own_interrupt_is_its_own);
	CU_ADD_TEST(suite, an_interrupt_to_come_is_not_known);
	CU_ADD_TEST(suite, kernels_without_effective_affinity_are_judged_by_the_other);
	CU_ADD_TEST(suite, managed_interrupts_are_only_warned_of);
	CU_ADD_TEST(suite, managed_interrupts_are_taken_where_all_is_done);
	CU_ADD_TEST(suite, many_misrouted_interrupts_are_counted);
	CU_ADD_TEST(suite, pending_moves_are_seen);
	CU_ADD_TEST(suite, the_default_mask_is_read);
	CU_ADD_TEST(suite, irqbalance_is_judged_by_its_settings);
	CU_ADD_TEST(suite, irqbalance_is_judged_by_its_service);
	CU_ADD_TEST(suite, irqbalance_without_facts_is_unknown);
}
