// SPDX-License-Identifier: Apache-2.0
/* The machine file: values that arrive, limits that hold, and garbage that does not get in. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/document.h"
#include "core/config/machine.h"

void test_config_register(void);

static int load(const char *text, struct machine_config *ret, struct diag *why)
{
	return machine_load_text(text, strlen(text), "m.yaml", ret, why);
}

/* Loads a machine of one partition with @keys, lines indented by four, beside its name. */
static int load_partition(const char *keys, struct machine_config *ret, struct diag *why)
{
	char text[8192];

	snprintf(text, sizeof(text), "machine: m\npartitions:\n  - name: p\n%s\n", keys);
	return load(text, ret, why);
}

#define MEMORY "    memory: {size: 64M}\n"
#define BOOT "    boot: {kernel: /k}\n"

static void every_key_arrives(void)
{
	struct machine_config machine;
	struct diag why = {0};
	int error = load("machine: press-line-3\n"
			 "host: {housekeeping: 0-1, kernel: preempt-rt, drift: repair}\n"
			 "partitions:\n"
			 "  - name: plc\n"
			 "    cpus: 2-3,5\n"
			 "    memory: {size: 2G, pages: 1G}\n"
			 "    schedule: {policy: deadline, runtime: 400us, deadline: 800us, period: 1ms}\n"
			 "    boot: {kernel: k, initrd: [a, ./b], cmdline: \"x=1 y\"}\n"
			 "    exits: {disable: [hlt, cstate], budget: 7}\n"
			 "    clock: {kvmclock: true}\n"
			 "    seal: {after: 1.5s}\n"
			 "    latency: {budget: 50us}\n"
			 "    on-reboot: restart\n"
			 "    on-crash: restart\n"
			 "    autostart: false\n"
			 "    exit-port: true\n"
			 "    hold-cpu-dma-latency: true\n",
			 &machine, &why);
	CU_ASSERT_EQUAL_FATAL(error, 0);
	const struct partition_config *plc = machine_find(&machine, "plc");
	CU_ASSERT_PTR_NOT_NULL_FATAL(plc);
	CU_ASSERT_PTR_NULL(machine_find(&machine, "pl"));
	CU_ASSERT_STRING_EQUAL(machine.name, "press-line-3");
	CU_ASSERT_STRING_EQUAL(machine.file, "m.yaml");
	CU_ASSERT_EQUAL(cpulist_count(&machine.housekeeping), 2);
	CU_ASSERT_TRUE(machine.require_preempt_rt);
	CU_ASSERT_TRUE(plc->require_preempt_rt);
	CU_ASSERT_EQUAL(machine.kernel_at.line, 2);
	CU_ASSERT_EQUAL(machine.kernel_at.column, 35);
	CU_ASSERT_EQUAL(machine.housekeeping_at.column, 22);
	CU_ASSERT_TRUE(cpulist_has(&plc->cpus, 5));
	CU_ASSERT_EQUAL(plc->vcpus, 3);
	CU_ASSERT_EQUAL(plc->memory_bytes, UINT64_C(2) << 30);
	CU_ASSERT_EQUAL(plc->page_bytes, UINT64_C(1) << 30);
	CU_ASSERT_EQUAL(plc->schedule.policy, VCPU_POLICY_DEADLINE);
	CU_ASSERT_EQUAL(plc->schedule.runtime_ns, 400000);
	CU_ASSERT_EQUAL(plc->schedule.deadline_ns, 800000);
	CU_ASSERT_EQUAL(plc->schedule.period_ns, 1000000);
	CU_ASSERT_STRING_EQUAL(plc->kernel, "k");
	CU_ASSERT_EQUAL_FATAL(plc->initrd_count, 2);
	CU_ASSERT_STRING_EQUAL(plc->initrd[1], "./b");
	CU_ASSERT_STRING_EQUAL(plc->cmdline, "x=1 y");
	CU_ASSERT_EQUAL(plc->exits_disabled, EXITS_DISABLED_HLT | EXITS_DISABLED_CSTATE);
	CU_ASSERT_EQUAL(plc->exit_budget, 7);
	CU_ASSERT_TRUE(plc->kvmclock);
	CU_ASSERT_EQUAL(plc->seal, SEAL_AFTER);
	CU_ASSERT_EQUAL(plc->seal_after_ns, 1500000000);
	CU_ASSERT_EQUAL(plc->latency_budget_ns, 50000);
	CU_ASSERT_EQUAL(plc->reboot, REBOOT_RESTART);
	CU_ASSERT_TRUE(machine.repair_drift);
	CU_ASSERT_TRUE(plc->restart_on_crash);
	CU_ASSERT_FALSE(plc->autostart);
	CU_ASSERT_TRUE(plc->exit_port);
	CU_ASSERT_TRUE(plc->hold_cpu_dma_latency);
	CU_ASSERT_EQUAL(plc->at.cpus.line, 5);
	CU_ASSERT_EQUAL(plc->at.cpus.column, 11);
	CU_ASSERT_EQUAL(plc->at.memory.column, 20);
	CU_ASSERT_EQUAL(plc->at.kernel.line, 8);
	machine_done(&machine);
}

