// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/host/source.h"
#include "core/host/topology.h"
#include "core/host/topology_nodes.h"
#include "core/host/topology_view.h"

static void cleanup_view(struct topology_view **view)
{
	topology_view_free(*view);
}

static bool is_regular(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* struct place - where hwloc shall look. */
struct place {
	enum view_source source;
	const char *path; /* NULL for the running host */
	char folder[PATH_MAX];
	char stored[PATH_MAX + 32];
};

static int find(const struct host_source *source, struct place *ret, struct diag *why)
{
	int error;

	*ret = (struct place){.source = VIEW_LIVE};
	if (source->tree == NULL)
		return 0;
	error = host_source_folder(source, ret->folder, sizeof(ret->folder), why);
	if (error != 0)
		return error;
	ret->path = ret->folder;
	ret->source = is_regular(ret->folder) ? VIEW_XML : VIEW_TREE;
	snprintf(ret->stored, sizeof(ret->stored), "%s/bulkhead/topology.xml", ret->folder);
	if (ret->source == VIEW_TREE && is_regular(ret->stored)) {
		ret->path = ret->stored;
		ret->source = VIEW_XML;
	}
	return 0;
}

static int refuse(struct diag *why, int error, const char *path)
{
	if (path != NULL)
		diag_at(why, path, 0, 0);
	if (error == -ENOMEM || error == -EAGAIN)
		return diag_set(why, ENOMEM, "no memory or process left to read the topology");
	if (error == -E2BIG)
		error = diag_set(why, E2BIG, "CPUs beyond number %d", CPULIST_MAX - 1);
	else if (path != NULL && (error == -ENOENT || error == -ENOTDIR))
		error = diag_set(why, ENOENT, "no CPUs are described here");
	else if (error == -EACCES)
		error = diag_set(why, EACCES, "cannot be read: %s", host_unknown(error));
	else if (error == -ETIMEDOUT)
		error = diag_set(why, EINVAL, "the topology was not read within %d s", VIEW_SECONDS_MAX);
	else
		error = diag_set(why, EINVAL, "%s that can be understood",
				 path != NULL ? "not a topology" : "this host shows no topology");
	if (path != NULL)
		diag_remedy(why, "name a folder that \"bulkhead capture\" wrote, a copy of /proc and /sys, "
				 "or an hwloc XML file");
	else
		diag_remedy(why, "mount /sys and /proc as a whole");
	return error;
}

/* The kernel's own list, which is right also where hwloc's picture @viewed is older or coarser. */
static int take_list(const struct host_files *files, const char *path, const struct cpulist *viewed,
		     struct cpulist *ret, struct diag *why)
{
	int error = host_cpus(files, ret, "%s", path);

	if (error == 0)
		return 0;
	*ret = *viewed;
	if (error != -EINVAL)
		return 0;
	/* hwloc has read the same, and made of it what it could. */
	diag_key(why, "%s", path);
	diag_set(why, EINVAL, "no list of CPUs from 0 to %d", CPULIST_MAX - 1);
	diag_remedy(why, "take the host's facts again");
	return -EINVAL;
}

static int take_cpus(const struct host_source *source, const struct host_files *files,
		     const struct topology_view *view, struct host_topology *ret, struct diag *why)
{
	int error = take_list(files, "/sys/devices/system/cpu/present", &view->present, &ret->present, why);

	if (error == 0)
		error = take_list(files, "/sys/devices/system/cpu/online", &view->online, &ret->online, why);
	if (error != 0)
		return error;
	cpulist_or(&ret->present, &ret->online, &ret->present);
	ret->allowed = ret->online;
	if (source->tree == NULL &&
	    host_cpus(files, &ret->allowed, "/bulkhead/allowed-cpus") == 0)
		cpulist_and(&ret->allowed, &ret->online, &ret->allowed);
	return 0;
}

/* struct numbering - indexes given to groups of CPUs in the order in which they are met. */
struct numbering {
	int index[CPULIST_MAX];
	unsigned count;
};

static void numbering_init(struct numbering *numbering)
{
	numbering->count = 0;
	for (size_t i = 0; i < CPULIST_MAX; i++)
		numbering->index[i] = TOPOLOGY_UNKNOWN;
}

/* The index of the group that hwloc knows by its lowest CPU. */
static int number(struct numbering *numbering, int first)
{
	if (first < 0 || first >= CPULIST_MAX)
		return TOPOLOGY_UNKNOWN;
	if (numbering->index[first] == TOPOLOGY_UNKNOWN)
		numbering->index[first] = (int)numbering->count++;
	return numbering->index[first];
}

static int add_cache(struct host_topology *topology, struct numbering *caches, unsigned cpu,
		     const struct topology_view *view)
{
	int first = view->cpu[cpu].cache;
	int index = number(caches, first);

	if (index == TOPOLOGY_UNKNOWN)
		return TOPOLOGY_UNKNOWN;
	if ((size_t)index == topology->cache_count)
		topology->cache[topology->cache_count++] = (struct host_cache){
			.level = view->cache[first].level,
			.bytes = view->cache[first].bytes,
			.ways = view->cache[first].ways,
		};
	cpulist_add(&topology->cache[index].cpus, cpu);
	return index;
}

static const struct host_cpu untold = {
	.package = TOPOLOGY_UNKNOWN,
	.core = TOPOLOGY_UNKNOWN,
	.cache = TOPOLOGY_UNKNOWN,
	.node = TOPOLOGY_UNKNOWN,
	.kind = TOPOLOGY_UNKNOWN,
};

static void number_cpus(struct host_topology *topology, const struct topology_view *view)
{
	struct numbering packages;
	struct numbering cores;
	struct numbering caches;

	numbering_init(&packages);
	numbering_init(&cores);
	numbering_init(&caches);
	for (unsigned cpu = 0; cpu < topology->cpu_count; cpu++) {
		struct host_cpu *told = &topology->cpu[cpu];

		*told = untold;
		if (!cpulist_has(&topology->online, cpu))
			continue;
		told->package = number(&packages, view->cpu[cpu].package);
		told->core = number(&cores, view->cpu[cpu].core);
		told->cache = add_cache(topology, &caches, cpu, view);
		told->kind = view->cpu[cpu].kind;
	}
	topology->packages = packages.count;
	topology->cores = cores.count;
}

/*
 * A CPU whose core is not told may be one more thread of any core that has fewer of them than others have:
 * who shares such a core is not told either.
 */
static void withdraw_cores(struct host_topology *topology)
{
	unsigned threads[CPULIST_MAX] = {0};
	unsigned most = 2;
	bool told = true;

	for (unsigned cpu = cpulist_next(&topology->online, 0); cpu < topology->cpu_count;
	     cpu = cpulist_next(&topology->online, cpu + 1)) {
		int core = topology->cpu[cpu].core;

		told &= core >= 0;
		if (core >= 0 && ++threads[core] > most)
			most = threads[core];
	}
	if (told)
		return;
	for (unsigned cpu = 0; cpu < topology->cpu_count; cpu++) {
		int *core = &topology->cpu[cpu].core;

		if (*core < 0 || threads[*core] == most)
			continue;
		topology->cores -= --threads[*core] == 0;
		*core = TOPOLOGY_UNKNOWN;
	}
}

static int build(const struct host_files *files, const struct topology_view *view,
		 struct host_topology *ret)
{
	for (unsigned cpu = cpulist_next(&ret->present, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(&ret->present, cpu + 1))
		ret->cpu_count = cpu + 1;
	ret->cpu = calloc(ret->cpu_count, sizeof(*ret->cpu));
	ret->cache = calloc(cpulist_count(&ret->online), sizeof(*ret->cache));
	if (ret->cpu == NULL || ret->cache == NULL)
		return -ENOMEM;
	number_cpus(ret, view);
	withdraw_cores(ret);
	topology_kinds(files, ret);
	return topology_nodes(files, view, ret);
}

int topology_read(const struct host_source *source, const struct host_files *files,
		  struct host_topology *ret, struct diag *why)
{
	_cleanup_(cleanup_view) struct topology_view *view = NULL;
	struct host_topology topology = {0};
	struct place place;
	int error = find(source, &place, why);

	if (error != 0)
		return error;
	error = topology_view_read(place.source, place.path, &view);
	if (error != 0)
		return refuse(why, error, place.path);
	error = take_cpus(source, files, view, &topology, why);
	if (error != 0) {
		diag_at(why, source->tree, 0, 0);
		return error;
	}
	error = cpulist_empty(&topology.online) ? -EINVAL : build(files, view, &topology);
	if (error != 0) {
		topology_done(&topology);
		return refuse(why, error, place.path);
	}
	*ret = topology;
	return 0;
}

static int export(void *argument)
{
	return topology_view_export(argument);
}

int topology_write_xml(const char *path, struct diag *why)
{
	_cleanup_free_ char *copy = strdup(path);
	int error = copy == NULL ? -ENOMEM : topology_process(export, copy, NULL);

	if (error == 0)
		return 0;
	/* Nobody but Bulkhead knows the place that it is written to. */
	return refuse(why, error, NULL);
}
