// SPDX-License-Identifier: Apache-2.0
/* What of a plan would disturb partitions that run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/cut.h"
#include "core/cli/running.h"
#include "sched/group_layout.h"

/*
 * Whether a change takes something from who is in a group: @returned, or another text in a file that is there.
 * What the group of the other threads loses or gets of housekeeping's CPUs disturbs no vCPU.
 */
static bool disturbs(const struct change *change, bool returned)
{
	static const char of_others[] = GROUP_MOUNT "/bulkhead.io/";

	if (change->kind != CHANGE_GROUP && change->kind != CHANGE_GROUP_TEXT)
		return false;
	if (strncmp(change->path, GROUP_MOUNT "/bulkhead", sizeof(GROUP_MOUNT "/bulkhead") - 1) != 0)
		return false;
	if (returned)
		return true;
	return !change->held && change->old != NULL &&
	       strncmp(change->path, of_others, sizeof(of_others) - 1) != 0;
}

/* Its group's name, "bulkhead-plc". */
static void group_of(const struct change *change, char *ret, size_t size)
{
	const char *name = change->path + sizeof(GROUP_MOUNT "/") - 1;

	snprintf(ret, size, "%.*s", (int)strcspn(name, "/"), name);
}

/* Who is in it counts, and who is about to be. */
static bool is_used(const char *group, const struct running *running)
{
	static const char own[] = "bulkhead-";
	char path[sizeof(GROUP_MOUNT "//cgroup.threads") + GROUP_PATH_MAX];
	char threads[64];

	if (strncmp(group, own, sizeof(own) - 1) == 0 && running_has(running, group + sizeof(own) - 1))
		return true;
	snprintf(path, sizeof(path), GROUP_MOUNT "/%s/cgroup.threads", group);
	ssize_t length = sys_read_file(path, threads, sizeof(threads));
	return length > 0 || length == -EFBIG;
}

static void spare_groups(const struct changes *changes, bool returned, const struct running *running,
			 struct findings *findings)
{
	char last[GROUP_PATH_MAX] = "";
	char names[128];

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->item[i];
		char group[GROUP_PATH_MAX];

		if (!disturbs(change, returned))
			continue;
		group_of(change, group, sizeof(group));
		if (strcmp(group, last) == 0 || !is_used(group, running))
			continue;
		struct diag *diag =
			findings_add(findings, FINDING_REFUSED, "partition-running", FINDING_MACHINE);

		diag_set(diag, EBUSY, "the control group %s would be %s, and a running partition is in it",
			 group, returned ? "taken away" : "changed");
		diag_remedy(diag, "stop it first; there run: %s",
			    running_list(running, names, sizeof(names)));
		memcpy(last, group, sizeof(last));
	}
}

void changes_spare(const struct changes *changes, const struct running *running, struct findings *findings)
{
	spare_groups(changes, false, running, findings);
}

void applied_spare(const struct running *running, struct findings *findings)
{
	char names[256];

	if (running->count == 0)
		return;
	struct diag *diag = findings_add(findings, FINDING_REFUSED, "partition-running", FINDING_MACHINE);

	diag_set(diag, EBUSY, "%zu partition%s on what was applied: %s", running->count,
		 running->count == 1 ? " runs" : "s run", running_list(running, names, sizeof(names)));
	diag_remedy(diag, "stop %s first, by bulkhead stop", running->count == 1 ? "it" : "them");
}

bool applied_unfinished(const struct borrow *journal)
{
	_cleanup_(changes_done) struct changes borrowed = {0};
	struct diag why = {0};
	bool finished = true;
	int error = borrow_list(journal, &borrowed, &finished, &why);

	return error == 0 ? !finished : error != -ENOENT;
}

/* The next apply puts back the one that did not end as a whole, under whoever runs on it. */
void cut_plan_spare(struct cut_plan *plan, const struct running *running)
{
	if (plan->unfinished) {
		applied_spare(running, &plan->findings);
		return;
	}
	spare_groups(&plan->returned, true, running, &plan->findings);
	changes_spare(&plan->changes, running, &plan->findings);
}
