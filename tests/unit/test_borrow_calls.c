// SPDX-License-Identifier: Apache-2.0
/* The engine's own reads and writes: of this process's threads, and of files. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/diag.h"
#include "core/base/folder.h"
#include "core/base/sys.h"

void test_borrow_calls_register(void);

static char folder[] = "/tmp/bulkhead-calls-XXXXXX";
static struct diag why;

/* A thread that waits until it is let go. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_t waiting;
static volatile pid_t waiting_tid;

static int set_up(void)
{
	return mkdtemp(folder) == NULL;
}

static int tear_down(void)
{
	return rmdir(folder);
}

static void *wait_at_gate(void *argument)
{
	(void)argument;
	waiting_tid = sys_gettid();
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return NULL;
}

static void start_thread(void)
{
	pthread_mutex_lock(&gate);
	waiting_tid = 0;
	CU_ASSERT_EQUAL_FATAL(pthread_create(&waiting, NULL, wait_at_gate, NULL), 0);
	while (waiting_tid == 0)
		sched_yield();
}

static void end_thread(void)
{
	pthread_mutex_unlock(&gate);
	pthread_join(waiting, NULL);
}

static const char *thread_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", getpid(), waiting_tid);
	return path;
}

static uint64_t thread_started(void)
{
	char path[80];
	char text[1024];

	snprintf(path, sizeof(path), "%s/stat", thread_path());
	CU_ASSERT_FATAL(sys_read_file(path, text, sizeof(text)) > 0);
	char *field = strrchr(text, ')') + 2;

	for (unsigned i = 3; i < 22; i++)
		field = strchr(field, ' ') + 1;
	return strtoull(field, NULL, 10);
}

static struct change *thread_change(struct changes *changes, enum change_kind kind, const char *value)
{
	struct change *change = changes_add(changes, kind, "threads", "%s", thread_path());

	change_text(changes, change, kind == CHANGE_AFFINITY ? COMPARE_CPUS : COMPARE_EXACT, NULL, "%s", value);
	change->started = thread_started();
	return change;
}

static void a_thread_takes_cpus_and_gives_them_back(void)
{
	struct changes changes = {0};
	char one[16];
	char *text = NULL;
	char *before = NULL;

	start_thread();
	struct change *change = thread_change(&changes, CHANGE_AFFINITY, "0");

	CU_ASSERT_EQUAL_FATAL(borrow_read(change, &before, &why), 0);
	snprintf(one, sizeof(one), "%lu", strtoul(before, NULL, 10));
	CU_ASSERT_EQUAL(borrow_write(change, one, &why), 0);
	CU_ASSERT_EQUAL_FATAL(borrow_read(change, &text, &why), 0);
	CU_ASSERT_STRING_EQUAL(text, one);
	free(text);
	CU_ASSERT_EQUAL(borrow_write(change, before, &why), 0);
	CU_ASSERT_EQUAL_FATAL(borrow_read(change, &text, &why), 0);
	CU_ASSERT_STRING_EQUAL(text, before);
	CU_ASSERT_EQUAL(borrow_write(change, "4095", &why), -EINVAL);
	CU_ASSERT_EQUAL(borrow_write(change, "x", &why), -EINVAL);
	free(text);
	free(before);
	changes_done(&changes);
	end_thread();
}

/* SCHED_BATCH and SCHED_IDLE need no right; the nice value and reset-on-fork stay. */
static void a_thread_takes_a_policy_and_keeps_the_rest(void)
{
	const struct sched_param none = {0};
	struct changes changes = {0};
	char *text = NULL;

	start_thread();
	struct change *change = thread_change(&changes, CHANGE_POLICY, "batch");

	CU_ASSERT_EQUAL(setpriority(PRIO_PROCESS, (id_t)waiting_tid, 3), 0);
	CU_ASSERT_EQUAL(sched_setscheduler(waiting_tid, SCHED_OTHER | SCHED_RESET_ON_FORK, &none), 0);
	CU_ASSERT_EQUAL_FATAL(borrow_read(change, &text, &why), 0);
	CU_ASSERT_STRING_EQUAL(text, "other");
	free(text);
	CU_ASSERT_EQUAL(borrow_write(change, "batch", &why), 0);
	CU_ASSERT_EQUAL(sched_getscheduler(waiting_tid), SCHED_BATCH | SCHED_RESET_ON_FORK);
	CU_ASSERT_EQUAL_FATAL(borrow_read(change, &text, &why), 0);
	CU_ASSERT_STRING_EQUAL(text, "batch");
	free(text);
	CU_ASSERT_EQUAL(borrow_write(change, "other", &why), 0);
	CU_ASSERT_EQUAL(getpriority(PRIO_PROCESS, (id_t)waiting_tid), 3);
	int fifo = borrow_write(change, "fifo 4", &why);

	CU_ASSERT(fifo == 0 || fifo == -EPERM);
	if (fifo == 0) {
		CU_ASSERT_EQUAL_FATAL(borrow_read(change, &text, &why), 0);
		CU_ASSERT_STRING_EQUAL(text, "fifo 4");
		free(text);
		CU_ASSERT_EQUAL(borrow_write(change, "rr 5", &why), 0);
		CU_ASSERT_EQUAL_FATAL(borrow_read(change, &text, &why), 0);
		CU_ASSERT_STRING_EQUAL(text, "rr 5");
		free(text);
		CU_ASSERT_EQUAL(borrow_write(change, "other", &why), 0);
		CU_ASSERT_EQUAL(getpriority(PRIO_PROCESS, (id_t)waiting_tid), 3);
	}
	static const char *const wrong[] = {"", "fifo", "fifo x", "fifo 4 5", "fifo 100", "other 3", "deadline", "fif 4"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT_EQUAL(borrow_write(change, wrong[i], &why), -EINVAL);
	changes_done(&changes);
	end_thread();
}

static void another_thread_is_not_taken_for_it(void)
{
	struct changes changes = {0};
	char *text = NULL;

	start_thread();
	struct change *change = thread_change(&changes, CHANGE_AFFINITY, "0");

	change->started++;
	CU_ASSERT_EQUAL(borrow_read(change, &text, &why), -ESRCH);
	CU_ASSERT_EQUAL(borrow_write(change, "0", &why), -ESRCH);
	change->started--;
	end_thread();
	CU_ASSERT_EQUAL(borrow_read(change, &text, &why), -ESRCH);
	CU_ASSERT_EQUAL(borrow_write(change, "0", &why), -ESRCH);
	static const char *const wrong[] = {"/proc/1", "/proc/1/task/", "/proc/1/task/x", "/tmp/1/task/1", "/proc/1/task/1/stat"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct change *other = changes_add(&changes, CHANGE_AFFINITY, "threads", "%s", wrong[i]);

		CU_ASSERT_EQUAL(borrow_read(other, &text, &why), -EINVAL);
	}
	changes_done(&changes);
}

static struct change *file_change(struct changes *changes, enum change_kind kind, const char *name)
{
	return changes_add(changes, kind, "systemd", "%s/%s", folder, name);
}

static void a_new_file_is_for_all_to_read(void)
{
	struct changes changes = {0};
	struct change *change = file_change(&changes, CHANGE_FILE, "new");
	struct stat status;
	mode_t mask = umask(077);
	char *text = NULL;

	CU_ASSERT_EQUAL(borrow_read(change, &text, &why), -ENOENT);
	CU_ASSERT_EQUAL(borrow_write(change, "a", &why), 0);
	umask(mask);
	CU_ASSERT_EQUAL_FATAL(stat(change->path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0644);
	/* Exactly these bytes; the mode of a file that is there stays. */
	CU_ASSERT_EQUAL(chmod(change->path, 0600), 0);
	CU_ASSERT_EQUAL(borrow_write(change, "b\n\n", &why), 0);
	CU_ASSERT_EQUAL_FATAL(stat(change->path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
	CU_ASSERT_EQUAL_FATAL(borrow_read(change, &text, &why), 0);
	CU_ASSERT_STRING_EQUAL(text, "b\n\n");
	free(text);
	CU_ASSERT_EQUAL(borrow_remove(change, &why), 0);
	CU_ASSERT_EQUAL(borrow_remove(change, &why), -ENOENT);
	changes_done(&changes);
}

static void a_kernel_file_is_never_made(void)
{
	struct changes changes = {0};
	struct change *change = file_change(&changes, CHANGE_TEXT, "none");

	CU_ASSERT_EQUAL(borrow_write(change, "1", &why), -ENOENT);
	CU_ASSERT_EQUAL(borrow_remove(change, &why), -EINVAL);
	change = file_change(&changes, CHANGE_FOLDER, "made");
	CU_ASSERT_EQUAL(borrow_write(change, NULL, &why), 0);
	CU_ASSERT_EQUAL(borrow_write(change, NULL, &why), -EEXIST);
	CU_ASSERT_EQUAL(borrow_remove(change, &why), 0);
	changes_done(&changes);
}

static void a_text_has_its_limit(void)
{
	static const struct {
		off_t bytes;
		int error;
	} rows[] = {{0, 0}, {1, 0}, {4096, 0}, {1 << 20, 0}, {(1 << 20) + 8192, -EFBIG}};
	struct changes changes = {0};
	struct change *change = file_change(&changes, CHANGE_TEXT, "large");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *bytes = malloc((size_t)rows[i].bytes + 1);
		char *text = NULL;

		memset(bytes, 'x', (size_t)rows[i].bytes);
		bytes[rows[i].bytes] = '\0';
		int fd = open(change->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		CU_ASSERT_EQUAL(sys_write_all(fd, bytes, (size_t)rows[i].bytes), 0);
		close(fd);
		CU_ASSERT_EQUAL(borrow_read(change, &text, &why), rows[i].error);
		if (rows[i].error == 0)
			CU_ASSERT_STRING_EQUAL(text, bytes);
		free(text);
		free(bytes);
	}
	CU_ASSERT_EQUAL(unlink(change->path), 0);
	changes_done(&changes);
}

/* What others wait for beside it is written whole, or not at all. */
static void a_replacement_leaves_nothing_beside(void)
{
	const struct file_owner owner = {.mode = 0400, .uid = geteuid(), .gid = getegid()};
	char path[64];
	char left[80];

	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(left, sizeof(left), "%s/.file.bulkhead-new", folder);
	int fd = open(left, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	close(fd);
	CU_ASSERT_EQUAL(file_replace(path, "x", &owner), 0);
	CU_ASSERT_EQUAL(access(left, F_OK), -1);
	CU_ASSERT_EQUAL(mkdir(left, 0700), 0);
	CU_ASSERT(file_replace(path, "y", NULL) < 0);
	CU_ASSERT_EQUAL(rmdir(left), 0);
	CU_ASSERT_EQUAL(unlink(path), 0);
}

void test_borrow_calls_register(void)
{
	CU_pSuite suite = CU_add_suite("test_borrow_calls", set_up, tear_down);

	CU_ADD_TEST(suite, a_thread_takes_cpus_and_gives_them_back);
	CU_ADD_TEST(suite, a_thread_takes_a_policy_and_keeps_the_rest);
	CU_ADD_TEST(suite, another_thread_is_not_taken_for_it);
	CU_ADD_TEST(suite, a_new_file_is_for_all_to_read);
	CU_ADD_TEST(suite, a_kernel_file_is_never_made);
	CU_ADD_TEST(suite, a_text_has_its_limit);
	CU_ADD_TEST(suite, a_replacement_leaves_nothing_beside);
}
