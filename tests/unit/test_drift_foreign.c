// SPDX-License-Identifier: Apache-2.0
/* Real processes in groups that are files in a folder: who is foreign there, and where they are moved. */
#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/change.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/drift_foreign.h"

void test_drift_foreign_register(void);

static char root[] = "/tmp/bulkhead-foreign-XXXXXX";
static struct changes applied;

static const char *const groups[] = {"bulkhead-plc", "bulkhead.cpu3", "bulkhead-panel"};

enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void store(const char *name, const char *text)
{
	FILE *stream = fopen(path_of(name), "w");

	/* Nothing is asserted while a suite is set up: what is not there is missed soon enough. */
	if (stream == NULL)
		return;
	fputs(text, stream);
	fclose(stream);
}

static void store_threads(const char *group, pid_t first, pid_t second)
{
	char name[64];
	char text[64];

	snprintf(name, sizeof(name), "%s/cgroup.threads", group);
	snprintf(text, sizeof(text), "%d\n%d\n", first, second);
	store(name, text);
}

/* The last one has no CPUs to itself. */
static int set_up(void)
{
	if (mkdtemp(root) == NULL)
		return 1;
	for (size_t i = 0; i < GROUPS; i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", root, groups[i]);
		if (mkdir(path, 0700) != 0)
			return 1;
		changes_add(&applied, CHANGE_GROUP, "cgroup", "%s", path);
		if (i + 1 < GROUPS)
			changes_add(&applied, CHANGE_GROUP_TEXT, "cgroup", "%s/cpuset.cpus.partition", path);
		changes_add(&applied, CHANGE_GROUP_TEXT, "cgroup", "%s/cpu.weight", path);
	}
	store("cgroup.procs", "");
	return 0;
}

static int tear_down(void)
{
	for (size_t i = 0; i < GROUPS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s/cgroup.threads", groups[i]);
		unlink(path_of(name));
		rmdir(path_of(groups[i]));
	}
	unlink(path_of("cgroup.procs"));
	unlink(path_of("bulkhead-vmm"));
	changes_done(&applied);
	return rmdir(root);
}

