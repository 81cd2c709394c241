// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/thread_group.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "rt/thread_policy.h"

static int refuse(int error, struct diag *why)
{
	diag_set(why, -error, "a vCPU thread cannot enter its control group (%s)", strerror(-error));
	if (error == -EBUSY)
		diag_remedy(why, "lower runtime/period: others reserved the rest of its CPU");
	else
		diag_remedy(why, "prepare the host anew (bulkhead apply FILE), or add --best-effort");
	return error;
}

/* "/proc/self/fd/7" leads to ".../bulkhead-plc/cgroup.threads"; the thread's own file says "0::/bulkhead-plc". */
static bool is_in(int fd, pid_t tid)
{
	static const char ending[] = "/cgroup.threads";
	char path[64];
	char target[512];
	char groups[1024];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= (ssize_t)strlen(ending))
		return false;
	target[length] = '\0';
	char *end = target + length - strlen(ending);
	if (strcmp(end, ending) != 0)
		return false;
	*end = '\0';
	snprintf(path, sizeof(path), "/proc/self/task/%d/cgroup", (int)tid);
	if (sys_read_file(path, groups, sizeof(groups)) < 0)
		return false;
	char *group = strstr(groups, "0::/");
	if (group == NULL || (group != groups && group[-1] != '\n'))
		return false;
	group += strlen("0::");
	group[strcspn(group, "\n")] = '\0';
	return strlen(group) > 1 && strlen(group) <= strlen(target) &&
	       strcmp(end - strlen(group), group) == 0;
}

int thread_group_enter(int fd, pid_t tid, struct diag *why)
{
	char number[16];
	int length = snprintf(number, sizeof(number), "%d", (int)tid);
	int error = sys_write_all(fd, number, (size_t)length);

	if (error == 0 && !is_in(fd, tid))
		error = -EPROTO;
	return error == 0 ? 0 : refuse(error, why);
}

/* Field 39 of proc_pid_stat(5), counted from the end of the name, which may hold anything; -1: unknown. */
static int last_cpu(pid_t tid)
{
	char path[64];
	char text[1024];
	char *at;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	if (sys_read_file(path, text, sizeof(text)) < 0)
		return -1;
	at = strrchr(text, ')');
	for (unsigned field = 2; at != NULL && field < 39; field++)
		at = strchr(at + 1, ' ');
	return at == NULL ? -1 : (int)strtol(at, NULL, 10);
}

int thread_group_wait(pid_t tid, struct diag *why)
{
	const struct timespec pause = {.tv_nsec = 100000};
	struct cpulist cpus = {0};
	int error = thread_affinity_get(tid, &cpus);

	for (unsigned i = 0; i < 10000 && error == 0; i++) {
		int cpu = last_cpu(tid);

		if (cpu >= 0 && cpu < CPULIST_MAX && cpulist_has(&cpus, (unsigned)cpu))
			return 0;
		nanosleep(&pause, NULL);
	}
	if (error == 0)
		error = -ETIMEDOUT;
	return diag_set(why, -error, "a vCPU thread does not get to run on its CPU (%s)", strerror(-error));
}
