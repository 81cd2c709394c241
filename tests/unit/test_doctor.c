// SPDX-License-Identifier: Apache-2.0
/* The doctor as a whole: its list, its subject, and that no check passes on what it could not read. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cpumask.h"
#include "core/config/machine.h"
#include "rt/doctor_checks.h"
#include "tests/unit/doctor_fixture.h"

void test_doctor_register(void);

static void every_check_has_a_name_of_its_own(void)
{
	const struct doctor_check *check;
	const struct doctor_check *other;

	for (size_t i = 0; (check = doctor_check_at(i)) != NULL; i++) {
		CU_ASSERT_TRUE(check->id[0] >= 'A' && check->id[0] <= 'Z');
		CU_ASSERT_TRUE(check->id[1] >= '1' && check->id[1] <= '9');
		CU_ASSERT_PTR_NOT_NULL(strchr(check->id, '-'));
		CU_ASSERT_TRUE(check->title[0] != '\0' && check->look != NULL);
		CU_ASSERT_TRUE(strlen(check->why) > 20 && check->why[strlen(check->why) - 1] == '.');
		CU_ASSERT_TRUE((unsigned)check->severity <= DOCTOR_CARE);
		for (size_t j = 0; j < i; j++) {
			other = doctor_check_at(j);
			CU_ASSERT_STRING_NOT_EQUAL(check->id, other->id);
		}
	}
	CU_ASSERT_PTR_NULL(doctor_check_at(10000));
}

static unsigned long number(const struct doctor_check *check)
{
	return strtoul(check->id + 1, NULL, 10);
}

static void checks_come_by_their_numbers(void)
{
	const struct doctor_check *before = doctor_check_at(0);
	const struct doctor_check *check;

	CU_ASSERT_PTR_NOT_NULL_FATAL(before);
	CU_ASSERT_EQUAL(before->id[0], 'P');
	for (size_t i = 1; (check = doctor_check_at(i)) != NULL; i++, before = check) {
		if (check->id[0] == before->id[0])
			CU_ASSERT_TRUE(number(before) <= number(check))
		else
			CU_ASSERT_TRUE(before->id[0] == 'P' || before->id[0] < check->id[0]);
	}
}

/* Every pain a host can show has a check; the others show in a guest, in a run, or in a file. */
static void every_pain_has_a_check(void)
{
	static const unsigned pains[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
					 18, 19, 20, 21, 22, 24, 25, 26, 27, 32, 33};
	const struct doctor_check *check;

	for (size_t i = 0; i < sizeof(pains) / sizeof(pains[0]); i++) {
		bool found = false;

		for (size_t j = 0; (check = doctor_check_at(j)) != NULL; j++)
			found |= check->id[0] == 'P' && number(check) == pains[i];
		CU_ASSERT_TRUE(found);
		if (!found)
			fprintf(stderr, "no check for P%u\n", pains[i]);
	}
}

/* Looks with every check, and counts those that say @verdict. */
static unsigned count_verdicts(struct doctor_bench *bench, enum doctor_verdict verdict)
{
	const struct doctor_check *check;
	unsigned count = 0;

	for (size_t i = 0; (check = doctor_check_at(i)) != NULL; i++) {
		if (doctor_look(bench, check->id) != verdict)
			continue;
		count++;
		fprintf(stderr, "%s: %s \"%s\"\n", check->id, doctor_verdict_name(verdict),
			bench->result.value);
	}
	return count;
}

static void nothing_passes_where_nothing_is_known(void)
{
	struct doctor_bench bench;

	doctor_set_up_empty(&bench);
	CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_PASS), 0);
	CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_FAIL), 0);
	doctor_tear_down(&bench);
}

static void spoil_all(struct doctor_bench *bench, int error)
{
	for (size_t i = 0; i < bench->host.files.count; i++) {
		struct host_file *file = &bench->host.files.file[i];

		free(file->text);
		file->text = NULL;
		file->length = 0;
		file->error = error;
	}
}

/* Checks of series S stand on the topology, which hwloc tells; all others on files. */
static unsigned count_passes_on_files(struct doctor_bench *bench)
{
	const struct doctor_check *check;
	unsigned count = 0;

	for (size_t i = 0; (check = doctor_check_at(i)) != NULL; i++) {
		if (check->id[0] == 'S' || doctor_look(bench, check->id) != DOCTOR_PASS)
			continue;
		count++;
		fprintf(stderr, "%s: pass \"%s\"\n", check->id, bench->result.value);
	}
	return count;
}

