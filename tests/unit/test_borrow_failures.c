// SPDX-License-Identifier: Apache-2.0
/* Every call that an apply, an addition or a revert makes fails in turn: nothing is left half done. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "tests/unit/borrow_fixture.h"

void test_borrow_failures_register(void);

enum { CALLS_MAX = 400 };

static struct borrow_host *host;
static struct borrow_result result;
static struct diag why;

typedef int (*work)(const struct borrow *borrow, const struct changes *changes, struct borrow_result *ret,
		    struct diag *why);

static int do_work(work call, void (*list)(struct changes *))
{
	struct changes changes = {0};

	why = (struct diag){0};
	if (list == NULL)
		return borrow_revert(&host->borrow, &result, &why);
	list(&changes);
	int error = call(&host->borrow, &changes, &result, &why);

	changes_done(&changes);
	return error;
}

static void no_list(struct changes *ret)
{
	*ret = (struct changes){0};
}

static void is_told(const char *what, unsigned call)
{
	CU_ASSERT_EQUAL(why.error, EIO);
	CU_ASSERT_STRING_NOT_EQUAL(why.text, "");
	if (why.error != EIO || strstr(why.text, "No such file") != NULL)
		fprintf(stderr, "%s, call %u: %s: %s\n", what, call, why.key, why.text);
	CU_ASSERT_PTR_NULL(strstr(why.text, "No such file"));
}

/* The host is as before the call, and what was borrowed before still is. */
static void nothing_happened(const char *state, int borrowed_before)
{
	struct changes list;
	bool finished = false;
	int error = borrow_list(&host->borrow, &list, &finished, &why);
	int borrowed = error == -ENOENT ? 0 : error != 0 ? error : (int)list.count;

	CU_ASSERT(borrow_host_same(state, "after the failure"));
	CU_ASSERT_EQUAL(borrowed, borrowed_before);
	CU_ASSERT_TRUE(finished);
	changes_done(&list);
}

static void all_comes_back(const char *original)
{
	borrow_host_fault(FAULT_NONE, 0);
	why = (struct diag){0};
	CU_ASSERT_EQUAL(borrow_revert(&host->borrow, &result, &why), 0);
	if (why.error != 0)
		fprintf(stderr, "revert: %s: %s\n", why.key, why.text);
	CU_ASSERT(borrow_host_same(original, "after revert"));
}

/* struct scene - @call with @list, after @applied was applied where it is not NULL. */
struct scene {
	const char *name;
	void (*applied)(struct changes *);
	work call;
	void (*list)(struct changes *);
};

static const struct scene scenes[] = {
	{"apply", NULL, borrow_apply, borrow_host_first},
	{"apply another", borrow_host_first, borrow_apply, borrow_host_second},
	{"apply back", borrow_host_second, borrow_apply, borrow_host_first},
	{"apply none", borrow_host_first, borrow_apply, no_list},
	{"add", borrow_host_first, borrow_add, borrow_host_repairs},
	{"add alone", NULL, borrow_add, borrow_host_repairs},
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

/* False once the call has no such number. */
static bool one_fails(const struct scene *scene, enum fault fault, unsigned call)
{
	host = borrow_host_make();
	char *original = borrow_host_state();

	borrow_host_fault(FAULT_NONE, 0);
	if (scene->applied != NULL)
		CU_ASSERT_EQUAL_FATAL(do_work(borrow_apply, scene->applied), 0);
	char *state = borrow_host_state();
	struct changes list;
	bool finished;
	int before = borrow_list(&host->borrow, &list, &finished, &why) == 0 ? (int)list.count : 0;

	changes_done(&list);
	borrow_host_fault(fault, call);
	int error = do_work(scene->call, scene->list);
	bool reached = host->calls >= call;

	CU_ASSERT_EQUAL(error != 0, reached);
	if (reached) {
		is_told(scene->name, call);
		if (fault != FAULT_FAIL_ALWAYS)
			nothing_happened(state, before);
	}
	all_comes_back(original);
	free(original);
	free(state);
	borrow_host_done();
	return reached;
}

static void each_fails(enum fault fault)
{
	for (unsigned i = 0; i < SCENES; i++) {
		unsigned call = 1;

		while (call < CALLS_MAX && one_fails(&scenes[i], fault, call))
			call++;
		CU_ASSERT(call > 8);
		CU_ASSERT(call < CALLS_MAX);
	}
}

static void a_call_that_fails_undoes_all(void)
{
	each_fails(FAULT_FAIL);
}

static void a_call_that_fails_and_did_it_undoes_all(void)
{
	each_fails(FAULT_FAIL_LATE);
}

/* Nothing can be undone then: the journal has it, for a revert that can. */
static void when_all_fails_the_journal_keeps_it(void)
{
	each_fails(FAULT_FAIL_ALWAYS);
}

static bool revert_fails(enum fault fault, unsigned call)
{
	host = borrow_host_make();
	char *original = borrow_host_state();

	borrow_host_fault(FAULT_NONE, 0);
	CU_ASSERT_EQUAL_FATAL(do_work(borrow_apply, borrow_host_first), 0);
	borrow_host_fault(fault, call);
	int error = do_work(NULL, NULL);
	bool reached = host->calls >= call;

	CU_ASSERT_EQUAL(error != 0, reached);
	if (reached)
		is_told("revert", call);
	all_comes_back(original);
	free(original);
	borrow_host_done();
	return reached;
}

static void a_revert_that_fails_can_be_done_again(void)
{
	static const enum fault faults[] = {FAULT_FAIL, FAULT_FAIL_LATE, FAULT_FAIL_ALWAYS};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		unsigned call = 1;

		while (call < CALLS_MAX && revert_fails(faults[i], call))
			call++;
		CU_ASSERT(call > 10);
		CU_ASSERT(call < CALLS_MAX);
	}
}

/* The rest is put back though one is not. */
static void a_revert_goes_on_after_a_failure(void)
{
	host = borrow_host_make();
	char *original = borrow_host_state();

	borrow_host_fault(FAULT_NONE, 0);
	CU_ASSERT_EQUAL_FATAL(do_work(borrow_apply, borrow_host_first), 0);
	/* The first call of a revert reads the last file that was made. */
	borrow_host_fault(FAULT_FAIL, 1);
	CU_ASSERT_EQUAL(do_work(NULL, NULL), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.key, "deep.d/file"));
	/* Its two folders cannot go either. */
	CU_ASSERT_EQUAL(result.restored, 12);
	all_comes_back(original);
	free(original);
	borrow_host_done();
}

void test_borrow_failures_register(void)
{
	CU_pSuite suite = CU_add_suite("test_borrow_failures", NULL, NULL);

	CU_ADD_TEST(suite, a_call_that_fails_undoes_all);
	CU_ADD_TEST(suite, a_call_that_fails_and_did_it_undoes_all);
	CU_ADD_TEST(suite, when_all_fails_the_journal_keeps_it);
	CU_ADD_TEST(suite, a_revert_that_fails_can_be_done_again);
	CU_ADD_TEST(suite, a_revert_goes_on_after_a_failure);
}
