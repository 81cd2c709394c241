// SPDX-License-Identifier: Apache-2.0
/*
 * Controllers, turned on for the children of the root group.
 *
 * systemd counts which of them its units ask for, and turns the others off again at its next daemon-reload:
 * every cpuset partition ends there, without a word. An active unit of its own that asks for them holds
 * them, and an empty slice does. The slice asks by what narrows nothing: by all memory nodes, so that its
 * CPUs are whatever the partitions leave.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "sched/group_rules.h"

#define SLICE_FOLDER "/run/systemd/system/bulkhead.slice.d"
#define SLICE_FILE SLICE_FOLDER "/50-bulkhead.conf"
#define SYSTEMD_GROUP GROUP_MOUNT "/init.scope" /* the group that systemd, as PID 1, keeps for itself */

static const char *const names[GROUP_CONTROLLERS] = {
	[GROUP_CPUSET] = "cpuset",
	[GROUP_CPU] = "cpu",
	[GROUP_IO] = "io",
	[GROUP_MEMORY] = "memory",
};

const char *group_controller_name(enum group_controller controller)
{
	return names[controller];
}

static bool any_wanted(const struct grouping *grouping)
{
	for (size_t i = 0; i < GROUP_CONTROLLERS; i++) {
		if (grouping->wanted[i])
			return true;
	}
	return false;
}

static void slice_text(const struct grouping *grouping, char *buffer, size_t size)
{
	struct cpulist first = {0};
	const struct cpulist *nodes = &grouping->nodes;
	char list[CPULIST_TEXT_MAX];
	int used;

	cpulist_add(&first, 0);
	if (cpulist_empty(nodes))
		nodes = &first;
	cpulist_format(nodes, list, sizeof(list));
	used = snprintf(buffer, size,
			"# Of bulkhead apply: systemd turns controllers off that none of its units asks for.\n"
			"[Slice]\nAllowedCPUs=\nAllowedMemoryNodes=\nAllowedMemoryNodes=%s\n", list);
	snprintf(buffer + used, size - (size_t)used, "%s%s%s",
		 grouping->wanted[GROUP_CPU] ? "CPUWeight=100\n" : "",
		 grouping->wanted[GROUP_IO] ? "IOWeight=100\n" : "",
		 grouping->wanted[GROUP_MEMORY] ? "MemoryAccounting=yes\n" : "");
}

/* The file first, then the slice: it is started by what the file says. */
static void hold_under_systemd(struct grouping *grouping)
{
	static const char reason[] = "systemd keeps the controllers on while a unit of its own asks for them";
	char text[CPULIST_TEXT_MAX + 512];
	const char *old = NULL;
	int error = host_text(&grouping->host->files, &old, "%s", SLICE_FILE);
	struct change *change;

	if (error != 0 && error != -ENOENT) {
		struct diag *why =
			group_finding(grouping, FINDING_UNKNOWN, "group-unknown", FINDING_MACHINE);

		diag_set(why, -error, "%s could not be read (%s)", SLICE_FILE, host_unknown(error));
		diag_remedy(why, "run as root, or capture the host again with its /run/systemd/system");
		return;
	}
	change = changes_add(grouping->changes, CHANGE_FOLDER, "systemd", SLICE_FOLDER);
	change_made(grouping->changes, change, error == 0);
	change_reason(change, "%s", reason);
	slice_text(grouping, text, sizeof(text));
	change = changes_add(grouping->changes, CHANGE_FILE, "systemd", SLICE_FILE);
	change_text(grouping->changes, change, COMPARE_EXACT, error == 0 ? old : NULL, "%s", text);
	change->after = AFTER_SYSTEMD_RELOAD;
	change_reason(change, "%s", reason);
	group_make(grouping, GROUP_SLICE, NULL, reason);
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (; *text != '\0'; text += strcspn(text, " \n") + (text[strcspn(text, " \n")] != '\0')) {
		if (strcspn(text, " \n") == length && strncmp(text, word, length) == 0)
			return true;
	}
	return false;
}

static void turn_on(struct grouping *grouping, const char *name)
{
	char word[16];
	char absent[16];
	char reason[96];
	struct change *change;

	snprintf(word, sizeof(word), "+%s", name);
	snprintf(absent, sizeof(absent), "-%s", name);
	snprintf(reason, sizeof(reason), "the groups of partitions need the controller %s", name);
	change = group_set(grouping, GROUP_MOUNT, "cgroup.subtree_control", COMPARE_WORD, word, reason);
	if (change != NULL && change->old != NULL && !has_word(change->old, name))
		change_restore(grouping->changes, change, absent);
}

void group_controllers(struct grouping *grouping)
{
	const char *type = NULL;

	if (!any_wanted(grouping))
		return;
	if (host_text(&grouping->host->files, &type, "%s/cgroup.type", SYSTEMD_GROUP) == 0)
		hold_under_systemd(grouping);
	for (size_t i = 0; i < GROUP_CONTROLLERS; i++) {
		if (grouping->wanted[i])
			turn_on(grouping, names[i]);
	}
}
