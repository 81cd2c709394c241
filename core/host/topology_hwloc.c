// SPDX-License-Identifier: Apache-2.0
/* hwloc's part: all of this runs in the other process (core/host/topology_view.h). */
#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/sys.h"
#include "core/host/topology_view.h"

enum { XML_BYTES_MAX = 64 << 20 };

static void cleanup_topology(hwloc_topology_t *topology)
{
	if (*topology != NULL)
		hwloc_topology_destroy(*topology);
}

/* Sets of hwloc may be infinite: only CPUs that a list can hold are looked at. */
static void cpus_of(hwloc_const_bitmap_t set, struct cpulist *ret)
{
	*ret = (struct cpulist){0};
	if (set == NULL)
		return;
	for (int cpu = hwloc_bitmap_first(set); cpu >= 0 && cpu < CPULIST_MAX;
	     cpu = hwloc_bitmap_next(set, cpu))
		cpulist_add(ret, (unsigned)cpu);
}

static int lowest(hwloc_obj_t object)
{
	int cpu = object == NULL ? -1 : hwloc_bitmap_first(object->cpuset);

	return cpu >= 0 && cpu < CPULIST_MAX ? cpu : TOPOLOGY_UNKNOWN;
}

/* Memory that caches other memory (Knights Landing) stands among the caches of CPUs in some XML files. */
static bool is_cache(hwloc_obj_t object)
{
	return hwloc_obj_type_is_dcache(object->type) &&
	       (object->subtype == NULL || strcmp(object->subtype, "MemorySideCache") != 0);
}

/* The last level of cache is the highest one above the CPU; of cores without a shared one, their own. */
static hwloc_obj_t last_cache(hwloc_obj_t object)
{
	hwloc_obj_t last = NULL;

	for (; object != NULL; object = object->parent) {
		if (is_cache(object))
			last = object;
	}
	return last;
}

static void fill_cpu(hwloc_topology_t topology, hwloc_obj_t pu, struct topology_view *view)
{
	struct host_cpu *cpu = &view->cpu[pu->os_index];
	hwloc_obj_t cache = last_cache(pu);

	cpu->package = lowest(hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PACKAGE, pu));
	cpu->core = lowest(hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu));
	cpu->cache = lowest(cache);
	if (cpu->cache == TOPOLOGY_UNKNOWN)
		return;
	view->cache[cpu->cache] = (struct view_cache){
		.level = cache->attr->cache.depth,
		.bytes = cache->attr->cache.size,
		/* -1 says that every line may be anywhere */
		.ways = cache->attr->cache.associativity > 0 ?
				(unsigned)cache->attr->cache.associativity :
				0,
	};
}

/* With a size of huge pages all sizes are told: the kernel lists them side by side. */
static void fill_pages(hwloc_obj_t node, struct view_node *told)
{
	for (unsigned i = 0; i < node->attr->numanode.page_types_len; i++) {
		const struct hwloc_memory_page_type_s *pages = &node->attr->numanode.page_types[i];

		told->huge_pages_told |= pages->size > (1 << 20);
		if (pages->size < (1 << 20) &&
		    __builtin_mul_overflow(pages->size, pages->count, &told->ordinary_bytes))
			told->ordinary_bytes = 0;
		if (pages->size == UINT64_C(2) << 20)
			told->huge_pages[0] = pages->count;
		else if (pages->size == UINT64_C(1) << 30)
			told->huge_pages[1] = pages->count;
	}
}

static void fill_nodes(hwloc_topology_t topology, struct topology_view *view)
{
	hwloc_obj_t node = NULL;

	while (view->node_count < VIEW_NODES &&
	       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != NULL) {
		struct view_node *told = &view->node[view->node_count];

		if (node->os_index > INT32_MAX)
			continue;
		told->number = node->os_index;
		/* hwloc names the memory of accelerators, of the package, and slow one; the usual one has no name */
		told->ordinary = node->subtype == NULL || strcmp(node->subtype, "DRAM") == 0;
		told->memory_bytes = node->attr->numanode.local_memory;
		cpus_of(node->cpuset, &told->cpus);
		fill_pages(node, told);
		view->node_count++;
	}
}

/*
 * How powerful a kind of core is, of which only the order counts. Unequal frequencies make no kinds: good
 * cores of one kind may be let run a little faster.
 */
static int power_of(unsigned info_count, const struct hwloc_info_s *info)
{
	int capacity = 0;

	for (unsigned i = 0; i < info_count; i++) {
		if (strcmp(info[i].name, "CoreType") == 0)
			return strcmp(info[i].value, "IntelAtom") != 0;
		if (strcmp(info[i].name, "LinuxCapacity") == 0)
			capacity = (int)strtol(info[i].value, NULL, 10);
	}
	return capacity;
}

