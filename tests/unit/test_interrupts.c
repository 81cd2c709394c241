// SPDX-License-Identifier: Apache-2.0
/* /proc/interrupts and /proc/irq: what the kernel writes, and what it never would. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/files.h"
#include "core/host/interrupts.h"

void test_interrupts_register(void);

static const char usual[] =
	"           CPU0       CPU1       CPU3       \n"
	"  0:         33          0          0   IO-APIC   2-edge      timer\n"
	" 36:          0     574121          4  PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n"
	"TLB:        300        400          1   TLB shootdowns\n"
	"ERR:          5\n";

static void set_of(const char *text, struct cpulist *ret)
{
	CU_ASSERT_EQUAL_FATAL(cpulist_parse_kernel(text, ret), 0);
}

static uint64_t sum_of(const struct interrupts *interrupts, const char *name, const char *cpus)
{
	const struct interrupt_row *row = interrupts_find(interrupts, name);
	struct cpulist list;
	uint64_t sum = 0;

	set_of(cpus, &list);
	CU_ASSERT_PTR_NOT_NULL_FATAL(row);
	CU_ASSERT_EQUAL(interrupt_sum(interrupts, row, &list, &sum), 0);
	return sum;
}

static void columns_are_those_of_the_head_line(void)
{
	struct interrupts interrupts;

	CU_ASSERT_EQUAL_FATAL(interrupts_parse(usual, &interrupts), 0);
	CU_ASSERT_EQUAL(interrupts.columns, 3);
	CU_ASSERT_EQUAL(interrupts.column[2], 3);
	CU_ASSERT_FALSE(cpulist_has(&interrupts.cpus, 2));
	CU_ASSERT_EQUAL(interrupts.count, 4);
	CU_ASSERT_EQUAL(interrupts.row[0].number, 0);
	CU_ASSERT_EQUAL(interrupts.row[2].number, INTERRUPT_NONE);
	CU_ASSERT_EQUAL(sum_of(&interrupts, "36", "1"), 574121);
	CU_ASSERT_EQUAL(sum_of(&interrupts, "36", "3"), 4);
	CU_ASSERT_EQUAL(sum_of(&interrupts, "TLB", "0-3"), 701);
	/* CPU 2 is offline and has no column. */
	CU_ASSERT_EQUAL(sum_of(&interrupts, "TLB", "2"), 0);
	CU_ASSERT_PTR_NULL(interrupts_find(&interrupts, "RES"));
	interrupts_done(&interrupts);
}

static void labels_follow_the_counters(void)
{
	struct interrupts interrupts;
	char label[64];
	char small[8];

	CU_ASSERT_EQUAL_FATAL(interrupts_parse(usual, &interrupts), 0);
	interrupt_label(&interrupts, &interrupts.row[1], label, sizeof(label));
	CU_ASSERT_STRING_EQUAL(label, "PCI-MSIX-0000:00:02.0 1-edge virtio1-req.0");
	interrupt_label(&interrupts, &interrupts.row[2], label, sizeof(label));
	CU_ASSERT_STRING_EQUAL(label, "TLB shootdowns");
	interrupt_label(&interrupts, &interrupts.row[3], label, sizeof(label));
	CU_ASSERT_STRING_EQUAL(label, "");
	interrupt_label(&interrupts, &interrupts.row[1], small, sizeof(small));
	CU_ASSERT_STRING_EQUAL(small, "PCI-MSI");
	interrupts_done(&interrupts);
}

static void rows_with_other_columns_have_no_counters(void)
{
	static const char *const rows[] = {
		"ERR: 5", "24: 1 2", "24:", "24: 1 2 x", "24: 1 2 3x", "24: -1 2 3",
		"24: 99999999999999999999 1 1",
	};
	uint64_t count[3];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct interrupts interrupts;
		char text[128];

		snprintf(text, sizeof(text), "CPU0 CPU1 CPU2\n%s\n", rows[i]);
		CU_ASSERT_EQUAL_FATAL(interrupts_parse(text, &interrupts), 0);
		CU_ASSERT_EQUAL_FATAL(interrupts.count, 1);
		CU_ASSERT_EQUAL(interrupt_counts(&interrupts, &interrupts.row[0], count), -EINVAL);
		interrupts_done(&interrupts);
	}
}

static void a_head_line_without_cpus_is_refused(void)
{
	static const char *const texts[] = {
		"", "\n", "   \n24: 1", "CPU\n", "CPUx\n", "CPU0 CPU0\n", "CPU4096\n", "CPU99999999999999999999\n",
		"24: 1 IO-APIC\n", "CPU0 foo\n", "CPU-1\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct interrupts interrupts = {0};

		CU_ASSERT_EQUAL(interrupts_parse(texts[i], &interrupts), -EINVAL);
		CU_ASSERT_PTR_NULL(interrupts.column);
	}
}

static void lines_that_are_no_rows_are_left_out(void)
{
	struct interrupts interrupts;

	CU_ASSERT_EQUAL_FATAL(interrupts_parse("CPU0\nno colon\n: 5\na name: 5\n"
					       "averyveryverylongname: 5\n4294967296: 1\n\n 7: 1\n", &interrupts), 0);
	CU_ASSERT_EQUAL_FATAL(interrupts.count, 1);
	CU_ASSERT_STRING_EQUAL(interrupts.row[0].name, "7");
	interrupts_done(&interrupts);
}

