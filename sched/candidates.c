// SPDX-License-Identifier: Apache-2.0
#include "sched/candidates.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"
#include "sched/candidate_cores.h"
#include "sched/candidate_memory.h"
#include "sched/memory_sites.h"

#define REAL_TIME_MOST (UINT64_C(512) << 20)
#define BEST_EFFORT_MOST (UINT64_C(1) << 30)

/* struct chooser - the proposal in the making. */
struct chooser {
	const struct host_facts *host;
	struct candidate_cores cores;
	struct candidates *candidates;
};

enum { ANY_CACHE = -2 };

static void chooser_done(struct chooser *chooser)
{
	candidate_cores_done(&chooser->cores);
}

/*
 * The best of the free cores, of @cache alone unless that is ANY_CACHE; NULL where none is free.
 * @better: whether core @one is to be taken before @two.
 */
static struct candidate_core *pick(const struct chooser *chooser, int cache,
				   bool (*better)(const struct chooser *chooser,
						  const struct candidate_core *one,
						  const struct candidate_core *two))
{
	struct candidate_core *best = NULL;

	for (size_t i = 0; i < chooser->cores.count; i++) {
		struct candidate_core *core = &chooser->cores.core[i];

		if (core->use != CORE_FREE || (cache != ANY_CACHE && core->cache != cache))
			continue;
		if (best == NULL || better(chooser, core, best))
			best = core;
	}
	return best;
}

/* A little core is enough for housekeeping; one it shares no cache with gains it nothing. */
static bool better_for_housekeeping(const struct chooser *chooser, const struct candidate_core *one,
				    const struct candidate_core *two)
{
	int cache = chooser->cores.boot->cache;

	if (one->isolated != two->isolated)
		return !one->isolated;
	if (one->kind != two->kind)
		return one->kind < two->kind;
	return one->cache == cache && two->cache != cache;
}

/* Of equals the last: the low numbers are where Linux puts work by default. */
static bool better_for_real_time(const struct chooser *chooser, const struct candidate_core *one,
				 const struct candidate_core *two)
{
	int cache = chooser->cores.boot->cache;

	if (one->isolated != two->isolated)
		return one->isolated;
	if (one->kind != two->kind)
		return one->kind > two->kind;
	if (one->node_has_memory != two->node_has_memory)
		return one->node_has_memory;
	if ((one->cache == cache) != (two->cache == cache))
		return two->cache == cache;
	return true;
}

static bool better_for_best_effort(const struct chooser *chooser, const struct candidate_core *one,
				   const struct candidate_core *two)
{
	const struct cpulist *taken = &chooser->candidates->real_time.cpus;
	const struct host_topology *topology = &chooser->host->topology;
	unsigned first = cpulist_next(taken, 0);
	int cache = first < topology->cpu_count ? topology->cpu[first].cache : TOPOLOGY_UNKNOWN;

	if (one->isolated != two->isolated)
		return !one->isolated;
	if (one->kind != two->kind)
		return one->kind < two->kind;
	if (one->node_has_memory != two->node_has_memory)
		return one->node_has_memory;
	return one->cache != cache && two->cache == cache;
}

static void choose_housekeeping(struct chooser *chooser)
{
	struct cpulist *housekeeping = &chooser->candidates->housekeeping;
	struct candidate_core *second;

	cpulist_and(&chooser->cores.boot->cpus, &chooser->cores.usable, housekeeping);
	if (candidate_cores_free(&chooser->cores) + 1 < CANDIDATES_HOUSEKEEPING_CORES)
		return;
	second = pick(chooser, ANY_CACHE, better_for_housekeeping);
	if (second == NULL)
		return;
	cpulist_or(housekeeping, &second->cpus, housekeeping);
	second->use = CORE_HOUSEKEEPING;
}

static bool alike(const struct candidate_core *one, const struct candidate_core *two)
{
	return one->kind == two->kind && one->isolated == two->isolated && one->node == two->node;
}

