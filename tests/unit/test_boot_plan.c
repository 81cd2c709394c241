// SPDX-License-Identifier: Apache-2.0
/* The kernel's command line and the options of its modules, and what the running kernel makes of them. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cli/flow.h"
#include "rt/boot_effect.h"
#include "rt/boot_plan.h"
#include "tests/unit/cut_fixture.h"
#include "tests/unit/doctor_fixture.h"

void test_boot_plan_register(void);

#define CMDLINE "/proc/cmdline"
#define CONFIG "/bulkhead/kernel-config"
#define RELEASE "/proc/sys/kernel/osrelease"

/* struct bench - a cut and what it is to be booted with. */
struct bench {
	struct cut cut;
	struct boot_plan plan;
	struct boot_request request;
	struct cpu_division cpus;
};

static void set_up(struct bench *bench, const char *cpus)
{
	static const struct host_shape shape = {.cores = 4};

	*bench = (struct bench){0};
	cut_set_up(&bench->cut, &shape);
	cut_add(&bench->cut, "plc", cpus);
	bench->request = (struct boot_request){
		.machine = &bench->cut.machine, .host = &bench->cut.host, .cpus = &bench->cpus,
	};
}

static void plan(struct bench *bench)
{
	boot_plan_done(&bench->plan);
	findings_done(&bench->cut.findings);
	flow_division(&bench->cut.machine, &bench->cut.host, &bench->cpus);
	CU_ASSERT_EQUAL_FATAL(boot_plan(&bench->request, &bench->plan, &bench->cut.findings), 0);
}

static void tear_down(struct bench *bench)
{
	boot_plan_done(&bench->plan);
	cut_tear_down(&bench->cut);
}

static const struct boot_parameter *find(const struct boot_plan *boot, const char *text)
{
	for (size_t i = 0; i < boot->count; i++) {
		if (strcmp(boot->parameter[i].text, text) == 0)
			return &boot->parameter[i];
	}
	return NULL;
}

/* Whether any parameter begins so. */
static bool begins(const struct boot_plan *boot, const char *text)
{
	for (size_t i = 0; i < boot->count; i++) {
		if (strncmp(boot->parameter[i].text, text, strlen(text)) == 0)
			return true;
	}
	return false;
}

static void assert_has(const struct boot_plan *boot, const char *text)
{
	const struct boot_parameter *parameter = find(boot, text);

	CU_ASSERT_PTR_NOT_NULL(parameter);
	if (parameter == NULL)
		printf("\n  no parameter %s\n", text);
	else
		CU_ASSERT_TRUE(parameter->reason[0] != '\0' &&
			       parameter->reason[strlen(parameter->reason) - 1] != '.');
}

static void assert_lacks(const struct boot_plan *boot, const char *text)
{
	CU_ASSERT_FALSE(begins(boot, text));
	if (begins(boot, text))
		printf("\n  a parameter begins with %s\n", text);
}

static char *join(const struct boot_plan *boot, char *buffer, size_t size)
{
	size_t length = (size_t)snprintf(buffer, size, "BOOT_IMAGE=/vmlinuz ro quiet");

	for (size_t i = 0; i < boot->count; i++)
		length += (size_t)snprintf(buffer + length, size - length, " %s", boot->parameter[i].text);
	CU_ASSERT_TRUE_FATAL(length < size);
	return buffer;
}

static void a_usual_machine(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	plan(&bench);
	assert_has(&bench.plan, "nohz_full=2-3");
	assert_has(&bench.plan, "rcu_nocbs=2-3");
	assert_has(&bench.plan, "irqaffinity=0-1");
	assert_has(&bench.plan, "isolcpus=managed_irq,2-3");
	assert_has(&bench.plan, "skew_tick=1");
	assert_has(&bench.plan, "rcutree.kthread_prio=4");
	assert_lacks(&bench.plan, "tsc=");
	assert_lacks(&bench.plan, "rcupdate.");
	assert_lacks(&bench.plan, "nosoftlockup");
	assert_lacks(&bench.plan, "nmi_watchdog");
	assert_lacks(&bench.plan, "intel_iommu");
	assert_lacks(&bench.plan, "iommu");
	assert_lacks(&bench.plan, "hugepagesz");
	assert_lacks(&bench.plan, "systemd.");
	assert_lacks(&bench.plan, "cgroup_no_v1");
	assert_lacks(&bench.plan, "transparent_hugepage");
	assert_lacks(&bench.plan, "intel_pstate");
	assert_lacks(&bench.plan, "psi");
	assert_lacks(&bench.plan, "mce");
	assert_lacks(&bench.plan, "idle");
	assert_lacks(&bench.plan, "default_hugepagesz");
	for (size_t i = 0; i < bench.plan.count; i++)
		CU_ASSERT_FALSE(bench.plan.parameter[i].live);
	CU_ASSERT_EQUAL(findings_count(&bench.cut.findings, FINDING_REFUSED), 0);
	CU_ASSERT_EQUAL(findings_count(&bench.cut.findings, FINDING_UNKNOWN), 0);
	tear_down(&bench);
}

