// SPDX-License-Identifier: Apache-2.0
/* The journal of borrowed settings: every byte survives, and nothing that is not one is taken for one. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "core/base/journal.h"

void test_journal_register(void);

#define HEAD "{\"journal\":1}\n"
#define APPLY "{\"begin\":\"apply\"}\n"
#define ADD "{\"begin\":\"add\"}\n"
#define END "{\"end\":true}\n"
#define RECORD_OF(change, path, old, value, rest) \
	"{\"change\":\"" change "\",\"path\":\"" path "\",\"old\":" old ",\"value\":" value \
	",\"restore\":null,\"expect\":null,\"compare\":\"exact\",\"after\":\"nothing\",\"started\":0," \
	"\"name\":\"\",\"domain\":\"kernel\",\"reason\":\"\",\"owner\":null,\"implied\":" rest
#define RECORD(path, old, value) RECORD_OF("text", path, old, value, "false}\n")

static const struct borrow_calls calls = {.append = journal_write_line, .discard = journal_discard};

static char folder[] = "/tmp/bulkhead-journal-XXXXXX";
static char path[64];
static struct diag why;

static int set_up(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/journal", folder);
	return 0;
}

static int tear_down(void)
{
	unlink(path);
	return rmdir(folder);
}

static void store(const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, text, length), (ssize_t)length);
	close(fd);
}

static int load(struct journal *ret)
{
	why = (struct diag){0};
	return journal_load(folder, ret, &why);
}

static int load_text(const char *text, struct journal *ret)
{
	store(text, strlen(text));
	return load(ret);
}

/* Every byte but NUL, twice. */
static void every_byte_survives(void)
{
	char bytes[2 * 255 + 1];
	struct journal_record record = {
		.change = {
			.kind = CHANGE_FILE, .compare = COMPARE_LINES, .after = AFTER_BOOT_UPDATE, .path = bytes,
			.old = bytes, .value = bytes, .restore = bytes, .expect = bytes,
			.started = INT64_MAX, .domain = "boot", .name = "kworker/\xff\"\\\n", .reason = "because \xc3\xa9",
		},
		.owner = {.mode = 06755, .uid = UINT32_MAX - 1, .gid = 7},
		.has_owner = true,
		.implied = true,
	};
	struct journal_record back;
	enum journal_mark mark;

	for (size_t i = 0; i < sizeof(bytes) - 1; i++)
		bytes[i] = (char)(i % 255 + 1);
	bytes[sizeof(bytes) - 1] = '\0';
	bytes[0] = '/';
	char *line = journal_line_encode(JOURNAL_RECORD, &record);

	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	size_t length = strlen(line);

	CU_ASSERT_EQUAL(line[length - 1], '\n');
	CU_ASSERT_EQUAL(strcspn(line, "\n"), length - 1);
	for (size_t i = 0; i < length; i++)
		CU_ASSERT((unsigned char)line[i] < 0x80);
	CU_ASSERT_EQUAL_FATAL(journal_line_decode(line, length - 1, &mark, &back, &why), 0);
	CU_ASSERT_EQUAL(mark, JOURNAL_RECORD);
	CU_ASSERT_STRING_EQUAL(back.change.path, bytes);
	CU_ASSERT_STRING_EQUAL(back.change.old, bytes);
	CU_ASSERT_STRING_EQUAL(back.change.value, bytes);
	CU_ASSERT_STRING_EQUAL(back.change.restore, bytes);
	CU_ASSERT_STRING_EQUAL(back.change.expect, bytes);
	CU_ASSERT_STRING_EQUAL(back.change.name, record.change.name);
	CU_ASSERT_STRING_EQUAL(back.change.reason, record.change.reason);
	CU_ASSERT_STRING_EQUAL(back.change.domain, "boot");
	CU_ASSERT_EQUAL(back.change.kind, CHANGE_FILE);
	CU_ASSERT_EQUAL(back.change.compare, COMPARE_LINES);
	CU_ASSERT_EQUAL(back.change.after, AFTER_BOOT_UPDATE);
	CU_ASSERT_EQUAL(back.change.started, INT64_MAX);
	CU_ASSERT_TRUE(back.has_owner);
	CU_ASSERT_TRUE(back.implied);
	CU_ASSERT_EQUAL(memcmp(&back.owner, &record.owner, sizeof(back.owner)), 0);
	journal_record_done(&back);
	free(line);
}