static void fill_kinds(hwloc_topology_t topology, struct topology_view *view)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int count = hwloc_cpukinds_get_nr(topology, 0);

	for (int i = 0; set != NULL && i < count; i++) {
		struct hwloc_info_s *info = NULL;
		struct cpulist cpus;
		unsigned info_count = 0;
		int efficiency = 0;

		if (hwloc_cpukinds_get_info(topology, (unsigned)i, set, &efficiency, &info_count,
					    &info, 0) != 0)
			continue;
		cpus_of(set, &cpus);
		for (unsigned cpu = cpulist_next(&cpus, 0); cpu < CPULIST_MAX;
		     cpu = cpulist_next(&cpus, cpu + 1))
			view->cpu[cpu].kind = power_of(info_count, info);
	}
	hwloc_bitmap_free(set);
}

static int fill(hwloc_topology_t topology, struct topology_view *view)
{
	hwloc_obj_t root = hwloc_get_root_obj(topology);
	hwloc_obj_t pu = NULL;

	for (unsigned i = 0; i < CPULIST_MAX; i++)
		view->cpu[i] = (struct host_cpu){
			.package = TOPOLOGY_UNKNOWN,
			.core = TOPOLOGY_UNKNOWN,
			.cache = TOPOLOGY_UNKNOWN,
			.node = TOPOLOGY_UNKNOWN,
		};
	cpus_of(root->complete_cpuset, &view->present);
	while ((pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu)) != NULL) {
		/* Left out, it would be a sibling that nobody sees. */
		if (pu->os_index >= CPULIST_MAX)
			return -E2BIG;
		cpulist_add(&view->online, pu->os_index);
		fill_cpu(topology, pu, view);
	}
	fill_nodes(topology, view);
	fill_kinds(topology, view);
	return cpulist_empty(&view->online) ? -EINVAL : 0;
}

/* A regular file as a whole; hwloc itself would wait at a pipe for ever. */
static int read_xml(const char *path, char **ret, size_t *ret_length)
{
	_cleanup_close_ int fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *text = NULL;
	struct stat status;
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
	    status.st_size > XML_BYTES_MAX)
		return -EINVAL;
	text = calloc(1, (size_t)status.st_size + 1);
	if (text == NULL)
		return -ENOMEM;
	while (length < (size_t)status.st_size &&
	       (got = read(fd, text + length, (size_t)status.st_size - length)) > 0)
		length += (size_t)got;
	*ret = take_pointer(text);
	*ret_length = length + 1;
	return 0;
}

/* hwloc counts one CPU in a tree that has none. */
static bool has_cpus(const char *tree)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/sys/devices/system/cpu", tree);

	return length > 0 && (size_t)length < sizeof(path) && access(path, R_OK | X_OK) == 0;
}

/* Says by the environment, which is the only way, what hwloc may look at; before its first call. */
static int choose(enum view_source source, const char *path)
{
	setenv("HWLOC_HIDE_ERRORS", "2", 1);
	/* Plug-ins look for accelerators; and one of them would read XML by another library. */
	setenv("HWLOC_PLUGINS_PATH", "/nonexistent", 1);
	/* All that is not named here is left out, above all x86, which binds itself to every CPU. */
	setenv("HWLOC_COMPONENTS", source == VIEW_XML ? "xml,stop" : "linux,stop", 1);
	if (source != VIEW_TREE)
		return 0;
	setenv("HWLOC_FSROOT", path, 1);
	return has_cpus(path) ? 0 : -ENOENT;
}

static int set_xml(hwloc_topology_t topology, const char *path)
{
	_cleanup_free_ char *xml = NULL;
	size_t length = 0;
	int error = read_xml(path, &xml, &length);

	if (error == 0 && hwloc_topology_set_xmlbuffer(topology, xml, (int)length) != 0)
		error = -EINVAL;
	return error;
}

static int load(enum view_source source, const char *path, hwloc_topology_t *ret)
{
	unsigned long flags = HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED |
			      HWLOC_TOPOLOGY_FLAG_NO_DISTANCES | HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS;
	int error = choose(source, path);

	/* For kinds it would read frequencies, some of which the kernel asks the CPU in question for. */
	if (source == VIEW_LIVE)
		flags |= HWLOC_TOPOLOGY_FLAG_NO_CPUKINDS;
	if (error == 0 && hwloc_topology_init(ret) != 0)
		error = -ENOMEM;
	if (error == 0 && source == VIEW_XML)
		error = set_xml(*ret, path);
	if (error == 0 && (hwloc_topology_set_flags(*ret, flags) != 0 || hwloc_topology_load(*ret) != 0))
		error = -EINVAL;
	return error;
}

int topology_view_fill(enum view_source source, const char *path, struct topology_view *view)
{
	_cleanup_(cleanup_topology) hwloc_topology_t topology = NULL;
	int error = load(source, path, &topology);

	if (error == 0)
		error = fill(topology, view);
	view->finished = error == 0;
	return error;
}

int topology_view_export(const char *path)
{
	_cleanup_(cleanup_topology) hwloc_topology_t topology = NULL;
	int error = load(VIEW_LIVE, NULL, &topology);

	if (error == 0 && hwloc_topology_export_xml(topology, path, 0) != 0)
		error = errno > 0 ? -errno : -EIO;
	return error;
}
