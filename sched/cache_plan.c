// SPDX-License-Identifier: Apache-2.0
#include "sched/cache_plan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"

enum {
	WAYS_MAX = 64,        /* bits of a mask */
	WAYS_MIN_LARGEST = 2, /* no CPU yet asks for a wider mask; Haswell servers ask for this */
};

/*
 * struct level - one cache level in the making.
 * @end: by last-level cache, the first way that nobody there has yet; @end_all: the highest of them.
 */
struct level {
	const char *name; /* "L3" */
	const char *key;  /* "l3-ways" */
	const struct host_resctrl *host;
	unsigned *end;
	unsigned end_all;
};

/* struct cutter - the plan in the making. */
struct cutter {
	const struct machine_config *machine;
	const struct host_facts *host;
	struct findings *findings;
	struct level l3;
	struct level l2;
};

static struct diag *begin(const struct cutter *cutter, size_t index, enum finding_kind kind,
			  const char *rule, const char *key)
{
	const struct partition_config *partition = &cutter->machine->partition[index];
	const struct text_place *at = &partition->at.cache;
	struct diag *diag = findings_add(cutter->findings, kind, rule, (int)index);

	if (at->line == 0)
		at = &partition->at.self;
	diag_at(diag, cutter->machine->file, at->line, at->column);
	diag_key(diag, "partitions[%zu].cache.%s", index, key);
	return diag;
}

static void unknown(const struct cutter *cutter, size_t index, const char *key, const char *fact)
{
	struct diag *diag = begin(cutter, index, FINDING_UNKNOWN, "cache-unknown", key);

	diag_set(diag, ENODATA, "%s could not be read (CPUID leaf 0x10, /sys/fs/resctrl/info)", fact);
	diag_remedy(diag, "mount resctrl (mount -t resctrl resctrl /sys/fs/resctrl), or capture the host "
		    "again as root");
}

static bool kernel_lacks_resctrl(const struct host_facts *host)
{
	char value[16];

	return host_config(host, "X86_CPU_RESCTRL", value, sizeof(value)) == 0 &&
	       strcmp(value, "n") == 0;
}

/* Whether there is something to cut; says why where there is not. */
static bool level_usable(const struct cutter *cutter, size_t index, const struct level *level)
{
	const struct host_resctrl *host = level->host;
	struct diag *diag;

	if (host->supported == FACT_UNKNOWN) {
		unknown(cutter, index, level->key, "whether this host's caches can be divided");
		return false;
	}
	if (host->supported == FACT_NO || kernel_lacks_resctrl(cutter->host)) {
		diag = begin(cutter, index, FINDING_REFUSED, "cache-absent", level->key);
		if (host->supported == FACT_NO)
			diag_set(diag, ENOTSUP, "this host's %s cache cannot be divided (cache allocation, "
				 "cat_l%c in /proc/cpuinfo)", level->name, level->name[1]);
		else
			diag_set(diag, ENOTSUP, "the CPUs could divide their %s cache, but the kernel is "
				 "built without CONFIG_X86_CPU_RESCTRL", level->name);
		diag_remedy(diag, "leave cache.%s out%s", level->key,
			    host->supported == FACT_NO ? "" : ", or boot a kernel with it");
		return false;
	}
	if (host->ways == 0 || host->ways > WAYS_MAX) {
		unknown(cutter, index, level->key, "how many ways this host's cache has");
		return false;
	}
	return true;
}

/*
 * The last-level caches that a partition's CPUs use, as a set of their indexes; all of them where it floats
 * or they are not told. Which CPUs share an L2 is not told either: those under one last-level cache might.
 */
static void caches_of(const struct cutter *cutter, size_t index, struct cpulist *ret)
{
	const struct host_topology *topology = &cutter->host->topology;
	const struct cpulist *cpus = &cutter->machine->partition[index].cpus;
	bool all = cpulist_empty(cpus);

	*ret = (struct cpulist){0};
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(cpus, cpu + 1)) {
		int cache = cpu < topology->cpu_count ? topology->cpu[cpu].cache : TOPOLOGY_UNKNOWN;

		if (cache < 0 || (size_t)cache >= topology->cache_count)
			all = true;
		else
			cpulist_add(ret, (unsigned)cache);
	}
	for (unsigned i = 0; all && (i == 0 || i < topology->cache_count); i++)
		cpulist_add(ret, i);
}