static void no_real_time_partition_needs_nothing(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	bench.cut.partition[0].schedule = (struct vcpu_schedule){.policy = VCPU_POLICY_OTHER};
	host_fixture_put(&bench.cut.host, "/sys/kernel/mm/transparent_hugepage/enabled", "[always] never");
	plan(&bench);
	CU_ASSERT_EQUAL(bench.plan.count, 0);
	CU_ASSERT_EQUAL(bench.plan.option_count, 0);
	tear_down(&bench);
}

static void domain_only_where_asked(void)
{
	struct bench bench;

	set_up(&bench, "1,3");
	bench.request.isolcpus = true;
	plan(&bench);
	assert_has(&bench.plan, "isolcpus=managed_irq,domain,1,3");
	tear_down(&bench);
}

static void threads_of_rcu_stand_above_every_vcpu(void)
{
	struct bench bench;

	set_up(&bench, "2");
	cut_add(&bench.cut, "hmi", "3")->schedule.priority = 40;
	plan(&bench);
	assert_has(&bench.plan, "rcutree.kthread_prio=43");
	bench.cut.partition[1].schedule.priority = 98;
	plan(&bench);
	assert_has(&bench.plan, "rcutree.kthread_prio=99");
	for (size_t i = 0; i < 2; i++)
		bench.cut.partition[i].schedule = (struct vcpu_schedule){.policy = VCPU_POLICY_DEADLINE};
	plan(&bench);
	assert_lacks(&bench.plan, "rcutree.kthread_prio");
	assert_has(&bench.plan, "nohz_full=2-3");
	tear_down(&bench);
}

static void each_release_has_its_parameters(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	plan(&bench);
	assert_lacks(&bench.plan, "rcutree.nohz_full_patience_delay");
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-old"), 1);
	CU_ASSERT_EQUAL(bench.cut.findings.item[0].kind, FINDING_NOTE);
	CU_ASSERT_STRING_EQUAL(bench.cut.findings.item[0].diag.text,
			       "rcutree.nohz_full_patience_delay is left out: it needs Linux 6.11, and this host "
			       "runs 6.1");
	host_fixture_put(&bench.cut.host, RELEASE, "6.12.41-rt");
	plan(&bench);
	assert_has(&bench.plan, "rcutree.nohz_full_patience_delay=1000");
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-old"), 0);
	/* Not known: the oldest is taken, and it is said. */
	host_fixture_put(&bench.cut.host, RELEASE, NULL);
	host_fixture_put(&bench.cut.host, "/proc/version", NULL);
	plan(&bench);
	assert_has(&bench.plan, "nohz_full=2-3");
	assert_lacks(&bench.plan, "rcutree.nohz_full_patience_delay");
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-release"), 1);
	CU_ASSERT_EQUAL(findings_count(&bench.cut.findings, FINDING_UNKNOWN), 1);
	tear_down(&bench);
}

static void a_kernel_without_an_option_is_not_asked(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	host_fixture_put(&bench.cut.host, CONFIG, "CONFIG_NO_HZ_FULL=y\nCONFIG_CPU_ISOLATION=y\n");
	plan(&bench);
	assert_has(&bench.plan, "nohz_full=2-3");
	assert_has(&bench.plan, "isolcpus=managed_irq,2-3");
	assert_lacks(&bench.plan, "rcu_nocbs");
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-config"), 1);
	/* Without nohz_full the watchdogs run everywhere. */
	host_fixture_put(&bench.cut.host, CONFIG,
			 "CONFIG_SOFTLOCKUP_DETECTOR=y\nCONFIG_HARDLOCKUP_DETECTOR=y\n");
	host_fixture_put(&bench.cut.host, "/proc/sys/kernel/soft_watchdog", "1");
	host_fixture_put(&bench.cut.host, "/proc/sys/kernel/nmi_watchdog", "1");
	plan(&bench);
	assert_lacks(&bench.plan, "nohz_full");
	assert_lacks(&bench.plan, "isolcpus");
	assert_has(&bench.plan, "nosoftlockup");
	assert_has(&bench.plan, "nmi_watchdog=0");
	tear_down(&bench);
}

