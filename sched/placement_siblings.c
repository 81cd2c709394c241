// SPDX-License-Identifier: Apache-2.0
/* A core is cut between no two owners, unless those it hurts have said that it may be. */
#include <errno.h>
#include <stdio.h>

#include "core/base/diag.h"
#include "core/config/machine.h"
#include "sched/phrase.h"
#include "sched/placement.h"
#include "sched/placement_rules.h"


/*
 * The siblings of a partition's CPUs. A CPU of its own is among them where two of its CPUs are on one
 * core: another temporal partition may have that one too.
 */
static void siblings_of(const struct placement_view *view, const struct cpulist *cpus,
			struct cpulist *ret)
{
	*ret = (struct cpulist){0};
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(cpus, cpu + 1)) {
		for (unsigned i = view->sibling[cpu]; i != cpu; i = view->sibling[i])
			cpulist_add(ret, i);
	}
}

static const char *housekeeping_phrase(const struct placement_view *view, char *buffer, size_t size)
{
	if (cpulist_empty(&view->machine->housekeeping))
		return "are left to housekeeping";
	snprintf(buffer, size, "host.housekeeping in line %u has",
		 view->machine->housekeeping_at.line);
	return buffer;
}

/* What is wrong: @ours of the partition beside @theirs of @owner. */
static struct diag *refuse(const struct placement_view *view, size_t partition,
			   const struct cpulist *ours, const struct cpulist *theirs,
			   const char *owner)
{
	char here[PHRASE_CPUS_MAX];
	char there[PHRASE_CPUS_MAX];
	struct diag *why = placement_finding(view, FINDING_REFUSED, "sibling-shared", partition);

	diag_set(why, EINVAL, "%s %s on one core with %s, which %s",
		 phrase_cpus(ours, here, sizeof(here)), cpulist_count(ours) == 1 ? "is" : "are",
		 phrase_cpus(theirs, there, sizeof(there)), owner);
	return why;
}

static void refuse_housekeeping(const struct placement_view *view, size_t partition,
				const struct cpulist *theirs)
{
	const struct cpulist *cpus = &view->machine->partition[partition].cpus;
	struct cpulist ours;
	struct cpulist cores;
	char owner[64];
	char list[PHRASE_CPUS_MAX];
	char choice[160];

	siblings_of(view, theirs, &ours);
	cpulist_and(&ours, cpus, &ours);
	const char *phrase = housekeeping_phrase(view, owner, sizeof(owner));

	if (cpulist_empty(&view->machine->housekeeping) && cpulist_count(theirs) == 1)
		phrase = "is left to housekeeping";
	else if (cpulist_has(theirs, view->boot_cpu) &&
		 !cpulist_has(&view->machine->housekeeping, view->boot_cpu))
		phrase = "is the boot CPU, to which interrupts without another place fall";
	struct diag *why = refuse(view, partition, &ours, theirs, phrase);

	cpulist_or(cpus, theirs, &cores);
	if (cpulist_has(&cores, view->boot_cpu)) {
		diag_remedy(why, "leave the boot CPU's core to housekeeping and %s%s; or "
			    "state placement: {siblings: shared}",
			    placement_choice(view, choice, sizeof(choice)),
			    cpulist_empty(&view->free) ? "" : ", by whole cores");
		return;
	}
	diag_remedy(why, "take the siblings too (cpus: %s); or leave them idle by a "
		    "host.housekeeping without them; or state placement: {siblings: shared}",
		    phrase_list(&cores, list, sizeof(list)));
}

/* Where placement.siblings has to be stated for the two to share. */
static const char *sharing_phrase(const struct partition_config *here,
				  const struct partition_config *there)
{
	if (!here->share_cores && !there->share_cores)
		return "in both partitions";
	return here->share_cores ? "in the other partition too" : "here too";
}