/* The best core, and where there are plenty a second one like it under the same cache. */
static void choose_partition(struct chooser *chooser, enum core_use use,
			     bool (*better)(const struct chooser *chooser,
					    const struct candidate_core *one,
					    const struct candidate_core *two),
			     struct candidate_partition *ret)
{
	unsigned most = candidate_cores_free(&chooser->cores) < CANDIDATES_PARTITION_CORES ? 1 : 2;
	struct candidate_core *first = pick(chooser, ANY_CACHE, better);
	struct candidate_core *core = first;

	while (core != NULL && ret->cores < most && alike(core, first)) {
		cpulist_or(&ret->cpus, &core->cpus, &ret->cpus);
		core->use = use;
		ret->cores++;
		core = first->cache < 0 ? NULL : pick(chooser, first->cache, better);
	}
	if (first != NULL)
		ret->node = first->node;
}

static enum candidates_lack lack_of(const struct candidate_cores *cores)
{
	if (candidate_cores_free(cores) != 0)
		return CANDIDATES_ENOUGH;
	if (cpulist_count(&cores->usable) < 2)
		return CANDIDATES_ONE_CPU;
	if (cores->untold)
		return CANDIDATES_UNTOLD;
	return cores->usable_cores < 2 ? CANDIDATES_ONE_CORE : CANDIDATES_NO_WHOLE;
}

/* The domain of a core, begun where it is the first of it; looked for from the last one back. */
static struct candidate_domain *domain_at(struct candidates *candidates,
					  const struct candidate_core *core)
{
	struct candidate_domain *domain;

	for (size_t i = candidates->domain_count; i-- > 0;) {
		domain = &candidates->domain[i];
		if (domain->cache == core->cache && (core->cache >= 0 || domain->node == core->node))
			return domain;
	}
	domain = &candidates->domain[candidates->domain_count++];
	*domain = (struct candidate_domain){
		.cache = core->cache,
		.node = core->node,
		.kind_least = core->kind,
		.kind_most = core->kind,
	};
	return domain;
}

static void list_domains(struct chooser *chooser)
{
	for (size_t i = 0; i < chooser->cores.count; i++) {
		const struct candidate_core *core = &chooser->cores.core[i];
		struct candidate_domain *domain = domain_at(chooser->candidates, core);

		cpulist_or(&domain->cpus, &core->cpus, &domain->cpus);
		domain->cores++;
		if (core->use == CORE_FREE)
			cpulist_or(&domain->free, &core->cpus, &domain->free);
		if (core->kind < domain->kind_least)
			domain->kind_least = core->kind;
		if (core->kind > domain->kind_most)
			domain->kind_most = core->kind;
	}
}

static void choose(struct chooser *chooser, const struct memory_sites *sites)
{
	struct candidates *candidates = chooser->candidates;

	candidates->real_time.node = candidates->best_effort.node = -1;
	candidates->lack = lack_of(&chooser->cores);
	if (candidates->lack == CANDIDATES_ENOUGH) {
		choose_housekeeping(chooser);
		choose_partition(chooser, CORE_REAL_TIME, better_for_real_time, &candidates->real_time);
		candidate_memory_choose(chooser->host, sites, REAL_TIME_MOST, true,
					&candidates->real_time);
		choose_partition(chooser, CORE_BEST_EFFORT, better_for_best_effort,
				 &candidates->best_effort);
	}
	if (candidates->lack != CANDIDATES_ENOUGH || candidates->best_effort.cores != 0)
		candidate_memory_choose(chooser->host, sites, BEST_EFFORT_MOST, false,
					&candidates->best_effort);
}

int candidates_choose(const struct host_facts *host, struct candidates *ret)
{
	struct candidates candidates = {0};
	_cleanup_(memory_sites_done) struct memory_sites sites = {0};
	_cleanup_(chooser_done) struct chooser chooser = {.host = host, .candidates = &candidates};
	int error = memory_sites_find(host, &sites);

	if (error == 0)
		error = candidate_cores_find(host, &sites, &chooser.cores);
	if (error != 0)
		return error;
	candidates.domain = calloc(chooser.cores.count + 1, sizeof(*candidates.domain));
	if (candidates.domain == NULL)
		return -ENOMEM;
	choose(&chooser, &sites);
	list_domains(&chooser);
	*ret = candidates;
	return 0;
}

void candidates_done(struct candidates *candidates)
{
	free(candidates->domain);
	*candidates = (struct candidates){0};
}