static void nothing_passes_where_nothing_may_be_read(void)
{
	static const int errors[] = {EACCES, EPERM, EIO};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct doctor_bench bench;

		doctor_set_up(&bench);
		spoil_all(&bench, errors[i]);
		CU_ASSERT_EQUAL(count_passes_on_files(&bench), 0);
		topology_done(&bench.host.topology);
		CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_PASS), 0);
		doctor_tear_down(&bench);
	}
}

/* Each file in turn: what may not be read is no reason to say that something is wrong. */
static void no_file_that_may_not_be_read_is_a_bad_one(void)
{
	struct doctor_bench good;

	doctor_set_up(&good);
	for (size_t i = 0; i < good.host.files.count; i++) {
		struct doctor_bench bench;

		doctor_set_up(&bench);
		doctor_put_error(&bench, good.host.files.file[i].path, EACCES);
		CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_FAIL), 0);
		CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_WARN), 0);
		doctor_tear_down(&bench);
	}
	doctor_tear_down(&good);
}

/* Texts that are none of the kernel's: no check takes them for good ones, and none falls over them. */
static void nothing_breaks_on_nonsense(void)
{
	static const char *const nonsense[] = {
		"", "\n\n", "-", "99999999999999999999999999", "\x1b[31mred", "a,b,,c-", "Y N", "(((",
		"0-", "processor\t:", "%s%n", ":", "2-1", "= = =",
	};

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		struct doctor_bench bench;
		const struct doctor_check *check;

		doctor_set_up(&bench);
		host_files_sort(&bench.host.files);
		for (size_t j = 0; j < bench.host.files.count; j++) {
			struct host_file *file = &bench.host.files.file[j];

			free(file->text);
			file->text = strdup(nonsense[i]);
			file->length = strlen(nonsense[i]);
		}
		for (size_t j = 0; (check = doctor_check_at(j)) != NULL; j++)
			doctor_look(&bench, check->id);
		doctor_tear_down(&bench);
	}
}

static void the_good_host_is_good(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_FAIL), 0);
	CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_WARN), 0);
	CU_ASSERT_EQUAL(count_verdicts(&bench, DOCTOR_UNKNOWN), 0);
	doctor_tear_down(&bench);
}

static void assert_cpus(const struct cpulist *cpus, const char *expected)
{
	char text[64];

	CU_ASSERT_STRING_EQUAL(cpulist_format(cpus, text, sizeof(text)), expected);
}

static void without_a_file_the_isolated_cpus_are_meant(void)
{
	struct doctor_bench bench;

	doctor_set_up(&bench);
	doctor_look(&bench, "K2-kernel-version");
	assert_cpus(&bench.subject.rt_cpus, "2-3");
	assert_cpus(&bench.subject.housekeeping, "0-1");
	CU_ASSERT_STRING_EQUAL(bench.subject.rt_cpus_from, "isolcpus, nohz_full and isolated cpuset partitions");
	CU_ASSERT_EQUAL(bench.subject.fifo_priority, 1);
	CU_ASSERT_TRUE(bench.subject.needs_deadline && bench.subject.needs_devices &&
		       bench.subject.needs_hugepages && bench.subject.needs_exits_disabled);

	doctor_put(&bench, "/sys/devices/system/cpu/isolated", "");
	doctor_put(&bench, "/sys/devices/system/cpu/nohz_full", "");
	doctor_look(&bench, "K2-kernel-version");
	assert_cpus(&bench.subject.rt_cpus, "2-3");
	doctor_put(&bench, "/sys/fs/cgroup/cpuset.cpus.isolated", "");
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead.slice/cpuset.cpus.effective", "3");
	doctor_look(&bench, "K2-kernel-version");
	assert_cpus(&bench.subject.rt_cpus, "3");
	doctor_put(&bench, "/sys/fs/cgroup/bulkhead.slice/cpuset.cpus.partition", "isolated invalid (x)");
	bench.host.topology.cpu[1].core = 0;
	doctor_look(&bench, "K2-kernel-version");
	assert_cpus(&bench.subject.rt_cpus, "2-3");
	CU_ASSERT_STRING_EQUAL(bench.subject.rt_cpus_from, "all but the boot CPU's core");
	doctor_tear_down(&bench);
}

