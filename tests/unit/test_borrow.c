// SPDX-License-Identifier: Apache-2.0
/* Settings are borrowed: written once, read back, and put back to the byte. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "tests/unit/borrow_fixture.h"

void test_borrow_register(void);

static struct borrow_host *host;
static struct changes changes;
static struct borrow_result result;
static struct diag why;
static char *before;


static void begin(void (*list)(struct changes *))
{
	host = borrow_host_make();
	before = borrow_host_state();
	changes = (struct changes){0};
	why = (struct diag){0};
	list(&changes);
}

static void end(void)
{
	changes_done(&changes);
	free(before);
	borrow_host_done();
}

static int apply(void)
{
	borrow_host_fault(FAULT_NONE, 0);
	return borrow_apply(&host->borrow, &changes, &result, &why);
}

static int apply_list(void (*list)(struct changes *))
{
	changes_done(&changes);
	list(&changes);
	return apply();
}

static int add_list(void (*list)(struct changes *))
{
	changes_done(&changes);
	list(&changes);
	borrow_host_fault(FAULT_NONE, 0);
	return borrow_add(&host->borrow, &changes, &result, &why);
}

static int revert(void)
{
	borrow_host_fault(FAULT_NONE, 0);
	return borrow_revert(&host->borrow, &result, &why);
}

static void text_is(const char *path, const char *wanted)
{
	char *text = borrow_host_text(path);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_STRING_EQUAL(text, wanted);
	free(text);
}

static bool has_journal(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/journal", host->journal);
	return access(path, F_OK) == 0;
}

/* How many are borrowed, or what borrow_list() says. */
static int borrowed(bool *ret_finished)
{
	struct changes list;
	int error = borrow_list(&host->borrow, &list, ret_finished, &why);
	int count = (int)list.count;

	changes_done(&list);
	return error != 0 ? error : count;
}

static void all_is_written_and_comes_back(void)
{
	bool finished = false;

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	/* All but the thread that was so already, and two folders for the last file. */
	CU_ASSERT_EQUAL(result.written, 14);
	CU_ASSERT_EQUAL(host->writes, 14);
	CU_ASSERT_EQUAL(host->progress, 14);
	CU_ASSERT_EQUAL(host->effects, 2);
	CU_ASSERT_EQUAL(result.restored, 0);
	text_is("runtime", "-1\n");
	text_is("huge", "always madvise [never]\n");
	text_is("controllers", "cpuset memory pids\n");
	text_is("plc/partition", "isolated\n");
	text_is("thread-7", "0-1\n");
	text_is("thread-8", "0-1\n");
	text_is("etc/new/deep.d/file", "y\n");
	text_is("loaded-unit", "[Slice]\nAllowedCPUs=0-1\n");
	text_is("loaded-policy", "OPTIONS=none\n");
	CU_ASSERT_EQUAL(borrowed(&finished), 13);
	CU_ASSERT_TRUE(finished);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(result.restored, 15);
	CU_ASSERT_EQUAL(result.foreign, 0);
	CU_ASSERT_EQUAL(result.gone, 0);
	CU_ASSERT_EQUAL(host->effects, 2);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	CU_ASSERT_FALSE(has_journal());
	CU_ASSERT_EQUAL(borrowed(&finished), -ENOENT);
	CU_ASSERT_EQUAL(revert(), 0);
	CU_ASSERT_EQUAL(host->calls, 0);
	end();
}

static void nothing_borrowed_is_nothing_to_do(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL(revert(), 0);
	CU_ASSERT_EQUAL(access(host->journal, F_OK), -1);
	end();
}

static void what_holds_is_not_written_again(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	char *applied = borrow_host_state();
	char path[80];
	struct stat first;
	struct stat second;

	snprintf(path, sizeof(path), "%s/journal", host->journal);
	CU_ASSERT_EQUAL_FATAL(stat(path, &first), 0);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL(result.written, 0);
	/* Each setting is read once, and that is all. */
	CU_ASSERT_EQUAL(host->calls, changes.count);
	CU_ASSERT_EQUAL(host->reads, changes.count);
	CU_ASSERT_EQUAL_FATAL(stat(path, &second), 0);
	CU_ASSERT_EQUAL(first.st_size, second.st_size);
	CU_ASSERT_EQUAL(first.st_ino, second.st_ino);
	CU_ASSERT(borrow_host_same(applied, "after the second apply"));
	free(applied);
	end();
}