/* All CPUs a list can hold, and 200 rows. */
static void many_cpus_are_taken(void)
{
	const size_t room = (size_t)CPULIST_MAX * 10 * 201 + 1;
	char *text = malloc(room);
	struct interrupts interrupts;
	size_t length = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (int cpu = 0; cpu < CPULIST_MAX; cpu++)
		length += (size_t)snprintf(text + length, room - length, " CPU%d", cpu);
	for (int row = 0; row < 200; row++) {
		length += (size_t)snprintf(text + length, room - length, "\n%d:", row);
		for (int cpu = 0; cpu < CPULIST_MAX; cpu++)
			length += (size_t)snprintf(text + length, room - length, " %d", cpu == 4095 ? row : 0);
	}
	CU_ASSERT_EQUAL_FATAL(interrupts_parse(text, &interrupts), 0);
	CU_ASSERT_EQUAL(interrupts.columns, CPULIST_MAX);
	CU_ASSERT_EQUAL(interrupts.count, 200);
	CU_ASSERT_EQUAL(sum_of(&interrupts, "199", "0-4095"), 199);
	interrupts_done(&interrupts);
	free(text);
}

static int growth(const char *first, const char *second, const char *cpus, uint64_t *ret)
{
	struct interrupts before, after;
	struct cpulist list;

	set_of(cpus, &list);
	CU_ASSERT_EQUAL_FATAL(interrupts_parse(first, &before), 0);
	CU_ASSERT_EQUAL_FATAL(interrupts_parse(second, &after), 0);
	int error = interrupts_growth(&before, &after, "TLB", &list, ret);

	interrupts_done(&before);
	interrupts_done(&after);
	return error;
}

static void growth_is_by_cpu_number(void)
{
	uint64_t more = 0;

	CU_ASSERT_EQUAL(growth("CPU0 CPU1\nTLB: 5 7\n", "CPU0 CPU1\nTLB: 9 8\n", "1", &more), 0);
	CU_ASSERT_EQUAL(more, 1);
	CU_ASSERT_EQUAL(growth("CPU0 CPU1\nTLB: 5 7\n", "CPU0 CPU1\nTLB: 9 8\n", "0-1", &more), 0);
	CU_ASSERT_EQUAL(more, 5);
	/* CPU 0 went offline, CPU 2 came online. */
	CU_ASSERT_EQUAL(growth("CPU0 CPU1\nTLB: 5 7\n", "CPU1 CPU2\nTLB: 8 3\n", "0-2", &more), 0);
	CU_ASSERT_EQUAL(more, 4);
	CU_ASSERT_EQUAL(growth("CPU0\nRES: 5\n", "CPU0\nTLB: 9\n", "0", &more), 0);
	CU_ASSERT_EQUAL(more, 9);
	/* The kernel's counters are 32 bits wide. */
	CU_ASSERT_EQUAL(growth("CPU0\nTLB: 4294967290\n", "CPU0\nTLB: 4\n", "0", &more), 0);
	CU_ASSERT_EQUAL(more, 10);
	CU_ASSERT_EQUAL(growth("CPU0\nTLB: 5\n", "CPU0\nRES: 9\n", "0", &more), -ENOENT);
	CU_ASSERT_EQUAL(growth("CPU0\nTLB: 5\n", "CPU0\nTLB: many\n", "0", &more), -EINVAL);
}

static void routes_are_read(void)
{
	struct host_files files = {.complete = true};
	struct interrupt_routes routes;

	host_files_put(&files, "/proc/irq/24/smp_affinity_list", "0-3");
	host_files_put(&files, "/proc/irq/24/effective_affinity_list", "2");
	host_files_put(&files, "/proc/irq/25/smp_affinity_list", "1");
	host_files_put(&files, "/proc/irq/26/smp_affinity_list", "0-1");
	host_files_put_error(&files, "/proc/irq/26/effective_affinity_list", EACCES);
	host_files_put(&files, "/proc/irq/27/smp_affinity_list", "3-1");
	host_files_put_error(&files, "/proc/irq/28/smp_affinity_list", ENOENT);
	host_files_sort(&files);
	CU_ASSERT_EQUAL_FATAL(interrupt_routes_parse(&files, &routes), 0);
	CU_ASSERT_EQUAL_FATAL(routes.count, 4);
	CU_ASSERT_EQUAL(routes.route[0].number, 24);
	CU_ASSERT_EQUAL(routes.route[0].error, 0);
	CU_ASSERT_EQUAL(cpulist_next(&routes.route[0].effective, 0), 2);
	CU_ASSERT_EQUAL(cpulist_next(&routes.route[1].effective, 0), 1);
	CU_ASSERT_EQUAL(routes.route[2].error, EACCES);
	CU_ASSERT_EQUAL(routes.route[3].error, EINVAL);
	interrupt_routes_done(&routes);
	host_files_done(&files);
}

static void no_route_at_all_is_unknown(void)
{
	struct host_files files = {.complete = true};
	struct interrupt_routes routes = {0};

	host_files_sort(&files);
	CU_ASSERT_EQUAL(interrupt_routes_parse(&files, &routes), -ENODATA);
	host_files_put_error(&files, "/proc/irq", EACCES);
	host_files_sort(&files);
	CU_ASSERT_EQUAL(interrupt_routes_parse(&files, &routes), -EACCES);
	host_files_done(&files);
}

void test_interrupts_register(void)
{
	CU_pSuite suite = CU_add_suite("test_interrupts", NULL, NULL);

	CU_ADD_TEST(suite, columns_are_those_of_the_head_line);
	CU_ADD_TEST(suite, labels_follow_the_counters);
	CU_ADD_TEST(suite, rows_with_other_columns_have_no_counters);
	CU_ADD_TEST(suite, a_head_line_without_cpus_is_refused);
	CU_ADD_TEST(suite, lines_that_are_no_rows_are_left_out);
	CU_ADD_TEST(suite, many_cpus_are_taken);
	CU_ADD_TEST(suite, growth_is_by_cpu_number);
	CU_ADD_TEST(suite, routes_are_read);
	CU_ADD_TEST(suite, no_route_at_all_is_unknown);
}
