// SPDX-License-Identifier: Apache-2.0
/* When what is read counts as what was written, and which changes are of one setting. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow_session.h"
#include "core/base/change.h"
#include "core/base/change_compare.h"

void test_change_register(void);

struct comparison {
	const char *wanted;
	const char *read;
	enum change_compare compare;
	bool holds;
};

static const struct comparison comparisons[] = {
	{"isolated", "isolated\n", COMPARE_EXACT, true},
	{" a b ", "a b\n\n", COMPARE_EXACT, true},
	{"a b", "a  b", COMPARE_EXACT, false},
	{"isolated", "isolated invalid (Cpu list in cpuset.cpus not exclusive)\n", COMPARE_EXACT, false},
	{"", "\n", COMPARE_EXACT, true},
	{"", "0\n", COMPARE_EXACT, false},
	{"-1", "-1\n", COMPARE_NUMBER, true},
	{"0x10", "16\n", COMPARE_NUMBER, true},
	{"950000", "9500000\n", COMPARE_NUMBER, false},
	{"1", "1 2\n", COMPARE_NUMBER, false},
	{"1", "\n", COMPARE_NUMBER, false},
	{"1", "one\n", COMPARE_NUMBER, false},
	{"9223372036854775807", "99999999999999999999\n", COMPARE_NUMBER, false},
	{"0,1,2", "0-2\n", COMPARE_CPUS, true},
	{"0-1", "0-2\n", COMPARE_CPUS, false},
	{"", "\n", COMPARE_CPUS, true},
	{"0-1", "0-1 x\n", COMPARE_CPUS, false},
	{"0-1", "0\n", COMPARE_WITHIN, true},
	{"0-1", "0-1\n", COMPARE_WITHIN, true},
	{"0-1", "1-2\n", COMPARE_WITHIN, false},
	{"0-1", "\n", COMPARE_WITHIN, false},
	{"0-1", "0 x\n", COMPARE_WITHIN, false},
	{"3", "00000000,00000003\n", COMPARE_MASK, true},
	{"ffffffff,00000003", "ffffffff,00000003\n", COMPARE_MASK, true},
	{"F", "f\n", COMPARE_MASK, true},
	{"3", "00000003,00000000\n", COMPARE_MASK, false},
	{"3", "\n", COMPARE_MASK, false},
	{"3", "x3\n", COMPARE_MASK, false},
	{"3", "3g\n", COMPARE_MASK, false},
	{"never", "always madvise [never]\n", COMPARE_CHOICE, true},
	{"never", "[always] madvise never\n", COMPARE_CHOICE, false},
	{"never", "never\n", COMPARE_CHOICE, false},
	{"never", "][never\n", COMPARE_CHOICE, false},
	{"+cpuset", "cpuset memory pids\n", COMPARE_WORD, true},
	{"+cpu", "cpuset memory pids\n", COMPARE_WORD, false},
	{"+pids", "memory pids\n", COMPARE_WORD, true},
	{"-cpuset", "memory pids\n", COMPARE_WORD, true},
	{"-cpuset", "cpuset\n", COMPARE_WORD, false},
	{"NO_HRTICK", "GENTLE NO_HRTICK\n", COMPARE_WORD, true},
	{"HRTICK", "GENTLE NO_HRTICK\n", COMPARE_WORD, false},
	{"HRTICK", "HRTICK_DL NO_HRTICK\n", COMPARE_WORD, false},
	{"+", "a\n", COMPARE_WORD, false},
	{"-", "a\n", COMPARE_WORD, false},
	{"", "a\n", COMPARE_WORD, false},
	{"L3:0=f\n", "    L3:0=f\nMB:0=100\n", COMPARE_LINES, true},
	{"MB:0=100\nL3:0=f", "L3:0=f\nMB:0=100\n", COMPARE_LINES, true},
	{"L3:0=f", "L3:0=ff\n", COMPARE_LINES, false},
	{"L3:0=f\nMB:0=50", "L3:0=f\nMB:0=100\n", COMPARE_LINES, false},
	{"L3:0=f;1=7ff", "  L3:0=00f;1=7ff\n", COMPARE_LINES, true},
	{"L3:0=0", "L3:0=000\n", COMPARE_LINES, true},
	{"L3:0=0", "L3:0=\n", COMPARE_LINES, false},
};

static void what_is_read_is_compared_by_its_kind(void)
{
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
		const struct comparison *row = &comparisons[i];
		bool holds = change_compare(row->compare, row->wanted, row->read);

		CU_ASSERT_EQUAL(holds, row->holds);
		if (holds != row->holds)
			fprintf(stderr, "row %zu: \"%s\" of \"%s\"\n", i, row->wanted, row->read);
	}
}

static void a_list_knows_what_holds(void)
{
	struct changes changes = {0};
	struct change *change = changes_add(&changes, CHANGE_TEXT, "kernel", "/proc/sys/kernel/%s", "watchdog");

	change_text(&changes, change, COMPARE_NUMBER, "1\n", "%d", 0);
	CU_ASSERT_FALSE(change->held);
	CU_ASSERT_STRING_EQUAL(change->path, "/proc/sys/kernel/watchdog");
	CU_ASSERT_STRING_EQUAL(change->value, "0");
	change_text(&changes, change, COMPARE_NUMBER, "0\n", "%d", 0);
	CU_ASSERT_TRUE(change->held);
	change_text(&changes, change, COMPARE_NUMBER, NULL, "%d", 0);
	CU_ASSERT_FALSE(change->held);
	CU_ASSERT_PTR_NULL(change->old);
	/* What is read back may be another text than what is written. */
	change_text(&changes, change, COMPARE_EXACT, "isolated\n", "root");
	CU_ASSERT_FALSE(change->held);
	change_expect(&changes, change, "isolated");
	CU_ASSERT_TRUE(change->held);
	CU_ASSERT_TRUE(change_holds(change, "isolated"));
	CU_ASSERT_FALSE(change_holds(change, "root"));
	CU_ASSERT_FALSE(change_holds(change, NULL));
	change = changes_add(&changes, CHANGE_GROUP, "cgroup", "/sys/fs/cgroup/plc");
	change_made(&changes, change, false);
	CU_ASSERT_FALSE(change->held);
	CU_ASSERT_EQUAL(changes_pending(&changes), 1);
	change_made(&changes, change, true);
	CU_ASSERT_TRUE(change->held);
	CU_ASSERT_EQUAL(changes_pending(&changes), 0);
	CU_ASSERT_TRUE(change_makes(change));
	CU_ASSERT_FALSE(changes.lost);
	changes_done(&changes);
	CU_ASSERT_EQUAL(changes.count, 0);
}