static void nothing_is_told_from_an_empty_text(void)
{
	struct journal journal;

	CU_ASSERT_EQUAL_FATAL(load_text(HEAD APPLY RECORD("/a", "null", "\"1\"") RECORD("/b", "\"\"", "\"1\""),
					&journal), 0);
	CU_ASSERT_EQUAL_FATAL(journal.count, 2);
	CU_ASSERT_PTR_NULL(journal.record[0]->change.old);
	CU_ASSERT_STRING_EQUAL(journal.record[1]->change.old, "");
	journal_done(&journal);
}

static void what_did_not_end_is_known(void)
{
	static const struct {
		const char *text;
		bool finished;
		bool adding;
	} rows[] = {
		{"", true, false},
		{HEAD, true, false},
		{HEAD APPLY, false, false},
		{HEAD APPLY END, true, false},
		{HEAD APPLY RECORD("/a", "\"0\"", "\"1\"") END, true, false},
		{HEAD APPLY RECORD("/a", "\"0\"", "\"1\"") "{\"end\":true}", false, false},
		{HEAD APPLY END APPLY RECORD("/a", "\"0\"", "\"1\""), false, false},
		{HEAD APPLY END ADD RECORD("/a", "\"0\"", "\"1\""), true, true},
		{HEAD ADD RECORD("/a", "\"0\"", "\"1\""), true, true},
		{HEAD ADD END, true, false},
		{HEAD ADD ADD END, true, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal journal;

		CU_ASSERT_EQUAL_FATAL(load_text(rows[i].text, &journal), 0);
		CU_ASSERT_EQUAL(journal.finished, rows[i].finished);
		CU_ASSERT_EQUAL(journal.adding, rows[i].adding);
		journal_done(&journal);
	}
}

static void records_of_one_setting_are_one(void)
{
	struct journal journal;

	CU_ASSERT_EQUAL_FATAL(load_text(HEAD APPLY RECORD("/a", "\"0\"", "\"1\"") RECORD("/b", "\"0\"", "\"1\"")
					RECORD("/a", "\"1\"", "\"2\"") END, &journal), 0);
	CU_ASSERT_EQUAL_FATAL(journal.count, 2);
	CU_ASSERT_STRING_EQUAL(journal.record[0]->change.old, "0");
	CU_ASSERT_STRING_EQUAL(journal.record[0]->change.value, "2");
	CU_ASSERT_PTR_EQUAL(journal_find(&journal, &journal.record[0]->change), journal.record[0]);
	journal_done(&journal);
}

/* Cut anywhere in its last line, a journal is what it was before that line. */
static void a_torn_line_was_never_written(void)
{
	static const char whole[] = HEAD APPLY RECORD("/a", "\"0\"", "\"1\"");
	static const char text[] = HEAD APPLY RECORD("/a", "\"0\"", "\"1\"") RECORD("/b", "\"0\"", "\"1\"");

	for (size_t length = 0; length <= sizeof(text) - 1; length++) {
		struct journal journal;
		size_t lines = 0;

		store(text, length);
		CU_ASSERT_EQUAL_FATAL(load(&journal), 0);
		for (size_t i = 0; i < length; i++)
			lines += text[i] == '\n' ? 1 : 0;
		CU_ASSERT_EQUAL(journal.lines, lines);
		CU_ASSERT_EQUAL(journal.count, lines < 3 ? 0 : lines - 2);
		if (length >= sizeof(whole) - 1 && length < sizeof(text) - 1)
			CU_ASSERT_EQUAL(journal.bytes, sizeof(whole) - 1);
		journal_done(&journal);
	}
}

static void a_torn_line_is_cut_off_by_the_next_one(void)
{
	struct journal_record record = {.change = {.kind = CHANGE_FOLDER, .path = strdup("/new"), .domain = "cache"}};
	struct journal journal;

	CU_ASSERT_EQUAL_FATAL(load_text(HEAD ADD RECORD("/a", "\"0\"", "\"1\"") "{\"change\":\"te", &journal), 0);
	CU_ASSERT_EQUAL(journal_append(&journal, &calls, JOURNAL_RECORD, &record), 0);
	CU_ASSERT_EQUAL(journal.count, 2);
	journal_done(&journal);
	CU_ASSERT_EQUAL_FATAL(load(&journal), 0);
	CU_ASSERT_EQUAL(journal.count, 2);
	CU_ASSERT_STRING_EQUAL(journal.record[1]->change.path, "/new");
	CU_ASSERT_STRING_EQUAL(journal.record[1]->change.domain, "cache");
	journal_done(&journal);
	change_done(&record.change);
}

static void a_journal_is_for_its_owner_alone(void)
{
	struct journal journal;
	struct stat status;

	unlink(path);
	CU_ASSERT_EQUAL_FATAL(load(&journal), 0);
	CU_ASSERT_FALSE(journal.there);
	CU_ASSERT_EQUAL(journal_append(&journal, &calls, JOURNAL_BEGIN_APPLY, NULL), 0);
	CU_ASSERT_EQUAL(journal.lines, 2);
	CU_ASSERT_EQUAL_FATAL(stat(path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
	journal_done(&journal);
}

/* struct refusal - a text that is no journal, and its line at fault. */
struct refusal {
	const char *text;
	unsigned line;
};

#define OTHER(what, other) "{\"change\":\"text\",\"path\":\"/a\",\"old\":null,\"value\":\"1\",\"restore\":null," \
	"\"expect\":null,\"compare\":\"exact\",\"after\":\"nothing\",\"started\":0,\"name\":\"\"," \
	"\"domain\":\"kernel\",\"reason\":\"\",\"owner\":null,\"implied\":false" what "}\n" other

static const struct refusal refusals[] = {
	{"\n", 1},
	{"{\n", 1},
	{"[]\n", 1},
	{"{\"journal\":2}\n", 1},
	{"{\"journal\":\"1\"}\n", 1},
	{"{\"journal\":1,\"begin\":\"apply\"}\n", 1},
	{APPLY, 1},
	{HEAD HEAD, 2},
	{HEAD END, 2},
	{HEAD "{\"begin\":\"revert\"}\n", 2},
	{HEAD "{\"begin\":1}\n", 2},
	{HEAD APPLY "{\"end\":false}\n", 3},
	{HEAD APPLY "\n" END, 3},
	{HEAD APPLY "\xff\n", 3},
	{HEAD RECORD("/a", "null", "\"1\""), 2},
	{HEAD APPLY END RECORD("/a", "null", "\"1\""), 4},
	{HEAD APPLY RECORD("a", "null", "\"1\""), 3},
	{HEAD APPLY RECORD("", "null", "\"1\""), 3},
	{HEAD APPLY RECORD("/a", "1", "\"1\""), 3},
	{HEAD APPLY RECORD("/a", "null", "null"), 3},
	{HEAD APPLY RECORD("/a", "\"\\u0100\"", "\"1\""), 3},
	{HEAD APPLY RECORD("/a", "\"\\u0000\"", "\"1\""), 3},
	{HEAD APPLY RECORD_OF("folder", "/a", "null", "\"1\"", "false}\n"), 3},
	{HEAD APPLY RECORD_OF("shell", "/a", "null", "\"1\"", "false}\n"), 3},
	{HEAD APPLY RECORD_OF("text", "/a", "null", "\"1\"", "0}\n"), 3},
	{HEAD APPLY OTHER(",\"more\":1", ""), 3},
	{HEAD APPLY OTHER(",\"path\":\"/b\"", ""), 3},
	{HEAD APPLY OTHER("", "") OTHER("", "x\n"), 5},
};

static void what_is_no_journal_is_refused(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct journal journal;
		int error = load_text(refusals[i].text, &journal);

		CU_ASSERT_EQUAL(error, -EBADMSG);
		CU_ASSERT_EQUAL(why.error, EBADMSG);
		CU_ASSERT_STRING_EQUAL(why.file, path);
		CU_ASSERT_EQUAL(why.line, refusals[i].line);
		CU_ASSERT_STRING_NOT_EQUAL(why.remedy, "");
		if (error != -EBADMSG || why.line != refusals[i].line)
			fprintf(stderr, "row %zu: %d, line %u\n", i, error, why.line);
		journal_done(&journal);
	}
}

static void another_version_is_named(void)
{
	struct journal journal;

	CU_ASSERT_EQUAL(load_text("{\"journal\":2}\n", &journal), -EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "version 2"));
	journal_done(&journal);
}

static void what_is_no_file_is_refused(void)
{
	struct journal journal;

	unlink(path);
	CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
	CU_ASSERT_EQUAL(load(&journal), -EBADMSG);
	journal_done(&journal);
	CU_ASSERT_EQUAL(rmdir(path), 0);
	CU_ASSERT_EQUAL_FATAL(symlink("/etc/passwd", path), 0);
	CU_ASSERT_EQUAL(load(&journal), -ELOOP);
	journal_done(&journal);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
	CU_ASSERT_EQUAL(load(&journal), -EBADMSG);
	journal_done(&journal);
	CU_ASSERT_EQUAL(unlink(path), 0);
}

static void a_huge_file_is_refused(void)
{
	struct journal journal;

	store(HEAD, strlen(HEAD));
	CU_ASSERT_EQUAL_FATAL(truncate(path, (64 << 20) + 1), 0);
	CU_ASSERT_EQUAL(load(&journal), -EBADMSG);
	CU_ASSERT_STRING_EQUAL(why.file, path);
	journal_done(&journal);
}

/* Those who apply and revert say the same, and touch nothing. */
static void the_engine_refuses_it_too(void)
{
	const struct borrow borrow = {.folder = folder};
	struct borrow_result result;
	struct changes changes = {0};
	bool finished;

	store(HEAD END, strlen(HEAD END));
	CU_ASSERT_EQUAL(borrow_revert(&borrow, &result, &why), -EBADMSG);
	CU_ASSERT_EQUAL(why.line, 2);
	CU_ASSERT_EQUAL(borrow_apply(&borrow, &changes, &result, &why), -EBADMSG);
	CU_ASSERT_EQUAL(borrow_add(&borrow, &changes, &result, &why), -EBADMSG);
	CU_ASSERT_EQUAL(borrow_list(&borrow, &changes, &finished, &why), -EBADMSG);
	CU_ASSERT_EQUAL(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/lock", folder);
	CU_ASSERT_EQUAL(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/journal", folder);
}

/* Root reads all: this is somebody else. */
static void who_may_not_read_it_is_told(void)
{
	struct journal journal;
	bool is_root = geteuid() == 0;

	store(HEAD, strlen(HEAD));
	CU_ASSERT_EQUAL(chmod(folder, is_root ? 0755 : 0700), 0);
	CU_ASSERT_EQUAL(chmod(path, is_root ? 0600 : 0), 0);
	CU_ASSERT_EQUAL_FATAL(is_root ? seteuid(65534) : 0, 0);
	CU_ASSERT_EQUAL(load(&journal), -EACCES);
	CU_ASSERT_EQUAL_FATAL(is_root ? seteuid(0) : 0, 0);
	CU_ASSERT_STRING_EQUAL(why.remedy, "run as root");
	CU_ASSERT_STRING_EQUAL(why.file, path);
	journal_done(&journal);
	unlink(path);
}

void test_journal_register(void)
{
	CU_pSuite suite = CU_add_suite("test_journal", set_up, tear_down);

	CU_ADD_TEST(suite, every_byte_survives);
	CU_ADD_TEST(suite, nothing_is_told_from_an_empty_text);
	CU_ADD_TEST(suite, what_did_not_end_is_known);
	CU_ADD_TEST(suite, records_of_one_setting_are_one);
	CU_ADD_TEST(suite, a_torn_line_was_never_written);
	CU_ADD_TEST(suite, a_torn_line_is_cut_off_by_the_next_one);
	CU_ADD_TEST(suite, a_journal_is_for_its_owner_alone);
	CU_ADD_TEST(suite, what_is_no_journal_is_refused);
	CU_ADD_TEST(suite, another_version_is_named);
	CU_ADD_TEST(suite, what_is_no_file_is_refused);
	CU_ADD_TEST(suite, a_huge_file_is_refused);
	CU_ADD_TEST(suite, the_engine_refuses_it_too);
	CU_ADD_TEST(suite, who_may_not_read_it_is_told);
}
