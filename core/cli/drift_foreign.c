// SPDX-License-Identifier: Apache-2.0
#include "core/cli/drift_foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/drift_signs.h"

#define PARTITION_FILE "/cpuset.cpus.partition"
#define THREADS_FILE "/cgroup.threads"
#define OF_PARTITION "bulkhead-"
#define OF_CPU "bulkhead.cpu"

enum { STAT_MAX = 1024, STATUS_MAX = 8192 };

enum { PF_EXITING = 0x00000004 }; /* include/linux/sched.h */

/* struct stranger - @process is 0 for a thread that has ended. */
struct stranger {
	unsigned process;
	uint64_t started;
	char name[64];
};

/* A program that was replaced while it ran is still the same one. */
static bool is_vmm(unsigned thread)
{
	static const char program[] = "/bulkhead-vmm";
	static const char replaced[] = " (deleted)";
	char path[32];
	char target[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%u/exe", thread);
	if (sys_read_link_at(AT_FDCWD, path, target, sizeof(target)) < 0)
		return false;
	const char *name = strrchr(target, '/');

	if (name == NULL || strncmp(name, program, sizeof(program) - 1) != 0)
		return false;
	name += sizeof(program) - 1;
	return *name == '\0' || strcmp(name, replaced) == 0;
}

static unsigned process_of(unsigned thread)
{
	static const char key[] = "\nTgid:";
	char path[32];
	char text[STATUS_MAX];

	snprintf(path, sizeof(path), "/proc/%u/status", thread);
	ssize_t length = sys_read_file(path, text, sizeof(text));

	if (length < 0 && length != -EFBIG)
		return 0;
	const char *at = strstr(text, key);
	unsigned long process = at == NULL ? 0 : strtoul(at + sizeof(key) - 1, NULL, 10);

	return process > INT_MAX ? 0 : (unsigned)process;
}

/* The name may hold anything, parentheses too: it ends at the last one. */
static void take_name(const char *stat, char *ret, size_t size)
{
	const char *begin = strchr(stat, '(');
	const char *end = strrchr(stat, ')');
	size_t length = 0;

	for (; begin != NULL && end != NULL && begin + 1 + length < end && length + 1 < size; length++) {
		char c = begin[1 + length];

		ret[length] = c >= ' ' && c < 0x7f ? c : '?';
	}
	ret[length] = '\0';
}

static bool read_stat(unsigned thread, char *ret, size_t size)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/stat", thread);
	return sys_read_file(path, ret, size) >= 0;
}

/* One that is about to end runs no program any more, whatever it ran before, and goes by itself. */
static struct stranger look_at(unsigned thread)
{
	struct stranger stranger = {0};
	char stat[STAT_MAX];

	if (!read_stat(thread, stat, sizeof(stat)) || (drift_stat_field(stat, DRIFT_STAT_FLAGS) & PF_EXITING) != 0)
		return stranger;
	stranger.process = process_of(thread);
	if (stranger.process == 0 || !read_stat(stranger.process, stat, sizeof(stat)))
		return (struct stranger){0};
	take_name(stat, stranger.name, sizeof(stranger.name));
	stranger.started = drift_stat_field(stat, DRIFT_STAT_STARTED);
	return stranger;
}

/* Threads of one process are told as one. */
static bool is_listed(const struct changes *changes, size_t from, const struct stranger *stranger)
{
	for (size_t i = from; i < changes->count; i++) {
		if (strtoul(changes->item[i].old, NULL, 10) == stranger->process)
			return true;
	}
	return false;
}

/* The last name of a path that ends at @end. */
static const char *last_name(const char *path, const char *end)
{
	while (end > path && end[-1] != '/')
		end--;
	return end;
}

