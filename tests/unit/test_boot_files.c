// SPDX-License-Identifier: Apache-2.0
/* The files by which a host boots for a machine, and whether they hold. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/change.h"
#include "core/cli/boot_files.h"
#include "core/cli/boot_machine.h"
#include "core/cli/boot_verify.h"
#include "core/cli/unit_text.h"
#include "rt/boot_plan.h"
#include "tests/unit/cut_fixture.h"

void test_boot_files_register(void);

#define UNITS "/etc/systemd/system/"

/* struct bench - a machine of three partitions on Debian with GRUB, and the files planned for it. */
struct bench {
	struct cut cut;
	struct boot_machine boot;
	struct boot_files_request request;
	struct diag why;
};

static char parameter_text[] = "nohz_full=2-3";
static char machine_name[] = "press";

static void set_up(struct bench *bench)
{
	static const struct host_shape shape = {.cores = 4};
	struct change *change;

	*bench = (struct bench){0};
	cut_set_up(&bench->cut, &shape);
	bench->cut.machine.name = machine_name;
	cut_add(&bench->cut, "plc", "2")->autostart = true;
	cut_add(&bench->cut, "motion", "3")->restart_on_crash = true;
	cut_add(&bench->cut, "panel", "")->schedule.policy = VCPU_POLICY_OTHER;
	host_fixture_put(&bench->cut.host, "/etc/os-release", "NAME=\"Debian\"\nID=debian");
	host_fixture_put(&bench->cut.host, "/etc/default/grub", "GRUB_TIMEOUT=5");
	change = changes_add(&bench->boot.settings, CHANGE_TEXT, "kernel", "/proc/sys/kernel/timer_migration");
	change_text(&bench->boot.settings, change, COMPARE_NUMBER, "1", "0");
	change_reason(change, "timers move");
	change = changes_add(&bench->boot.settings, CHANGE_TEXT, "kernel", "/proc/sys/net/conf/eth0.1/x");
	change_text(&bench->boot.settings, change, COMPARE_NUMBER, "0", "7");
	change_reason(change, "a name with a dot");
	change = changes_add(&bench->boot.settings, CHANGE_TEXT, "kernel", "/sys/kernel/mm/ksm/run");
	change_text(&bench->boot.settings, change, COMPARE_NUMBER, "1", "2");
	bench->boot.boot.parameter = calloc(1, sizeof(*bench->boot.boot.parameter));
	bench->boot.boot.option = calloc(2, sizeof(*bench->boot.boot.option));
	CU_ASSERT_FATAL(bench->boot.boot.parameter != NULL && bench->boot.boot.option != NULL);
	bench->boot.boot.parameter[0] = (struct boot_parameter){.text = strdup(parameter_text),
								.reason = "ticks"};
	bench->boot.boot.count = 1;
	bench->boot.boot.option[0] = (struct boot_option){"kvm", "halt_poll_ns", "0", "polls", false, false};
	bench->boot.boot.option[1] = (struct boot_option){"kvm_amd", "npt", "1", "none", true, false};
	bench->boot.boot.option_count = 2;
	bench->boot.cpus = (struct cpu_division){.partitions = cut_cpus("2-3"), .housekeeping = cut_cpus("0-1")};
	bench->request = (struct boot_files_request){
		.machine = &bench->cut.machine, .host = &bench->cut.host, .cpus = &bench->boot.cpus,
		.boot = &bench->boot.boot, .settings = &bench->boot.settings,
		.program = "/usr/local/bin/bulkhead", .file = "/etc/bulkhead/press.yaml",
	};
}

static void tear_down(struct bench *bench)
{
	changes_done(&bench->boot.files);
	changes_done(&bench->boot.settings);
	boot_plan_done(&bench->boot.boot);
	cut_tear_down(&bench->cut);
}

static int make(struct bench *bench)
{
	changes_done(&bench->boot.files);
	findings_done(&bench->cut.findings);
	return boot_files(&bench->request, &bench->boot.files, &bench->cut.findings, &bench->why);
}

static const struct change *find(const struct bench *bench, const char *path)
{
	for (size_t i = 0; i < bench->boot.files.count; i++) {
		if (strcmp(bench->boot.files.item[i].path, path) == 0)
			return &bench->boot.files.item[i];
	}
	return NULL;
}