static void a_file_says_what_is_needed(void)
{
	struct partition_config partition[2] = {
		{.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 7}, .page_bytes = 4096},
		{.schedule = {.policy = VCPU_POLICY_OTHER}, .page_bytes = 2 << 20},
	};
	struct machine_config machine = {.partition = partition, .partition_count = 2};
	struct doctor_bench bench;

	cpulist_add(&partition[0].cpus, 1);
	cpulist_add(&partition[1].cpus, 3);
	doctor_set_up(&bench);
	bench.machine = &machine;
	doctor_look(&bench, "K2-kernel-version");
	assert_cpus(&bench.subject.rt_cpus, "1");
	assert_cpus(&bench.subject.housekeeping, "0,2-3");
	CU_ASSERT_STRING_EQUAL(bench.subject.rt_cpus_from, "the file");
	CU_ASSERT_EQUAL(bench.subject.fifo_priority, 7);
	CU_ASSERT_FALSE(bench.subject.needs_deadline || bench.subject.needs_devices ||
			bench.subject.needs_exits_disabled);
	CU_ASSERT_TRUE(bench.subject.needs_hugepages);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P15-deadline-cpuset"), DOCTOR_NOT_APPLICABLE);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P10-disable-exits"), DOCTOR_NOT_APPLICABLE);

	partition[0].schedule.policy = VCPU_POLICY_DEADLINE;
	partition[0].exits_disabled = EXITS_DISABLED_HLT | EXITS_DISABLED_PAUSE;
	doctor_look(&bench, "K2-kernel-version");
	CU_ASSERT_TRUE(bench.subject.needs_deadline && bench.subject.needs_exits_disabled);
	CU_ASSERT_EQUAL(bench.subject.fifo_priority, 0);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P5-fair-server"), DOCTOR_NOT_APPLICABLE);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P4-pause-exits"), DOCTOR_NOT_APPLICABLE);
	CU_ASSERT_EQUAL(doctor_look(&bench, "H2-halt-polling"), DOCTOR_NOT_APPLICABLE);
	CU_ASSERT_EQUAL(doctor_look(&bench, "P10-disable-exits"), DOCTOR_PASS);
	doctor_tear_down(&bench);
}

/* CPUs that are not there run nothing that could be wrong, and nothing that could be right. */
static void absent_cpus_pass_nothing(void)
{
	static const char *const ids[] = {
		"P4-pause-exits", "P5-fair-server", "P6-starvation", "P6-rcu-boost", "P7-ipis", "P7-ticks",
		"P12-irq-affinity",
		"P12-default-affinity", "P12-irqbalance", "P20-vhost", "P22-idle-states", "P22-governor",
		"K4-nmi-watchdog", "K8-workqueues", "S2-siblings", "S4-cpus-allowed", "T1-user-threads",
		"T2-kernel-threads",
	};
	struct partition_config partition = {
		.schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1}, .page_bytes = 4096,
	};
	struct machine_config machine = {.partition = &partition, .partition_count = 1};
	struct doctor_bench bench;

	cpulist_add(&partition.cpus, 9);
	doctor_set_up(&bench);
	bench.machine = &machine;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		CU_ASSERT_EQUAL(doctor_look(&bench, ids[i]), DOCTOR_NOT_APPLICABLE);
	CU_ASSERT_EQUAL(doctor_look(&bench, "S1-cpus-online"), DOCTOR_FAIL);
	doctor_tear_down(&bench);
}

static void lists_for_commands_are_cut_at_a_comma(void)
{
	struct cpulist cpus = {0};
	char text[12];

	CU_ASSERT_STRING_EQUAL(doctor_list(&cpus, text, sizeof(text)), "none");
	for (unsigned cpu = 1; cpu < 12; cpu += 2)
		cpulist_add(&cpus, cpu);
	CU_ASSERT_STRING_EQUAL(doctor_list(&cpus, text, sizeof(text)), "1,3,5,...");
	cpus = (struct cpulist){0};
	for (unsigned cpu = 1000; cpu < 1012; cpu++)
		cpulist_add(&cpus, cpu);
	CU_ASSERT_STRING_EQUAL(doctor_list(&cpus, text, sizeof(text)), "1000-1011");
	CU_ASSERT_STRING_EQUAL(doctor_list(&cpus, text, 7), "...");
}

