// SPDX-License-Identifier: Apache-2.0
/* Looking at the running host time and again: hwloc, the kernel's configuration and CPUID are not asked twice. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/host/host.h"
#include "core/host/patterns.h"

static int keep_matching(const struct host_files *before, const char *pattern, struct host_files *files)
{
	const struct host_file *file;
	size_t at = 0;
	int error = 0;

	while (error == 0 && (file = host_files_next(before, pattern, &at)) != NULL)
		error = file->error != 0 ? host_files_put_error(files, file->path, file->error) :
					   host_files_put_bytes(files, file->path, file->text, file->length);
	return error;
}

static int keep_fixed(const struct host_facts *before, unsigned groups, struct host_files *files)
{
	const struct host_pattern *pattern;
	char path[2 * PATTERN_NAME_MAX];
	char name[PATTERN_NAME_MAX];
	bool link = false;
	int error = 0;

	for (size_t i = 0; error == 0 && (pattern = host_pattern_at(i)) != NULL; i++) {
		const char *at = pattern->names;

		if ((pattern->flags & PATTERN_FIXED) == 0 || (pattern->groups & groups) == 0)
			continue;
		while (error == 0 && host_pattern_name(&at, before->kernel.release, name, &link)) {
			snprintf(path, sizeof(path), "%s/%s", pattern->directory, name);
			error = keep_matching(&before->files, path, files);
		}
	}
	return error;
}

static int copy_table(void **ret, const void *table, size_t count, size_t size)
{
	if (count == 0)
		return 0;
	*ret = reallocarray(NULL, count, size);
	if (*ret == NULL)
		return -ENOMEM;
	memcpy(*ret, table, count * size);
	return 0;
}

static int copy_topology(const struct host_topology *topology, struct host_topology *ret)
{
	int error;

	*ret = *topology;
	ret->cpu = NULL;
	ret->node = NULL;
	ret->cache = NULL;
	error = copy_table((void **)&ret->cpu, topology->cpu, topology->cpu_count, sizeof(*ret->cpu));
	if (error == 0)
		error = copy_table((void **)&ret->node, topology->node, topology->node_count,
				   sizeof(*ret->node));
	if (error == 0)
		error = copy_table((void **)&ret->cache, topology->cache, topology->cache_count,
				   sizeof(*ret->cache));
	return error;
}

static bool has_same_cpus(const struct host_facts *before, const struct host_files *files)
{
	struct cpulist online;

	return host_cpus(files, &online, "/sys/devices/system/cpu/online") == 0 &&
	       memcmp(&online, &before->topology.online, sizeof(online)) == 0;
}

int host_facts_again(const struct host_facts *before, unsigned groups, struct host_facts *ret,
		     struct diag *why)
{
	const struct host_source running = {0};
	struct host_facts facts = {.groups = groups | HOST_TOPOLOGY, .live = true};
	int error = host_files_read(&running, facts.groups | HOST_AGAIN, &facts.files, why);

	if (error != 0)
		return error;
	if (!has_same_cpus(before, &facts.files))
		error = diag_set(why, ESTALE, "other CPUs are online than before");
	if (error == 0)
		error = keep_fixed(before, facts.groups, &facts.files);
	if (error == 0)
		error = copy_topology(&before->topology, &facts.topology);
	if (error == 0)
		error = host_facts_parse(&facts);
	if (error == -ENOMEM)
		diag_set(why, ENOMEM, "not enough memory for the host's facts");
	if (error != 0)
		host_facts_done(&facts);
	else
		*ret = facts;
	return error;
}