/* A process that runs @program, which waits; it does once its name is the program's. */
static pid_t start(const char *program)
{
	char comm[64];
	char path[40];
	pid_t pid = fork();

	CU_ASSERT_FATAL(pid >= 0);
	if (pid == 0) {
		execl(program, program, "600", (char *)NULL);
		_exit(127);
	}
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	do {
		usleep(1000);
		CU_ASSERT_EQUAL_FATAL(waitpid(pid, NULL, WNOHANG), 0);
		CU_ASSERT_FATAL(sys_read_file(path, comm, sizeof(comm)) > 0);
	} while (strcmp(comm, strrchr(program, '/') + 1) != 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The program itself plays no part, only what it is called. */
static pid_t start_vmm(void)
{
	int from = open("/bin/sleep", O_RDONLY | O_CLOEXEC);
	int to = open(path_of("bulkhead-vmm"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	struct stat status = {0};

	CU_ASSERT_FATAL(from >= 0 && to >= 0 && fstat(from, &status) == 0);
	CU_ASSERT_EQUAL_FATAL(sendfile(to, from, NULL, (size_t)status.st_size), status.st_size);
	close(from);
	close(to);
	return start(path_of("bulkhead-vmm"));
}

static void find(struct changes *ret, size_t count)
{
	*ret = (struct changes){0};
	CU_ASSERT_EQUAL(drift_foreign_find(&applied, ret), 0);
	CU_ASSERT_EQUAL_FATAL(ret->count, count);
}

static void who_is_no_vmm_is_foreign(void)
{
	struct changes found;
	pid_t vmm = start_vmm();
	pid_t other = start("/bin/sleep");
	char reason[256];

	store_threads("bulkhead-plc", vmm, other);
	store_threads("bulkhead.cpu3", other, vmm);
	store_threads("bulkhead-panel", other, other);
	find(&found, 2);
	snprintf(reason, sizeof(reason), "foreign thread in the group of partition plc: sleep (%d)", other);
	CU_ASSERT_STRING_EQUAL(found.item[0].reason, reason);
	snprintf(reason, sizeof(reason), "foreign thread in the group of the partitions on CPU 3: sleep (%d)", other);
	CU_ASSERT_STRING_EQUAL(found.item[1].reason, reason);
	CU_ASSERT_STRING_EQUAL(found.item[0].path, path_of("bulkhead-plc/cgroup.threads"));
	CU_ASSERT_STRING_EQUAL(found.item[0].domain, DRIFT_FOREIGN);
	CU_ASSERT_FALSE(found.item[0].held);
	CU_ASSERT_FALSE(change_same(&found.item[0], &found.item[1]));
	changes_done(&found);

	/* A VMM whose program was replaced by a newer one. */
	unlink(path_of("bulkhead-vmm"));
	store_threads("bulkhead-plc", vmm, vmm);
	store("bulkhead.cpu3/cgroup.threads", "");
	find(&found, 0);
	end(vmm);
	end(other);
}

/* Its program is gone before it is. */
static void a_vmm_that_ends_is_not_foreign(void)
{
	struct changes found;
	pid_t vmm = start_vmm();
	siginfo_t ended;

	store_threads("bulkhead-plc", vmm, vmm);
	store("bulkhead.cpu3/cgroup.threads", "");
	kill(vmm, SIGKILL);
	CU_ASSERT_EQUAL(waitid(P_PID, (id_t)vmm, &ended, WEXITED | WNOWAIT), 0);
	find(&found, 0);
	changes_done(&found);
	end(vmm);
}

static void threads_of_one_process_are_one(void)
{
	struct changes found;
	pid_t one = start("/bin/sleep");
	pid_t two = start("/bin/sleep");

	store_threads("bulkhead-plc", one, one);
	store("bulkhead.cpu3/cgroup.threads", "");
	find(&found, 1);
	changes_done(&found);
	store_threads("bulkhead-plc", one, two);
	find(&found, 2);
	CU_ASSERT_FALSE(change_same(&found.item[0], &found.item[1]));
	changes_done(&found);
	end(one);
	find(&found, 1);
	changes_done(&found);
	end(two);
	find(&found, 0);
}

static void what_is_no_list_of_threads_has_none(void)
{
	struct changes found;

	store("bulkhead-plc/cgroup.threads", "no list\n");
	store("bulkhead.cpu3/cgroup.threads", "0\n99999999999999999999\n-1\n");
	find(&found, 0);
	unlink(path_of("bulkhead-plc/cgroup.threads"));
	find(&found, 0);
}

static void who_is_foreign_is_moved_to_the_group_above(void)
{
	struct changes found;
	struct diag why = {0};
	pid_t other = start("/bin/sleep");
	char text[64];
	char wanted[64];

	store_threads("bulkhead-plc", other, other);
	store("bulkhead.cpu3/cgroup.threads", "");
	find(&found, 1);
	/* One that is another process by now stays where it is. */
	found.item[0].started++;
	CU_ASSERT_EQUAL(drift_foreign_move(&found.item[0], &why), 0);
	CU_ASSERT_EQUAL(sys_read_file(path_of("cgroup.procs"), text, sizeof(text)), 0);
	found.item[0].started--;
	CU_ASSERT_EQUAL(drift_foreign_move(&found.item[0], &why), 0);
	CU_ASSERT(sys_read_file(path_of("cgroup.procs"), text, sizeof(text)) > 0);
	snprintf(wanted, sizeof(wanted), "%d", other);
	CU_ASSERT_STRING_EQUAL(text, wanted);
	end(other);
	store("cgroup.procs", "");
	CU_ASSERT_EQUAL(drift_foreign_move(&found.item[0], &why), 0);
	CU_ASSERT_EQUAL(sys_read_file(path_of("cgroup.procs"), text, sizeof(text)), 0);
	changes_done(&found);
}

static void a_move_that_fails_says_why(void)
{
	struct changes found;
	struct diag why = {0};
	pid_t other = start("/bin/sleep");

	store_threads("bulkhead-plc", other, other);
	find(&found, 1);
	unlink(path_of("cgroup.procs"));
	CU_ASSERT(drift_foreign_move(&found.item[0], &why) < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "cannot be moved to the root group"));
	store("cgroup.procs", "");
	changes_done(&found);
	end(other);
}

void test_drift_foreign_register(void)
{
	CU_pSuite suite = CU_add_suite("test_drift_foreign", set_up, tear_down);

	CU_ADD_TEST(suite, who_is_no_vmm_is_foreign);
	CU_ADD_TEST(suite, a_vmm_that_ends_is_not_foreign);
	CU_ADD_TEST(suite, threads_of_one_process_are_one);
	CU_ADD_TEST(suite, what_is_no_list_of_threads_has_none);
	CU_ADD_TEST(suite, who_is_foreign_is_moved_to_the_group_above);
	CU_ADD_TEST(suite, a_move_that_fails_says_why);
}
