// SPDX-License-Identifier: Apache-2.0
/* How far apart the CPUs of one partition lie. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/machine.h"
#include "sched/phrase.h"
#include "sched/placement.h"
#include "sched/placement_rules.h"

enum { DOMAINS_NAMED = 4 };

/**
 * struct reach - the domains of one kind that a partition touches.
 * @domain: their numbers, as a set. @untold: CPUs of which it is not known.
 */
struct reach {
	struct cpulist domain;
	struct cpulist untold;
	unsigned count;
};

/* One kind of domain: what differs between caches and nodes. */
struct domain_kind {
	const char *rule;
	const char *where; /* between the CPUs and the number of domains */
	const char *many;
	const char *one;
	const char *excuse;
	int (*of)(const struct host_cpu *cpu);
	const struct cpulist *(*cpus)(const struct host_topology *topology, unsigned domain);
};

static int cache_of(const struct host_cpu *cpu)
{
	return cpu->cache;
}

static int node_of(const struct host_cpu *cpu)
{
	return cpu->node;
}

static const struct cpulist *cache_cpus(const struct host_topology *topology, unsigned cache)
{
	return cache < topology->cache_count ? &topology->cache[cache].cpus : NULL;
}

static const struct cpulist *node_cpus(const struct host_topology *topology, unsigned number)
{
	for (size_t i = 0; i < topology->node_count; i++) {
		if (topology->node[i].number == number)
			return &topology->node[i].cpus;
	}
	return NULL;
}

static const struct domain_kind caches = {
	"span-cache", "lie under", "last-level caches", "last-level cache", "node", cache_of, cache_cpus,
};

static const struct domain_kind nodes = {
	"span-node", "lie on", "NUMA nodes", "NUMA node", "machine", node_of, node_cpus,
};

static void reach_find(const struct placement_view *view, const struct cpulist *cpus,
		       const struct domain_kind *kind, struct reach *ret)
{
	*ret = (struct reach){0};
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(cpus, cpu + 1)) {
		int domain = kind->of(placement_fact(view->topology, cpu));

		if (domain < 0 || domain >= CPULIST_MAX)
			cpulist_add(&ret->untold, cpu);
		else
			cpulist_add(&ret->domain, (unsigned)domain);
	}
	ret->count = cpulist_count(&ret->domain);
}

/* "0-7 and 8-15"; for nodes "0 with CPUs 0-7 and 1 with CPUs 8-15". */
static void domains_phrase(const struct placement_view *view, const struct reach *reach,
			   const struct domain_kind *kind, char *buffer, size_t size)
{
	size_t used = 0;
	unsigned named = 0;
	char list[40];

	buffer[0] = '\0';
	for (unsigned domain = cpulist_next(&reach->domain, 0); domain < CPULIST_MAX;
	     domain = cpulist_next(&reach->domain, domain + 1)) {
		const struct cpulist *cpus = kind->cpus(view->topology, domain);
		const char *comma = named == 0 ? "" : named + 1 == reach->count ? " and " : ", ";
		int written = 0;

		if (named++ == DOMAINS_NAMED) {
			snprintf(buffer + used, size - used, " and %u more",
				 reach->count - DOMAINS_NAMED);
			return;
		}
		if (cpus == NULL)
			written = snprintf(buffer + used, size - used, "%s%u", comma, domain);
		else if (kind == &nodes)
			written = snprintf(buffer + used, size - used, "%s%u with CPUs %s", comma, domain,
					   phrase_list(cpus, list, sizeof(list)));
		else
			written = snprintf(buffer + used, size - used, "%s%s", comma,
					   phrase_list(cpus, list, sizeof(list)));
		used += (size_t)written;
		if (used >= size)
			return;
	}
}

/* The domain among those touched that has most CPUs for the partition: its own and free ones. */
static unsigned best_domain(const struct placement_view *view, const struct cpulist *own,
			    const struct reach *reach, const struct domain_kind *kind,
			    struct cpulist *ret)
{
	struct cpulist had;
	unsigned most = 0;

	cpulist_or(own, &view->free, &had);
	cpulist_minus(&had, &view->contested, &had);
	for (unsigned domain = cpulist_next(&reach->domain, 0); domain < CPULIST_MAX;
	     domain = cpulist_next(&reach->domain, domain + 1)) {
		const struct cpulist *cpus = kind->cpus(view->topology, domain);
		struct cpulist choice;

		if (cpus == NULL)
			continue;
		cpulist_and(cpus, &had, &choice);
		if (cpulist_count(&choice) > most) {
			most = cpulist_count(&choice);
			*ret = choice;
		}
	}
	return most;
}

static void refuse_span(const struct placement_view *view, size_t partition,
			const struct cpulist *cpus, const struct reach *reach,
			const struct domain_kind *kind)
{
	struct cpulist choice = {0};
	unsigned wanted = cpulist_count(cpus);
	char named[PHRASE_CPUS_MAX];
	char domains[256];
	char number[16];
	struct diag *why = placement_finding(view, FINDING_REFUSED, kind->rule, partition);

	domains_phrase(view, reach, kind, domains, sizeof(domains));
	snprintf(number, sizeof(number), "%u", reach->count);
	diag_set(why, EINVAL, "%s %s %s %s (%s)", phrase_cpus(cpus, named, sizeof(named)),
		 kind->where, reach->count == 2 ? "two" : number, kind->many, domains);
	if (best_domain(view, cpus, reach, kind, &choice) >= wanted)
		diag_remedy(why, "choose %u out of %s; or state placement: {within: %s}",
			    wanted, phrase_list(&choice, named, sizeof(named)), kind->excuse);
	else
		diag_remedy(why, "take fewer CPUs, within one %s, where no more than %u are free; or "
			    "state placement: {within: %s}",
			    kind->one, cpulist_count(&choice), kind->excuse);
}

/* Returns whether there is nothing left to say about the narrower kind of domain. */
static bool span_check(const struct placement_view *view, size_t partition,
		       const struct cpulist *cpus, const struct domain_kind *kind)
{
	struct reach reach;
	char named[PHRASE_CPUS_MAX];

	reach_find(view, cpus, kind, &reach);
	if (reach.count > 1) {
		refuse_span(view, partition, cpus, &reach, kind);
		return true;
	}
	if (cpulist_empty(&reach.untold))
		return false;
	struct diag *why = placement_finding(view, FINDING_UNKNOWN, "topology-unknown", partition);

	diag_set(why, ENODATA, "whether %s share one %s is not told",
		 phrase_cpus(cpus, named, sizeof(named)), kind->one);
	diag_remedy(why, "take the host's facts again (bulkhead capture), or state placement: "
		    "{within: %s}", kind->excuse);
	return false;
}

/*
 * Of two nodes and two caches the wider is told, because its remedy mends both. Nodes count for
 * within: cache too: with sub-NUMA clustering one cache lies over several of them.
 */
void placement_span(const struct placement_view *view, size_t partition)
{
	const struct partition_config *config = &view->machine->partition[partition];
	struct cpulist cpus;

	cpulist_and(&config->cpus, &view->topology->online, &cpus);
	if (config->within == WITHIN_MACHINE || cpulist_count(&cpus) < 2)
		return;
	if (span_check(view, partition, &cpus, &nodes))
		return;
	if (config->within == WITHIN_CACHE)
		span_check(view, partition, &cpus, &caches);
}