static void lists_for_a_shell_are_whole_or_end_in_dots(void)
{
	struct cpulist cpus = {0};
	char text[64];
	char small[12];

	CU_ASSERT_STRING_EQUAL(doctor_shell_cpus(&cpus, text, sizeof(text)), "");
	cpulist_add(&cpus, 2);
	cpulist_add(&cpus, 3);
	CU_ASSERT_STRING_EQUAL(doctor_shell_cpus(&cpus, text, sizeof(text)), "2 3");
	for (unsigned cpu = 8; cpu < 16; cpu++)
		cpulist_add(&cpus, cpu);
	cpulist_add(&cpus, 20);
	CU_ASSERT_STRING_EQUAL(doctor_shell_cpus(&cpus, text, sizeof(text)), "2 3 $(seq 8 15) 20");
	CU_ASSERT_STRING_EQUAL(doctor_shell_cpus(&cpus, small, sizeof(small)), "2 3...");
}

static void masks_are_read_and_written_as_the_kernel_does(void)
{
	static const char *const bad[] = {"", "g", "0x3", "3 ", "3-4"};
	struct cpulist cpus = {0};
	char text[64];

	CU_ASSERT_EQUAL(cpumask_parse("ff,00000003", &cpus), 0);
	assert_cpus(&cpus, "0-1,32-39");
	CU_ASSERT_STRING_EQUAL(cpumask_format(&cpus, text, sizeof(text)), "ff,00000003");
	CU_ASSERT_EQUAL(cpumask_parse("00000000,00000010", &cpus), 0);
	assert_cpus(&cpus, "4");
	CU_ASSERT_STRING_EQUAL(cpumask_format(&cpus, text, sizeof(text)), "10");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(cpumask_parse(bad[i], &cpus), -EINVAL);
}

static void a_long_text_ends_in_dots(void)
{
	struct doctor_result result = {0};
	char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[0] = '\x1b';
	doctor_say(&result, DOCTOR_FAIL, "%s", text);
	CU_ASSERT_EQUAL(result.value[0], '?');
	CU_ASSERT_EQUAL(strlen(result.value), sizeof(result.value) - 1);
	CU_ASSERT_STRING_EQUAL(result.value + sizeof(result.value) - 5, " ...");
	doctor_unknown(&result, "/a", -EACCES);
	CU_ASSERT_STRING_EQUAL(result.remedy, "run as root");
	CU_ASSERT_STRING_EQUAL(result.value, "/a: permission denied");
}

void test_doctor_register(void)
{
	CU_pSuite suite = CU_add_suite("test_doctor", NULL, NULL);

	CU_add_test(suite, "every check has a name of its own", every_check_has_a_name_of_its_own);
	CU_add_test(suite, "checks come by their numbers", checks_come_by_their_numbers);
	CU_add_test(suite, "every pain has a check", every_pain_has_a_check);
	CU_add_test(suite, "nothing passes where nothing is known", nothing_passes_where_nothing_is_known);
	CU_add_test(suite, "nothing passes where nothing may be read",
		    nothing_passes_where_nothing_may_be_read);
	CU_add_test(suite, "no file that may not be read is a bad one",
		    no_file_that_may_not_be_read_is_a_bad_one);
	CU_add_test(suite, "nothing breaks on nonsense", nothing_breaks_on_nonsense);
	CU_add_test(suite, "the good host is good", the_good_host_is_good);
	CU_add_test(suite, "without a file the isolated CPUs are meant",
		    without_a_file_the_isolated_cpus_are_meant);
	CU_add_test(suite, "a file says what is needed", a_file_says_what_is_needed);
	CU_add_test(suite, "absent CPUs pass nothing", absent_cpus_pass_nothing);
	CU_add_test(suite, "lists for commands are cut at a comma", lists_for_commands_are_cut_at_a_comma);
	CU_add_test(suite, "lists for a shell are whole or end in dots",
		    lists_for_a_shell_are_whole_or_end_in_dots);
	CU_add_test(suite, "masks are read and written as the kernel does",
		    masks_are_read_and_written_as_the_kernel_does);
	CU_add_test(suite, "a long text ends in dots", a_long_text_ends_in_dots);
}
