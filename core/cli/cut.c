// SPDX-License-Identifier: Apache-2.0
#include "core/cli/cut.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/running.h"
#include "sched/group_layout.h"

enum { GROUPS = HOST_PLAN | HOST_INTERRUPTS | HOST_THREADS | HOST_IDLE };

/* Both lists were made in the same order, mostly: the search goes on where the last one ended. */
static bool is_wanted(const struct changes *wanted, const struct change *borrowed, size_t *at)
{
	for (size_t step = 0; step < wanted->count; step++) {
		size_t index = (*at + wanted->count - step) % wanted->count;

		if (change_same(&wanted->item[index], borrowed)) {
			*at = index;
			return true;
		}
	}
	return false;
}

/* A copy that may be kept; NULL for nothing there. */
static char *copy_text(struct changes *changes, const char *text)
{
	char *copy = text == NULL ? NULL : strdup(text);

	changes->lost = changes->lost || (text != NULL && copy == NULL);
	return copy;
}

static void return_one(const struct change *borrowed, struct changes *ret)
{
	bool is_made = change_makes(borrowed);
	const char *before = borrowed->restore != NULL ? borrowed->restore : borrowed->old;

	/* One that was there before is not taken away. */
	if (is_made && before != NULL)
		return;
	struct change *change = changes_add(ret, borrowed->kind, borrowed->domain, "%s", borrowed->path);

	change->old = copy_text(ret, is_made ? "" : borrowed->value);
	change->value = copy_text(ret, before);
	change->started = borrowed->started;
	memcpy(change->name, borrowed->name, sizeof(change->name));
	change_reason(change, "put back as it was");
}

void changes_returned(const struct changes *wanted, const struct changes *borrowed, struct changes *ret)
{
	size_t at = wanted == NULL || wanted->count == 0 ? 0 : wanted->count - 1;

	for (size_t i = borrowed->count; i-- > 0;) {
		if (wanted == NULL || !is_wanted(wanted, &borrowed->item[i], &at))
			return_one(&borrowed->item[i], ret);
	}
}

/* What check notes, since a partition can run so: apply cannot do what it is for. */
static void refuse_shared(struct cut_plan *plan)
{
	for (size_t i = 0; i < plan->findings.count; i++) {
		struct finding *finding = &plan->findings.item[i];
		char remedy[sizeof(finding->diag.remedy)];

		if (finding->kind != FINDING_NOTE || finding->partition == FINDING_MACHINE ||
		    strcmp(finding->rule, "isolation-affinity") != 0 ||
		    plan->machine.partition[finding->partition].schedule.policy == VCPU_POLICY_OTHER)
			continue;
		finding->kind = FINDING_REFUSED;
		snprintf(remedy, sizeof(remedy), "%s", finding->diag.remedy);
		diag_remedy(&finding->diag, "%s; or state isolation: affinity; bulkhead run works as it is",
			    remedy);
	}
}

static int find_returned(const struct borrow *journal, struct cut_plan *plan, struct diag *why)
{
	_cleanup_(changes_done) struct changes borrowed = {0};
	bool finished = true;
	int error = borrow_list(journal, &borrowed, &finished, why);

	if (error == -ENOENT)
		return 0;
	if (error != 0)
		return error;
	changes_returned(&plan->changes, &borrowed, &plan->returned);
	if (!finished) {
		struct diag *diag = findings_add(&plan->findings, FINDING_NOTE, "apply-unfinished",
						 FINDING_MACHINE);

		diag_set(diag, 0, "an earlier apply did not end, and left part of its changes behind");
		diag_remedy(diag, "let apply or revert put them back, which both do first");
	}
	return plan->returned.lost ? -ENOMEM : 0;
}

int cut_plan_make(const char *file, const struct host_source *source, const struct borrow *journal,
		  struct cut_plan *ret, struct diag *why)
{
	int error = machine_load(file, &ret->machine, why);

	if (error != 0)
		return error;
	*why = (struct diag){0};
	error = host_facts_read(source, GROUPS, &ret->host, why);
	if (error != 0)
		return error;
	error = flow_plan(&ret->machine, &ret->host, &ret->plan, &ret->findings);
	refuse_shared(ret);
	if (error == 0 && flow_verdict(&ret->findings) != FLOW_NOT_HELD)
		error = flow_changes(&ret->machine, &ret->plan, &ret->host, &ret->changes, &ret->findings);
	if (flow_verdict(&ret->findings) == FLOW_NOT_HELD)
		changes_done(&ret->changes);
	else if (error == 0 && journal != NULL)
		error = find_returned(journal, ret, why);
	if (error == -ENOMEM)
		diag_set(why, ENOMEM, "not enough memory to plan the machine");
	return error;
}

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

void cut_plan_spare(struct cut_plan *plan, const struct running *running)
{
	spare_groups(&plan->returned, true, running, &plan->findings);
	spare_groups(&plan->changes, false, running, &plan->findings);
}

void cut_plan_done(struct cut_plan *plan)
{
	findings_done(&plan->findings);
	changes_done(&plan->returned);
	changes_done(&plan->changes);
	machine_plan_done(&plan->plan);
	host_facts_done(&plan->host);
	machine_done(&plan->machine);
}
