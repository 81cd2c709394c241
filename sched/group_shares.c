// SPDX-License-Identifier: Apache-2.0
/* The groups of partitions without cpusets of their own: a limit of memory, and shares of what is left. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/group_rules.h"

enum { PAGE_BYTES = 4096 };

/* struct share - one key of the file, and where it is written. */
struct share {
	enum group_controller controller;
	const char *key;
	const char *file;
	enum change_compare compare;
};

static const struct share shares[] = {
	{GROUP_CPU, "weight.cpu", "cpu.weight", COMPARE_NUMBER},
	{GROUP_IO, "weight.io", "io.weight", COMPARE_LINES},
	{GROUP_MEMORY, "memory.max", "memory.max", COMPARE_NUMBER},
};

enum { SHARES = sizeof(shares) / sizeof(shares[0]) };

/* As the file is written to; "" where nothing is asked for. The kernel keeps whole pages. */
static const char *share_text(const struct partition_config *partition, enum group_controller controller,
			      char *buffer, size_t size)
{
	buffer[0] = '\0';
	if (controller == GROUP_CPU && partition->cpu_weight != 0)
		snprintf(buffer, size, "%u", partition->cpu_weight);
	if (controller == GROUP_IO && partition->io_weight != 0)
		snprintf(buffer, size, "default %u", partition->io_weight);
	if (controller == GROUP_MEMORY && partition->memory_max_bytes != 0)
		snprintf(buffer, size, "%" PRIu64, partition->memory_max_bytes / PAGE_BYTES * PAGE_BYTES);
	return buffer;
}

static bool has_controller(const struct host_facts *host, const char *name)
{
	const char *text = NULL;
	size_t length = strlen(name);

	if (host_text(&host->files, &text, GROUP_MOUNT "/cgroup.controllers") != 0)
		return false;
	for (const char *at = text; (at = strstr(at, name)) != NULL; at += length) {
		if ((at == text || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
			return true;
	}
	return false;
}

/*
 * Why a controller cannot be had, or NULL. io.weight is the cost model's file, whose parameters are at the
 * root. With CONFIG_RT_GROUP_SCHED the cpu controller is refused while any real-time thread is in a group.
 */
static const char *why_absent(const struct host_facts *host, enum group_controller controller)
{
	const char *text = NULL;
	char value[8];

	if (!has_controller(host, group_controller_name(controller)))
		return "this host's cgroup version 2 has no such controller";
	if (controller == GROUP_IO &&
	    host_text(&host->files, &text, GROUP_MOUNT "/io.cost.qos") == -ENOENT)
		return "the kernel is built without CONFIG_BLK_CGROUP_IOCOST, which io.weight is a file of";
	if (controller == GROUP_CPU && host_config(host, "RT_GROUP_SCHED", value, sizeof(value)) == 0 &&
	    strcmp(value, "y") == 0)
		return "the kernel is built with CONFIG_RT_GROUP_SCHED, and keeps the cpu controller from "
		       "groups while there are real-time threads in any";
	return NULL;
}

static void say_left_out(const struct grouping *grouping, size_t index, const struct share *share,
			 const char *reason, const char *remedy)
{
	struct diag *why = group_finding(grouping, FINDING_NOTE, "group-weight", (int)index);

	diag_key(why, "partitions[%zu].%s", index, share->key);
	diag_set(why, ENOTSUP, "not kept: %s", reason);
	diag_remedy(why, "%s", remedy);
}

void group_shares_want(struct grouping *grouping)
{
	for (size_t i = 0; i < grouping->machine->partition_count; i++) {
		for (size_t n = 0; n < SHARES; n++) {
			const char *absent = why_absent(grouping->host, shares[n].controller);
			char text[32];

			if (*share_text(&grouping->machine->partition[i], shares[n].controller, text,
					sizeof(text)) == '\0')
				continue;
			if (group_isolated(grouping, i))
				say_left_out(grouping, i, &shares[n],
					     "a partition with a cpuset is in threaded groups, which have no "
					     "such limit of their own", "state isolation: affinity");
			else if (absent != NULL)
				say_left_out(grouping, i, &shares[n], absent, "leave it out");
			else
				grouping->wanted[shares[n].controller] = true;
		}
	}
}

/* io.weight reads "default 100" and a line for each device with a weight of its own. */
static void restore_first_line(struct grouping *grouping, struct change *change)
{
	char line[64];
	size_t length;

	if (change->old == NULL)
		return;
	length = strcspn(change->old, "\n");
	if (change->old[length] == '\0' || length >= sizeof(line))
		return;
	memcpy(line, change->old, length);
	line[length] = '\0';
	change_restore(grouping->changes, change, line);
}

static void share_set(struct grouping *grouping, size_t index, const char *path, const struct share *share)
{
	const struct partition_config *partition = &grouping->machine->partition[index];
	struct change *change;
	char text[32];
	char reason[96];

	if (*share_text(partition, share->controller, text, sizeof(text)) == '\0' ||
	    why_absent(grouping->host, share->controller) != NULL)
		return;
	snprintf(reason, sizeof(reason), "partition %s has %s in the file", partition->name, share->key);
	change = group_set(grouping, path, share->file, share->compare, text, reason);
	if (change != NULL && share->controller == GROUP_IO)
		restore_first_line(grouping, change);
}

void group_shares(struct grouping *grouping)
{
	for (size_t i = 0; i < grouping->machine->partition_count; i++) {
		char path[GROUP_PATH_MAX];
		char reason[96];

		if (group_isolated(grouping, i))
			continue;
		group_of_process(grouping->machine, grouping->isolation, i, path);
		snprintf(reason, sizeof(reason), "partition %s has a group, by which it can be held to its share",
			 grouping->machine->partition[i].name);
		if (!group_make(grouping, path, "domain", reason))
			continue;
		for (size_t n = 0; n < SHARES; n++)
			share_set(grouping, i, path, &shares[n]);
	}
}