static void what_the_host_has_decides(void)
{
	static const char flags[] = "processor\t: 0\nvendor_id\t: %s\nmodel name\t: A CPU\nflags\t\t: tsc %s\n";
	struct bench bench;
	char text[256];

	set_up(&bench, "2-3");
	snprintf(text, sizeof(text), flags, "GenuineIntel", "constant_tsc nonstop_tsc");
	host_fixture_put(&bench.cut.host, "/proc/cpuinfo", text);
	host_fixture_put(&bench.cut.host, "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
	host_fixture_put(&bench.cut.host, "/sys/devices/system/cpu/intel_pstate/status", "active");
	host_fixture_put(&bench.cut.host, "/proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0");
	host_fixture_put(&bench.cut.host, "/sys/kernel/realtime", NULL);
	host_fixture_put(&bench.cut.host, "/proc/version", "Linux version 6.1.0-37-amd64 #1 SMP PREEMPT_DYNAMIC");
	plan(&bench);
	assert_has(&bench.plan, "tsc=reliable");
	assert_has(&bench.plan, "transparent_hugepage=never");
	assert_has(&bench.plan, "intel_pstate=disable");
	assert_has(&bench.plan, "psi=0");
	assert_has(&bench.plan, "rcupdate.rcu_normal_after_boot=1");
	snprintf(text, sizeof(text), flags, "AuthenticAMD", "constant_tsc");
	host_fixture_put(&bench.cut.host, "/proc/cpuinfo", text);
	host_fixture_put(&bench.cut.host, "/sys/devices/system/cpu/amd_pstate/status", "active");
	host_fixture_put(&bench.cut.host, RELEASE, "6.6.1");
	plan(&bench);
	assert_lacks(&bench.plan, "tsc");
	assert_lacks(&bench.plan, "intel_pstate");
	assert_has(&bench.plan, "amd_pstate=disable");
	tear_down(&bench);
}

static void devices_need_an_iommu(void)
{
	static struct partition_device device = {.address = "0000:03:00.0"};
	struct bench bench;

	set_up(&bench, "2-3");
	bench.cut.partition[0].device = &device;
	bench.cut.partition[0].device_count = 1;
	plan(&bench);
	assert_has(&bench.plan, "intel_iommu=on");
	assert_has(&bench.plan, "iommu=pt");
	host_fixture_put(&bench.cut.host, "/proc/cpuinfo", "processor\t: 0\nvendor_id\t: AuthenticAMD\n");
	plan(&bench);
	assert_lacks(&bench.plan, "intel_iommu");
	assert_has(&bench.plan, "iommu=pt");
	tear_down(&bench);
}

static void gigabytes_by_node(void)
{
	static const struct boot_pool pools[] = {{0, 4}, {1, 2}};
	static const struct boot_pool any[] = {{-1, 3}};
	struct bench bench;

	set_up(&bench, "2-3");
	bench.request.pool = pools;
	bench.request.pool_count = 2;
	plan(&bench);
	assert_has(&bench.plan, "hugepagesz=1G hugepages=0:4,1:2");
	bench.request.pool = any;
	bench.request.pool_count = 1;
	plan(&bench);
	assert_has(&bench.plan, "hugepagesz=1G hugepages=3");
	/* Another's count is said, and kept. */
	host_fixture_put(&bench.cut.host, CMDLINE, "quiet hugepagesz=1G hugepages=8");
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-elsewhere"), 1);
	host_fixture_put(&bench.cut.host, CMDLINE, "quiet hugepagesz=1G hugepages=3");
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-elsewhere"), 0);
	CU_ASSERT_TRUE_FATAL(find(&bench.plan, "hugepagesz=1G hugepages=3") != NULL);
	CU_ASSERT_TRUE(find(&bench.plan, "hugepagesz=1G hugepages=3")->live);
	tear_down(&bench);
}

static void control_groups_of_systemd(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	host_fixture_put(&bench.cut.host, "/proc/mounts",
			 "cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,name=systemd 0 0\n"
			 "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0");
	plan(&bench);
	assert_has(&bench.plan, "systemd.unified_cgroup_hierarchy=1");
	assert_has(&bench.plan, "cgroup_no_v1=all");
	/* Of another init nobody knows how to tell it. */
	host_fixture_put(&bench.cut.host, "/proc/mounts", "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0");
	plan(&bench);
	assert_lacks(&bench.plan, "systemd.");
	tear_down(&bench);
}

static void what_others_write_is_said(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	host_fixture_put(&bench.cut.host, CMDLINE, "quiet nohz_full=3 skew_tick=1");
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-elsewhere"), 1);
	assert_has(&bench.plan, "nohz_full=2-3");
	CU_ASSERT_TRUE(find(&bench.plan, "skew_tick=1") != NULL && find(&bench.plan, "skew_tick=1")->live);
	/* Of an earlier plan of ours: it goes with the file. */
	host_fixture_put(&bench.cut.host, BOOT_GRUB_FILE,
			 "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT nohz_full=3\"\n");
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-elsewhere"), 0);
	/* A second list would hide the first one's domain from those who read the last. */
	host_fixture_put(&bench.cut.host, CMDLINE, "quiet isolcpus=2-3");
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-elsewhere"), 1);
	assert_lacks(&bench.plan, "isolcpus");
	tear_down(&bench);
}

static void a_command_line_has_an_end(void)
{
	static const struct host_shape shape = {.cores = 2048};
	struct bench bench = {0};
	struct partition_config *partition;

	cut_set_up(&bench.cut, &shape);
	partition = cut_add(&bench.cut, "plc", "1");
	for (unsigned cpu = 1; cpu < 1200; cpu += 2)
		cpulist_add(&partition->cpus, cpu);
	bench.request = (struct boot_request){
		.machine = &bench.cut.machine, .host = &bench.cut.host, .cpus = &bench.cpus,
	};
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-long"), 1);
	CU_ASSERT_EQUAL(findings_count(&bench.cut.findings, FINDING_REFUSED), 1);
	tear_down(&bench);
}

static const struct boot_option *find_option(const struct boot_plan *boot, const char *module,
					     const char *name)
{
	for (size_t i = 0; i < boot->option_count; i++) {
		if (strcmp(boot->option[i].module, module) == 0 && strcmp(boot->option[i].name, name) == 0)
			return &boot->option[i];
	}
	return NULL;
}

static void options_that_the_modules_have(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	host_fixture_put(&bench.cut.host, "/proc/modules", "kvm_intel 1 0 - Live 0x0\nkvm 1 1 kvm_intel, Live 0x0");
	host_fixture_put(&bench.cut.host, "/sys/module/kvm/parameters/kvmclock_periodic_sync", "Y");
	host_fixture_put(&bench.cut.host, "/sys/module/kvm/parameters/nx_huge_pages", "Y");
	host_fixture_put(&bench.cut.host, "/sys/module/kvm/parameters/nx_huge_pages_recovery_ratio", "60");
	host_fixture_put(&bench.cut.host, "/sys/module/kvm_intel/parameters/ple_gap", "128");
	host_fixture_put(&bench.cut.host, "/sys/devices/system/cpu/vulnerabilities/itlb_multihit", "Not affected");
	plan(&bench);
	CU_ASSERT_PTR_NOT_NULL(find_option(&bench.plan, "kvm", "kvmclock_periodic_sync"));
	CU_ASSERT_PTR_NOT_NULL(find_option(&bench.plan, "kvm_intel", "ple_gap"));
	CU_ASSERT_PTR_NULL(find_option(&bench.plan, "kvm", "halt_poll_ns"));
	CU_ASSERT_PTR_NULL(find_option(&bench.plan, "kvm_amd", "pause_filter_count"));
	CU_ASSERT_PTR_NULL(find_option(&bench.plan, "kvm", "nx_huge_pages_recovery_ratio"));
	/* A value that kvm does not know keeps it from loading. */
	CU_ASSERT_PTR_NOT_NULL_FATAL(find_option(&bench.plan, "kvm", "nx_huge_pages"));
	CU_ASSERT_STRING_EQUAL(find_option(&bench.plan, "kvm", "nx_huge_pages")->value, "0");
	CU_ASSERT_FALSE(find_option(&bench.plan, "kvm", "nx_huge_pages")->live);
	assert_lacks(&bench.plan, "kvm");
	host_fixture_put(&bench.cut.host, RELEASE, "6.12.1");
	plan(&bench);
	CU_ASSERT_STRING_EQUAL(find_option(&bench.plan, "kvm", "nx_huge_pages")->value, "never");
	host_fixture_put(&bench.cut.host, "/sys/devices/system/cpu/vulnerabilities/itlb_multihit",
			 "KVM: Mitigation: Split huge pages");
	plan(&bench);
	CU_ASSERT_PTR_NULL(find_option(&bench.plan, "kvm", "nx_huge_pages"));
	CU_ASSERT_PTR_NOT_NULL(find_option(&bench.plan, "kvm", "nx_huge_pages_recovery_ratio"));
	/* Where PAUSE exits are off nothing comes of them. */
	bench.cut.partition[0].exits_disabled = EXITS_DISABLED_PAUSE;
	plan(&bench);
	CU_ASSERT_PTR_NULL(find_option(&bench.plan, "kvm_intel", "ple_gap"));
	tear_down(&bench);
}

static void parts_of_the_kernel_take_parameters(void)
{
	struct bench bench;

	set_up(&bench, "2-3");
	host_fixture_put(&bench.cut.host, "/proc/modules", "ext4 1 0 - Live 0x0");
	host_fixture_put(&bench.cut.host, "/sys/module/kvm/parameters/kvmclock_periodic_sync", "N");
	plan(&bench);
	assert_has(&bench.plan, "kvm.kvmclock_periodic_sync=0");
	CU_ASSERT_PTR_NOT_NULL_FATAL(find_option(&bench.plan, "kvm", "kvmclock_periodic_sync"));
	CU_ASSERT_TRUE(find_option(&bench.plan, "kvm", "kvmclock_periodic_sync")->built_in);
	CU_ASSERT_TRUE(find_option(&bench.plan, "kvm", "kvmclock_periodic_sync")->live);
	host_fixture_put(&bench.cut.host, "/sys/module/kvm/parameters/kvmclock_periodic_sync", NULL);
	plan(&bench);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-module"), 1);
	assert_lacks(&bench.plan, "kvm");
	tear_down(&bench);
}

/* Booted with the plan, the host shows it, as far as a kernel shows what it was booted with. */
static void boot_with(struct doctor_bench *bench, const struct boot_plan *boot, const char *rt, bool domain)
{
	char text[4096];
	char path[128];

	doctor_put(bench, CMDLINE, join(boot, text, sizeof(text)));
	doctor_put(bench, "/sys/devices/system/cpu/nohz_full", rt);
	doctor_put(bench, "/sys/devices/system/cpu/isolated", domain ? rt : "");
	for (size_t i = 0; i < boot->count; i++) {
		static const char priority[] = "rcutree.kthread_prio=";

		if (strncmp(boot->parameter[i].text, priority, sizeof(priority) - 1) == 0)
			doctor_put(bench, "/sys/module/rcutree/parameters/kthread_prio",
				   boot->parameter[i].text + sizeof(priority) - 1);
	}
	for (size_t i = 0; i < boot->option_count; i++) {
		snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", boot->option[i].module,
			 boot->option[i].name);
		doctor_put(bench, path, strcmp(boot->option[i].value, "0") == 0 &&
			   strcmp(boot->option[i].name, "kvmclock_periodic_sync") == 0 ? "N" :
			   boot->option[i].value);
	}
}