static void what_was_so_before_is_borrowed_too(void)
{
	begin(borrow_host_first);
	borrow_host_store("runtime", "-1\n");
	free(before);
	before = borrow_host_state();
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL(result.written, 13);
	/* What others make of it since is put back. */
	borrow_host_store("runtime", "17\n");
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(result.foreign, 1);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void another_list_puts_back_what_it_has_not(void)
{
	bool finished = false;

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL_FATAL(apply_list(borrow_host_second), 0);
	text_is("runtime", "980000\n");
	text_is("huge", "always [madvise] never\n");
	text_is("thread-7", "0\n");
	text_is("thread-8", "0-1\n");
	text_is("mask", "3\n");
	text_is("loaded-policy", "OPTIONS=\"a\xff\x01z\"\n\n");
	text_is("loaded-unit", "[Slice]\nAllowedCPUs=0-2\n");
	text_is("hmi/cpus", "3\n");
	CU_ASSERT_PTR_NULL(borrow_host_text("plc/cpus"));
	CU_ASSERT_PTR_NULL(borrow_host_text("etc/more.d/file"));
	/* 8 of the first list are not in the second, nor two folders; of its 9 one is as it was. */
	CU_ASSERT_EQUAL(result.restored, 10);
	CU_ASSERT_EQUAL(result.written, 8);
	CU_ASSERT_EQUAL(borrowed(&finished), 9);
	CU_ASSERT_TRUE(finished);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void an_empty_list(struct changes *ret)
{
	*ret = (struct changes){0};
}

static void an_empty_list_leaves_nothing(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL_FATAL(apply_list(an_empty_list), 0);
	CU_ASSERT(borrow_host_same(before, "after an empty list"));
	CU_ASSERT_FALSE(has_journal());
	end();
}

static void a_group_stays_and_its_text_goes(struct changes *ret)
{
	struct changes first = {0};

	borrow_host_first(&first);
	for (size_t i = 0; i < first.count; i++) {
		if (first.item[i].kind == CHANGE_GROUP || first.item[i].kind == CHANGE_AFFINITY) {
			struct change *change = changes_add(ret, first.item[i].kind, "cgroup", "%s", "");

			change_done(change);
			*change = first.item[i];
			first.item[i] = (struct change){0};
		}
	}
	changes_done(&first);
}

static void a_text_of_a_group_that_stays_is_put_back(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL_FATAL(apply_list(a_group_stays_and_its_text_goes), 0);
	text_is("plc/partition", "member\n");
	text_is("plc/cpus", "\n");
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void repairs_keep_the_rest(void)
{
	bool finished = false;

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	borrow_host_store("runtime", "950000\n");
	borrow_host_store("thread-9", "0-3\n");
	CU_ASSERT_EQUAL_FATAL(add_list(borrow_host_repairs), 0);
	CU_ASSERT_EQUAL(result.written, 3);
	text_is("runtime", "-1\n");
	text_is("mask", "3\n");
	text_is("huge", "always madvise [never]\n");
	CU_ASSERT_EQUAL(borrowed(&finished), 15);
	CU_ASSERT_TRUE(finished);
	/* The same again, and again: the journal does not grow. */
	for (unsigned i = 0; i < 3; i++) {
		struct stat first;
		struct stat second;
		char path[80];

		snprintf(path, sizeof(path), "%s/journal", host->journal);
		CU_ASSERT_EQUAL_FATAL(stat(path, &first), 0);
		borrow_host_store("runtime", "1\n");
		CU_ASSERT_EQUAL_FATAL(add_list(borrow_host_repairs), 0);
		CU_ASSERT_EQUAL(result.written, 1);
		CU_ASSERT_EQUAL_FATAL(stat(path, &second), 0);
		CU_ASSERT_EQUAL(first.st_size, second.st_size);
	}
	/* A repair is put back by the next apply, whose list has it not. */
	CU_ASSERT_EQUAL_FATAL(apply_list(borrow_host_first), 0);
	text_is("mask", "0000000f\n");
	CU_ASSERT_EQUAL(borrowed(&finished), 13);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

/* Noted after the partition was made, it can be given back only after that is gone. */
static void a_repaired_thread_gets_the_partitions_cpus_back(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	borrow_host_store("thread-9", "0-3\n");
	CU_ASSERT_EQUAL_FATAL(add_list(borrow_host_repairs), 0);
	text_is("thread-9", "0-1\n");
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	text_is("thread-9", "0-3\n");
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void repairs_are_borrowed_on_their_own(void)
{
	begin(borrow_host_repairs);
	CU_ASSERT_EQUAL_FATAL(add_list(borrow_host_repairs), 0);
	CU_ASSERT_EQUAL(result.written, 4);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void what_others_changed_is_put_back_too(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	borrow_host_store("runtime", "7\n");
	borrow_host_store("etc/policy", "OPTIONS=other\n");
	CU_ASSERT_EQUAL(unlink(borrow_host_path("etc/unit")), 0);
	CU_ASSERT_EQUAL(chmod(borrow_host_path("etc/policy"), 0666), 0);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(result.foreign, 2);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void a_file_that_others_removed_is_made_again(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL(unlink(borrow_host_path("etc/policy")), 0);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(result.foreign, 1);
	CU_ASSERT_EQUAL(result.gone, 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void a_folder_that_others_use_stays(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	borrow_host_store("etc/more.d/theirs", "y\n");
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(result.foreign, 1);
	text_is("etc/more.d/theirs", "y\n");
	CU_ASSERT_EQUAL(unlink(borrow_host_path("etc/more.d/theirs")), 0);
	CU_ASSERT_EQUAL(rmdir(borrow_host_path("etc/more.d")), 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	CU_ASSERT_FALSE(has_journal());
	end();
}

static void what_is_gone_is_no_failure(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	host->thread_is_gone = true;
	CU_ASSERT_EQUAL(unlink(borrow_host_path("huge")), 0);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(result.gone, 3);
	CU_ASSERT_EQUAL(result.restored, 12);
	CU_ASSERT_FALSE(has_journal());
	end();
}

static void a_thread_that_has_ended_is_passed_over(void)
{
	begin(borrow_host_first);
	host->thread_is_gone = true;
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL(result.written, 13);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	borrow_host_store("thread-7", "0-2\n");
	borrow_host_store("thread-8", "0-1\n");
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void a_setting_that_is_not_there_is_a_failure(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL(unlink(borrow_host_path("huge")), 0);
	free(before);
	before = borrow_host_state();
	CU_ASSERT_EQUAL(apply(), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.key, "/huge"));
	CU_ASSERT(borrow_host_same(before, "after the failure"));
	CU_ASSERT_FALSE(has_journal());
	end();
}

static void what_does_not_take_undoes_all(void)
{
	begin(borrow_host_first);
	host->refuses = "plc/partition";
	CU_ASSERT_EQUAL(apply(), -EIO);
	CU_ASSERT_EQUAL(why.error, EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.key, "plc/partition"));
	CU_ASSERT_STRING_EQUAL(why.got, "member");
	CU_ASSERT_STRING_EQUAL(why.allowed, "\"isolated\"");
	CU_ASSERT_EQUAL(result.written, 0);
	CU_ASSERT(borrow_host_same(before, "after the failure"));
	CU_ASSERT_FALSE(has_journal());
	end();
}

static void what_does_not_go_back_stays_in_the_journal(void)
{
	bool finished = true;

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	host->refuses = "huge";
	CU_ASSERT_EQUAL(revert(), -EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.key, "/huge"));
	CU_ASSERT_EQUAL(result.restored, 14);
	CU_ASSERT_EQUAL(borrowed(&finished), 1);
	CU_ASSERT_FALSE(finished);
	host->refuses = NULL;
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(result.restored, 1);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void an_unfinished_apply_is_put_back_first(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	host->refuses = "huge";
	CU_ASSERT_EQUAL(revert(), -EIO);
	/* Somebody else's value by now: it is what the apply that follows borrows. */
	borrow_host_store("mask", "000000ff\n");
	CU_ASSERT_EQUAL(apply_list(borrow_host_second), -EIO);
	host->refuses = NULL;
	CU_ASSERT_EQUAL_FATAL(apply_list(borrow_host_second), 0);
	CU_ASSERT_EQUAL(result.restored, 1);
	text_is("huge", "always [madvise] never\n");
	text_is("mask", "3\n");
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	borrow_host_store("mask", "0000000f\n");
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void one_at_a_time(void)
{
	char path[80];

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	snprintf(path, sizeof(path), "%s/lock", host->journal);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	CU_ASSERT_EQUAL_FATAL(flock(fd, LOCK_EX | LOCK_NB), 0);
	CU_ASSERT_EQUAL(apply(), -EBUSY);
	CU_ASSERT_EQUAL(revert(), -EBUSY);
	CU_ASSERT_EQUAL(add_list(borrow_host_repairs), -EBUSY);
	CU_ASSERT_EQUAL(host->calls, 0);
	CU_ASSERT_STRING_NOT_EQUAL(why.remedy, "");
	close(fd);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void revert_takes_the_journals_folder_away(void)
{
	char path[80];

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT_EQUAL(access(host->journal, F_OK), -1);
	CU_ASSERT_EQUAL(revert(), 0);
	/* A lock that somebody took away while another waited for it keeps nobody out. */
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	snprintf(path, sizeof(path), "%s/lock", host->journal);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	CU_ASSERT_EQUAL_FATAL(flock(fd, LOCK_EX | LOCK_NB), 0);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(revert(), 0);
	close(fd);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void take_signal(int number)
{
	(void)number;
}

static void a_signal_undoes_all(void)
{
	const struct sigaction taken = {.sa_handler = take_signal};
	struct sigaction last;

	begin(borrow_host_first);
	sigaction(SIGTERM, &taken, &last);
	host->raises = true;
	CU_ASSERT_EQUAL(apply(), -EINTR);
	CU_ASSERT(borrow_host_same(before, "after the signal"));
	CU_ASSERT_FALSE(has_journal());
	/* One that is ignored ends nothing. */
	signal(SIGTERM, SIG_IGN);
	CU_ASSERT_EQUAL(apply(), 0);
	host->raises = false;
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	sigaction(SIGTERM, &last, NULL);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void signals_are_as_they_were(void)
{
	sigset_t now;

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	CU_ASSERT_EQUAL(sigismember(&now, SIGTERM), 0);
	CU_ASSERT_EQUAL(sigismember(&now, SIGPIPE), 0);
	end();
}

static void no_link_and_no_binary_is_written(void)
{
	begin(borrow_host_first);
	CU_ASSERT_EQUAL(symlink("policy", borrow_host_path("etc/unit")), 0);
	free(before);
	before = borrow_host_state();
	CU_ASSERT_EQUAL(apply(), -ELOOP);
	CU_ASSERT(borrow_host_same(before, "after a link"));
	CU_ASSERT_EQUAL(unlink(borrow_host_path("etc/unit")), 0);
	int fd = open(borrow_host_path("etc/unit"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	CU_ASSERT_EQUAL(write(fd, "a\0b\n", 4), 4);
	close(fd);
	free(before);
	before = borrow_host_state();
	CU_ASSERT_EQUAL(apply(), -EILSEQ);
	CU_ASSERT(borrow_host_same(before, "after a binary"));
	end();
}

/* A word's way back is found also where a list says none. */
static void words_and_choices_find_their_way_back(void)
{
	static const char *const value[] = {"+cpuset", "-memory", "+io"};

	for (size_t i = 0; i < sizeof(value) / sizeof(value[0]); i++) {
		begin(an_empty_list);
		struct change *change = changes_add(&changes, CHANGE_TEXT, "cgroup", "%s",
						    borrow_host_path("controllers"));

		change_text(&changes, change, COMPARE_WORD, NULL, "%s", value[i]);
		CU_ASSERT_EQUAL_FATAL(apply(), 0);
		CU_ASSERT_FALSE(borrow_host_same(before, NULL));
		CU_ASSERT_EQUAL_FATAL(revert(), 0);
		CU_ASSERT(borrow_host_same(before, value[i]));
		end();
	}
}

static void the_same_setting_may_be_written_twice(void)
{
	begin(an_empty_list);
	for (unsigned i = 0; i < 2; i++) {
		struct change *change = changes_add(&changes, CHANGE_TEXT, "kernel", "%s",
						    borrow_host_path("runtime"));

		change_text(&changes, change, COMPARE_NUMBER, NULL, "%u", i + 1);
	}
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	text_is("runtime", "2\n");
	CU_ASSERT_EQUAL_FATAL(revert(), 0);
	CU_ASSERT(borrow_host_same(before, "after revert"));
	end();
}

static void what_is_borrowed_can_be_listed(void)
{
	struct changes list;
	bool finished = false;

	begin(borrow_host_first);
	CU_ASSERT_EQUAL_FATAL(apply(), 0);
	CU_ASSERT_EQUAL_FATAL(borrow_list(&host->borrow, &list, &finished, &why), 0);
	CU_ASSERT_EQUAL_FATAL(list.count, changes.count);
	for (size_t i = 0; i < list.count; i++) {
		CU_ASSERT(change_same(&list.item[i], &changes.item[i]));
		CU_ASSERT_STRING_EQUAL(list.item[i].domain, changes.item[i].domain);
		CU_ASSERT_STRING_EQUAL(list.item[i].reason, changes.item[i].reason);
		CU_ASSERT_STRING_EQUAL(list.item[i].name, changes.item[i].name);
		CU_ASSERT_EQUAL(list.item[i].after, changes.item[i].after);
	}
	CU_ASSERT_STRING_EQUAL(list.item[0].old, "950000\n");
	CU_ASSERT_STRING_EQUAL(list.item[0].value, "-1");
	CU_ASSERT_PTR_NULL(list.item[4].old);
	/* A group that was not there had no settings. */
	CU_ASSERT_PTR_NULL(list.item[8].old);
	changes_done(&list);
	end();
}

void test_borrow_register(void)
{
	CU_pSuite suite = CU_add_suite("test_borrow", NULL, NULL);

	CU_ADD_TEST(suite, all_is_written_and_comes_back);
	CU_ADD_TEST(suite, nothing_borrowed_is_nothing_to_do);
	CU_ADD_TEST(suite, what_holds_is_not_written_again);
	CU_ADD_TEST(suite, what_was_so_before_is_borrowed_too);
	CU_ADD_TEST(suite, another_list_puts_back_what_it_has_not);
	CU_ADD_TEST(suite, an_empty_list_leaves_nothing);
	CU_ADD_TEST(suite, a_text_of_a_group_that_stays_is_put_back);
	CU_ADD_TEST(suite, repairs_keep_the_rest);
	CU_ADD_TEST(suite, a_repaired_thread_gets_the_partitions_cpus_back);
	CU_ADD_TEST(suite, repairs_are_borrowed_on_their_own);
	CU_ADD_TEST(suite, what_others_changed_is_put_back_too);
	CU_ADD_TEST(suite, a_file_that_others_removed_is_made_again);
	CU_ADD_TEST(suite, a_folder_that_others_use_stays);
	CU_ADD_TEST(suite, what_is_gone_is_no_failure);
	CU_ADD_TEST(suite, a_thread_that_has_ended_is_passed_over);
	CU_ADD_TEST(suite, a_setting_that_is_not_there_is_a_failure);
	CU_ADD_TEST(suite, what_does_not_take_undoes_all);
	CU_ADD_TEST(suite, what_does_not_go_back_stays_in_the_journal);
	CU_ADD_TEST(suite, an_unfinished_apply_is_put_back_first);
	CU_ADD_TEST(suite, one_at_a_time);
	CU_ADD_TEST(suite, revert_takes_the_journals_folder_away);
	CU_ADD_TEST(suite, a_signal_undoes_all);
	CU_ADD_TEST(suite, signals_are_as_they_were);
	CU_ADD_TEST(suite, no_link_and_no_binary_is_written);
	CU_ADD_TEST(suite, words_and_choices_find_their_way_back);
	CU_ADD_TEST(suite, the_same_setting_may_be_written_twice);
	CU_ADD_TEST(suite, what_is_borrowed_can_be_listed);
}