/* By its group's name, "bulkhead-plc" or "bulkhead.cpu3", sched/group_layout.h. */
static void describe(struct change *change, const struct stranger *stranger)
{
	const char *end = change->path + strlen(change->path) - strlen(THREADS_FILE);
	const char *name = last_name(change->path, end);
	const bool of_cpu = strncmp(name, OF_CPU, strlen(OF_CPU)) == 0;
	const ptrdiff_t skipped = of_cpu ? sizeof(OF_CPU) - 1 : sizeof(OF_PARTITION) - 1;

	change_reason(change, "foreign thread in the group of %s %.*s: %s (%u)",
		      of_cpu ? "the partitions on CPU" : "partition", (int)(end - name - skipped), name + skipped,
		      stranger->name, stranger->process);
}

static void add(struct changes *ret, const char *path, const struct stranger *stranger)
{
	struct change *change = changes_add(ret, CHANGE_GROUP_TEXT, DRIFT_FOREIGN, "%s", path);
	char process[16];

	snprintf(process, sizeof(process), "%u", stranger->process);
	change_text(ret, change, COMPARE_WORD, process, "-%s", process);
	change_expect(ret, change, "no foreign thread");
	change->started = stranger->started;
	snprintf(change->name, sizeof(change->name), "%s", stranger->name);
	describe(change, stranger);
}

static int look_into(const char *path, struct changes *ret)
{
	const struct change threads = {.kind = CHANGE_GROUP_TEXT, .path = (char *)(uintptr_t)path};
	const size_t before = ret->count;
	_cleanup_free_ char *text = NULL;
	struct diag ignored = {0};
	int error = borrow_read(&threads, &text, &ignored);

	if (error != 0)
		return error == -ENOMEM ? error : 0;
	for (char *at = text, *end; *at != '\0' && !ret->lost; at = end) {
		unsigned long thread = strtoul(at, &end, 10);

		if (end == at)
			break;
		if (thread == 0 || thread > INT_MAX || is_vmm((unsigned)thread))
			continue;
		const struct stranger stranger = look_at((unsigned)thread);

		if (stranger.process != 0 && !is_listed(ret, before, &stranger))
			add(ret, path, &stranger);
	}
	return ret->lost ? -ENOMEM : 0;
}

/* Bulkhead makes no other partitions; a journal may say anything. */
static bool is_of_vcpus(const char *path, const char *end)
{
	const char *name = last_name(path, end);

	return strncmp(name, OF_PARTITION, strlen(OF_PARTITION)) == 0 ||
	       strncmp(name, OF_CPU, strlen(OF_CPU)) == 0;
}

int drift_foreign_find(const struct changes *applied, struct changes *ret)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < applied->count; i++) {
		const char *path = applied->item[i].path;
		const char *file = strrchr(path, '/');
		char threads[PATH_MAX];

		if (applied->item[i].kind != CHANGE_GROUP_TEXT || file == NULL || strcmp(file, PARTITION_FILE) != 0 ||
		    !is_of_vcpus(path, file) ||
		    snprintf(threads, sizeof(threads), "%.*s" THREADS_FILE, (int)(file - path), path) >=
			    (int)sizeof(threads))
			continue;
		error = look_into(threads, ret);
	}
	return error;
}

/* Of "/sys/fs/cgroup/bulkhead-plc/cgroup.threads": the group above. */
static int open_above(const char *path)
{
	char file[PATH_MAX];
	int length = (int)strlen(path);

	for (unsigned names = 0; names < 2 && length > 0; names++) {
		while (length > 0 && path[--length] != '/')
			;
	}
	if (snprintf(file, sizeof(file), "%.*s/cgroup.procs", length, path) >= (int)sizeof(file))
		return -ENAMETOOLONG;
	return sys_open(file, O_WRONLY);
}

int drift_foreign_move(const struct change *change, struct diag *why)
{
	const struct stranger now = look_at((unsigned)strtoul(change->old, NULL, 10));

	if (now.process == 0 || now.started != change->started)
		return 0;
	_cleanup_close_ int procs = open_above(change->path);
	int error = procs < 0 ? procs : sys_write_all(procs, change->old, strlen(change->old));

	if (error == 0 || error == -ESRCH)
		return 0;
	diag_set(why, -error, "%s (%s) cannot be moved to the root group (%s)", change->name, change->old,
		 strerror(-error));
	diag_remedy(why, "end it, or run the watch as root");
	return error;
}