/* Every check of the command line and of KVM's options is content with what is planned. */
static void the_doctor_agrees(struct doctor_bench *bench, const char *rt)
{
	static const char *const checks[] = {
		"C1-isolcpus", "C2-managed-irq", "C3-nohz-full", "C4-rcu-nocbs", "C5-irqaffinity",
		"C6-cpu-lists", "C7-skew-tick", "C8-tsc-reliable", "C9-scaling-driver", "C10-idle-poll",
		"C11-interrupt-remapping", "C12-machine-checks", "P25-misplaced-parameters",
		"P25-unknown-parameters", "P1-nx-huge-pages", "P3-kvmclock-sync", "P4-pause-exits",
		"P9-guest-timer", "H2-halt-polling", "P6-rcu-boost",
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		enum doctor_verdict verdict = doctor_look(bench, checks[i]);
		bool good = verdict == DOCTOR_PASS || verdict == DOCTOR_NOT_APPLICABLE;

		CU_ASSERT_TRUE(good);
		if (!good)
			printf("\n  %s with %s: %s, %s\n", checks[i], rt, bench->result.value,
			       bench->result.expected);
	}
}

struct variant {
	const char *cpus;
	enum isolation isolation;
	enum vcpu_policy policy;
	unsigned exits_disabled;
	const char *vendor;
};