/* The file is planned and holds that text. */
static void assert_holds(const struct bench *bench, const char *path, const char *text)
{
	const struct change *change = find(bench, path);
	bool holds = change != NULL && strstr(change->value, text) != NULL;

	CU_ASSERT_TRUE(holds);
	if (!holds)
		printf("\n  %s does not hold %s: %s\n", path, text, change == NULL ? "absent" : change->value);
	if (change != NULL) {
		CU_ASSERT_EQUAL(change->kind, CHANGE_FILE);
		CU_ASSERT_NOT_EQUAL(change->reason[0], '\0');
	}
}

static void the_kernels_files(void)
{
	struct bench bench;
	const struct change *change;

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	assert_holds(&bench, BOOT_GRUB_FILE,
		     "\nGRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT nohz_full=2-3\"\n");
	assert_holds(&bench, BOOT_GRUB_FILE, "# nohz_full=2-3\n#   ticks\n");
	assert_holds(&bench, "/etc/modprobe.d/bulkhead.conf", "\n# polls\noptions kvm halt_poll_ns=0\n");
	assert_holds(&bench, "/etc/modules-load.d/bulkhead.conf", "\nkvm_intel\n");
	assert_holds(&bench, "/etc/sysctl.d/50-bulkhead.conf", "\n# timers move\nkernel.timer_migration = 0\n");
	assert_holds(&bench, "/etc/sysctl.d/50-bulkhead.conf", "\nnet/conf/eth0.1/x = 7\n");
	change = find(&bench, "/etc/sysctl.d/50-bulkhead.conf");
	CU_ASSERT_TRUE(change != NULL && strstr(change->value, "ksm") == NULL);
	change = find(&bench, "/etc/modprobe.d/bulkhead.conf");
	CU_ASSERT_TRUE(change != NULL && strstr(change->value, "npt") == NULL);
	CU_ASSERT_EQUAL(find(&bench, BOOT_GRUB_FILE)->after, AFTER_BOOT_UPDATE);
	CU_ASSERT_STRING_EQUAL(find(&bench, BOOT_GRUB_FILE)->domain, "boot");
	cut_assert_nothing(&bench.cut);
	tear_down(&bench);
}

static void systemds_files(void)
{
	struct bench bench;

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	assert_holds(&bench, UNITS "system.slice.d/50-bulkhead.conf", "\n[Slice]\nAllowedCPUs=0-1\n");
	assert_holds(&bench, UNITS "user.slice.d/50-bulkhead.conf", "\n[Slice]\nAllowedCPUs=0-1\n");
	assert_holds(&bench, UNITS "init.scope.d/50-bulkhead.conf", "\n[Scope]\nAllowedCPUs=0-1\n");
	assert_holds(&bench, "/etc/systemd/system.conf.d/50-bulkhead.conf", "\n[Manager]\nCPUAffinity=0-1\n");
	assert_holds(&bench, UNITS "bulkhead.slice", "Description=Partitions of machine press\n");
	assert_holds(&bench, UNITS "bulkhead-host.service",
		     "\nExecStart=\"/usr/local/bin/bulkhead\" apply \"/etc/bulkhead/press.yaml\"\n");
	assert_holds(&bench, UNITS "bulkhead-host.service", "\nExecStop=\"/usr/local/bin/bulkhead\" revert\n");
	assert_holds(&bench, UNITS "bulkhead@.service",
		     "\nExecStart=\"/usr/local/bin/bulkhead\" run \"/etc/bulkhead/press.yaml\" %i\n");
	assert_holds(&bench, UNITS "bulkhead@.service", "\nRequires=bulkhead-host.service\n");
	assert_holds(&bench, UNITS "bulkhead-watch.service",
		     "\nExecStart=\"/usr/local/bin/bulkhead\" doctor --watch \"/etc/bulkhead/press.yaml\"\n");
	for (size_t i = 0; i < bench.boot.files.count; i++) {
		const struct change *change = &bench.boot.files.item[i];

		if (change->kind != CHANGE_FILE)
			continue;
		CU_ASSERT_TRUE(strchr(change->value, '@') == NULL || strstr(change->value, "@.") != NULL ||
			       strstr(change->value, "bulkhead@") != NULL);
		if (strncmp(change->path, UNITS, sizeof(UNITS) - 1) == 0)
			CU_ASSERT_EQUAL(change->after, AFTER_SYSTEMD_RELOAD);
	}
	tear_down(&bench);
}

