// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of the kernel's command line. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"

#define CMDLINE "/proc/cmdline"
#define LOG "/bulkhead/kernel-log"

void test_doctor_cmdline_register(void);

/* struct row - a command line, what a check says of it, and part of the value and of the remedy. */
struct row {
	const char *cmdline;
	enum doctor_verdict verdict;
	const char *value;
	const char *remedy;
};

#define ROWS(id, ...) \
	do { \
		static const struct row rows_[] = {__VA_ARGS__}; \
		assert_good(id); \
		assert_unread(id, CMDLINE); \
		for (size_t i_ = 0; i_ < sizeof(rows_) / sizeof(rows_[0]); i_++) \
			assert_spoilt(id, CMDLINE, rows_[i_].cmdline, rows_[i_].verdict, rows_[i_].value, \
				      rows_[i_].remedy); \
	} while (0)

static void isolcpus(void)
{
	ROWS("C1-isolcpus",
	     {"isolcpus=managed_irq", DOCTOR_FAIL, "ignores all of it", "isolcpus=managed_irq,2-3"},
	     {"isolcpus=domain,", DOCTOR_FAIL, "ignores all of it", "2-3"},
	     {"isolcpus=", DOCTOR_FAIL, "ignores all", "2-3"},
	     {"isolcpus=3-2", DOCTOR_FAIL, "ignores all", "2-3"},
	     {"isolcpus=do2main,2", DOCTOR_FAIL, "ignores all", "2-3"},
	     {"isolcpus=io_queue,2-3", DOCTOR_WARN, "skips a flag", "2-3"},
	     {"isolcpus=2-3", DOCTOR_PASS, "2-3", ""},
	     {"isolcpus=2,3,2-3", DOCTOR_PASS, "2,3", ""},
	     {"isolcpus=nohz,domain,managed_irq,2-N", DOCTOR_PASS, "2-N", ""},
	     {"isolcpus=2-3:1/2", DOCTOR_PASS, "2-3:1/2", ""},
	     {"isolcpus=1-3", DOCTOR_FAIL, "does not isolate all", "2-3"},
	     {"isolcpus=0-3:2/0", DOCTOR_FAIL, "ignores all", "2-3"},
	     {"isolcpus=99999", DOCTOR_FAIL, "ignores all", "2-3"},
	     {"quiet", DOCTOR_PASS, "not given", ""});
}

static void isolcpus_against_the_file(void)
{
	struct partition_config partition = {
		.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1},
		.isolation = ISOLATION_CPUSET,
	};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	cpulist_add(&partition.cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, CMDLINE, "isolcpus=2-3");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C1-isolcpus"), DOCTOR_FAIL);
	CU_ASSERT_STRING_EQUAL(bench.result.remedy,
			       "write isolcpus=managed_irq,3 on the kernel command line");
	partition.isolation = ISOLATION_ISOLCPUS;
	CU_ASSERT_EQUAL(doctor_look(&bench, "C1-isolcpus"), DOCTOR_PASS);
	doctor_put(&bench, CMDLINE, "isolcpus=managed_irq,2-3");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C1-isolcpus"), DOCTOR_FAIL);
	doctor_put(&bench, CMDLINE, "isolcpus=2");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C1-isolcpus"), DOCTOR_FAIL);
	CU_ASSERT_STRING_EQUAL(bench.result.remedy,
			       "write isolcpus=managed_irq,domain,3 on the kernel command line");
	doctor_put(&bench, CMDLINE, "quiet");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C1-isolcpus"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

static void managed_interrupts(void)
{
	ROWS("C2-managed-irq",
	     {"quiet", DOCTOR_WARN, "no isolcpus", "isolcpus=managed_irq,2-3"},
	     {"isolcpus=2-3", DOCTOR_WARN, "isolcpus=2-3", "isolcpus=managed_irq,2-3"},
	     {"isolcpus=managed_irq,2", DOCTOR_WARN, "managed_irq,2", "isolcpus=managed_irq,2-3"},
	     {"isolcpus=managed_irq,domain,2-3", DOCTOR_PASS, "domain,2-3", ""});
}