static void plan_variant(const struct variant *variant)
{
	static struct partition_device device = {.address = "0000:03:00.0"};
	struct partition_config partition = {
		.schedule = {.policy = variant->policy, .priority = 2},
		.isolation = variant->isolation, .exits_disabled = variant->exits_disabled,
		.cpus = cut_cpus(variant->cpus), .device = &device, .device_count = 1,
	};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;
	struct cpu_division cpus;
	struct boot_plan first = {0};
	struct boot_plan again = {0};
	struct findings findings = {0};
	struct boot_request request = {
		.machine = &machine, .host = &bench.host, .cpus = &cpus,
		.isolcpus = variant->isolation == ISOLATION_ISOLCPUS,
	};
	char one[4096];
	char other[4096];

	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_put(&bench, CMDLINE, "quiet");
	doctor_put(&bench, "/boot/config-6.12.41-rt-amd64", "CONFIG_NO_HZ_FULL=y\nCONFIG_CPU_ISOLATION=y\n"
		   "CONFIG_RCU_NOCB_CPU=y\nCONFIG_INTEL_IOMMU=y\n");
	doctor_put(&bench, "/sys/devices/system/cpu/intel_pstate/status", "active");
	doctor_put(&bench, "/sys/devices/system/cpu/amd_pstate/status", "active");
	snprintf(one, sizeof(one), "processor\t: 0\nvendor_id\t: %s\nmodel name\t: A\n"
		 "flags\t\t: tsc constant_tsc nonstop_tsc arat\n", variant->vendor);
	doctor_put(&bench, "/proc/cpuinfo", one);
	doctor_put(&bench, "/sys/module/rcutree/parameters/kthread_prio", "1");
	doctor_put(&bench, "/sys/module/kvm_intel/parameters/ple_gap", "128");
	doctor_put(&bench, "/sys/module/kvm/parameters/pi_inject_timer", "1");
	doctor_put(&bench, "/sys/module/kvm/parameters/halt_poll_ns", "200000");
	doctor_put(&bench, "/sys/module/kvm/parameters/kvmclock_periodic_sync", "Y");
	doctor_put(&bench, "/sys/module/kvm/parameters/nx_huge_pages", "Y");
	doctor_look(&bench, "C1-isolcpus");
	flow_division(&machine, &bench.host, &cpus);
	CU_ASSERT_EQUAL_FATAL(boot_plan(&request, &first, &findings), 0);
	CU_ASSERT_EQUAL(findings_count(&findings, FINDING_REFUSED), 0);
	boot_with(&bench, &first, variant->cpus, request.isolcpus);
	the_doctor_agrees(&bench, variant->cpus);
	/* And a plan on the host that was booted with it is the same. */
	CU_ASSERT_EQUAL_FATAL(boot_plan(&request, &again, &findings), 0);
	CU_ASSERT_STRING_EQUAL(join(&first, one, sizeof(one)), join(&again, other, sizeof(other)));
	CU_ASSERT_EQUAL(first.option_count, again.option_count);
	for (size_t i = 0; i < again.count; i++)
		CU_ASSERT_TRUE(again.parameter[i].live);
	for (size_t i = 0; i < again.option_count; i++)
		CU_ASSERT_TRUE(again.option[i].live);
	findings_done(&findings);
	boot_plan_done(&first);
	boot_plan_done(&again);
	doctor_tear_down(&bench);
}

