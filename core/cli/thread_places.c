// SPDX-License-Identifier: Apache-2.0
#include "core/cli/thread_places.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/vmm/launch.h"

/* struct look - what is looked for, and what has been found. */
struct look {
	pid_t vmm;
	const struct launch *launch;
	struct thread_places *places;
};

static bool is_number(const char *name)
{
	return *name != '\0' && strspn(name, "0123456789") == strlen(name) && strlen(name) < 10;
}

/* Of a name that is a number. */
static pid_t number_of(const char *name)
{
	return (pid_t)strtol(name, NULL, 10);
}

static struct thread_place *add(struct thread_places *places)
{
	struct thread_place *item = reallocarray(places->item, places->count + 1, sizeof(*item));

	if (item == NULL)
		return NULL;
	places->item = item;
	item[places->count] = (struct thread_place){0};
	return &item[places->count++];
}

/* "0::/bulkhead-plc", one line among those of version 1. */
static void read_group(const char *path, char *ret, size_t size)
{
	char text[2048];
	char *line = text;

	*ret = '\0';
	if (sys_read_file(path, text, sizeof(text)) < 0)
		return;
	while (line != NULL && strncmp(line, "0::", 3) != 0) {
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	if (line != NULL)
		snprintf(ret, size, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
}

/* What may be said of any thread. Threads come and go: one that is gone is none. */
static int read_place(const char *folder, pid_t tid, struct thread_place *place)
{
	char path[96];
	int error;

	place->tid = tid;
	snprintf(path, sizeof(path), "%s/comm", folder);
	if (sys_read_file(path, place->name, sizeof(place->name)) < 0)
		return -ESRCH;
	for (char *at = place->name; *at != '\0'; at++) {
		if (!isprint((unsigned char)*at))
			*at = '?';
	}
	snprintf(path, sizeof(path), "%s/cgroup", folder);
	read_group(path, place->group, sizeof(place->group));
	error = thread_affinity_get(tid, &place->cpus);
	return error == 0 ? thread_policy_get(tid, &place->policy) : error;
}

/* Which vCPU a thread of the VMM is, by the name it got before the guest ran; -1: none. */
static int vcpu_of(const struct thread_place *place, const struct launch *launch)
{
	static const char beginning[] = "vcpu/";
	const char *number = place->name + strlen(beginning);

	if (strncmp(place->name, beginning, strlen(beginning)) != 0 || !is_number(number) ||
	    number_of(number) >= (pid_t)launch->vcpus)
		return -1;
	return (int)number_of(number);
}

static void judge_cpus(struct thread_place *place, const struct cpulist *want)
{
	char text[64];

	if (memcmp(&place->cpus, want, sizeof(*want)) != 0)
		snprintf(place->wrong, sizeof(place->wrong), "belongs on CPU %s",
			 cpulist_format(want, text, sizeof(text)));
}

/* The group that the launch record names by a descriptor of its cgroup.threads, which this process still has. */
static void judge_group(struct thread_place *place, int group)
{
	static const char ending[] = "/cgroup.threads";
	char path[40];
	char target[512];
	size_t length = strlen(place->group);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", group);
	ssize_t got = sys_read_link_at(AT_FDCWD, path, target, sizeof(target));
	if (got < (ssize_t)(length + strlen(ending)) || length < 2 ||
	    strncmp(target + (size_t)got - strlen(ending) - length, place->group, length) != 0)
		snprintf(place->wrong, sizeof(place->wrong), "belongs in the control group of %.100s",
			 got < 0 ? "its partition" : target);
}

static void judge_vcpu(struct thread_place *place, const struct launch *launch, unsigned index)
{
	struct cpulist want = {0};

	if (launch->vcpu_cpu[index] != LAUNCH_CPU_ANY) {
		cpulist_add(&want, (unsigned)launch->vcpu_cpu[index]);
		judge_cpus(place, &want);
	}
	if (launch->vcpu_group[index] >= 0)
		judge_group(place, launch->vcpu_group[index]);
	if (place->policy.class != launch->policy.class ||
	    place->policy.priority != launch->policy.priority ||
	    place->policy.runtime_ns != launch->policy.runtime_ns ||
	    place->policy.period_ns != launch->policy.period_ns)
		snprintf(place->wrong, sizeof(place->wrong), "belongs under %s",
			 thread_class_name(launch->policy.class));
}

/* Where vCPUs have CPUs of their own, nothing else is to be there. */
static void judge_other(struct thread_place *place, const struct launch *launch)
{
	struct cpulist theirs = {0};
	char text[64];

	for (unsigned i = 0; i < launch->vcpus && launch->own_cpus; i++)
		cpulist_add(&theirs, (unsigned)launch->vcpu_cpu[i]);
	cpulist_and(&theirs, &place->cpus, &theirs);
	if (!cpulist_empty(&theirs))
		snprintf(place->wrong, sizeof(place->wrong), "may run on the vCPUs' CPU %s",
			 cpulist_format(&theirs, text, sizeof(text)));
	else if (!place->kernel && place->policy.class != THREAD_OTHER)
		snprintf(place->wrong, sizeof(place->wrong), "is real-time, and no vCPU");
}

static int keep_place(const struct look *look, const struct thread_place *found)
{
	struct thread_place *place = add(look->places);
	int vcpu;

	if (place == NULL)
		return -ENOMEM;
	*place = *found;
	vcpu = place->kernel ? -1 : vcpu_of(place, look->launch);
	if (vcpu >= 0)
		judge_vcpu(place, look->launch, (unsigned)vcpu);
	else
		judge_other(place, look->launch);
	look->places->wrong += place->wrong[0] != '\0';
	return 0;
}

static int look_at_task(void *context, const struct sys_entry *entry)
{
	const struct look *look = context;
	struct thread_place place = {0};
	char folder[64];
	int error;

	if (!is_number(entry->name))
		return 0;
	snprintf(folder, sizeof(folder), "/proc/%d/task/%.12s", (int)look->vmm, entry->name);
	error = read_place(folder, number_of(entry->name), &place);
	/* It ended meanwhile. */
	if (error == -ESRCH)
		return 0;
	return error == 0 ? keep_place(look, &place) : error;
}

/* The parent of every thread of the kernel, and of nothing else, is kthreadd, process 2. */
static bool is_kernel_thread(const char *name)
{
	char path[64];
	char text[1024];
	const char *end;

	snprintf(path, sizeof(path), "/proc/%.12s/stat", name);
	if (sys_read_file(path, text, sizeof(text)) < 0)
		return false;
	end = strrchr(text, ')');
	return end != NULL && strlen(end) > 5 && strncmp(end + 3, " 2 ", 3) == 0;
}

/* "kvm-nx-lpage-recovery-1234", "vhost-1234": by the number of the process they serve. */
static bool serves(const char *name, pid_t vmm)
{
	char path[64];
	char text[128];
	char ending[16];
	size_t length = (size_t)snprintf(ending, sizeof(ending), "-%d", (int)vmm);

	snprintf(path, sizeof(path), "/proc/%.12s/comm", name);
	if (sys_read_file(path, text, sizeof(text)) < (ssize_t)length)
		return false;
	return strcmp(text + strlen(text) - length, ending) == 0 && is_kernel_thread(name);
}

static int look_at_process(void *context, const struct sys_entry *entry)
{
	const struct look *look = context;
	struct thread_place place = {.kernel = true};
	char folder[64];

	if (!is_number(entry->name) || !serves(entry->name, look->vmm))
		return 0;
	snprintf(folder, sizeof(folder), "/proc/%.12s", entry->name);
	return read_place(folder, number_of(entry->name), &place) == 0 ? keep_place(look, &place) : 0;
}

static int walk(const char *folder, int (*visit)(void *, const struct sys_entry *), struct look *look)
{
	int fd = sys_open(folder, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? fd : sys_list(fd, visit, look);
}

int thread_places_read(pid_t vmm, const struct launch *launch, struct thread_places *ret,
		       struct diag *why)
{
	struct look look = {vmm, launch, ret};
	char folder[32];
	int error;

	snprintf(folder, sizeof(folder), "/proc/%d/task", (int)vmm);
	error = walk(folder, look_at_task, &look);
	if (error == 0)
		error = walk("/proc", look_at_process, &look);
	if (error != 0)
		return diag_set(why, -error, "the threads of process %d cannot be read (%s)", (int)vmm,
				strerror(-error));
	return 0;
}

void thread_places_done(struct thread_places *places)
{
	free(places->item);
	*places = (struct thread_places){0};
}

static int move_process(void *context, const struct sys_entry *entry)
{
	const struct look *look = context;

	if (is_number(entry->name) && serves(entry->name, look->vmm))
		thread_affinity_set(number_of(entry->name), &look->launch->other_cpus, NULL);
	return 0;
}

void thread_places_serve(pid_t vmm, const struct launch *launch)
{
	struct look look = {vmm, launch, NULL};

	if (!cpulist_empty(&launch->other_cpus) && launch->own_cpus)
		walk("/proc", move_process, &look);
}