static void shares_arrive(void)
{
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(load_partition("    memory: {size: 64M, max: 96M}\n"
					     "    weight: {cpu: 10000, io: 1}\n" BOOT, &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].memory_max_bytes, UINT64_C(96) << 20);
	CU_ASSERT_EQUAL(machine.partition[0].cpu_weight, 10000);
	CU_ASSERT_EQUAL(machine.partition[0].io_weight, 1);
	machine_done(&machine);
}

static void what_is_not_given_falls_back(void)
{
	struct machine_config machine;
	CU_ASSERT_EQUAL_FATAL(load_partition(MEMORY BOOT, &machine, NULL), 0);
	const struct partition_config *p = &machine.partition[0];

	CU_ASSERT_PTR_NULL(p->profile);
	CU_ASSERT_TRUE(cpulist_empty(&p->cpus));
	CU_ASSERT_EQUAL(p->vcpus, 1);
	CU_ASSERT_EQUAL(p->page_bytes, 4096);
	CU_ASSERT_EQUAL(p->schedule.policy, VCPU_POLICY_OTHER);
	CU_ASSERT_STRING_EQUAL(p->cmdline, "");
	CU_ASSERT_EQUAL(p->initrd_count, 0);
	CU_ASSERT_EQUAL(p->seal, SEAL_NEVER);
	CU_ASSERT_EQUAL(p->reboot, REBOOT_EXIT);
	CU_ASSERT_FALSE(machine.repair_drift);
	CU_ASSERT_FALSE(p->restart_on_crash);
	CU_ASSERT_TRUE(p->autostart);
	CU_ASSERT_EQUAL(p->memory_max_bytes, 0);
	CU_ASSERT_EQUAL(p->cpu_weight, 0);
	CU_ASSERT_EQUAL(p->io_weight, 0);
	CU_ASSERT_TRUE(p->lock_memory);
	CU_ASSERT_FALSE(p->require_preempt_rt);
	CU_ASSERT_EQUAL(p->at.pages.line, 0);
	machine_done(&machine);
}

static void shorter_forms(void)
{
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(load_partition(MEMORY "    boot: {kernel: /k, initrd: /one}\n"
						    "    schedule: {policy: deadline, runtime: 1ms, "
						    "period: 2ms}\n"
						    "    seal: {port: true}",
					     &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].initrd_count, 1);
	CU_ASSERT_STRING_EQUAL(machine.partition[0].initrd[0], "/one");
	CU_ASSERT_EQUAL(machine.partition[0].schedule.deadline_ns, 2000000);
	CU_ASSERT_EQUAL(machine.partition[0].seal, SEAL_PORT);
	machine_done(&machine);
}

