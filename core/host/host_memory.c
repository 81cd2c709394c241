// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/host_parse.h"

static const uint64_t pool_bytes[HOST_POOLS] = {UINT64_C(2) << 20, UINT64_C(1) << 30};

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* The field's value begins after "FIELD:", which a node's meminfo has after "Node N ". */
static const char *find_field(const char *text, const char *field)
{
	size_t length = strlen(field);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *name = line;

		if (strncmp(name, "Node ", 5) == 0)
			name = skip_blanks(name + 5 + strspn(name + 5, "0123456789"));
		if (strncmp(name, field, length) == 0 && name[length] == ':')
			return skip_blanks(name + length + 1);
	}
	return NULL;
}

int host_meminfo_bytes(const char *text, const char *field, uint64_t *ret)
{
	const char *value = find_field(text, field);
	uint64_t kilobytes = 0;

	if (value == NULL || *value < '0' || *value > '9')
		return -EINVAL;
	for (; *value >= '0' && *value <= '9'; value++) {
		if (kilobytes > (uint64_t)INT64_MAX / 1024 / 10 - 1)
			return -EINVAL;
		kilobytes = kilobytes * 10 + (uint64_t)(*value - '0');
	}
	if (strncmp(value, " kB", 3) != 0)
		return -EINVAL;
	*ret = kilobytes * 1024;
	return 0;
}

void host_fact_number(const struct host_files *files, const char *path, struct fact_number *ret)
{
	int error = host_number(files, &ret->value, "%s", path);

	ret->known = error == 0;
	ret->error = -error;
}

static void meminfo_fact(const struct host_files *files, const char *field,
			 struct fact_number *ret)
{
	const char *text = NULL;
	uint64_t bytes = 0;
	int error = host_text(files, &text, "/proc/meminfo");

	if (error == 0)
		error = host_meminfo_bytes(text, field, &bytes);
	*ret = (struct fact_number){
		.known = error == 0,
		.error = -error,
		.value = (int64_t)bytes,
	};
}

/* One of a pool's counters; a pool folder that is truly not there says that the kernel has no such pages. */
static int pool_count(const struct host_files *files, const char *folder, const char *name,
		      uint64_t *ret)
{
	int64_t value = 0;
	int error = host_number(files, &value, "%s/%s", folder, name);

	if (error == -ENOENT)
		error = 0;
	if (error == 0 && value < 0)
		error = -EINVAL;
	if (error == 0)
		*ret = (uint64_t)value;
	return error;
}

void host_pools_read(const struct host_files *files, int node, struct host_pool *pool)
{
	char folder[128];

	for (size_t i = 0; i < HOST_POOLS; i++) {
		pool[i] = (struct host_pool){.page_bytes = pool_bytes[i]};
		if (node < 0)
			snprintf(folder, sizeof(folder),
				 "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB",
				 pool_bytes[i] / 1024);
		else
			snprintf(folder, sizeof(folder),
				 "/sys/devices/system/node/node%d/hugepages/hugepages-%" PRIu64 "kB",
				 node, pool_bytes[i] / 1024);
		pool[i].known = pool_count(files, folder, "nr_hugepages", &pool[i].total) == 0 &&
				pool_count(files, folder, "free_hugepages", &pool[i].free) == 0;
	}
}

void host_memory_parse(struct host_facts *facts)
{
	facts->memory = (struct host_memory){
		.total_bytes.error = ENODATA,
		.available_bytes.error = ENODATA,
		.pool[0].page_bytes = pool_bytes[0],
		.pool[1].page_bytes = pool_bytes[1],
	};
	if ((facts->groups & HOST_MEMORY) == 0)
		return;
	meminfo_fact(&facts->files, "MemTotal", &facts->memory.total_bytes);
	meminfo_fact(&facts->files, "MemAvailable", &facts->memory.available_bytes);
	host_pools_read(&facts->files, -1, facts->memory.pool);
}
