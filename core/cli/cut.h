// SPDX-License-Identifier: Apache-2.0
/* What plan and apply have in common: a machine file, a host, and all that apply would do there. */
#pragma once

#include <stdbool.h>

#include "core/base/change.h"
#include "core/base/findings.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"

struct borrow;
struct diag;
struct running;

/**
 * struct cut_plan - zeros are empty.
 * @changes: all that is wanted, also what holds already; empty where something was refused.
 * @returned: what the journal has and @changes has not, turned round: @old as an earlier apply left it, @value
 * as it was before, NULL where there was nothing. Of a running host alone.
 * @findings: of the plan and of the changes.
 * @unfinished: an earlier apply did not end: all that it and those before it changed is put back first.
 */
struct cut_plan {
	struct machine_config machine;
	struct host_facts host;
	struct machine_plan plan;
	struct changes changes;
	struct changes returned;
	struct findings findings;
	bool unfinished;
};

/**
 * cut_plan_make() - load the file, read the host, plan.
 * @journal: where what is applied is noted; NULL for a host that is not this one.
 * @ret: zeroed; ended with cut_plan_done(), also after a failure.
 *
 * A real-time partition with CPUs of its own that nothing would keep free, which check only notes since it
 * can run so, is refused here, but where the file says isolation: affinity. What follows from settings as they are
 * follows from what they were before anything was applied, so that a file over another one comes to the same as
 * that file alone. Changes nothing.
 * Returns 0, also where something is refused (flow_verdict()); -errno with @why where the file, the host or
 * the journal could not be read.
 */
int cut_plan_make(const char *file, const struct host_source *source, const struct borrow *journal,
		  struct cut_plan *ret, struct diag *why);

/**
 * cut_plan_spare() - refuse what would change or take away the control groups of partitions that run.
 *
 * Adds findings partition-running, one for each group, or one of applied_spare() where all is put back first. Who is
 * in a group is read from the running host.
 */
void cut_plan_spare(struct cut_plan *plan, const struct running *running);

/** changes_spare() - the same of changes alone, which take nothing away. */
void changes_spare(const struct changes *changes, const struct running *running, struct findings *findings);

/** applied_spare() - refuse to put back all that was applied while partitions run; adds partition-running. */
void applied_spare(const struct running *running, struct findings *findings);

/** applied_unfinished() - whether part of an apply that did not end is left; true where that cannot be told. */
bool applied_unfinished(const struct borrow *journal);

/**
 * change_among() - the change of the same setting, or NULL.
 * @at: where the search begins and then where it ended; 0 before the first one. Two lists in the same order are
 * walked through so, forwards or backwards, in as many steps as they have changes.
 */
const struct change *change_among(const struct changes *changes, const struct change *same, size_t *at);

/**
 * changes_returned() - what was borrowed and is wanted no longer, turned round.
 * @wanted: NULL: nothing is. @borrowed: of borrow_list().
 * @ret: zeroed; its @lost tells of want of memory. In the order in which it is put back, last first.
 */
void changes_returned(const struct changes *wanted, const struct changes *borrowed, struct changes *ret);

void cut_plan_done(struct cut_plan *plan);