static void resctrl_is_mounted_where_caches_are_divided(void)
{
	static const char mount[] = UNITS "sys-fs-resctrl.mount";
	static const char drop_in[] = UNITS "bulkhead-host.service.d/50-bulkhead.conf";
	static const struct cache_request requests[] = {
		{.l3_ways = 4}, {.l2_ways = 2}, {.bandwidth_percent = 50},
	};
	struct bench bench;

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_PTR_NULL(find(&bench, mount));
	CU_ASSERT_PTR_NULL(find(&bench, drop_in));
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		bench.cut.partition[1].cache = requests[i];
		CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
		assert_holds(&bench, mount, "\n[Mount]\nWhat=resctrl\nWhere=/sys/fs/resctrl\nType=resctrl\n");
		assert_holds(&bench, drop_in, "\n[Unit]\nRequiresMountsFor=/sys/fs/resctrl\n");
	}
	tear_down(&bench);
}

static void partitions_in_the_files_order(void)
{
	struct bench bench;
	const struct change *change;

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	assert_holds(&bench, UNITS "bulkhead@plc.service.d/50-bulkhead.conf", "[Service]\nRestart=no\n");
	change = find(&bench, UNITS "bulkhead@plc.service.d/50-bulkhead.conf");
	CU_ASSERT_TRUE(change != NULL && strstr(change->value, "After=") == NULL);
	assert_holds(&bench, UNITS "bulkhead@motion.service.d/50-bulkhead.conf",
		     "[Unit]\nAfter=bulkhead@plc.service\n\n[Service]\nRestart=on-failure\n");
	assert_holds(&bench, UNITS "bulkhead@panel.service.d/50-bulkhead.conf", "After=bulkhead@motion.service\n");
	assert_holds(&bench, UNITS "multi-user.target.d/50-bulkhead.conf",
		     "[Unit]\nWants=bulkhead-host.service bulkhead-watch.service\nWants=bulkhead@plc.service\n");
	change = find(&bench, UNITS "multi-user.target.d/50-bulkhead.conf");
	CU_ASSERT_TRUE(change != NULL && strstr(change->value, "motion") == NULL);
	tear_down(&bench);
}

static void other_boot_loaders_are_left_to_people(void)
{
	struct bench bench;

	set_up(&bench);
	host_fixture_put(&bench.cut.host, "/etc/default/grub", NULL);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-grub"), 1);
	CU_ASSERT_TRUE(find(&bench, BOOT_GRUB_FILE) != NULL &&
		       find(&bench, BOOT_GRUB_FILE)->after == AFTER_NOTHING);
	host_fixture_put(&bench.cut.host, "/etc/os-release", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"");
	CU_ASSERT_EQUAL(boot_loader_find(&bench.cut.host), BOOT_LOADER_GRUBBY);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-loader"), 1);
	CU_ASSERT_PTR_NULL(find(&bench, BOOT_GRUB_FILE));
	assert_holds(&bench, UNITS "bulkhead.slice", "[Unit]");
	host_fixture_put(&bench.cut.host, "/etc/os-release", "ID=linuxmint\nID_LIKE='ubuntu debian'");
	CU_ASSERT_EQUAL(boot_loader_find(&bench.cut.host), BOOT_LOADER_GRUB_FOLDER);
	host_fixture_put(&bench.cut.host, "/etc/os-release", "NAME=debian\nID=arch\nVERSION_ID=fedora");
	CU_ASSERT_EQUAL(boot_loader_find(&bench.cut.host), BOOT_LOADER_OTHER);
	tear_down(&bench);
}

