// SPDX-License-Identifier: Apache-2.0
/* The doctor's checks of threads, one spoilt thread at a time. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "tests/unit/doctor_fixture.h"
#include "tests/unit/thread_facts.h"

#define ISOLATED "/sys/devices/system/cpu/isolated"

void test_doctor_threads_register(void);

/* struct thread_case - one thread more, or another one in its place, and what a check says then. */
struct thread_case {
	const char *pid;
	const char *tid;
	const char *stat;
	const char *status;
	enum doctor_verdict verdict;
	const char *value;
	const char *remedy;
};

#define CASE(pid, tid, name, flags, priority, policy, cpus) \
	pid, tid, THREAD_STAT(tid, name, flags, priority, policy), THREAD_STATUS(name, cpus)

static void put_thread(struct doctor_bench *bench, const char *pid, const char *tid, const char *stat,
		       const char *status)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/task/%s/stat", pid, tid);
	doctor_put(bench, path, stat);
	snprintf(path, sizeof(path), "/proc/%s/task/%s/status", pid, tid);
	doctor_put(bench, path, status);
}

static void assert_looks(struct doctor_bench *bench, const char *id, enum doctor_verdict verdict,
			 const char *value)
{
	enum doctor_verdict found = doctor_look(bench, id);

	CU_ASSERT_EQUAL(found, verdict);
	CU_ASSERT_PTR_NOT_NULL(strstr(bench->result.value, value));
	if (found != verdict || strstr(bench->result.value, value) == NULL)
		fprintf(stderr, "%s: %s \"%s\", not \"%s\"\n", id, doctor_verdict_name(found),
			bench->result.value, value);
}

static void assert_cases(const char *id, const struct thread_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct doctor_bench bench;

		doctor_set_up(&bench);
		put_thread(&bench, cases[i].pid, cases[i].tid, cases[i].stat, cases[i].status);
		assert_looks(&bench, id, cases[i].verdict, cases[i].value);
		CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, cases[i].remedy));
		doctor_tear_down(&bench);
	}
}

#define ASSERT_CASES(id, cases) assert_cases(id, cases, sizeof(cases) / sizeof((cases)[0]))

/* No check of threads has anything to say where not all threads are seen. */
static void assert_unseen(const char *id)
{
	assert_unread(id, THREAD_PATH("2", "2", "stat"));
	assert_spoilt(id, THREAD_PATH("2", "2", "stat"), "2 (kthreadd", DOCTOR_UNKNOWN, "not understood", "");
	assert_spoilt(id, THREAD_PATH("2", "2", "stat"), NULL, DOCTOR_UNKNOWN, "threads of all processes", "");
}

static void kernel_threads_run_before_vcpus(void)
{
	static const struct thread_case cases[] = {
		{CASE("12", "12", "ksoftirqd/2", THREAD_OF_ONE_CPU, "0", POLICY_OTHER, "2"), DOCTOR_FAIL,
		 "ksoftirqd/2 0; neither throttling nor stalld", "for t in 12; do chrt -f -p 2 $t; done"},
		{CASE("33", "33", "rcuc/3", THREAD_OF_ONE_CPU, "1", POLICY_FIFO, "3"), DOCTOR_FAIL,
		 "rcuc/3 1; no stalld", "chrt"},
		{CASE("11", "11", "ksoftirqd/1", THREAD_OF_ONE_CPU, "0", POLICY_OTHER, "1"), DOCTOR_PASS, "so", ""},
		{CASE("61", "61", "ksoftirqd/2", THREAD_OF_USER, "0", POLICY_OTHER, "1"), DOCTOR_PASS, "so", ""},
	};

	assert_good("P6-starvation");
	ASSERT_CASES("P6-starvation", cases);
	assert_unseen("P6-starvation");
	/* A CPU whose ksoftirqd was not seen. */
	assert_spoilt("P6-starvation", THREAD_PATH("13", "13", "stat"), NULL, DOCTOR_UNKNOWN, "ksoftirqd", "");
}