static void refuse_partition(const struct placement_view *view, size_t partition, int other,
			     const struct cpulist *theirs)
{
	const struct partition_config *here = &view->machine->partition[partition];
	const struct partition_config *there = &view->machine->partition[other];
	struct cpulist ours;
	struct cpulist cores;
	char owner[PARTITION_NAME_MAX + 48];
	char list[PHRASE_CPUS_MAX];

	siblings_of(view, theirs, &ours);
	cpulist_and(&ours, &here->cpus, &ours);
	snprintf(owner, sizeof(owner), "partition %s in line %u has", there->name,
		 there->at.cpus.line);
	struct diag *why = refuse(view, partition, &ours, theirs, owner);

	cpulist_or(&ours, theirs, &cores);
	diag_remedy(why, "give the %s of %s to one partition%s; or state placement: "
		    "{siblings: shared} %s",
		    cpulist_count(&cores) > 2 ? "whole cores" : "whole core",
		    phrase_cpus(&cores, list, sizeof(list)),
		    cpulist_has(&view->shared, cpulist_next(theirs, 0)) ?
			    ", or one CPU of each core to both" : "",
		    sharing_phrase(here, there));
}

/* The earlier partition that may not be beside it, or CPU_NOBODY: pairs are told of once, at the later. */
static int offender(const struct placement_view *view, size_t partition, unsigned cpu)
{
	int other = view->machine->partition[partition].share_cores ? view->first_strict[cpu] :
								      view->first[cpu];

	return other != CPU_NOBODY && (size_t)other < partition ? other : CPU_NOBODY;
}

/* The boot CPU has work of the host's own, whatever is stated. */
static bool is_housekeeping(const struct placement_view *view, unsigned cpu)
{
	return view->first[cpu] == CPU_NOBODY &&
	       (cpu == view->boot_cpu || cpulist_has(&view->plan->housekeeping, cpu));
}

static void unknown_check(const struct placement_view *view, size_t partition,
			  const struct cpulist *cpus)
{
	struct cpulist untold = {0};
	char list[PHRASE_CPUS_MAX];

	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(cpus, cpu + 1)) {
		if (placement_fact(view->topology, cpu)->core == TOPOLOGY_UNKNOWN)
			cpulist_add(&untold, cpu);
	}
	if (cpulist_empty(&untold))
		return;
	struct diag *why = placement_finding(view, FINDING_UNKNOWN, "topology-unknown", partition);

	diag_set(why, ENODATA, "which CPUs share a core with %s is not told",
		 phrase_cpus(&untold, list, sizeof(list)));
	diag_remedy(why, "take the host's facts again (bulkhead capture), or state placement: "
		    "{siblings: shared}");
}

void placement_siblings(const struct placement_view *view, size_t partition)
{
	const struct partition_config *config = &view->machine->partition[partition];
	struct cpulist cpus;
	struct cpulist near;
	struct cpulist theirs;
	struct cpulist host = {0};
	struct cpulist boot = {0};

	cpulist_minus(&config->cpus, &view->contested, &cpus);
	cpulist_and(&cpus, &view->topology->online, &cpus);
	if (!config->share_cores)
		unknown_check(view, partition, &cpus);
	siblings_of(view, &cpus, &near);
	cpulist_minus(&near, &view->contested, &near);
	for (unsigned cpu = cpulist_next(&near, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(&near, cpu + 1)) {
		int other = offender(view, partition, cpu);

		if (other != CPU_NOBODY) {
			cpulist_and(&near, &view->machine->partition[other].cpus, &theirs);
			cpulist_minus(&near, &theirs, &near);
			refuse_partition(view, partition, other, &theirs);
		} else if (is_housekeeping(view, cpu) && !config->share_cores) {
			cpulist_add(cpulist_has(&view->plan->housekeeping, cpu) ? &host : &boot, cpu);
		}
	}
	if (!cpulist_empty(&boot))
		refuse_housekeeping(view, partition, &boot);
	if (!cpulist_empty(&host))
		refuse_housekeeping(view, partition, &host);
}