static void nothing_real_time_needs_no_cpus(void)
{
	struct bench bench;

	set_up(&bench);
	bench.boot.cpus.partitions = (struct cpulist){0};
	bench.request.boot = &(struct boot_plan){0};
	bench.request.settings = &(struct changes){0};
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_PTR_NULL(find(&bench, BOOT_GRUB_FILE));
	CU_ASSERT_PTR_NULL(find(&bench, "/etc/modprobe.d/bulkhead.conf"));
	CU_ASSERT_PTR_NULL(find(&bench, "/etc/sysctl.d/50-bulkhead.conf"));
	CU_ASSERT_PTR_NULL(find(&bench, UNITS "system.slice.d/50-bulkhead.conf"));
	assert_holds(&bench, UNITS "bulkhead@.service", "Type=notify");
	tear_down(&bench);
}

static void irqbalance_is_told(void)
{
	static const char path[] = UNITS "irqbalance.service.d/50-bulkhead.conf";
	struct bench bench;

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_PTR_NULL(find(&bench, path));
	host_fixture_put(&bench.cut.host, "/lib/systemd/system/irqbalance.service", "[Service]");
	host_fixture_put(&bench.cut.host, "/proc/1/task/1/stat", "1 (systemd) S 0 1 1 0");
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	assert_holds(&bench, path, "[Service]\nEnvironmentFile=/etc/bulkhead/irqbalance\n");
	assert_holds(&bench, "/etc/bulkhead/irqbalance", "IRQBALANCE_BANNED_CPULIST=2-3\n");
	tear_down(&bench);
}

/* Each file's folder comes before it, once. */
static void folders_come_first(void)
{
	struct bench bench;

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	for (size_t i = 0; i < bench.boot.files.count; i++) {
		const struct change *change = &bench.boot.files.item[i];
		size_t folders = 0;
		size_t before = 0;

		if (change->kind != CHANGE_FILE)
			continue;
		for (size_t k = 0; k < bench.boot.files.count; k++) {
			const struct change *folder = &bench.boot.files.item[k];
			size_t length = (size_t)(strrchr(change->path, '/') - change->path);
			bool is_its = folder->kind == CHANGE_FOLDER && strlen(folder->path) == length &&
				      strncmp(folder->path, change->path, length) == 0;

			folders += is_its;
			before += is_its && k < i;
		}
		CU_ASSERT_EQUAL(folders, 1);
		CU_ASSERT_EQUAL(before, 1);
	}
	tear_down(&bench);
}

static void what_is_there_is_seen(void)
{
	struct bench bench;
	char *text;

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_EQUAL(changes_pending(&bench.boot.files), bench.boot.files.count);
	/* Installed, all of it holds; a file is read without its last newline. */
	for (size_t i = 0; i < bench.boot.files.count; i++) {
		if (bench.boot.files.item[i].kind != CHANGE_FILE)
			continue;
		text = strdup(bench.boot.files.item[i].value);
		CU_ASSERT_PTR_NOT_NULL_FATAL(text);
		text[strlen(text) - 1] = '\0';
		host_fixture_put(&bench.cut.host, bench.boot.files.item[i].path, text);
		free(text);
	}
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_EQUAL(changes_pending(&bench.boot.files), 0);
	host_fixture_put_error(&bench.cut.host, UNITS "bulkhead.slice", EACCES);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_PTR_NULL(find(&bench, UNITS "bulkhead.slice"));
	CU_ASSERT_EQUAL(cut_count(&bench.cut, "boot-file"), 1);
	CU_ASSERT_EQUAL(findings_count(&bench.cut.findings, FINDING_UNKNOWN), 1);
	/* A host stored before anybody looked for it can be planned for all the same. */
	host_fixture_put_error(&bench.cut.host, UNITS "bulkhead.slice", ENODATA);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	CU_ASSERT_PTR_NOT_NULL(find(&bench, UNITS "bulkhead.slice"));
	cut_assert_nothing(&bench.cut);
	tear_down(&bench);
}