static void plans_and_checks_agree(void)
{
	static const char *const cpus[] = {"2-3", "3", "1-3", "1,3"};
	static const enum isolation isolations[] = {
		ISOLATION_ANY, ISOLATION_CPUSET, ISOLATION_ISOLCPUS, ISOLATION_AFFINITY,
	};
	static const unsigned exits[] = {
		0, EXITS_DISABLED_HLT, EXITS_DISABLED_HLT | EXITS_DISABLED_PAUSE,
	};
	static const char *const vendors[] = {"GenuineIntel", "AuthenticAMD"};

	for (size_t i = 0; i < 4 * 4 * 3 * 2 * 2; i++) {
		struct variant variant = {
			.cpus = cpus[i % 4],
			.isolation = isolations[i / 4 % 4],
			.exits_disabled = exits[i / 16 % 3],
			.vendor = vendors[i / 48 % 2],
			.policy = i / 96 == 0 ? VCPU_POLICY_FIFO : VCPU_POLICY_DEADLINE,
		};

		plan_variant(&variant);
	}
}

/* struct effect_row - a booted parameter, a file of the host, and what comes of it. */
struct effect_row {
	const char *parameter;
	const char *path;
	const char *text;
	enum boot_effect effect;
};

static const struct effect_row effect_rows[] = {
	{"nohz_full=2-3", "/sys/devices/system/cpu/nohz_full", "2-3", BOOT_HELD},
	{"nohz_full=2-3", "/sys/devices/system/cpu/nohz_full", "3", BOOT_NOT_HELD},
	{"nohz_full=2-3", "/sys/devices/system/cpu/nohz_full", NULL, BOOT_NOT_HELD},
	{"nohz_full=2-3", "/sys/devices/system/cpu/nohz_full", "many", BOOT_UNKNOWN},
	{"isolcpus=managed_irq,2-3", "/sys/devices/system/cpu/isolated", "", BOOT_HELD},
	{"isolcpus=managed_irq,domain,2-3", "/sys/devices/system/cpu/isolated", "2-3", BOOT_HELD},
	{"isolcpus=managed_irq,domain,2-3", "/sys/devices/system/cpu/isolated", "", BOOT_NOT_HELD},
	{"isolcpus=managed_irq", "/sys/devices/system/cpu/isolated", "", BOOT_NOT_HELD},
	{"irqaffinity=0-1", "/proc/irq/default_smp_affinity", "3", BOOT_HELD},
	{"irqaffinity=0-1", "/proc/irq/default_smp_affinity", "1", BOOT_HELD},
	{"irqaffinity=0-1", "/proc/irq/default_smp_affinity", "f", BOOT_NOT_HELD},
	{"irqaffinity=0-1", "/proc/irq/default_smp_affinity", "zz", BOOT_UNKNOWN},
	{"rcutree.kthread_prio=4", "/sys/module/rcutree/parameters/kthread_prio", "4", BOOT_HELD},
	{"rcutree.kthread_prio=4", "/sys/module/rcutree/parameters/kthread_prio", "1", BOOT_NOT_HELD},
	{"rcupdate.rcu_normal_after_boot=1", "/sys/kernel/rcu_normal", "1", BOOT_HELD},
	{"rcupdate.rcu_normal_after_boot=1", "/sys/kernel/rcu_normal", "0", BOOT_NOT_HELD},
	{"transparent_hugepage=never", "/sys/kernel/mm/transparent_hugepage/enabled", "always [never]",
	 BOOT_HELD},
	{"transparent_hugepage=never", "/sys/kernel/mm/transparent_hugepage/enabled", "[always] never",
	 BOOT_NOT_HELD},
	{"tsc=reliable", "/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc", BOOT_HELD},
	{"tsc=reliable", "/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet",
	 BOOT_NOT_HELD},
	{"nosoftlockup", "/proc/sys/kernel/soft_watchdog", "0", BOOT_HELD},
	{"nmi_watchdog=0", "/proc/sys/kernel/nmi_watchdog", "1", BOOT_NOT_HELD},
	{"psi=0", "/proc/pressure/cpu", NULL, BOOT_HELD},
	{"psi=0", "/proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", BOOT_NOT_HELD},
	{"intel_pstate=disable", "/sys/devices/system/cpu/intel_pstate/status", NULL, BOOT_HELD},
	{"intel_pstate=disable", "/sys/devices/system/cpu/intel_pstate/status", "active", BOOT_NOT_HELD},
	{"kvm.kvmclock_periodic_sync=0", "/sys/module/kvm/parameters/kvmclock_periodic_sync", "N", BOOT_HELD},
	{"kvm.kvmclock_periodic_sync=0", "/sys/module/kvm/parameters/kvmclock_periodic_sync", "Y",
	 BOOT_NOT_HELD},
	{"skew_tick=1", "/bulkhead/kernel-log", "Linux version 6.1", BOOT_HELD},
	{"skew_tick=1", "/bulkhead/kernel-log",
	 "Linux version 6.1\nUnknown kernel command line parameters \"skew_tick=1\", will be passed to user space.",
	 BOOT_NOT_HELD},
	{"skew_tick=1", "/bulkhead/kernel-log",
	 "Unknown kernel command line parameters \"BOOT_IMAGE=/vmlinuz skew_tick=11\", will be passed on",
	 BOOT_HELD},
};