static void a_guard_softens_starvation(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	put_thread(&bench, "12", "12", THREAD_STAT("12", "ksoftirqd/2", THREAD_OF_ONE_CPU, "0", POLICY_OTHER),
		   THREAD_STATUS("ksoftirqd/2", "2"));
	doctor_put(&bench, "/sys/kernel/debug/sched/fair_server/cpu2/runtime", "50000000");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P6-starvation"), DOCTOR_FAIL);
	doctor_put(&bench, "/sys/kernel/debug/sched/fair_server/cpu3/runtime", "50000000");
	assert_looks(&bench, "P6-starvation", DOCTOR_WARN, "the fair server");
	put_thread(&bench, "801", "801", THREAD_STAT("801", "stalld", THREAD_OF_USER, "0", POLICY_OTHER),
		   THREAD_STATUS("stalld", "0-1"));
	assert_looks(&bench, "P6-starvation", DOCTOR_WARN, "stalld");
	doctor_tear_down(&bench);
}

/* Which guards there are, and for whom. */
static void a_guard_is_one_for_those_it_serves(void)
{
	struct partition_config partition = {.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	cpulist_add(&partition.cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, "/sys/kernel/debug/sched/fair_server/cpu3/runtime", "50000000");
	put_thread(&bench, "33", "33", THREAD_STAT("33", "rcuc/3", THREAD_OF_ONE_CPU, "1", POLICY_FIFO),
		   THREAD_STATUS("rcuc/3", "3"));
	/* The fair server runs no SCHED_FIFO thread. */
	CU_ASSERT_EQUAL(doctor_look(&bench, "P6-starvation"), DOCTOR_FAIL);
	/* All real-time threads of a CPU are throttled together, so that those below a vCPU gain nothing. */
	doctor_put(&bench, "/proc/sys/kernel/osrelease", "6.1.0");
	doctor_put(&bench, "/boot/config-6.1.0", "CONFIG_X=y\n");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P6-starvation"), DOCTOR_FAIL);
	doctor_remove(&bench, "/boot/config-6.1.0");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P6-starvation"), DOCTOR_UNKNOWN);
	doctor_put(&bench, "/proc/sys/kernel/osrelease", "6.12.41-rt-amd64");
	/* On Linux 6.12 groups alone are throttled. */
	doctor_put(&bench, "/boot/config-6.12.41-rt-amd64", "CONFIG_RT_GROUP_SCHED=y\n");
	assert_looks(&bench, "P6-starvation", DOCTOR_WARN, "throttling");
	doctor_put_error(&bench, "/boot/config-6.12.41-rt-amd64", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P6-starvation"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);

	/* Workers of a CPU are below any vCPU, and one that never leaves needs a guard for them. */
	doctor_set_up(&bench);
	bench.machine = &machine;
	partition.exits_disabled = EXITS_DISABLED_HLT;
	assert_looks(&bench, "P6-starvation", DOCTOR_WARN, "kworker");
	doctor_put(&bench, "/sys/kernel/debug/sched/fair_server/cpu3/runtime", "50000000");
	assert_looks(&bench, "P6-starvation", DOCTOR_PASS, "the fair server");
	doctor_put_error(&bench, "/sys/kernel/debug/sched/fair_server/cpu3/runtime", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P6-starvation"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

#define KTHREAD_PRIO "/sys/module/rcutree/parameters/kthread_prio"
#define CONFIG "/boot/config-6.12.41-rt-amd64"

static void preempted_readers_are_boosted_above_vcpus(void)
{
	static const struct thread_case cases[] = {
		{CASE("6", "6", "rcub/0", THREAD_OF_KERNEL, "1", POLICY_FIFO, "0-1"), DOCTOR_FAIL, "1",
		 "add rcutree.kthread_prio=2 to the kernel command line"},
		{CASE("6", "6", "rcub/0", THREAD_OF_KERNEL, "2", POLICY_FIFO, "0-1"), DOCTOR_PASS, "2, to which rcub", ""},
		{CASE("6", "6", "rcub/0", THREAD_OF_KERNEL, "4", POLICY_FIFO, "0-1"), DOCTOR_PASS, "4", ""},
		/* The lowest of them counts, and one of a process is none. */
		{CASE("71", "71", "rcub/1", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-1"), DOCTOR_FAIL, "0", "kthread_prio=2"},
		{CASE("71", "71", "rcub/1", THREAD_OF_USER, "0", POLICY_OTHER, "0-1"), DOCTOR_PASS, "4", ""},
	};
	struct doctor_bench bench;

	assert_good("P6-rcu-boost");
	ASSERT_CASES("P6-rcu-boost", cases);
	assert_unseen("P6-rcu-boost");
	assert_unread("P6-rcu-boost", KTHREAD_PRIO);
	assert_spoilt("P6-rcu-boost", CONFIG, "# CONFIG_RCU_BOOST is not set\n", DOCTOR_NOT_APPLICABLE, "boosts no", "");

	/* Without such a thread the parameter tells; stalld helps, throttling does not. */
	doctor_set_up(&bench);
	doctor_remove(&bench, THREAD_PATH("6", "6", "stat"));
	assert_looks(&bench, "P6-rcu-boost", DOCTOR_PASS, "4");
	doctor_put(&bench, KTHREAD_PRIO, "1");
	doctor_put(&bench, "/proc/sys/kernel/osrelease", "6.1.0");
	assert_looks(&bench, "P6-rcu-boost", DOCTOR_FAIL, "1");
	put_thread(&bench, "801", "801", THREAD_STAT("801", "stalld", THREAD_OF_USER, "0", POLICY_OTHER),
		   THREAD_STATUS("stalld", "0-1"));
	assert_looks(&bench, "P6-rcu-boost", DOCTOR_WARN, "1");
	/* Of a kernel whose configuration is not told, the parameter tells that too. */
	doctor_put(&bench, KTHREAD_PRIO, "0");
	assert_looks(&bench, "P6-rcu-boost", DOCTOR_NOT_APPLICABLE, "boosts no");
	doctor_tear_down(&bench);
}

/* A vCPU of higher priority needs a higher boost; one that is SCHED_DEADLINE needs none. */
static void readers_are_boosted_above_the_highest_vcpu(void)
{
	struct partition_config partition = {.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 4}};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	cpulist_add(&partition.cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	assert_looks(&bench, "P6-rcu-boost", DOCTOR_FAIL, "4");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "rcutree.kthread_prio=5"));
	partition.schedule.priority = 3;
	assert_looks(&bench, "P6-rcu-boost", DOCTOR_PASS, "4");
	partition.schedule.policy = VCPU_POLICY_DEADLINE;
	assert_looks(&bench, "P6-rcu-boost", DOCTOR_NOT_APPLICABLE, "no partition is SCHED_FIFO");
	doctor_tear_down(&bench);
}

static void partitions_keep_their_threads_apart(void)
{
	static const struct thread_case cases[] = {
		{CASE("900", "904", "loop", THREAD_OF_USER, "0", POLICY_OTHER, "0-3"), DOCTOR_FAIL, "loop (904) on 0-3",
		 "for t in 904; do chrt -o -p 0 $t; taskset -pc 0-1 $t; done"},
		{CASE("900", "904", "loop", THREAD_OF_USER, "1", POLICY_FIFO, "0"), DOCTOR_FAIL, "loop (904) real-time",
		 "904"},
		{CASE("900", "904", "loop", THREAD_OF_USER, "0", POLICY_DEADLINE, "0"), DOCTOR_FAIL, "real-time", "904"},
		{CASE("901", "905", "loop", THREAD_OF_USER, "0", POLICY_OTHER, "3"), DOCTOR_PASS, "of 4 threads", ""},
		{"900", "904", THREAD_STAT("904", "loop", THREAD_OF_USER, "0", POLICY_OTHER), "Name:\tloop",
		 DOCTOR_UNKNOWN, "not understood", ""},
	};
	struct doctor_bench bench;

	assert_good("P8-vmm-threads");
	ASSERT_CASES("P8-vmm-threads", cases);
	assert_unseen("P8-vmm-threads");
	doctor_set_up(&bench);
	doctor_remove_all(&bench, "/proc/900/task/*/*");
	assert_looks(&bench, "P8-vmm-threads", DOCTOR_NOT_APPLICABLE, "no partition runs");
	assert_looks(&bench, "P20-vhost", DOCTOR_NOT_APPLICABLE, "no vhost");
	doctor_tear_down(&bench);
}

static void vfio_threads_stand_above_vcpus(void)
{
	static const struct thread_case cases[] = {
		{CASE("70", "70", "irq/45-vfio-msix[0](0000:03:00.0)", THREAD_OF_KERNEL, "1", POLICY_FIFO, "2"),
		 DOCTOR_FAIL, "(70) priority 1", "for t in 70; do chrt -f -p 50 $t; done"},
		{CASE("70", "70", "irq/45-vfio-msi", THREAD_OF_KERNEL, "0", POLICY_OTHER, "2"), DOCTOR_FAIL, "priority 0",
		 "chrt"},
		{CASE("70", "70", "irq/45-ahci", THREAD_OF_KERNEL, "0", POLICY_OTHER, "2"), DOCTOR_NOT_APPLICABLE,
		 "has a thread", ""},
	};

	struct partition_config partition = {.schedule = {.policy = VCPU_POLICY_DEADLINE}};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	assert_good("P13-vfio-threads");
	ASSERT_CASES("P13-vfio-threads", cases);
	assert_unseen("P13-vfio-threads");
	/* SCHED_DEADLINE goes before any priority. */
	cpulist_add(&partition.cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	put_thread(&bench, "70", "70",
		   THREAD_STAT("70", "irq/45-vfio-msi", THREAD_OF_KERNEL, "50", POLICY_FIFO),
		   THREAD_STATUS("irq/45-vfio-msi", "3"));
	assert_looks(&bench, "P13-vfio-threads", DOCTOR_FAIL, "below SCHED_DEADLINE");
	put_thread(&bench, "70", "70",
		   THREAD_STAT("70", "irq/45-vfio-msi", THREAD_OF_KERNEL, "50", POLICY_FIFO),
		   THREAD_STATUS("irq/45-vfio-msi", "0"));
	assert_looks(&bench, "P13-vfio-threads", DOCTOR_PASS, "1 threads");
	doctor_tear_down(&bench);
}

static void timers_are_not_emulated(void)
{
	static const struct thread_case cases[] = {
		{CASE("960", "960", "kvm-pit/950", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-1"), DOCTOR_WARN,
		 "kvm-pit/950 (960)", "pit=off"},
		{CASE("960", "960", "kvm-pit/950", THREAD_OF_USER, "0", POLICY_OTHER, "0-1"), DOCTOR_PASS, "none", ""},
	};

	assert_good("P19-pit");
	ASSERT_CASES("P19-pit", cases);
	assert_unseen("P19-pit");
}

static void vhost_threads_stay_away(void)
{
	static const struct thread_case cases[] = {
		{CASE("900", "903", "vhost-900", THREAD_OF_USER, "0", POLICY_OTHER, "2"), DOCTOR_FAIL, "vhost-900 (903) on 2",
		 "for t in 903; do taskset -pc 0-1 $t; done"},
		{CASE("961", "961", "vhost-950", THREAD_OF_KERNEL, "0", POLICY_OTHER, "0-3"), DOCTOR_FAIL, "(961) on 0-3",
		 "961"},
		{"900", "903", THREAD_STAT("903", "vhost-900", THREAD_OF_USER, "0", POLICY_OTHER), "Name:\tvhost-900",
		 DOCTOR_UNKNOWN, "not understood", ""},
	};

	assert_good("P20-vhost");
	ASSERT_CASES("P20-vhost", cases);
	assert_unseen("P20-vhost");
}

static void strangers_are_found(void)
{
	static const struct thread_case cases[] = {
		{CASE("970", "970", "backup", THREAD_OF_USER, "0", POLICY_OTHER, "0-3"), DOCTOR_FAIL,
		 "1 of 3 threads are allowed on CPU 2-3: backup (970)", "for t in 970; do taskset -pc 0-1 $t; done"},
		/* Put there on purpose, as far as anybody can tell without a file. */
		{CASE("970", "970", "plc", THREAD_OF_USER, "0", POLICY_OTHER, "3"), DOCTOR_PASS, "none of 3", ""},
		{CASE("900", "905", "worker", THREAD_OF_USER, "0", POLICY_OTHER, "1-2"), DOCTOR_FAIL, "worker (905)", "905"},
		{"970", "970", THREAD_STAT("970", "backup", THREAD_OF_USER, "0", POLICY_OTHER), "Name:\tbackup",
		 DOCTOR_UNKNOWN, "not understood", ""},
	};

	assert_good("T1-user-threads");
	ASSERT_CASES("T1-user-threads", cases);
	assert_unseen("T1-user-threads");
}

/* With a file, its CPUs are for its partitions and nobody else. */
static void a_file_knows_who_is_a_stranger(void)
{
	struct partition_config partition = {.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	cpulist_add(&partition.cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	CU_ASSERT_EQUAL(doctor_look(&bench, "T1-user-threads"), DOCTOR_PASS);
	put_thread(&bench, "970", "970", THREAD_STAT("970", "plc", THREAD_OF_USER, "0", POLICY_OTHER),
		   THREAD_STATUS("plc", "3"));
	assert_looks(&bench, "T1-user-threads", DOCTOR_FAIL, "plc (970)");
	doctor_put(&bench, ISOLATED, "");
	assert_looks(&bench, "T1-user-threads", DOCTOR_FAIL, "plc (970)");
	doctor_put(&bench, "/sys/fs/cgroup/cpuset.cpus.isolated", "");
	assert_looks(&bench, "T1-user-threads", DOCTOR_WARN, "plc (970)");
	CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "AllowedCPUs=0-2"));
	partition.schedule.policy = VCPU_POLICY_OTHER;
	CU_ASSERT_EQUAL(doctor_look(&bench, "T1-user-threads"), DOCTOR_NOT_APPLICABLE);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P6-starvation"), DOCTOR_NOT_APPLICABLE);
	doctor_tear_down(&bench);
}

static void movable_kernel_threads_are_moved(void)
{
	static const struct thread_case cases[] = {
		{CASE("3", "3", "rcu_preempt", THREAD_OF_KERNEL, "1", POLICY_FIFO, "0-3"), DOCTOR_WARN,
		 "1 are allowed on CPU 2-3: rcu_preempt (3)", "taskset -pc 0-1"},
		{CASE("4", "4", "kworker/u8:0-events_unbound", THREAD_WORKER, "0", POLICY_OTHER, "0-3"), DOCTOR_WARN,
		 "kworker/u8:0", "echo 3 > /sys/devices/virtual/workqueue/cpumask"},
		{CASE("71", "71", "kswapd-like", THREAD_OF_ONE_CPU, "0", POLICY_OTHER, "0-3"), DOCTOR_PASS, "so", ""},
		{CASE("71", "71", "idle_inject/2", THREAD_OF_KERNEL, "49", POLICY_FIFO, "2"), DOCTOR_PASS, "so", ""},
		{CASE("71", "71", "irq/46-ahci", THREAD_OF_KERNEL, "50", POLICY_FIFO, "0-3"), DOCTOR_PASS, "so", ""},
		{"3", "3", THREAD_STAT("3", "rcu_preempt", THREAD_OF_KERNEL, "1", POLICY_FIFO), "", DOCTOR_UNKNOWN,
		 "not understood", ""},
	};

	assert_good("T2-kernel-threads");
	ASSERT_CASES("T2-kernel-threads", cases);
	assert_unseen("T2-kernel-threads");
}

static void run_tuned(struct doctor_bench *bench, const char *profile)
{
	doctor_set_up(bench);
	put_thread(bench, "980", "980", THREAD_STAT("980", "tuned", THREAD_OF_USER, "0", POLICY_OTHER),
		   THREAD_STATUS("tuned", "0-1"));
	if (profile != NULL)
		doctor_put(bench, "/etc/tuned/active_profile", profile);
}

static void tuned_is_judged_by_its_profile(void)
{
	static const struct {
		const char *profile;
		const char *path;
		const char *text;
		enum doctor_verdict verdict;
	} cases[] = {
		{"throughput-performance", NULL, NULL, DOCTOR_PASS},
		{"realtime-virtual-host", NULL, NULL, DOCTOR_WARN},
		{"virtual-host", NULL, NULL, DOCTOR_PASS},
		{"virtual-host", "/etc/tuned/virtual-host/tuned.conf", "[scheduler]\nisolated_cores=2\n", DOCTOR_WARN},
		{"balanced realtime", NULL, NULL, DOCTOR_WARN},
		{"mine", "/etc/tuned/mine/tuned.conf", "[main]\ninclude=realtime\n", DOCTOR_WARN},
		{"mine", "/etc/tuned/mine/tuned.conf", "[scheduler]\n# ps_blacklist=bulkhead-vmm\n", DOCTOR_WARN},
		{"mine", "/etc/tuned/mine/tuned.conf", "ps_blacklist=qemu # bulkhead-vmm\n", DOCTOR_WARN},
		{"mine", "/etc/tuned/mine/tuned.conf", "[scheduler]\nps_blacklist=bulkhead-vmm;pmd\n", DOCTOR_PASS},
		{"mine", "/etc/tuned/profiles/mine/tuned.conf", "ps_blacklist=.*bulkhead.*", DOCTOR_PASS},
		{"", NULL, NULL, DOCTOR_UNKNOWN},
		{"a; rm -rf /", NULL, NULL, DOCTOR_UNKNOWN},
		{"../../x", NULL, NULL, DOCTOR_UNKNOWN},
		{NULL, NULL, NULL, DOCTOR_UNKNOWN},
	};

	assert_good("P27-tuned");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct doctor_bench bench;

		run_tuned(&bench, cases[i].profile);
		if (cases[i].path != NULL)
			doctor_put(&bench, cases[i].path, cases[i].text);
		assert_looks(&bench, "P27-tuned", cases[i].verdict, "");
		if (cases[i].verdict == DOCTOR_WARN)
			CU_ASSERT_PTR_NOT_NULL(strstr(bench.result.remedy, "ps_blacklist=bulkhead-vmm"));
		doctor_tear_down(&bench);
	}
	assert_unseen("P27-tuned");
}

static void tuned_without_facts_is_unknown(void)
{
	struct doctor_bench bench;

	run_tuned(&bench, "mine");
	doctor_put_error(&bench, "/etc/tuned/mine/tuned.conf", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P27-tuned"), DOCTOR_UNKNOWN);
	doctor_put_error(&bench, "/etc/tuned/active_profile", EACCES);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P27-tuned"), DOCTOR_UNKNOWN);
	doctor_remove(&bench, "/etc/tuned/active_profile");
	bench.host.files.complete = false;
	CU_ASSERT_EQUAL(doctor_look(&bench, "P27-tuned"), DOCTOR_UNKNOWN);
	doctor_put(&bench, "/etc/tuned/active_profile", "mine");
	doctor_remove(&bench, "/etc/tuned/mine/tuned.conf");
	CU_ASSERT_EQUAL(doctor_look(&bench, "P27-tuned"), DOCTOR_UNKNOWN);
	doctor_tear_down(&bench);
}

void test_doctor_threads_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor_threads", NULL, NULL);

	CU_ADD_TEST(suite, kernel_threads_run_before_vcpus);
	CU_ADD_TEST(suite, a_guard_softens_starvation);
	CU_ADD_TEST(suite, a_guard_is_one_for_those_it_serves);
	CU_ADD_TEST(suite, preempted_readers_are_boosted_above_vcpus);
	CU_ADD_TEST(suite, readers_are_boosted_above_the_highest_vcpu);
	CU_ADD_TEST(suite, partitions_keep_their_threads_apart);
	CU_ADD_TEST(suite, vfio_threads_stand_above_vcpus);
	CU_ADD_TEST(suite, timers_are_not_emulated);
	CU_ADD_TEST(suite, vhost_threads_stay_away);
	CU_ADD_TEST(suite, strangers_are_found);
	CU_ADD_TEST(suite, a_file_knows_who_is_a_stranger);
	CU_ADD_TEST(suite, movable_kernel_threads_are_moved);
	CU_ADD_TEST(suite, tuned_is_judged_by_its_profile);
	CU_ADD_TEST(suite, tuned_without_facts_is_unknown);
}