static void assert_quoted(const char *path, enum unit_quote where, const char *expected)
{
	char *text = NULL;
	struct diag why = {0};

	if (unit_quote(path, where, &text, &why) != 0 || text == NULL) {
		CU_FAIL("a path is not quoted");
		return;
	}
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static void paths_are_quoted(void)
{
	char *text = NULL;
	struct diag why = {0};
	struct bench bench;

	assert_quoted("/a b", UNIT_PROGRAM, "\"/a b\"");
	assert_quoted("/a%i$HOME", UNIT_PROGRAM, "\"/a%%i$HOME\"");
	assert_quoted("/a%i$HOME", UNIT_ARGUMENT, "\"/a%%i$$HOME\"");
	assert_quoted("/a\"\\", UNIT_PATH, "\"/a\\\"\\\\\"");
	assert_quoted("/a'\xc3\xa9$", UNIT_PATH, "\"/a'\xc3\xa9$\"");
	assert_quoted("50%", UNIT_WORDS, "50%%");
	CU_ASSERT_EQUAL(unit_quote("/a\nExecStart=/bin/sh", UNIT_ARGUMENT, &text, &why), -EINVAL);
	CU_ASSERT_EQUAL(unit_quote("/a\x7f", UNIT_PATH, &text, &why), -EINVAL);
	CU_ASSERT_EQUAL(unit_quote("/a\xff", UNIT_PATH, &text, &why), -EINVAL);
	CU_ASSERT_NOT_EQUAL(why.text[0], '\0');
	set_up(&bench);
	bench.request.file = "/etc/press\n.yaml";
	CU_ASSERT_EQUAL(make(&bench), -EINVAL);
	bench.request.file = "/srv/50% of $all/press \"3\".yaml";
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	assert_holds(&bench, UNITS "bulkhead@.service", " run \"/srv/50%% of $$all/press \\\"3\\\".yaml\" %i\n");
	assert_holds(&bench, UNITS "bulkhead@.service",
		     "\nRequiresMountsFor=\"/srv/50%% of $all/press \\\"3\\\".yaml\" \"/usr/local/bin/bulkhead\"\n");
	tear_down(&bench);
}

static void templates_are_filled(void)
{
	static const struct unit_value values[] = {{"A", "one"}, {"AB", "two"}, {NULL, NULL}};
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	unit_fill("@A@@AB@ a@b.c @C@ @", values, stream);
	fclose(stream);
	CU_ASSERT_STRING_EQUAL(text, "onetwo a@b.c @C@ @");
	free(text);
}

static const struct boot_item *item(const struct boot_items *items, const char *kind, const char *name)
{
	for (size_t i = 0; i < items->count; i++) {
		if (strcmp(items->item[i].kind, kind) == 0 && strcmp(items->item[i].item, name) == 0)
			return &items->item[i];
	}
	CU_FAIL_FATAL("no such item");
	return NULL;
}

/* boot_verify() looks at the whole value: it borrows the bench's parts. */
static void verify(struct bench *bench, struct boot_items *ret)
{
	struct boot_machine boot = bench->boot;
	enum isolation modes[CUT_PARTITIONS] = {0};

	for (size_t i = 0; i < bench->cut.machine.partition_count; i++)
		modes[i] = ISOLATION_AFFINITY;
	boot.machine = bench->cut.machine;
	boot.host = bench->cut.host;
	boot.plan.isolation = (struct isolation_plan){.mode = modes,
						      .count = bench->cut.machine.partition_count};
	CU_ASSERT_EQUAL_FATAL(boot_verify(&boot, ret, &bench->cut.findings), 0);
}

static void each_promise_is_held_against_the_host(void)
{
	struct bench bench;
	struct boot_items items = {0};

	set_up(&bench);
	CU_ASSERT_EQUAL_FATAL(make(&bench), 0);
	host_fixture_put(&bench.cut.host, "/sys/fs/cgroup/system.slice/cgroup.type", "domain");
	host_fixture_put(&bench.cut.host, "/sys/fs/cgroup/system.slice/cpuset.cpus.effective", "0-2");
	host_fixture_put(&bench.cut.host, "/sys/fs/cgroup/init.scope/cgroup.type", "domain");
	host_fixture_put(&bench.cut.host, "/sys/fs/cgroup/init.scope/cpuset.cpus.effective", "0-1");
	host_fixture_put(&bench.cut.host, "/sys/module/kvm/parameters/halt_poll_ns", "200000");
	host_fixture_put(&bench.cut.host, "/bulkhead/kernel-log", "Linux version 6.1");
	verify(&bench, &items);
	CU_ASSERT_EQUAL(item(&items, "parameter", "nohz_full=2-3")->effect, BOOT_NOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "log", "the kernel's log")->effect, BOOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "module", "kvm halt_poll_ns=0")->effect, BOOT_NOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "file", BOOT_GRUB_FILE)->effect, BOOT_NOT_HELD);
	CU_ASSERT_STRING_EQUAL(item(&items, "file", BOOT_GRUB_FILE)->found, "no such file");
	CU_ASSERT_EQUAL(item(&items, "sysctl", "/proc/sys/kernel/timer_migration")->effect, BOOT_NOT_HELD);
	CU_ASSERT_STRING_EQUAL(item(&items, "sysctl", "/proc/sys/kernel/timer_migration")->found, "1, not 0");
	CU_ASSERT_EQUAL(item(&items, "slice", "system.slice")->effect, BOOT_NOT_HELD);
	CU_ASSERT_STRING_EQUAL(item(&items, "slice", "system.slice")->found, "CPUs 0-2");
	CU_ASSERT_EQUAL(item(&items, "slice", "init.scope")->effect, BOOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "slice", "user.slice")->effect, BOOT_HELD);
	boot_items_done(&items);
	/* Put right, each of them holds. */
	host_fixture_put(&bench.cut.host, "/proc/cmdline", "quiet nohz_full=2-3");
	host_fixture_put(&bench.cut.host, "/sys/devices/system/cpu/nohz_full", "2-3");
	host_fixture_put(&bench.cut.host, "/sys/module/kvm/parameters/halt_poll_ns", "0");
	host_fixture_put(&bench.cut.host, "/sys/fs/cgroup/system.slice/cpuset.cpus.effective", "0-1");
	bench.boot.boot.parameter[0].live = true;
	for (size_t i = 0; i < bench.boot.files.count; i++)
		bench.boot.files.item[i].held = true;
	for (size_t i = 0; i < bench.boot.settings.count; i++)
		bench.boot.settings.item[i].held = true;
	verify(&bench, &items);
	CU_ASSERT_EQUAL(item(&items, "parameter", "nohz_full=2-3")->effect, BOOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "module", "kvm halt_poll_ns=0")->effect, BOOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "file", BOOT_GRUB_FILE)->effect, BOOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "sysctl", "/proc/sys/kernel/timer_migration")->effect, BOOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "slice", "system.slice")->effect, BOOT_HELD);
	boot_items_done(&items);
	tear_down(&bench);
}

