// SPDX-License-Identifier: Apache-2.0
/*
 * Groups that are not Bulkhead's. A sibling that has one of a partition's CPUs makes the partition invalid,
 * and a partition elsewhere in the tree has taken its CPUs away already.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/group_overlap.h"
#include "sched/group_rules.h"

/* Those that sched/group_layout.h names, also of another file: what becomes of those is the journal's to know. */
static bool is_own(const char *name, size_t length)
{
	static const char *const own[] = {"bulkhead.io/", "bulkhead.cpu", "bulkhead-"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		size_t part = strlen(own[i]);

		if (length + 1 >= part && strncmp(name, own[i], part) == 0)
			return true;
	}
	return false;
}

static void refuse(const struct grouping *grouping, const char *group, const struct cpulist *shared)
{
	const struct machine_config *machine = grouping->machine;
	struct cpulist rest;
	struct cpulist its;
	struct diag *why;
	size_t i = 0;

	for (; i + 1 < machine->partition_count; i++) {
		cpulist_and(&machine->partition[i].cpus, shared, &its);
		if (group_isolated(grouping, i) && !cpulist_empty(&its))
			break;
	}
	why = group_finding(grouping, FINDING_REFUSED, "group-foreign", (int)i);
	cpulist_minus(&grouping->cpus->housekeeping, &grouping->isolated, &rest);
	group_overlap_say(group, shared, &rest, why);
}

/* @file: of a group, its path up to the last slash; @text: a list of CPUs that the group has. */
static void check_list(const struct grouping *grouping, const char *file, const char *text)
{
	const char *name = file + sizeof(GROUP_MOUNT);
	const char *end = strrchr(file, '/');
	struct cpulist cpus;
	struct cpulist shared;
	char group[256];

	if (is_own(name, (size_t)(end - name)) || text == NULL || cpulist_parse_kernel(text, &cpus) != 0)
		return;
	cpulist_and(&cpus, &grouping->isolated, &shared);
	if (cpulist_empty(&shared))
		return;
	snprintf(group, sizeof(group), "%.*s", (int)(end - file), file);
	refuse(grouping, group, &shared);
}

/* What a cpuset.cpus.partition reads; NULL where it could not be read. */
static bool is_valid(const char *text)
{
	return text != NULL && strncmp(text, "member", 6) != 0 && strstr(text, "invalid") == NULL;
}

/* A valid partition further down; its CPUs are told by whichever file its kernel has. */
static void check_partition(const struct grouping *grouping, const struct host_file *partition)
{
	const struct host_files *files = &grouping->host->files;
	int length = (int)(strrchr(partition->path, '/') - partition->path);
	const char *text = NULL;

	if (!is_valid(partition->text))
		return;
	if (host_text(files, &text, "%.*s/cpuset.cpus.exclusive.effective", length, partition->path) == 0 ||
	    host_text(files, &text, "%.*s/cpuset.cpus", length, partition->path) == 0)
		check_list(grouping, partition->path, text);
}

void group_partition_cpus(const struct host_files *files, struct cpulist *ret)
{
	static const char partitions[] = GROUP_MOUNT "/*/cpuset.cpus.partition";
	const struct host_file *file;
	size_t at = 0;

	*ret = (struct cpulist){0};
	while ((file = host_files_next(files, partitions, &at)) != NULL) {
		const char *name = file->path + sizeof(GROUP_MOUNT);
		const int length = (int)(strrchr(file->path, '/') - file->path);
		const char *text = NULL;
		struct cpulist cpus;

		if (is_own(name, strcspn(name, "/")) && is_valid(file->text) &&
		    host_text(files, &text, "%.*s/cpuset.cpus", length, file->path) == 0 &&
		    cpulist_parse_kernel(text, &cpus) == 0)
			cpulist_or(ret, &cpus, ret);
	}
}

void group_foreign(struct grouping *grouping)
{
	static const char *const partitions[] = {
		GROUP_MOUNT "/*/*/cpuset.cpus.partition",
		GROUP_MOUNT "/*/*/*/cpuset.cpus.partition",
	};
	static const char siblings[] = GROUP_MOUNT "/*/cpuset.cpus";
	const struct host_files *files = &grouping->host->files;
	const struct host_file *file;
	size_t at = 0;
	int error;

	if (!grouping->wanted[GROUP_CPUSET])
		return;
	error = host_files_told(files, siblings);
	if (error != 0) {
		struct diag *why =
			group_finding(grouping, FINDING_UNKNOWN, "group-unknown", FINDING_MACHINE);

		diag_set(why, -error, "which CPUs other control groups have could not be read (%s)",
			 host_unknown(error));
		diag_remedy(why, "capture the host again with its /sys/fs/cgroup");
		return;
	}
	while ((file = host_files_next(files, siblings, &at)) != NULL)
		check_list(grouping, file->path, file->text);
	for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++) {
		at = 0;
		while ((file = host_files_next(files, partitions[i], &at)) != NULL)
			check_partition(grouping, file);
	}
}
