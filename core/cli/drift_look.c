// SPDX-License-Identifier: Apache-2.0
#include "core/cli/drift_look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/findings.h"
#include "core/base/sys_host.h"
#include "core/cli/applied_machine.h"
#include "core/cli/drift.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "irq/interrupt_changes.h"
#include "rt/host_changes.h"

#define WHOLE_LOOK_EVERY_NS UINT64_C(10000000000)

/* What settings, threads and interrupts are planned from. */
enum {
	GROUPS = HOST_TOPOLOGY | HOST_MEMORY | HOST_KERNEL | HOST_KVM | HOST_INTERRUPTS | HOST_IDLE |
		 HOST_THREADS,
};

int drift_watch_begin(struct drift_watch *watch, struct diag *why)
{
	static const struct host_source here = {0};
	int error = host_facts_read(&here, GROUPS, &watch->host, why);

	if (error == 0)
		watch->expected = watch->host.topology.online;
	return error;
}

/* Not what a file says by now, but what was applied; by this apply, not the one before. */
static int take_machine(struct drift_watch *watch, const struct changes *applied, struct diag *why)
{
	struct machine_config machine = {0};
	int error = applied_machine_find(applied, &machine, why);

	if (error != 0)
		return error == -ENOENT ? 0 : error;
	machine_done(&watch->own);
	watch->own = machine;
	watch->machine = &watch->own;
	return 0;
}

int drift_watch_reload(struct drift_watch *watch, struct diag *why)
{
	struct changes applied = {0};
	bool finished = true;
	int error = borrow_list(watch->borrow, &applied, &finished, why);

	if (error == 0 && !finished)
		error = diag_set(why, EBUSY, "an apply or a revert is under way, or did not end");
	if (error == -ENOENT) {
		diag_set(why, ENOENT, "nothing is applied");
		diag_remedy(why, "bulkhead apply FILE first");
	}
	if (error == 0)
		error = take_machine(watch, &applied, why);
	changes_done(error == 0 ? &watch->applied : &applied);
	if (error == 0)
		watch->applied = applied;
	watch->sure = false;
	return error;
}

/* As it is now; NULL for nothing there, and for what cannot be read. */
static char *read_now(const struct change *change)
{
	struct diag ignored = {0};
	char *text = NULL;

	return borrow_read(change, &text, &ignored) == 0 ? text : NULL;
}

static bool is_right(const struct change *change, const char *text)
{
	return change_makes(change) ? text != NULL : change_holds(change, text);
}

static void forget_found(struct drift_watch *watch)
{
	for (size_t i = 0; watch->found != NULL && i < watch->wanted.count; i++)
		free(watch->found[i]);
	free(watch->found);
	watch->found = NULL;
}

/* Hotplug: the topology is read anew, which the plan of what concerns CPUs stands on. */
static int look_again(struct drift_watch *watch, struct host_facts *ret, struct diag *why)
{
	static const struct host_source here = {0};
	struct host_facts whole;
	int error = host_facts_again(&watch->host, GROUPS, ret, why);

	if (error != -ESTALE)
		return error;
	*why = (struct diag){0};
	error = host_facts_read(&here, GROUPS, &whole, why);
	if (error != 0)
		return error;
	host_facts_done(&watch->host);
	watch->host = whole;
	return host_facts_again(&watch->host, GROUPS, ret, why);
}

static void look_at_cpus(const struct drift_watch *watch, const struct host_facts *host, struct changes *ret)
{
	struct cpulist gone;

	cpulist_minus(&watch->expected, &host->topology.online, &gone);
	for (unsigned cpu = cpulist_next(&gone, 0); cpu < CPULIST_MAX; cpu = cpulist_next(&gone, cpu + 1)) {
		struct change *change = changes_add(ret, CHANGE_TEXT, DRIFT_CPUS,
						    "/sys/devices/system/cpu/cpu%u/online", cpu);

		change_text(ret, change, COMPARE_NUMBER, "0", "1");
		change_reason(change, "the CPU was there when the watch began");
	}
}

/* Planned anew in every look. */
static bool is_planned(const struct change *change)
{
	static const char *const domain[] = {"kernel", "threads", "interrupts"};

	for (size_t i = 0; i < sizeof(domain) / sizeof(domain[0]); i++) {
		if (change->domain != NULL && strcmp(change->domain, domain[i]) == 0)
			return true;
	}
	return false;
}