static void a_list_grows(void)
{
	struct changes changes = {0};

	for (unsigned i = 0; i < 1000; i++)
		change_reason(changes_add(&changes, CHANGE_TEXT, "kernel", "/%u", i), "because of %u", i);
	CU_ASSERT_EQUAL_FATAL(changes.count, 1000);
	CU_ASSERT_STRING_EQUAL(changes.item[0].path, "/0");
	CU_ASSERT_STRING_EQUAL(changes.item[999].path, "/999");
	CU_ASSERT_STRING_EQUAL(changes.item[999].reason, "because of 999");
	changes_done(&changes);
}

static struct change of(enum change_kind kind, const char *path, enum change_compare compare, const char *value)
{
	static char texts[4][64];
	static unsigned next;
	char *text = texts[next++ % 4];
	char *where = texts[next++ % 4];

	snprintf(text, 64, "%s", value);
	snprintf(where, 64, "%s", path);
	return (struct change){.kind = kind, .path = where, .compare = compare, .value = text};
}

static void a_setting_is_known_by_kind_path_and_word(void)
{
	static const struct {
		const char *a;
		const char *b;
		bool same;
	} words[] = {
		{"+cpuset", "-cpuset", true}, {"+cpuset", "+cpu", false}, {"NO_HRTICK", "HRTICK", true},
		{"HRTICK", "HRTICK_DL", false}, {"+memory", "+memory", true},
	};
	struct change a = of(CHANGE_TEXT, "/a", COMPARE_NUMBER, "1");
	struct change b = of(CHANGE_TEXT, "/a", COMPARE_NUMBER, "2");

	CU_ASSERT_TRUE(change_same(&a, &b));
	b.started = 7;
	CU_ASSERT_FALSE(change_same(&a, &b));
	b = of(CHANGE_GROUP_TEXT, "/a", COMPARE_NUMBER, "1");
	CU_ASSERT_FALSE(change_same(&a, &b));
	b = of(CHANGE_TEXT, "/b", COMPARE_NUMBER, "1");
	CU_ASSERT_FALSE(change_same(&a, &b));
	CU_ASSERT(change_order(&a, &b) < 0);
	CU_ASSERT(change_order(&b, &a) > 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		a = of(CHANGE_GROUP_TEXT, "/c", COMPARE_WORD, words[i].a);
		b = of(CHANGE_GROUP_TEXT, "/c", COMPARE_WORD, words[i].b);
		CU_ASSERT_EQUAL(change_same(&a, &b), words[i].same);
	}
}

static void a_copy_is_its_own(void)
{
	struct changes changes = {0};
	struct change *change = changes_add(&changes, CHANGE_AFFINITY, "threads", "/proc/1/task/2");
	struct change copy;

	change_text(&changes, change, COMPARE_CPUS, "0-3", "0-1");
	change_restore(&changes, change, "0-2");
	change->started = 5;
	CU_ASSERT_EQUAL_FATAL(change_copy(change, &copy), 0);
	CU_ASSERT_TRUE(change_same(change, &copy));
	CU_ASSERT_PTR_NOT_EQUAL(copy.path, change->path);
	changes_done(&changes);
	CU_ASSERT_STRING_EQUAL(copy.old, "0-3");
	CU_ASSERT_STRING_EQUAL(copy.restore, "0-2");
	CU_ASSERT_PTR_NULL(copy.expect);
	change_done(&copy);
	CU_ASSERT_PTR_NULL(copy.path);
}

