// SPDX-License-Identifier: Apache-2.0
/* Who names each CPU, and whether it is there to be had. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/machine.h"
#include "core/host/files.h"
#include "sched/phrase.h"
#include "sched/placement.h"
#include "sched/placement_rules.h"

static bool is_temporal(const struct machine_config *machine, int partition)
{
	return machine->partition[partition].schedule.policy == VCPU_POLICY_DEADLINE;
}

static void claim(struct placement_view *view, int partition, unsigned cpu)
{
	int first = view->first[cpu];

	if (first == CPU_NOBODY)
		view->first[cpu] = partition;
	else if (is_temporal(view->machine, first) && is_temporal(view->machine, partition))
		cpulist_add(&view->shared, cpu);
	else
		cpulist_add(&view->contested, cpu);
	if (view->first_strict[cpu] == CPU_NOBODY && !view->machine->partition[partition].share_cores)
		view->first_strict[cpu] = partition;
}

static void claim_all(struct placement_view *view)
{
	const struct machine_config *machine = view->machine;

	for (unsigned cpu = 0; cpu < CPULIST_MAX; cpu++)
		view->first[cpu] = view->first_strict[cpu] = CPU_NOBODY;
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct cpulist *cpus = &machine->partition[i].cpus;

		for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX;
		     cpu = cpulist_next(cpus, cpu + 1)) {
			claim(view, (int)i, cpu);
			if (cpulist_has(&machine->housekeeping, cpu))
				cpulist_add(&view->contested, cpu);
		}
	}
	cpulist_minus(&view->shared, &view->contested, &view->shared);
}

const struct host_cpu *placement_fact(const struct host_topology *topology, unsigned cpu)
{
	static const struct host_cpu unknown = {TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN,
						TOPOLOGY_UNKNOWN, TOPOLOGY_UNKNOWN};

	return cpu < topology->cpu_count ? &topology->cpu[cpu] : &unknown;
}

/* Ties the online CPUs of each core into a ring. */
static void tie_siblings(struct placement_view *view)
{
	const struct cpulist *online = &view->topology->online;
	int latest[CPULIST_MAX];

	for (unsigned i = 0; i < CPULIST_MAX; i++) {
		view->sibling[i] = i;
		latest[i] = CPU_NOBODY;
	}
	for (unsigned cpu = cpulist_next(online, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(online, cpu + 1)) {
		int core = placement_fact(view->topology, cpu)->core;

		if (core < 0 || core >= CPULIST_MAX)
			continue;
		if (latest[core] != CPU_NOBODY) {
			view->sibling[cpu] = view->sibling[latest[core]];
			view->sibling[latest[core]] = cpu;
		}
		latest[core] = (int)cpu;
	}
}

static void find_free(struct placement_view *view)
{
	unsigned cpu = view->boot_cpu;

	cpulist_minus(&view->topology->online, &view->machine->housekeeping, &view->free);
	for (unsigned i = 0; i < CPULIST_MAX; i++) {
		if (view->first[i] != CPU_NOBODY)
			cpulist_remove(&view->free, i);
	}
	if (cpu == CPULIST_MAX)
		return;
	do {
		cpulist_remove(&view->free, cpu);
		cpu = view->sibling[cpu];
	} while (cpu != view->boot_cpu);
}

void placement_claims(struct placement_view *view)
{
	claim_all(view);
	tie_siblings(view);
	find_free(view);
}

struct diag *placement_finding(const struct placement_view *view, enum finding_kind kind,
			       const char *rule, size_t partition)
{
	const struct text_place *at = &view->machine->partition[partition].at.cpus;
	struct diag *why = findings_add(view->findings, kind, rule, (int)partition);

	diag_at(why, view->machine->file, at->line, at->column);
	diag_key(why, "partitions[%zu].cpus", partition);
	return why;
}

char *placement_choice(const struct placement_view *view, char *buffer, size_t size)
{
	char free[PHRASE_CPUS_MAX];

	if (cpulist_empty(&view->free))
		snprintf(buffer, size, "take fewer CPUs, here or elsewhere: none is free");
	else
		snprintf(buffer, size, "choose among %s, which %s free",
			 phrase_list(&view->free, free, sizeof(free)),
			 cpulist_count(&view->free) == 1 ? "is" : "are");
	return buffer;
}

static void refuse_overlap(const struct placement_view *view, size_t partition,
			   const struct cpulist *cpus, const char *owner, unsigned line)
{
	char text[CPULIST_TEXT_MAX];
	struct diag *why = placement_finding(view, FINDING_REFUSED, "cpu-overlap", partition);

	diag_set(why, EINVAL, "CPU already given to %s in line %u", owner, line);
	cpulist_format(cpus, text, sizeof(text));
	diag_got(why, text, strlen(text));
	diag_remedy(why, "give each CPU to one partition or to housekeeping");
}

/* One finding for each earlier partition that is the first to name some of the CPUs. */
static void overlap_check(const struct placement_view *view, size_t partition)
{
	const struct machine_config *machine = view->machine;
	struct cpulist rest = machine->partition[partition].cpus;
	struct cpulist overlap;
	char owner[PARTITION_NAME_MAX + 16];

	cpulist_and(&rest, &machine->housekeeping, &overlap);
	if (!cpulist_empty(&overlap))
		refuse_overlap(view, partition, &overlap, "host.housekeeping",
			       machine->housekeeping_at.line);
	cpulist_and(&rest, &view->contested, &rest);
	for (unsigned cpu = cpulist_next(&rest, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(&rest, cpu + 1)) {
		int first = view->first[cpu];
		const struct partition_config *other = &machine->partition[first];

		if (first == (int)partition ||
		    (is_temporal(machine, first) && is_temporal(machine, (int)partition)))
			continue;
		cpulist_and(&rest, &other->cpus, &overlap);
		cpulist_minus(&rest, &overlap, &rest);
		snprintf(owner, sizeof(owner), "partition %s", other->name);
		refuse_overlap(view, partition, &overlap, owner, other->at.cpus.line);
	}
}

static void absent_check(const struct placement_view *view, size_t partition,
			 const struct cpulist *cpus)
{
	const struct host_topology *topology = view->topology;
	struct cpulist absent;
	char named[PHRASE_CPUS_MAX];
	char present[PHRASE_CPUS_MAX];
	char choice[160];

	cpulist_minus(cpus, &topology->present, &absent);
	cpulist_minus(&absent, &topology->online, &absent);
	if (cpulist_empty(&absent))
		return;
	struct diag *why = placement_finding(view, FINDING_REFUSED, "cpu-absent", partition);

	diag_set(why, ENODEV, "%s %s not on this host, which has %s",
		 phrase_cpus(&absent, named, sizeof(named)),
		 cpulist_count(&absent) == 1 ? "is" : "are",
		 phrase_list(&topology->present, present, sizeof(present)));
	diag_remedy(why, "%s", placement_choice(view, choice, sizeof(choice)));
}

void placement_offline_remedy(const struct placement_view *view, const struct cpulist *cpus,
			      struct diag *why)
{
	char list[300];
	const char *smt = NULL;
	const char *first = "";

	/* The kernel keeps second threads offline while this says so. */
	if (host_text(view->files, &smt, "/sys/devices/system/cpu/smt/control") == 0) {
		if (strcmp(smt, "off") == 0)
			first = "echo on > /sys/devices/system/cpu/smt/control; ";
		else if (strcmp(smt, "forceoff") == 0)
			first = "boot without nosmt=force; ";
	}
	if (cpulist_count(cpus) == 1)
		diag_remedy(why, "%secho 1 > /sys/devices/system/cpu/cpu%u/online", first,
			    cpulist_next(cpus, 0));
	else
		diag_remedy(why, "%schcpu -e %s", first, phrase_list(cpus, list, sizeof(list)));
}

static void offline_check(const struct placement_view *view, size_t partition,
			  const struct cpulist *cpus)
{
	struct cpulist offline;
	char named[PHRASE_CPUS_MAX];

	cpulist_and(cpus, &view->topology->present, &offline);
	cpulist_minus(&offline, &view->topology->online, &offline);
	if (cpulist_empty(&offline))
		return;
	struct diag *why = placement_finding(view, FINDING_REFUSED, "cpu-offline", partition);

	diag_set(why, ENODEV, "%s %s offline", phrase_cpus(&offline, named, sizeof(named)),
		 cpulist_count(&offline) == 1 ? "is" : "are");
	placement_offline_remedy(view, &offline, why);
}

static void boot_check(const struct placement_view *view, size_t partition,
		       const struct cpulist *cpus)
{
	char choice[160];

	/* Where not even one CPU is left, that is told instead. */
	if (!cpulist_has(cpus, view->boot_cpu) || cpulist_empty(&view->plan->housekeeping))
		return;
	struct diag *why = placement_finding(view, FINDING_REFUSED, "cpu-boot", partition);

	diag_set(why, EINVAL,
		 "CPU %u is the boot CPU, to which timekeeping and interrupts without another place fall",
		 view->boot_cpu);
	diag_remedy(why, "leave it to housekeeping and %s",
		    placement_choice(view, choice, sizeof(choice)));
}

void placement_ownership(const struct placement_view *view, size_t partition)
{
	const struct cpulist *cpus = &view->machine->partition[partition].cpus;

	overlap_check(view, partition);
	absent_check(view, partition, cpus);
	offline_check(view, partition, cpus);
	boot_check(view, partition, cpus);
}