static void limits_hold_to_the_last_value(void)
{
	static const struct {
		const char *keys;
		int error;
	} cases[] = {
		{"    vcpus: 64\n" MEMORY BOOT, 0},
		{"    vcpus: 65\n" MEMORY BOOT, -ERANGE},
		{"    vcpus: 0\n" MEMORY BOOT, -ERANGE},
		{"    vcpus: 18446744073709551617\n" MEMORY BOOT, -ERANGE},
		{"    vcpus: 01\n" MEMORY BOOT, -EINVAL},
		{"    vcpus: -1\n" MEMORY BOOT, -EINVAL},
		{"    vcpus: 1.0\n" MEMORY BOOT, -EINVAL},
		{"    cpus: 0-63\n" MEMORY BOOT, 0},
		{"    cpus: 0-64\n" MEMORY BOOT, -ERANGE},
		{"    memory: {size: 16M}\n" BOOT, 0},
		{"    memory: {size: 16383K}\n" BOOT, -ERANGE},
		{"    memory: {size: 16T}\n" BOOT, 0},
		{"    memory: {size: 17T}\n" BOOT, -ERANGE},
		{"    memory: {size: 16385K}\n" BOOT, -EINVAL},
		{MEMORY BOOT "    schedule: {policy: fifo, priority: 1}", 0},
		{MEMORY BOOT "    schedule: {policy: fifo, priority: 98}", 0},
		{MEMORY BOOT "    schedule: {policy: fifo, priority: 0}", -ERANGE},
		{MEMORY BOOT "    schedule: {policy: fifo, priority: 99}", -ERANGE},
		{MEMORY BOOT "    schedule: {policy: deadline, runtime: 1024ns, period: 100us}", 0},
		{MEMORY BOOT "    schedule: {policy: deadline, runtime: 1023ns, period: 100us}", -ERANGE},
		{MEMORY BOOT "    schedule: {policy: deadline, runtime: 99us, period: 99us}", -ERANGE},
		{MEMORY BOOT "    schedule: {policy: deadline, runtime: 4194304us, period: 4194304us}", 0},
		{MEMORY BOOT "    schedule: {policy: deadline, runtime: 1s, period: 4194305us}", -ERANGE},
		{MEMORY BOOT "    schedule: {policy: deadline, runtime: 2ms, period: 1ms}", -EINVAL},
		{MEMORY BOOT "    schedule: {policy: deadline, runtime: 1ms}", -EINVAL},
		{MEMORY BOOT "    schedule: {policy: deadline, period: 1ms}", -EINVAL},
		{MEMORY BOOT "    latency: {budget: 999ns}", -ERANGE},
		{MEMORY BOOT "    exits: {budget: 9223372036854775807}", 0},
		{MEMORY BOOT "    exits: {budget: 9223372036854775808}", -ERANGE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct machine_config machine = {0};
		int error = load_partition(cases[i].keys, &machine, NULL);

		if (error != cases[i].error)
			printf("\n%s: %d\n", cases[i].keys, error);
		CU_ASSERT_EQUAL(error, cases[i].error);
		machine_done(&machine);
	}
}

static void a_command_line_fills_its_room(void)
{
	struct machine_config machine;
	char keys[4096];

	for (int length = PARTITION_CMDLINE_MAX - 1; length <= PARTITION_CMDLINE_MAX; length++) {
		snprintf(keys, sizeof(keys), MEMORY "    boot: {kernel: /k, cmdline: \"%0*d\"}", length, 0);
		CU_ASSERT_EQUAL(load_partition(keys, &machine, NULL),
				length < PARTITION_CMDLINE_MAX ? 0 : -E2BIG);
		if (length < PARTITION_CMDLINE_MAX) {
			CU_ASSERT_EQUAL(strlen(machine.partition[0].cmdline), (size_t)length);
			machine_done(&machine);
		}
	}
}

static void as_many_initrds_as_there_is_room_for(void)
{
	struct machine_config machine;

	CU_ASSERT_EQUAL(load_partition(MEMORY "    boot: {kernel: /k, initrd: "
					      "[a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p]}", &machine, NULL), 0);
	CU_ASSERT_EQUAL(machine.partition[0].initrd_count, PARTITION_INITRDS_MAX);
	machine_done(&machine);
	CU_ASSERT_EQUAL(load_partition(MEMORY "    boot: {kernel: /k, initrd: "
					      "[a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]}", &machine, NULL),
			-E2BIG);
}

/* Appends @count partitions to a machine, loads it, and returns what that says. */
static int load_many(unsigned count, struct machine_config *ret)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	fputs("machine: m\npartitions:\n", stream);
	for (unsigned i = 0; i < count; i++)
		fprintf(stream, "  - {name: p%u, cpus: %u, profile: best-effort, memory: {size: 16M}, "
				"boot: {kernel: k}}\n", i, i);
	fclose(stream);
	int error = machine_load_text(text, size, "many", ret, NULL);
	free(text);
	return error;
}

static void a_machine_has_256_partitions_at_most(void)
{
	struct machine_config machine;

	CU_ASSERT_EQUAL_FATAL(load_many(256, &machine), 0);
	CU_ASSERT_EQUAL(machine.partition_count, 256);
	CU_ASSERT_TRUE(cpulist_has(&machine.partition[255].cpus, 255));
	machine_done(&machine);
	CU_ASSERT_EQUAL(load_many(257, &machine), -E2BIG);
}

