// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow_own.h"
#include "core/base/cpulist.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"

enum {
	FIELD_FIRST = 3,    /* the state, the first one after the name, of proc_pid_stat(5) */
	FIELD_STARTED = 22, /* clock ticks after the boot */
	STAT_MAX = 1024,
};

static const struct policy {
	const char *name;
	int policy;
	bool has_priority;
} policies[] = {
	{"other", SCHED_OTHER, false}, {"batch", SCHED_BATCH, false}, {"idle", SCHED_IDLE, false},
	{"fifo", SCHED_FIFO, true},    {"rr", SCHED_RR, true},
};

enum { POLICIES = sizeof(policies) / sizeof(policies[0]) };

/* The name may hold anything, parentheses too: it ends at the last one. */
static int parse_started(const char *stat, uint64_t *ret)
{
	const char *field = strrchr(stat, ')');
	char *end;

	for (int i = FIELD_FIRST; field != NULL && i <= FIELD_STARTED; i++)
		field = strchr(field + 1, ' ');
	if (field == NULL)
		return -EINVAL;
	errno = 0;
	*ret = strtoull(field + 1, &end, 10);
	return errno != 0 || end == field + 1 || *end != ' ' ? -EINVAL : 0;
}

static int parse_path(const char *path, pid_t *ret)
{
	static const char process[] = "/proc/";
	static const char task[] = "/task/";
	char *end = NULL;
	long number = 0;

	if (strncmp(path, process, strlen(process)) != 0)
		return -EINVAL;
	const char *middle = strstr(path + strlen(process), task);

	if (middle == NULL || middle[strlen(task)] < '1' || middle[strlen(task)] > '9')
		return -EINVAL;
	number = strtol(middle + strlen(task), &end, 10);
	if (*end != '\0' || number > INT_MAX)
		return -EINVAL;
	*ret = (pid_t)number;
	return 0;
}

/* The thread's number, if it still is the thread that was meant. */
static int find_thread(const struct change *change, pid_t *ret, struct diag *why)
{
	char path[PATH_MAX];
	char stat[STAT_MAX];
	uint64_t started = 0;

	if (parse_path(change->path, ret) != 0 ||
	    snprintf(path, sizeof(path), "%s/stat", change->path) >= (int)sizeof(path))
		return diag_set(why, EINVAL, "%s is no thread", change->path);
	ssize_t length = sys_read_file(path, stat, sizeof(stat));

	if (length == -ENOENT)
		length = -ESRCH;
	if (length >= 0)
		length = parse_started(stat, &started);
	if (length == 0 && started != change->started)
		length = -ESRCH;
	if (length == 0)
		return 0;
	return diag_set(why, (int)-length, "the thread %s (%s)", change->name,
			length == -ESRCH ? "is gone" : strerror((int)-length));
}

static int read_affinity(pid_t tid, char **ret)
{
	struct cpulist cpus;
	int error = sys_thread_affinity(tid, &cpus);
	char *text = error != 0 ? NULL : malloc(CPULIST_TEXT_MAX);

	if (error == 0 && text == NULL)
		return -ENOMEM;
	if (error == 0)
		*ret = cpulist_format(&cpus, text, CPULIST_TEXT_MAX);
	return error;
}

static int write_affinity(pid_t tid, const char *text)
{
	struct cpulist cpus;
	int error = cpulist_parse_kernel(text, &cpus);

	return error != 0 ? error : sys_thread_set_affinity(tid, &cpus);
}

static int read_policy(pid_t tid, char **ret)
{
	struct sched_param parameter = {0};
	int policy = sched_getscheduler(tid);

	if (policy < 0 || sched_getparam(tid, &parameter) < 0)
		return -errno;
	for (size_t i = 0; i < POLICIES; i++) {
		if (policies[i].policy != (policy & ~SCHED_RESET_ON_FORK))
			continue;
		int length = policies[i].has_priority
				     ? asprintf(ret, "%s %d", policies[i].name, parameter.sched_priority)
				     : asprintf(ret, "%s", policies[i].name);

		return length < 0 ? -ENOMEM : 0;
	}
	return -ENOTSUP;
}

static int parse_policy(const char *text, int *ret_policy, struct sched_param *ret)
{
	size_t length = strcspn(text, " \n");

	for (size_t i = 0; i < POLICIES; i++) {
		char *end = NULL;

		if (strlen(policies[i].name) != length || strncmp(text, policies[i].name, length) != 0)
			continue;
		text += length;
		ret->sched_priority = policies[i].has_priority ? (int)strtol(text, &end, 10) : 0;
		*ret_policy = policies[i].policy;
		text = end == NULL ? text : end;
		return text[strspn(text, " \n")] == '\0' ? 0 : -EINVAL;
	}
	return -EINVAL;
}

/* sched_setscheduler(2) keeps the nice value, which sched_setattr(2) would have to be told. */
static int write_policy(pid_t tid, const char *text)
{
	struct sched_param parameter = {0};
	int policy = 0;
	int present = sched_getscheduler(tid);

	if (present < 0)
		return -errno;
	if (parse_policy(text, &policy, &parameter) != 0)
		return -EINVAL;
	policy |= present & SCHED_RESET_ON_FORK;
	return sched_setscheduler(tid, policy, &parameter) < 0 ? -errno : 0;
}

int borrow_thread_read(const struct change *change, char **ret, struct diag *why)
{
	pid_t tid = 0;
	int error = find_thread(change, &tid, why);

	if (error != 0)
		return error;
	error = change->kind == CHANGE_AFFINITY ? read_affinity(tid, ret) : read_policy(tid, ret);
	if (error == -ENOTSUP)
		return diag_set(why, ENOTSUP, "the thread %s has a policy that could not be given back",
				change->name);
	if (error != 0)
		return diag_set(why, -error, "the thread %s cannot be looked at (%s)", change->name,
				strerror(-error));
	return 0;
}

int borrow_thread_write(const struct change *change, const char *text, struct diag *why)
{
	pid_t tid = 0;
	int error = find_thread(change, &tid, why);

	if (error != 0)
		return error;
	error = change->kind == CHANGE_AFFINITY ? write_affinity(tid, text) : write_policy(tid, text);
	if (error == 0)
		return 0;
	diag_set(why, -error, "the thread %s does not take \"%s\" (%s)", change->name, text, strerror(-error));
	if (error == -EINVAL && change->kind == CHANGE_AFFINITY)
		diag_remedy(why, "the kernel keeps this thread where it is, or none of the CPUs is online");
	if (error == -EPERM)
		diag_remedy(why, "run as root");
	return error;
}