static void effects_are_seen(void)
{
	struct bench bench;

	for (size_t i = 0; i < sizeof(effect_rows) / sizeof(effect_rows[0]); i++) {
		const struct effect_row *row = &effect_rows[i];
		char text[128];
		char found[BOOT_FOUND_MAX] = "";
		struct boot_parameter parameter = {.live = true};

		set_up(&bench, "2-3");
		snprintf(text, sizeof(text), "%s", row->parameter);
		parameter.text = text;
		host_fixture_put(&bench.cut.host, CMDLINE, row->parameter);
		host_fixture_put(&bench.cut.host, row->path, row->text);
		enum boot_effect effect = boot_effect(&parameter, &bench.cut.host, found);

		CU_ASSERT_EQUAL(effect, row->effect);
		CU_ASSERT_NOT_EQUAL(found[0], '\0');
		if (effect != row->effect)
			printf("\n  %s with %s %s: %s\n", row->parameter, row->path,
			       row->text == NULL ? "absent" : row->text, found);
		parameter.live = false;
		CU_ASSERT_EQUAL(boot_effect(&parameter, &bench.cut.host, found), BOOT_NOT_HELD);
		host_fixture_put_error(&bench.cut.host, CMDLINE, EACCES);
		CU_ASSERT_EQUAL(boot_effect(&parameter, &bench.cut.host, found), BOOT_UNKNOWN);
		tear_down(&bench);
	}
}