static void nohz_full(void)
{
	static const char path[] = "/sys/devices/system/cpu/nohz_full";
	struct doctor_bench bench;

	assert_good("C3-nohz-full");
	assert_spoilt("C3-nohz-full", path, "3", DOCTOR_WARN, "3", "nohz_full=2-3");
	assert_spoilt("C3-nohz-full", path, "(null)", DOCTOR_WARN, "none", "nohz_full=2-3");
	assert_spoilt("C3-nohz-full", path, "many", DOCTOR_UNKNOWN, "nohz_full", "");
	assert_unread("C3-nohz-full", path);
	doctor_set_up(&bench);
	doctor_remove(&bench, path);
	doctor_put(&bench, "/boot/config-6.12.41-rt-amd64", "# CONFIG_NO_HZ_FULL is not set\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C3-nohz-full"), DOCTOR_WARN);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "CONFIG_NO_HZ_FULL=y"));
	doctor_tear_down(&bench);
}

static void rcu_nocbs(void)
{
	struct doctor_bench bench;

	ROWS("C4-rcu-nocbs", {"quiet", DOCTOR_PASS, "by nohz_full", ""},
	     {"rcu_nocbs", DOCTOR_PASS, "rcu_nocbs", ""});
	doctor_set_up(&bench);
	doctor_put(&bench, "/sys/devices/system/cpu/nohz_full", "");
	/* Without a list no CPU is chosen at boot. */
	doctor_put(&bench, CMDLINE, "rcu_nocbs");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C4-rcu-nocbs"), DOCTOR_WARN);
	doctor_put(&bench, CMDLINE, "rcu_nocbs=2");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C4-rcu-nocbs"), DOCTOR_WARN);
	CU_ASSERT_STRING_EQUAL(bench.result.remedy,
			       "add rcu_nocbs=2-3 to the kernel command line and reboot");
	doctor_put_error(&bench, "/sys/devices/system/cpu/nohz_full", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "C4-rcu-nocbs"), DOCTOR_UNKNOWN);
	doctor_put(&bench, CMDLINE, "rcu_nocbs=all");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C4-rcu-nocbs"), DOCTOR_PASS);
	doctor_put(&bench, "/sys/devices/system/cpu/nohz_full", "");
	doctor_put(&bench, "/boot/config-6.12.41-rt-amd64", "# CONFIG_RCU_NOCB_CPU is not set\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, "C4-rcu-nocbs"), DOCTOR_WARN);
	doctor_tear_down(&bench);
}

static void irqaffinity(void)
{
	ROWS("C5-irqaffinity",
	     {"quiet", DOCTOR_WARN, "no irqaffinity", "irqaffinity=0-1"},
	     {"irqaffinity=4-3", DOCTOR_FAIL, "irqaffinity=4-3: no CPU list", "irqaffinity=0-1"},
	     {"irqaffinity=", DOCTOR_FAIL, "no CPU list", "irqaffinity=0-1"},
	     {"irqaffinity=0-2", DOCTOR_FAIL, "irqaffinity=0-2", "irqaffinity=0-1"},
	     {"irqaffinity=0,1", DOCTOR_PASS, "irqaffinity=0,1", ""});
}

static void lists(void)
{
	ROWS("C6-cpu-lists",
	     {"nohz_full=2-9", DOCTOR_FAIL, "nohz_full=2-9: CPUs this host does not have", "nohz_full"},
	     {"nohz_full=0-3", DOCTOR_FAIL, "no CPU left", "nohz_full"},
	     {"isolcpus=managed_irq,4", DOCTOR_FAIL, "does not have", "isolcpus"},
	     {"isolcpus=all", DOCTOR_FAIL, "isolcpus=all", "isolcpus"},
	     {"rcu_nocbs=x", DOCTOR_FAIL, "rcu_nocbs=x: no CPU list", "lscpu"},
	     {"rcu_nocbs", DOCTOR_PASS, "sound", ""});
}