static unsigned first_free(const struct level *level, const struct cpulist *caches)
{
	unsigned first = 0;

	for (unsigned i = cpulist_next(caches, 0); i < CPULIST_MAX; i = cpulist_next(caches, i + 1))
		first = level->end[i] > first ? level->end[i] : first;
	return first;
}

static void take(struct level *level, const struct cpulist *caches, unsigned end)
{
	for (unsigned i = cpulist_next(caches, 0); i < CPULIST_MAX; i = cpulist_next(caches, i + 1))
		level->end[i] = end;
	if (end > level->end_all)
		level->end_all = end;
}

static uint64_t mask(unsigned first, unsigned count)
{
	return count == 0 ? 0 : (UINT64_MAX >> (WAYS_MAX - count)) << first;
}

static void refuse_ways(const struct cutter *cutter, size_t index, const struct level *level,
			unsigned ways, unsigned first)
{
	const struct host_resctrl *host = level->host;
	unsigned fewest = host->ways_min == 0 ? 1 : host->ways_min;
	struct diag *diag = begin(cutter, index, FINDING_REFUSED, "cache-ways", level->key);
	unsigned most = first + fewest < host->ways ? host->ways - first - fewest : 0;

	if (ways < fewest) {
		diag_set(diag, ERANGE, "%u %s way%s: this CPU's masks have at least %u", ways, level->name,
			 ways == 1 ? "" : "s", fewest);
		diag_remedy(diag, "ask for %u", fewest);
		return;
	}
	diag_set(diag, ERANGE, "%u %s ways are asked for where %u of %u are left: partitions before it "
		 "have %u, and everybody else keeps %u", ways, level->name, most, host->ways, first, fewest);
	diag_allowed(diag, "at most %u", most);
	diag_remedy(diag, "ask for fewer ways, here or in the partitions before it");
}

/* The mask of one level, 0 where none is asked for or none can be given. */
static uint64_t cut(struct cutter *cutter, size_t index, struct level *level, unsigned ways)
{
	const struct host_resctrl *host = level->host;
	struct cpulist caches;
	unsigned first;
	unsigned left;

	if (ways == 0 || !level_usable(cutter, index, level))
		return 0;
	caches_of(cutter, index, &caches);
	first = first_free(level, &caches);
	left = host->ways > first ? host->ways - first : 0;
	if (ways < host->ways_min || ways >= left || left - ways < host->ways_min) {
		refuse_ways(cutter, index, level, ways, first);
		return 0;
	}
	if (host->ways_min == 0 && (ways < WAYS_MIN_LARGEST || left - ways < WAYS_MIN_LARGEST))
		unknown(cutter, index, level->key, "the fewest ways that a mask may have");
	take(level, &caches, first + ways);
	return mask(first, ways);
}

/* Percent is how Intel's CPUs limit it; AMD's take absolute amounts. */
static unsigned limit_bandwidth(const struct cutter *cutter, size_t index, unsigned percent)
{
	const struct host_facts *host = cutter->host;
	static const char key[] = "memory-bandwidth";
	int64_t least = 0;
	struct diag *diag;

	if (percent == 0)
		return 0;
	if (host->bandwidth.supported == FACT_UNKNOWN) {
		unknown(cutter, index, key, "whether this host can limit memory bandwidth");
		return 0;
	}
	if (host->bandwidth.supported == FACT_NO || strcmp(host->cpu_vendor, "AuthenticAMD") == 0) {
		diag = begin(cutter, index, FINDING_REFUSED, "bandwidth-absent", key);
		if (host->bandwidth.supported == FACT_NO)
			diag_set(diag, ENOTSUP,
				 "this host cannot limit memory bandwidth (mba in /proc/cpuinfo)");
		else
			diag_set(diag, ENOTSUP, "AMD's CPUs limit memory bandwidth to an amount, not to "
				 "%u percent", percent);
		diag_remedy(diag, "leave cache.memory-bandwidth out");
		return 0;
	}
	if (host_number(&host->files, &least, "/sys/fs/resctrl/info/MB/min_bandwidth") == 0 &&
	    least > 0 && least <= 100 && percent < (unsigned)least) {
		diag = begin(cutter, index, FINDING_REFUSED, "bandwidth-least", key);
		diag_set(diag, ERANGE, "%u percent, and this CPU limits to no less than %u", percent,
			 (unsigned)least);
		diag_remedy(diag, "ask for %u or more", (unsigned)least);
		return 0;
	}
	return percent;
}

