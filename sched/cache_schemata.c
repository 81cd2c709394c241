// SPDX-License-Identifier: Apache-2.0
#include "sched/cache_schemata.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/cache_plan.h"

enum { RESOURCE_NAME_MAX = 16 };

/*
 * struct line - one resource, as the default group has it: "L3", "L3CODE" or "L3DATA" of a level, or "MB".
 * @level: of the cache whose numbers its domains have: bandwidth is that of a last-level cache.
 */
struct line {
	char name[RESOURCE_NAME_MAX];
	unsigned level;
	bool bandwidth;
};

/* struct writing - one group's text in the making. */
struct writing {
	const struct machine_config *machine;
	const struct host_facts *host;
	const struct cache_plan *plan;
	size_t partition;
	struct line line;
	FILE *stream;
};

static uint64_t mask_of(const struct writing *writing, size_t partition)
{
	const struct cache_share *share = &writing->plan->share[partition];

	return writing->line.level == 2 ? share->l2_mask : share->l3_mask;
}

/*
 * The number of the cache of a level that a CPU uses. Not told on hosts that do not number theirs: then a
 * partition counts as using all of them.
 */
static int domain_of(const struct host_files *files, unsigned cpu, unsigned level, int64_t *ret)
{
	for (unsigned index = 2; index <= 3; index++) {
		int64_t its = 0;
		int error = host_number(files, &its, "/sys/devices/system/cpu/cpu%u/cache/index%u/level", cpu,
					index);

		if (error == 0 && its == level)
			return host_number(files, ret, "/sys/devices/system/cpu/cpu%u/cache/index%u/id",
					   cpu, index);
	}
	return -ENOENT;
}

static bool touches(const struct writing *writing, size_t partition, int64_t domain)
{
	const struct cpulist *cpus = &writing->machine->partition[partition].cpus;

	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX; cpu = cpulist_next(cpus, cpu + 1)) {
		int64_t its = 0;

		if (domain_of(&writing->host->files, cpu, writing->line.level, &its) != 0 || its == domain)
			return true;
	}
	return cpulist_empty(cpus);
}

static bool any_mask(const struct writing *writing, int64_t domain)
{
	for (size_t i = 0; i < writing->plan->count; i++) {
		if (mask_of(writing, i) != 0 && (domain < 0 || touches(writing, i, domain)))
			return true;
	}
	return false;
}

static uint64_t full_mask(const struct writing *writing)
{
	unsigned ways = writing->line.level == 2 ? writing->host->l2.ways : writing->host->l3.ways;

	return ways == 0 || ways > 64 ? 0 : UINT64_MAX >> (64 - ways);
}

static uint64_t mask_in(const struct writing *writing, int64_t domain)
{
	bool group = writing->partition != CACHE_DEFAULT;

	if (group && mask_of(writing, writing->partition) != 0 &&
	    touches(writing, writing->partition, domain))
		return mask_of(writing, writing->partition);
	if (!any_mask(writing, domain))
		return full_mask(writing);
	return writing->line.level == 2 ? writing->plan->l2_rest : writing->plan->l3_rest;
}

/* Rounded up to the steps in which the hardware limits it, as the kernel would: what is read back is that. */
static unsigned bandwidth_in(const struct writing *writing, int64_t domain)
{
	unsigned percent = writing->plan->share[writing->partition].bandwidth_percent;
	int64_t step = 0;

	if (percent == 0 || percent > 100 || !touches(writing, writing->partition, domain))
		return 100;
	if (host_number(&writing->host->files, &step, "/sys/fs/resctrl/info/MB/bandwidth_gran") != 0 ||
	    step < 1 || step > 100)
		step = 1;
	percent = (percent + (unsigned)step - 1) / (unsigned)step * (unsigned)step;
	return percent > 100 ? 100 : percent;
}

/* Reads the name in front of the colon; false for what is no cache's and no bandwidth's. */
static bool line_begin(const char *text, size_t length, struct line *ret)
{
	static const struct {
		const char *name;
		unsigned level;
		bool bandwidth;
	} known[] = {
		{"L3", 3, false}, {"L3CODE", 3, false}, {"L3DATA", 3, false}, {"L2", 2, false},
		{"L2CODE", 2, false}, {"L2DATA", 2, false}, {"MB", 3, true},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) != length || strncmp(known[i].name, text, length) != 0)
			continue;
		*ret = (struct line){.level = known[i].level, .bandwidth = known[i].bandwidth};
		snprintf(ret->name, sizeof(ret->name), "%s", known[i].name);
		return true;
	}
	return false;
}

/* Whether the group needs this resource changed: a group of its own has all it is made with overwritten. */
static bool line_is_wanted(const struct writing *writing)
{
	bool group = writing->partition != CACHE_DEFAULT;

	if (writing->line.bandwidth)
		return group && writing->plan->share[writing->partition].bandwidth_percent != 0;
	return (group || any_mask(writing, -1)) && full_mask(writing) != 0;
}

/* "0=fff" and its kin up to @end, each written anew with the group's value. */
static void write_domains(const struct writing *writing, const char *at, const char *end)
{
	bool first = true;

	while (at < end) {
		char *number = NULL;
		unsigned long domain = strtoul(at, &number, 10);
		size_t length = strcspn(at, ";\n");
		size_t width = number == NULL || *number != '=' ? 0 : length - (size_t)(number + 1 - at);

		if (number != at && width != 0 && width <= 16 && domain <= INT32_MAX) {
			fprintf(writing->stream, "%s%s%lu=", first ? writing->line.name : "", first ? ":" : ";",
				domain);
			first = false;
			if (writing->line.bandwidth)
				fprintf(writing->stream, "%*u", (int)width,
					bandwidth_in(writing, (int64_t)domain));
			else
				fprintf(writing->stream, "%0*" PRIx64, (int)width,
					mask_in(writing, (int64_t)domain));
		}
		at += length + 1;
	}
	if (!first)
		fputc('\n', writing->stream);
}

static void write_line(struct writing *writing, const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	const char *name = text;

	while (colon != NULL && name < colon && isspace((unsigned char)*name))
		name++;
	if (colon != NULL && line_begin(name, (size_t)(colon - name), &writing->line) &&
	    line_is_wanted(writing))
		write_domains(writing, colon + 1, text + length);
}

int cache_schemata(const struct machine_config *machine, const struct host_facts *host,
		   const struct cache_plan *plan, size_t partition, const char *default_text, char **ret)
{
	struct writing writing = {
		.machine = machine, .host = host, .plan = plan, .partition = partition,
	};
	char *text = NULL;
	size_t size = 0;

	writing.stream = open_memstream(&text, &size);
	if (writing.stream == NULL)
		return -ENOMEM;
	while (*default_text != '\0') {
		size_t length = strcspn(default_text, "\n");

		write_line(&writing, default_text, length);
		default_text += length + (default_text[length] == '\n' ? 1 : 0);
	}
	if (fclose(writing.stream) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}
