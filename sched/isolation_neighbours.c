// SPDX-License-Identifier: Apache-2.0
/* How partitions are isolated, held against each other. */
#include <errno.h>

#include "core/base/diag.h"
#include "core/config/machine.h"
#include "sched/isolation_rules.h"
#include "sched/phrase.h"

enum { NOBODY = -1 };

struct diag *isolation_finding(const struct machine_config *machine, struct findings *findings,
			       enum finding_kind kind, const char *rule, size_t index)
{
	const struct partition_config *partition = &machine->partition[index];
	const struct text_place *at = &partition->at.isolation;
	struct diag *diag = findings_add(findings, kind, rule, (int)index);

	if (at->line == 0)
		at = partition->at.cpus.line != 0 ? &partition->at.cpus : &partition->at.self;
	diag_at(diag, machine->file, at->line, at->column);
	diag_key(diag, "partitions[%zu].isolation", index);
	return diag;
}

static bool is_temporal(const struct partition_config *partition)
{
	return partition->schedule.policy == VCPU_POLICY_DEADLINE;
}

static const char *mode_name(enum isolation mode)
{
	switch (mode) {
	case ISOLATION_CPUSET:
		return "cpuset";
	case ISOLATION_ISOLCPUS:
		return "isolcpus";
	case ISOLATION_ANY:
	case ISOLATION_AFFINITY:
		break;
	}
	return "affinity";
}

static void refuse_shared(const struct machine_config *machine, const enum isolation *mode,
			  size_t index, size_t other, unsigned cpu, struct findings *findings)
{
	const struct partition_config *there = &machine->partition[other];
	struct diag *why =
		isolation_finding(machine, findings, FINDING_REFUSED, "isolation-mixed", index);

	diag_set(why, EINVAL, "CPU %u is partition %s's too (line %u): isolated by %s here and by %s there, "
		 "but a CPU in a cpuset partition runs no other group's threads", cpu, there->name,
		 there->at.cpus.line, mode_name(mode[index]), mode_name(mode[other]));
	diag_remedy(why, "state the same isolation in both");
}

void isolation_shared(const struct machine_config *machine, const enum isolation *mode,
		      struct findings *findings)
{
	int first[CPULIST_MAX];

	for (unsigned cpu = 0; cpu < CPULIST_MAX; cpu++)
		first[cpu] = NOBODY;
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct cpulist *cpus = &machine->partition[i].cpus;

		/* Others share no CPU at all: that is placement's to refuse. */
		if (!is_temporal(&machine->partition[i]))
			continue;
		for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX;
		     cpu = cpulist_next(cpus, cpu + 1)) {
			int other = first[cpu];

			if (other == NOBODY) {
				first[cpu] = (int)i;
			} else if ((mode[other] == ISOLATION_CPUSET) != (mode[i] == ISOLATION_CPUSET)) {
				refuse_shared(machine, mode, i, (size_t)other, cpu, findings);
				break;
			}
		}
	}
}

/* The first partition whose CPUs stay in the root domain of all that float, or NOBODY. */
static int first_beside(const struct machine_config *machine, const enum isolation *mode,
			const struct cpulist *domain, struct cpulist *ret)
{
	for (size_t i = 0; i < machine->partition_count; i++) {
		cpulist_minus(&machine->partition[i].cpus, domain, ret);
		if (mode[i] == ISOLATION_AFFINITY && !cpulist_empty(ret))
			return (int)i;
	}
	return NOBODY;
}

void isolation_floating(const struct machine_config *machine, const enum isolation *mode,
			const struct cpulist *domain, struct findings *findings)
{
	struct cpulist cpus;
	char text[PHRASE_CPUS_MAX];
	int beside = first_beside(machine, mode, domain, &cpus);

	if (beside == NOBODY)
		return;
	const struct partition_config *there = &machine->partition[beside];

	for (size_t i = 0; i < machine->partition_count; i++) {
		struct diag *why;

		if (!is_temporal(&machine->partition[i]) || !cpulist_empty(&machine->partition[i].cpus))
			continue;
		why = isolation_finding(machine, findings, FINDING_REFUSED, "isolation-deadline", i);
		diag_set(why, EINVAL, "floating SCHED_DEADLINE vCPUs must be allowed on all CPUs of their "
			 "root domain (else the kernel says EPERM), and affinity alone keeps them off %s of "
			 "partition %s (line %u)", phrase_cpus(&cpus, text, sizeof(text)), there->name,
			 there->at.cpus.line);
		diag_remedy(why, "state isolation: cpuset in partition %s, or cpus here", there->name);
	}
}
