// SPDX-License-Identifier: Apache-2.0
/* The program is killed at every call that it makes: whoever comes next puts everything back. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "tests/unit/borrow_fixture.h"

void test_borrow_kill_register(void);

enum { CALLS_MAX = 400, STATUS_DONE = 0, STATUS_FAILED = 1 };

static struct borrow_host *host;
static struct borrow_result result;
static struct diag why;

typedef int (*work)(const struct borrow *borrow, const struct changes *changes, struct borrow_result *ret,
		    struct diag *why);

/* NULL for @call: revert. */
static int do_work(work call, void (*list)(struct changes *))
{
	struct changes changes = {0};

	why = (struct diag){0};
	if (call == NULL)
		return borrow_revert(&host->borrow, &result, &why);
	list(&changes);
	int error = call(&host->borrow, &changes, &result, &why);

	changes_done(&changes);
	if (error != 0)
		fprintf(stderr, "%s: %s\n", why.key, why.text);
	return error;
}

/* What became of a program that did it: STATUS_DONE, or FAULT_STATUS_KILLED. */
static int do_in_child(work call, void (*list)(struct changes *))
{
	int status = 0;

	fflush(NULL);
	pid_t child = fork();

	if (child == 0)
		_exit(do_work(call, list) == 0 ? STATUS_DONE : STATUS_FAILED);
	CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* struct scene - @call with @list is killed, after @applied was applied where it is not NULL. */
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
	{"add", borrow_host_first, borrow_add, borrow_host_repairs},
	{"revert", borrow_host_first, NULL, NULL},
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static const enum fault kills[] = {FAULT_KILL, FAULT_KILL_LATE, FAULT_KILL_WITHIN};

enum { KILLS = sizeof(kills) / sizeof(kills[0]) };

/* What has been applied before the program is killed; gives the host as it was before all. */
static char *prepare(const struct scene *scene)
{
	host = borrow_host_make();
	char *original = borrow_host_state();

	borrow_host_fault(FAULT_NONE, 0);
	if (scene->applied != NULL)
		CU_ASSERT_EQUAL_FATAL(do_work(borrow_apply, scene->applied), 0);
	/* Drift, which an addition repairs. */
	if (scene->call == borrow_add)
		borrow_host_store("etc/unit", "[Slice]\n");
	return original;
}

static void journal_is_gone(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/journal", host->journal);
	CU_ASSERT_EQUAL(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/journal.new", host->journal);
	CU_ASSERT_EQUAL(access(path, F_OK), -1);
}

static void all_comes_back(const char *original)
{
	borrow_host_fault(FAULT_NONE, 0);
	CU_ASSERT_EQUAL(do_work(NULL, NULL), 0);
	CU_ASSERT(borrow_host_same(original, "after revert"));
	journal_is_gone();
}

/* False once the call has no such number. */
static bool one_kill(const struct scene *scene, enum fault kill, unsigned call, size_t bytes)
{
	char *original = prepare(scene);

	borrow_host_fault(kill, call);
	host->fault_bytes = bytes;
	int status = do_in_child(scene->call, scene->list);

	CU_ASSERT(status == STATUS_DONE || status == FAULT_STATUS_KILLED);
	all_comes_back(original);
	/* Nobody else wrote anything; a new value that was noted and not yet written looks as if. */
	if (scene->applied == NULL)
		CU_ASSERT_EQUAL(result.foreign, 0);
	free(original);
	borrow_host_done();
	return status == FAULT_STATUS_KILLED;
}

static void a_revert_puts_all_back(void)
{
	for (unsigned i = 0; i < SCENES * KILLS; i++) {
		unsigned call = 1;

		while (call < CALLS_MAX && one_kill(&scenes[i / KILLS], kills[i % KILLS], call, 20))
			call++;
		CU_ASSERT(call > 5);
		CU_ASSERT(call < CALLS_MAX);
	}
}

/* An apply that did not end is put back first by whoever comes next; a repair that did not end is not. */
static void what_did_not_end_is_told(void)
{
	static const struct {
		unsigned scene;
		bool finished;
	} rows[] = {{0, false}, {1, false}, {3, true}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct scene *scene = &scenes[rows[i].scene];
		char *original = prepare(scene);
		struct changes list;
		bool finished = !rows[i].finished;

		borrow_host_fault(FAULT_KILL, 9);
		CU_ASSERT_EQUAL(do_in_child(scene->call, scene->list), FAULT_STATUS_KILLED);
		CU_ASSERT_EQUAL(borrow_list(&host->borrow, &list, &finished, &why), 0);
		CU_ASSERT_EQUAL(finished, rows[i].finished);
		changes_done(&list);
		all_comes_back(original);
		free(original);
		borrow_host_done();
	}
}

/* The revert after a kill is killed itself, and the next one too. */
static void a_revert_of_a_kill_may_be_killed(void)
{
	for (unsigned call = 1; call < CALLS_MAX; call += 3) {
		char *original = prepare(&scenes[1]);

		borrow_host_fault(FAULT_KILL, call);
		int status = do_in_child(borrow_apply, borrow_host_second);

		for (unsigned next = 1; status == FAULT_STATUS_KILLED && next < CALLS_MAX; next += 5) {
			borrow_host_fault(next % 2 == 0 ? FAULT_KILL : FAULT_KILL_LATE, next);
			if (do_in_child(NULL, NULL) != FAULT_STATUS_KILLED)
				break;
		}
		all_comes_back(original);
		free(original);
		borrow_host_done();
		if (status != FAULT_STATUS_KILLED)
			break;
	}
}

/* What the first list makes of the host, and nothing else. */
static void the_next_apply_does_it_all(void)
{
	for (unsigned i = 0; i < SCENES; i++) {
		const struct scene *scene = &scenes[i];

		for (unsigned call = 1; call < CALLS_MAX; call++) {
			free(prepare(&scenes[0]));
			CU_ASSERT_EQUAL_FATAL(do_work(borrow_apply, borrow_host_first), 0);
			char *wanted = borrow_host_state();

			borrow_host_done();
			char *original = prepare(scene);

			borrow_host_fault(FAULT_KILL_LATE, call);
			int status = do_in_child(scene->call, scene->list);

			borrow_host_fault(FAULT_NONE, 0);
			CU_ASSERT_EQUAL(do_work(borrow_apply, borrow_host_first), 0);
			CU_ASSERT(borrow_host_same(wanted, "after the next apply"));
			all_comes_back(original);
			free(wanted);
			free(original);
			borrow_host_done();
			if (status != FAULT_STATUS_KILLED)
				break;
		}
	}
}

/* A line is cut here and there, at the last of its bytes too: what it speaks of had not begun. */
static void a_line_may_be_cut_anywhere(void)
{
	/* The calls of an apply that append the head, and the first record. */
	for (unsigned call = 2; call <= 4; call += 2) {
		for (size_t bytes = 0; bytes < 400; bytes += 23)
			CU_ASSERT(one_kill(&scenes[0], FAULT_KILL_WITHIN, call, bytes));
	}
}

/* The file that is written beside the one that it replaces. */
static void no_half_written_file_stays(void)
{
	char *original = prepare(&scenes[1]);

	borrow_host_store("etc/.unit.bulkhead-new", "[Sli");
	all_comes_back(original);
	free(original);
	borrow_host_done();
}

void test_borrow_kill_register(void)
{
	CU_pSuite suite = CU_add_suite("test_borrow_kill", NULL, NULL);

	CU_ADD_TEST(suite, a_revert_puts_all_back);
	CU_ADD_TEST(suite, what_did_not_end_is_told);
	CU_ADD_TEST(suite, a_revert_of_a_kill_may_be_killed);
	CU_ADD_TEST(suite, the_next_apply_does_it_all);
	CU_ADD_TEST(suite, a_line_may_be_cut_anywhere);
	CU_ADD_TEST(suite, no_half_written_file_stays);
}