static void a_file_has_one_mebibyte_at_most(void)
{
	static const char start[] = "machine: m\npartitions: [{name: p, memory: {size: 16M}, "
				    "boot: {kernel: k}}]\n#";
	struct machine_config machine;
	struct diag why = {0};
	char *text = malloc(DOCUMENT_BYTES_MAX + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, 'x', DOCUMENT_BYTES_MAX + 1);
	memcpy(text, start, sizeof(start) - 1);
	CU_ASSERT_EQUAL_FATAL(machine_load_text(text, DOCUMENT_BYTES_MAX, "m", &machine, &why), 0);
	machine_done(&machine);
	CU_ASSERT_EQUAL(machine_load_text(text, DOCUMENT_BYTES_MAX + 1, "m", &machine, &why), -E2BIG);
	CU_ASSERT_STRING_EQUAL(why.file, "m");

	/* The same size as nothing but values: refused by their number, not by patience. */
	for (size_t i = 0; i < DOCUMENT_BYTES_MAX; i++)
		text[i] = i == 0 ? '[' : i % 2 == 0 ? ',' : '1';
	CU_ASSERT_EQUAL(machine_load_text(text, DOCUMENT_BYTES_MAX, "m", &machine, &why), -E2BIG);
	memset(text, '[', DOCUMENT_BYTES_MAX);
	CU_ASSERT_EQUAL(machine_load_text(text, DOCUMENT_BYTES_MAX, "m", &machine, &why), -E2BIG);
	free(text);
}

static void files_that_cannot_be_read(void)
{
	struct machine_config machine;
	struct diag why = {0};

	CU_ASSERT_EQUAL(machine_load("/nonexistent/m.yaml", &machine, &why), -ENOENT);
	CU_ASSERT_STRING_EQUAL(why.file, "/nonexistent/m.yaml");
	CU_ASSERT_NOT_EQUAL(why.remedy[0], '\0');
	CU_ASSERT_EQUAL(machine_load("/", &machine, &why), -EISDIR);
	CU_ASSERT_EQUAL(machine_load("/dev/zero", &machine, &why), -E2BIG);
	CU_ASSERT_EQUAL(machine_load("/dev/null", &machine, &why), -EINVAL);
}

static void every_prefix_of_a_file_is_survived(void)
{
	static const char text[] =
		"machine: m\nhost: {housekeeping: 0}\npartitions:\n  - name: p\n    profile: nfv\n"
		"    cpus: 1\n    memory: {size: 1G}\n    boot: {kernel: \"k\", initrd: [a, 'b']}\n";

	for (size_t length = 0; length <= strlen(text); length++) {
		struct machine_config machine = {0};
		char *exact = malloc(length + 1);

		if (exact == NULL) {
			CU_FAIL("not enough memory");
			return;
		}
		memcpy(exact, text, length);
		int error = machine_load_text(exact, length, "m", &machine, NULL);
		if (length == strlen(text))
			CU_ASSERT_EQUAL(error, 0);
		machine_done(&machine);
		free(exact);
	}
}

static void text_must_be_text(void)
{
	static const char *const cases[] = {
		"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xc2", "\xe2\x82", "\xc2\x9b", "\x7f", "\x1b[2J",
	};
	char keys[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct machine_config machine;
		struct diag why = {0};

		snprintf(keys, sizeof(keys), MEMORY "    boot: {kernel: \"/%s\"}", cases[i]);
		CU_ASSERT_EQUAL(load_partition(keys, &machine, &why), -EINVAL);
		CU_ASSERT_EQUAL(why.line, 5);
		CU_ASSERT_EQUAL(why.column, 22);
	}
	struct machine_config machine;
	CU_ASSERT_EQUAL_FATAL(load_partition(MEMORY "    boot: {kernel: \"/\xc3\xa9\xe2\x82\xac\"}",
					     &machine, NULL), 0);
	CU_ASSERT_STRING_EQUAL(machine.partition[0].kernel, "/\xc3\xa9\xe2\x82\xac");
	machine_done(&machine);
}

void test_config_register(void)
{
	CU_pSuite suite = CU_add_suite("test_config", NULL, NULL);

	CU_ADD_TEST(suite, every_key_arrives);
	CU_ADD_TEST(suite, shares_arrive);
	CU_ADD_TEST(suite, what_is_not_given_falls_back);
	CU_ADD_TEST(suite, shorter_forms);
	CU_ADD_TEST(suite, limits_hold_to_the_last_value);
	CU_ADD_TEST(suite, a_command_line_fills_its_room);
	CU_ADD_TEST(suite, as_many_initrds_as_there_is_room_for);
	CU_ADD_TEST(suite, a_machine_has_256_partitions_at_most);
	CU_ADD_TEST(suite, a_file_has_one_mebibyte_at_most);
	CU_ADD_TEST(suite, files_that_cannot_be_read);
	CU_ADD_TEST(suite, every_prefix_of_a_file_is_survived);
	CU_ADD_TEST(suite, text_must_be_text);
}
