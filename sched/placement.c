// SPDX-License-Identifier: Apache-2.0
#include "sched/placement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/phrase.h"
#include "sched/placement_rules.h"

unsigned placement_boot_cpu(const struct host_topology *topology)
{
	/* Linux numbers the CPU that it boots on 0, and takes it first in every search for a CPU. */
	return cpulist_next(&topology->online, 0);
}

static struct diag *host_finding(const struct placement_view *view, const char *rule)
{
	const struct text_place *at = &view->machine->housekeeping_at;
	struct diag *why = findings_add(view->findings, FINDING_REFUSED, rule, FINDING_MACHINE);

	diag_at(why, view->machine->file, at->line, at->column);
	diag_key(why, "host.housekeeping");
	return why;
}

static void absent_check(const struct placement_view *view)
{
	const struct host_topology *topology = view->topology;
	const struct cpulist *stated = &view->machine->housekeeping;
	struct cpulist missing;
	char named[PHRASE_CPUS_MAX];
	char present[PHRASE_CPUS_MAX];
	struct diag *why;

	cpulist_minus(stated, &topology->present, &missing);
	cpulist_minus(&missing, &topology->online, &missing);
	if (!cpulist_empty(&missing)) {
		why = host_finding(view, "housekeeping-absent");
		diag_set(why, ENODEV, "%s %s not on this host, which has %s",
			 phrase_cpus(&missing, named, sizeof(named)),
			 cpulist_count(&missing) == 1 ? "is" : "are",
			 phrase_list(&topology->present, present, sizeof(present)));
		diag_remedy(why, "name CPUs that the host has, or leave host.housekeeping out");
	}
	cpulist_and(stated, &topology->present, &missing);
	cpulist_minus(&missing, &topology->online, &missing);
	if (!cpulist_empty(&missing)) {
		why = host_finding(view, "housekeeping-absent");
		diag_set(why, ENODEV, "%s %s offline", phrase_cpus(&missing, named, sizeof(named)),
			 cpulist_count(&missing) == 1 ? "is" : "are");
		placement_offline_remedy(view, &missing, why);
	}
}

/* Told at the partition that takes the boot CPU, in place of cpu-boot; absent_check() tells of stated CPUs. */
static void none_check(const struct placement_view *view)
{
	const struct cpulist *online = &view->topology->online;
	char named[PHRASE_CPUS_MAX];
	struct cpulist core = {0};
	unsigned cpu = view->boot_cpu;

	if (!cpulist_empty(&view->plan->housekeeping) ||
	    !cpulist_empty(&view->machine->housekeeping) || cpu == CPULIST_MAX)
		return;
	struct diag *why = placement_finding(view, FINDING_REFUSED, "housekeeping-none",
					     (size_t)view->first[cpu]);

	do {
		cpulist_add(&core, cpu);
		cpu = view->sibling[cpu];
	} while (cpu != view->boot_cpu);
	diag_set(why, EINVAL, "no CPU is left to housekeeping: partitions take all %u that are online (%s)",
		 cpulist_count(online), phrase_list(online, named, sizeof(named)));
	diag_remedy(why, "take %s, the boot CPU's core, out of the partitions",
		    phrase_cpus(&core, named, sizeof(named)));
}

/*
 * A thread with SCHED_FIFO gives its CPU to no other of its kind: a real-time vCPU needs one to itself,
 * also where Bulkhead chooses which. As many are left as no partition and no host.housekeeping names, less
 * one where housekeeping is what remains.
 */
static void room_check(const struct placement_view *view)
{
	const struct machine_config *machine = view->machine;
	struct cpulist left;
	unsigned room;

	cpulist_minus(&view->topology->online, &machine->housekeeping, &left);
	for (size_t i = 0; i < machine->partition_count; i++)
		cpulist_minus(&left, &machine->partition[i].cpus, &left);
	room = cpulist_count(&left);
	if (cpulist_empty(&machine->housekeeping) && room > 0)
		room--;
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];
		struct diag *why;

		if (!cpulist_empty(&partition->cpus) || partition->schedule.policy != VCPU_POLICY_FIFO)
			continue;
		if (partition->vcpus <= room) {
			room -= partition->vcpus;
			continue;
		}
		why = findings_add(view->findings, FINDING_REFUSED, "cpu-short", (int)i);
		diag_at(why, machine->file, partition->at.self.line, partition->at.self.column);
		diag_key(why, "partitions[%zu].vcpus", i);
		diag_set(why, EINVAL, "%u real-time vCPU%s, and %u CPU%s left for %s: of %u online, the "
			 "others are stated partitions' or housekeeping's", partition->vcpus,
			 partition->vcpus == 1 ? "" : "s", room, room == 1 ? " is" : "s are",
			 partition->vcpus == 1 ? "it" : "them",
			 cpulist_count(&view->topology->online));
		diag_remedy(why, "give it fewer vCPUs or policy: other, or take CPUs from other partitions");
	}
}

static void housekeeping_find(struct placement_view *view)
{
	const struct machine_config *machine = view->machine;
	struct cpulist *housekeeping = &view->plan->housekeeping;

	*housekeeping = view->topology->online;
	if (!cpulist_empty(&machine->housekeeping)) {
		cpulist_and(housekeeping, &machine->housekeeping, housekeeping);
		return;
	}
	for (size_t i = 0; i < machine->partition_count; i++)
		cpulist_minus(housekeeping, &machine->partition[i].cpus, housekeeping);
}

/* A CPU that was given twice stays with the partition that named it first. */
static void owners_find(struct placement_view *view)
{
	struct placement_plan *plan = view->plan;

	for (unsigned cpu = 0; cpu < plan->cpu_count; cpu++) {
		if (cpulist_has(&view->shared, cpu))
			plan->owner[cpu] = CPU_SHARED;
		else if (view->first[cpu] != CPU_NOBODY)
			plan->owner[cpu] = view->first[cpu];
		else if (cpulist_has(&plan->housekeeping, cpu))
			plan->owner[cpu] = CPU_HOUSEKEEPING;
		else
			plan->owner[cpu] = CPU_NOBODY;
	}
}

static int plan_make(const struct machine_config *machine, const struct host_facts *host,
		     struct placement_plan *plan, struct findings *findings)
{
	_cleanup_free_ struct placement_view *view = calloc(1, sizeof(*view));
	size_t cpu_count = host->topology.cpu_count;

	plan->cpu_count = cpu_count < CPULIST_MAX ? cpu_count : CPULIST_MAX;
	plan->owner = calloc(plan->cpu_count + 1, sizeof(*plan->owner));
	if (view == NULL || plan->owner == NULL)
		return -ENOMEM;
	view->machine = machine;
	view->topology = &host->topology;
	view->files = &host->files;
	view->findings = findings;
	view->plan = plan;
	view->boot_cpu = placement_boot_cpu(&host->topology);
	placement_claims(view);
	housekeeping_find(view);
	owners_find(view);
	absent_check(view);
	for (size_t i = 0; i < machine->partition_count; i++) {
		placement_ownership(view, i);
		placement_siblings(view, i);
		placement_span(view, i);
	}
	none_check(view);
	room_check(view);
	return 0;
}

int placement_plan(const struct machine_config *machine, const struct host_facts *host,
		   struct placement_plan *ret, struct findings *findings)
{
	struct placement_plan plan = {0};
	int error = plan_make(machine, host, &plan, findings);

	if (error != 0)
		placement_plan_done(&plan);
	else
		*ret = plan;
	return error;
}

void placement_plan_done(struct placement_plan *plan)
{
	free(plan->owner);
	*plan = (struct placement_plan){0};
}