static void version_1_has_no_slices(void)
{
	struct bench bench;
	struct boot_items items = {0};

	set_up(&bench);
	host_fixture_put(&bench.cut.host, "/proc/mounts", "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0");
	host_fixture_put_error(&bench.cut.host, "/bulkhead/kernel-log", EPERM);
	verify(&bench, &items);
	CU_ASSERT_EQUAL(item(&items, "slice", "system.slice")->effect, BOOT_NOT_HELD);
	CU_ASSERT_EQUAL(item(&items, "log", "the kernel's log")->effect, BOOT_UNKNOWN);
	CU_ASSERT_EQUAL(boot_items_count(&items, BOOT_UNKNOWN), 3); /* no module is loaded here */
	boot_items_done(&items);
	tear_down(&bench);
}

void test_boot_files_register(void)
{
	CU_pSuite suite = CU_add_suite("boot_files", NULL, NULL);

	CU_ADD_TEST(suite, the_kernels_files);
	CU_ADD_TEST(suite, systemds_files);
	CU_ADD_TEST(suite, resctrl_is_mounted_where_caches_are_divided);
	CU_ADD_TEST(suite, partitions_in_the_files_order);
	CU_ADD_TEST(suite, other_boot_loaders_are_left_to_people);
	CU_ADD_TEST(suite, nothing_real_time_needs_no_cpus);
	CU_ADD_TEST(suite, irqbalance_is_told);
	CU_ADD_TEST(suite, folders_come_first);
	CU_ADD_TEST(suite, what_is_there_is_seen);
	CU_ADD_TEST(suite, paths_are_quoted);
	CU_ADD_TEST(suite, templates_are_filled);
	CU_ADD_TEST(suite, each_promise_is_held_against_the_host);
	CU_ADD_TEST(suite, version_1_has_no_slices);
}
