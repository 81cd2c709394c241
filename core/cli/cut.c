// SPDX-License-Identifier: Apache-2.0
#include "core/cli/cut.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/change_compare.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/applied_machine.h"
#include "core/cli/cut_before.h"

enum { GROUPS = HOST_PLAN | HOST_INTERRUPTS | HOST_THREADS | HOST_IDLE };

/* From where the last one was found both ways, nearest first. */
const struct change *change_among(const struct changes *changes, const struct change *same, size_t *at)
{
	size_t count = changes->count;

	for (size_t step = 0; step < count; step++) {
		size_t distance = (step + 1) / 2;
		size_t index = (*at + (step % 2 == 0 ? distance : count - distance)) % count;

		if (change_same(&changes->item[index], same)) {
			*at = index;
			return &changes->item[index];
		}
	}
	return NULL;
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

	/* One that was there before is not taken away, and what held before holds. */
	if (before != NULL && (is_made || change_compare(borrowed->compare, before, borrowed->value)))
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
	size_t at = 0;

	for (size_t i = borrowed->count; i-- > 0;) {
		if (wanted == NULL || change_among(wanted, &borrowed->item[i], &at) == NULL)
			return_one(&borrowed->item[i], ret);
	}
}

/* What check notes, since a partition can run so: apply cannot do what it is for. */
static void refuse_shared(const struct machine_config *machine, struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		struct finding *finding = &findings->item[i];
		char remedy[sizeof(finding->diag.remedy)];

		if (finding->kind != FINDING_NOTE || finding->partition == FINDING_MACHINE ||
		    strcmp(finding->rule, "isolation-affinity") != 0 ||
		    machine->partition[finding->partition].schedule.policy == VCPU_POLICY_OTHER)
			continue;
		finding->kind = FINDING_REFUSED;
		snprintf(remedy, sizeof(remedy), "%s", finding->diag.remedy);
		diag_remedy(&finding->diag, "%s; or state isolation: affinity; bulkhead run works as it is",
			    remedy);
	}
}

static void say_unfinished(struct findings *findings)
{
	struct diag *diag = findings_add(findings, FINDING_NOTE, "apply-unfinished", FINDING_MACHINE);

	diag_set(diag, 0, "an earlier apply did not end, and left part of its changes behind");
	diag_remedy(diag, "let apply or revert put them back, which both do first");
}

static int plan_on(const struct machine_config *machine, const struct host_facts *host, struct machine_plan *ret,
		   struct changes *ret_changes, struct findings *findings)
{
	int error = flow_plan(machine, host, ret, findings);

	refuse_shared(machine, findings);
	if (error == 0 && flow_verdict(findings) != FLOW_NOT_HELD)
		error = flow_changes(machine, ret, host, ret_changes, findings);
	return error;
}

/* The host is planned for as it was; @now says what is there. */
static int look_back(struct cut_plan *plan, const struct changes *borrowed, struct changes *now)
{
	_cleanup_(findings_done) struct findings unsaid = {0};
	_cleanup_(machine_plan_done) struct machine_plan unused = {0};
	int error = plan_on(&plan->machine, &plan->host, &unused, now, &unsaid);

	return error == 0 ? cut_before(&plan->host, borrowed) : error;
}

static int plan_all(struct cut_plan *plan, const struct changes *borrowed, bool is_here)
{
	_cleanup_(changes_done) struct changes now = {0};
	int error = borrowed->count == 0 ? 0 : look_back(plan, borrowed, &now);

	if (error == 0)
		error = plan_on(&plan->machine, &plan->host, &plan->plan, &plan->changes, &plan->findings);
	if (error != 0)
		return error;
	if (flow_verdict(&plan->findings) == FLOW_NOT_HELD) {
		changes_done(&plan->changes);
		return 0;
	}
	cut_before_undo(&plan->changes, &now);
	error = is_here ? applied_machine_change(&plan->machine, &plan->changes) : 0;
	if (error != 0)
		return error;
	changes_returned(&plan->changes, borrowed, &plan->returned);
	return plan->changes.lost || plan->returned.lost ? -ENOMEM : 0;
}

int cut_plan_make(const char *file, const struct host_source *source, const struct borrow *journal,
		  struct cut_plan *ret, struct diag *why)
{
	_cleanup_(changes_done) struct changes borrowed = {0};
	bool finished = true;
	int error = machine_load(file, &ret->machine, why);

	if (error != 0)
		return error;
	*why = (struct diag){0};
	error = host_facts_read(source, GROUPS, &ret->host, why);
	if (error != 0)
		return error;
	if (journal != NULL)
		error = borrow_list(journal, &borrowed, &finished, why);
	if (error != 0 && error != -ENOENT)
		return error;
	ret->unfinished = error == 0 && !finished;
	if (ret->unfinished)
		say_unfinished(&ret->findings);
	error = plan_all(ret, &borrowed, journal != NULL);
	return error == 0 ? 0 : diag_set(why, -error, "not enough memory to plan the machine");
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