static void words_of_the_command_line(void)
{
	ROWS("C7-skew-tick", {"quiet", DOCTOR_WARN, "no skew_tick", "skew_tick=1"},
	     {"skew_tick=0", DOCTOR_WARN, "skew_tick=0", "skew_tick=1"});
	ROWS("C8-tsc-reliable", {"quiet", DOCTOR_WARN, "no tsc=reliable", "add tsc=reliable"},
	     {"tsc=nowatchdog", DOCTOR_WARN, "TSC_ADJUST", "add tsc=reliable"});
	ROWS("C9-scaling-driver", {"quiet", DOCTOR_PASS, "none", ""},
	     {"amd_pstate=disable", DOCTOR_WARN, "amd_pstate on GenuineIntel", "intel_pstate=disable"});
	ROWS("C10-idle-poll", {"idle=poll", DOCTOR_WARN, "idle=poll", "hold-cpu-dma-latency"},
	     {"idle=halt", DOCTOR_PASS, "idle=halt", ""});
	ROWS("C11-interrupt-remapping",
	     {"intremap=off", DOCTOR_FAIL, "intremap=off", "take intremap=off off"},
	     {"intremap=nosid,nopost", DOCTOR_WARN, "nopost", "intremap=nopost"},
	     {"nointremap", DOCTOR_FAIL, "nointremap", "take nointremap off"},
	     {"iommu=pt", DOCTOR_PASS, "left on", ""});
	ROWS("C12-machine-checks", {"mce=off", DOCTOR_WARN, "mce=off", "mce=ignore_ce"},
	     {"nomce", DOCTOR_WARN, "nomce", "mce=ignore_ce"},
	     {"mce=ignore_ce", DOCTOR_PASS, "mce=ignore_ce", ""});
	ROWS("P25-misplaced-parameters",
	     {"sched_rt_runtime=-1", DOCTOR_WARN, "sched_rt_runtime=-1", "sysctl.kernel.sched_rt_runtime_us"},
	     {"kthread_cpus=0-1", DOCTOR_WARN, "kthread_cpus=0-1", "nohz_full"},
	     {"timer_migration=0", DOCTOR_WARN, "timer_migration=0", "sysctl.kernel.timer_migration=0"});
}

static void parameters_nobody_knows(void)
{
	assert_good("P25-unknown-parameters");
	assert_spoilt("P25-unknown-parameters", LOG,
		      "Unknown kernel command line parameters \"kthread_cpus=0\", will be passed to user space.",
		      DOCTOR_WARN, "\"kthread_cpus=0\"", "cat /proc/cmdline");
	assert_spoilt("P25-unknown-parameters", LOG, "", DOCTOR_UNKNOWN, "no longer has its beginning",
		      "journalctl");
	assert_unread("P25-unknown-parameters", LOG);
}

/* What proc_pid_stat(5) says of a thread, as far as it is read. */
#define STAT(tid, name, flags) \
	#tid " (" name ") S 1 1 1 0 -1 " flags " 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 " \
	     "0 0 0 0 0 0"

static void threads_on_several_isolated_cpus(void)
{
	static const char id[] = "P17-isolated-masks";
	struct doctor_bench bench;

	assert_good(id);
	assert_unread(id, "/sys/devices/system/cpu/isolated");
	/* Those of a cpuset partition are isolated as well. */
	assert_spoilt(id, "/sys/devices/system/cpu/isolated", "", DOCTOR_PASS, "no thread", "");
	doctor_set_up(&bench);
	doctor_put(&bench, "/sys/devices/system/cpu/isolated", "");
	doctor_put(&bench, "/sys/fs/cgroup/cpuset.cpus.isolated", "");
	CU_ASSERT_EQUAL(doctor_look(&bench, id), DOCTOR_NOT_APPLICABLE);
	doctor_tear_down(&bench);

	doctor_set_up(&bench);
	doctor_put(&bench, "/proc/4711/task/4711/stat", STAT(4711, "qemu", "0"));
	doctor_put(&bench, "/proc/4711/task/4711/status", "Name:\tqemu\nCpus_allowed_list:\t2-3\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, id), DOCTOR_FAIL);
	CU_ASSERT_STRING_EQUAL(bench.result.value, "qemu (4711) may use 2-3");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "taskset -p -c 2 4711"));
	doctor_put(&bench, "/proc/4711/task/4711/status", "Name:\tqemu\nCpus_allowed_list:\t1-3\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, id), DOCTOR_PASS);
	doctor_put(&bench, "/proc/4711/task/4711/status", "Name:\tqemu\nCpus_allowed_list:\t3\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, id), DOCTOR_PASS);
	doctor_put_error(&bench, "/proc/4711/task/4711/status", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, id), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

void test_doctor_cmdline_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_cmdline", NULL, NULL);

	CU_add_test(suite, "isolcpus", isolcpus);
	CU_add_test(suite, "isolcpus against the file", isolcpus_against_the_file);
	CU_add_test(suite, "managed interrupts", managed_interrupts);
	CU_add_test(suite, "nohz_full", nohz_full);
	CU_add_test(suite, "rcu_nocbs", rcu_nocbs);
	CU_add_test(suite, "irqaffinity", irqaffinity);
	CU_add_test(suite, "lists", lists);
	CU_add_test(suite, "words of the command line", words_of_the_command_line);
	CU_add_test(suite, "parameters nobody knows", parameters_nobody_knows);
	CU_add_test(suite, "threads on several isolated CPUs", threads_on_several_isolated_cpus);
}