/* As the journal has it, but for what it is now. */
static int add_applied(const struct change *applied, struct changes *ret)
{
	_cleanup_free_ char *found = NULL;
	struct diag ignored = {0};
	struct change copy;
	int error = borrow_read(applied, &found, &ignored);

	/* What cannot be read now is not known to have changed. A thread that ended needs nothing. */
	if (error != 0 && error != -ENOENT)
		return error == -ENOMEM ? error : 0;
	if (change_copy(applied, &copy) != 0)
		return -ENOMEM;
	free(copy.old);
	copy.old = take_pointer(found);
	copy.held = is_right(&copy, copy.old);
	struct change *change = changes_add(ret, copy.kind, copy.domain, "%s", "");

	change_done(change);
	*change = copy;
	return 0;
}

static int plan(struct drift_watch *watch, struct changes *ret, struct diag *why)
{
	_cleanup_(host_facts_done) struct host_facts host = {0};
	_cleanup_(findings_done) struct findings ignored = {0};
	struct cpu_division cpus;
	int error = look_again(watch, &host, why);

	if (error != 0)
		return error;
	flow_division(watch->machine, &host, &cpus);
	look_at_cpus(watch, &host, ret);
	/* Control groups first: Linux gives threads other CPUs when a partition is closed or opened. */
	for (size_t i = 0; error == 0 && i < watch->applied.count; i++) {
		if (!is_planned(&watch->applied.item[i]))
			error = add_applied(&watch->applied.item[i], ret);
	}
	if (error == 0)
		error = setting_changes(watch->machine, &host, &cpus, ret, &ignored);
	if (error == 0)
		error = thread_changes(watch->machine, &host, &cpus, ret, &ignored);
	if (error == 0)
		error = interrupt_changes(&host, &cpus, ret, &ignored);
	if (error == 0 && ret->lost)
		error = -ENOMEM;
	return error == 0 ? 0 : diag_set(why, -error, "not enough memory to look at the host");
}

/* A setting may have changed between the two readings: then the next look is a whole one, too. */
static int look_whole(struct drift_watch *watch, struct diag *why)
{
	struct changes wanted = {0};
	int error = plan(watch, &wanted, why);

	if (error != 0) {
		changes_done(&wanted);
		return error;
	}
	forget_found(watch);
	changes_done(&watch->wanted);
	watch->wanted = wanted;
	watch->sure = true;
	watch->due_ns = sys_now() + WHOLE_LOOK_EVERY_NS;
	watch->found = calloc(wanted.count + 1, sizeof(*watch->found));
	if (watch->found == NULL)
		return diag_set(why, ENOMEM, "not enough memory to look at the host");
	for (size_t i = 0; i < wanted.count; i++) {
		watch->found[i] = read_now(&wanted.item[i]);
		watch->sure &= is_right(&wanted.item[i], watch->found[i]) == wanted.item[i].held;
	}
	return 0;
}

/* What the journal lists is right or not by itself. Of what is planned another value may be right as well. */
static bool take_found(struct drift_watch *watch, size_t index, char *now)
{
	struct change *change = &watch->wanted.item[index];
	char *old = now == NULL ? NULL : strdup(now);

	if (is_planned(change) || (now != NULL && old == NULL)) {
		free(now);
		free(old);
		return false;
	}
	free(watch->found[index]);
	watch->found[index] = now;
	free(change->old);
	change->old = old;
	change->held = is_right(change, old);
	return true;
}

/* Looks at each setting; returns whether they are known now without planning. */
static bool look_at_each(struct drift_watch *watch)
{
	for (size_t i = 0; i < watch->wanted.count; i++) {
		char *now = read_now(&watch->wanted.item[i]);
		const char *before = watch->found[i];

		if ((now == NULL) == (before == NULL) && (now == NULL || strcmp(now, before) == 0))
			free(now);
		else if (!take_found(watch, i, now))
			return false;
	}
	return true;
}

int drift_watch_look(struct drift_watch *watch, const struct changes **ret, struct diag *why)
{
	bool is_new = true;
	int error = drift_signs_read(&watch->signs, &is_new);

	if (error != 0)
		return diag_set(why, -error, "/proc and /sys cannot be read");
	if (is_new || !watch->sure || watch->found == NULL || sys_now() >= watch->due_ns ||
	    !look_at_each(watch))
		error = look_whole(watch, why);
	*ret = &watch->wanted;
	return error;
}

void drift_watch_done(struct drift_watch *watch)
{
	forget_found(watch);
	changes_done(&watch->wanted);
	changes_done(&watch->applied);
	drift_signs_done(&watch->signs);
	host_facts_done(&watch->host);
	machine_done(&watch->own);
}