static void pools_are_counted(void)
{
	char text[] = "hugepagesz=1G hugepages=0:2,1:1";
	struct boot_parameter parameter = {.text = text, .live = true};
	char found[BOOT_FOUND_MAX];
	struct bench bench;

	set_up(&bench, "2-3");
	host_fixture_put(&bench.cut.host, CMDLINE, text);
	CU_ASSERT_EQUAL(boot_effect(&parameter, &bench.cut.host, found), BOOT_NOT_HELD);
	host_fixture_pool(&bench.cut.host, 0, UINT64_C(1) << 30, 3, 3);
	CU_ASSERT_EQUAL(boot_effect(&parameter, &bench.cut.host, found), BOOT_HELD);
	CU_ASSERT_STRING_EQUAL(found, "3 pages of 1 GiB");
	tear_down(&bench);
}

static void the_log_is_heard(void)
{
	static const char path[] = "/bulkhead/kernel-log";
	char found[BOOT_FOUND_MAX];
	struct bench bench;

	set_up(&bench, "2-3");
	host_fixture_put(&bench.cut.host, path, "Linux version 6.1");
	CU_ASSERT_EQUAL(boot_log_effect(&bench.cut.host, found), BOOT_HELD);
	host_fixture_put(&bench.cut.host, path, "RT throttling activated");
	CU_ASSERT_EQUAL(boot_log_effect(&bench.cut.host, found), BOOT_UNKNOWN);
	host_fixture_put_error(&bench.cut.host, path, EPERM);
	CU_ASSERT_EQUAL(boot_log_effect(&bench.cut.host, found), BOOT_UNKNOWN);
	host_fixture_put(&bench.cut.host, path,
			 "Linux version 6.1\nkvm: `never' invalid for parameter `nx_huge_pages'\nmore");
	CU_ASSERT_EQUAL(boot_log_effect(&bench.cut.host, found), BOOT_NOT_HELD);
	CU_ASSERT_STRING_EQUAL(found, "kvm: `never' invalid for parameter `nx_huge_pages'");
	tear_down(&bench);
}

void test_boot_plan_register(void)
{
	CU_pSuite suite = CU_add_suite("boot_plan", NULL, NULL);

	CU_ADD_TEST(suite, a_usual_machine);
	CU_ADD_TEST(suite, no_real_time_partition_needs_nothing);
	CU_ADD_TEST(suite, domain_only_where_asked);
	CU_ADD_TEST(suite, threads_of_rcu_stand_above_every_vcpu);
	CU_ADD_TEST(suite, each_release_has_its_parameters);
	CU_ADD_TEST(suite, a_kernel_without_an_option_is_not_asked);
	CU_ADD_TEST(suite, what_the_host_has_decides);
	CU_ADD_TEST(suite, devices_need_an_iommu);
	CU_ADD_TEST(suite, gigabytes_by_node);
	CU_ADD_TEST(suite, control_groups_of_systemd);
	CU_ADD_TEST(suite, what_others_write_is_said);
	CU_ADD_TEST(suite, a_command_line_has_an_end);
	CU_ADD_TEST(suite, options_that_the_modules_have);
	CU_ADD_TEST(suite, parts_of_the_kernel_take_parameters);
	CU_ADD_TEST(suite, plans_and_checks_agree);
	CU_ADD_TEST(suite, effects_are_seen);
	CU_ADD_TEST(suite, pools_are_counted);
	CU_ADD_TEST(suite, the_log_is_heard);
}