/* The first key by which something is asked for; NULL where nothing is. */
static const char *asked_key(const struct cache_request *request)
{
	if (request->l3_ways != 0)
		return "l3-ways";
	if (request->l2_ways != 0)
		return "l2-ways";
	return request->bandwidth_percent != 0 ? "memory-bandwidth" : NULL;
}

/* One class of service serves all resources at once: the scarcest decides. 0 where not told. */
static unsigned closids_of(const struct host_facts *host)
{
	const struct host_resctrl *resource[] = {&host->l3, &host->l2, &host->bandwidth};
	unsigned least = 0;

	for (size_t i = 0; i < sizeof(resource) / sizeof(resource[0]); i++) {
		if (resource[i]->supported != FACT_YES)
			continue;
		if (resource[i]->closids == 0)
			return 0;
		if (least == 0 || resource[i]->closids < least)
			least = resource[i]->closids;
	}
	return least;
}

/* Each partition that asks for anything is a class of service; one more is everybody else's. */
static void check_closids(const struct cutter *cutter)
{
	const struct host_facts *host = cutter->host;
	const struct machine_config *machine = cutter->machine;
	unsigned closids = closids_of(host);
	size_t asking = 0;
	size_t last = 0;
	const char *key = NULL;
	struct diag *diag;

	for (size_t i = 0; i < machine->partition_count; i++) {
		if (asked_key(&machine->partition[i].cache) != NULL) {
			key = asked_key(&machine->partition[i].cache);
			asking++;
			last = i;
		}
	}
	if (asking == 0 || (host->l3.supported != FACT_YES && host->l2.supported != FACT_YES &&
			    host->bandwidth.supported != FACT_YES))
		return;
	if (closids == 0) {
		unknown(cutter, last, key, "how many classes of service this host's caches have");
	} else if (asking > closids - 1) {
		diag = begin(cutter, last, FINDING_REFUSED, "cache-closids", key);
		diag_set(diag, ENOSPC, "%zu partitions ask for cache or bandwidth of their own, and the "
			 "CPUs have %u classes of service, one of which is everybody else's", asking, closids);
		diag_allowed(diag, "at most %u", closids - 1);
		diag_remedy(diag, "leave cache out of %zu of them", asking - (closids - 1));
	}
}

/* All ways where nobody has any of his own. */
static uint64_t rest(const struct level *level)
{
	unsigned ways = level->host->ways;

	if (level->host->supported != FACT_YES || ways > WAYS_MAX || level->end_all > ways)
		return 0;
	return mask(level->end_all, ways - level->end_all);
}

static int cutter_init(struct cutter *cutter)
{
	const struct host_facts *host = cutter->host;
	size_t caches = host->topology.cache_count + 1;

	cutter->l3 = (struct level){"L3", "l3-ways", &host->l3, calloc(caches, sizeof(unsigned)), 0};
	cutter->l2 = (struct level){"L2", "l2-ways", &host->l2, calloc(caches, sizeof(unsigned)), 0};
	return cutter->l3.end == NULL || cutter->l2.end == NULL ? -ENOMEM : 0;
}

static void cutter_done(struct cutter *cutter)
{
	free(cutter->l3.end);
	free(cutter->l2.end);
}

int cache_plan(const struct machine_config *machine, const struct host_facts *host,
	       struct cache_plan *ret, struct findings *findings)
{
	_cleanup_(cutter_done) struct cutter cutter = {
		.machine = machine, .host = host, .findings = findings,
	};
	struct cache_share *share = calloc(machine->partition_count + 1, sizeof(*share));

	if (cutter_init(&cutter) != 0 || share == NULL) {
		free(share);
		return -ENOMEM;
	}
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct cache_request *request = &machine->partition[i].cache;

		share[i].l3_mask = cut(&cutter, i, &cutter.l3, request->l3_ways);
		share[i].l2_mask = cut(&cutter, i, &cutter.l2, request->l2_ways);
		share[i].bandwidth_percent = limit_bandwidth(&cutter, i, request->bandwidth_percent);
	}
	check_closids(&cutter);
	*ret = (struct cache_plan){share, machine->partition_count, rest(&cutter.l3), rest(&cutter.l2)};
	return 0;
}

void cache_plan_done(struct cache_plan *plan)
{
	free(plan->share);
	*plan = (struct cache_plan){0};
}