static void kinds_have_names(void)
{
	enum change_kind kind;

	for (unsigned i = CHANGE_TEXT; i <= CHANGE_POLICY; i++) {
		CU_ASSERT_EQUAL(change_kind_parse(change_kind_name((enum change_kind)i), &kind), 0);
		CU_ASSERT_EQUAL(kind, i);
	}
	CU_ASSERT_EQUAL(change_kind_parse("texts", &kind), -EINVAL);
	CU_ASSERT_EQUAL(change_kind_parse("", &kind), -EINVAL);
}

/* struct way_back - what is written so that a setting that was @old and is to be @value reads @before. */
struct way_back {
	enum change_kind kind;
	enum change_compare compare;
	const char *old;
	const char *value;
	const char *restore;
	const char *before;
	const char *text;
};

#define OF_KERNEL "GENTLE NO_HRTICK HRTICK_DL\n"

static const struct way_back ways_back[] = {
	{CHANGE_TEXT, COMPARE_NUMBER, "1\n", "0", NULL, "1\n", "1\n"},
	{CHANGE_TEXT, COMPARE_NUMBER, "1\n", "0", "7", "1\n", "7"},
	{CHANGE_TEXT, COMPARE_NUMBER, "1\n", "0", "7", "0\n", "0"},
	{CHANGE_TEXT, COMPARE_NUMBER, "1\n", "0", "7", "5\n", "5\n"},
	{CHANGE_TEXT, COMPARE_CHOICE, "always [madvise] never\n", "never", NULL, "always [madvise] never\n", "madvise"},
	{CHANGE_TEXT, COMPARE_CHOICE, "never\n", "never", NULL, "never\n", "never\n"},
	{CHANGE_TEXT, COMPARE_WORD, OF_KERNEL, "HRTICK", NULL, OF_KERNEL, "NO_HRTICK"},
	{CHANGE_TEXT, COMPARE_WORD, OF_KERNEL, "NO_HRTICK_DL", NULL, OF_KERNEL, "HRTICK_DL"},
	{CHANGE_TEXT, COMPARE_WORD, OF_KERNEL, "HRTICK_DL", NULL, OF_KERNEL, "HRTICK_DL"},
	{CHANGE_GROUP_TEXT, COMPARE_WORD, "memory pids\n", "+cpuset", NULL, "memory pids\n", "-cpuset"},
	{CHANGE_GROUP_TEXT, COMPARE_WORD, "memory pids\n", "-memory", NULL, "memory pids\n", "+memory"},
	{CHANGE_GROUP_TEXT, COMPARE_WORD, "memory pids\n", "+cpuset", NULL, "cpuset\n", "+cpuset"},
	{CHANGE_GROUP_TEXT, COMPARE_EXACT, "member\n", "isolated", NULL, "isolated invalid (why)\n", "isolated"},
	{CHANGE_FILE, COMPARE_EXACT, "a\n", "b\n", NULL, NULL, NULL},
	{CHANGE_GROUP, COMPARE_EXACT, NULL, NULL, NULL, "", NULL},
};

static char *copy_of(const char *text)
{
	return text == NULL ? NULL : strdup(text);
}

static void each_setting_has_a_way_back(void)
{
	for (size_t i = 0; i < sizeof(ways_back) / sizeof(ways_back[0]); i++) {
		const struct way_back *row = &ways_back[i];
		struct change change = {
			.kind = row->kind, .compare = row->compare, .old = copy_of(row->old),
			.value = copy_of(row->value), .restore = copy_of(row->restore),
		};
		char *text = NULL;

		CU_ASSERT_EQUAL_FATAL(borrow_put_text(&change, row->before, &text), 0);
		CU_ASSERT_EQUAL(text == NULL, row->text == NULL);
		if (text != NULL && row->text != NULL)
			CU_ASSERT_STRING_EQUAL(text, row->text);
		free(text);
		change_done(&change);
	}
}

void test_change_register(void)
{
	CU_pSuite suite = CU_add_suite("test_change", NULL, NULL);

	CU_ADD_TEST(suite, what_is_read_is_compared_by_its_kind);
	CU_ADD_TEST(suite, a_list_knows_what_holds);
	CU_ADD_TEST(suite, a_list_grows);
	CU_ADD_TEST(suite, a_setting_is_known_by_kind_path_and_word);
	CU_ADD_TEST(suite, a_copy_is_its_own);
	CU_ADD_TEST(suite, kinds_have_names);
	CU_ADD_TEST(suite, each_setting_has_a_way_back);
}
