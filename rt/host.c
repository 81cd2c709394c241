// SPDX-License-Identifier: Apache-2.0
#include "rt/host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "rt/thread_policy.h"

enum { FACT_MAX = 65536 };

/* Reads a fact's file under @root. Returns what sys_read_file() returns. */
static ssize_t read_fact(const char *root, const char *path, char *buffer, size_t size)
{
	char full[512];

	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >= sizeof(full))
		return -ENAMETOOLONG;
	return sys_read_file(full, buffer, size);
}

static int read_cpus(const char *root, const char *path, struct cpulist *ret, struct diag *why)
{
	char text[CPULIST_TEXT_MAX];
	ssize_t length = read_fact(root, path, text, sizeof(text));

	if (length >= 0 && cpulist_parse_kernel(text, ret) == 0)
		return 0;
	diag_at(why, path, 0, 0);
	return diag_set(why, length < 0 ? (int)-length : EINVAL, "the host's CPUs cannot be read");
}

/* The value behind "NAME:" in a file of such lines, up to the end of its line; NULL when absent. */
static const char *find_value(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line != NULL && *line != '\0';) {
		if (strncmp(line, name, length) == 0) {
			const char *value = line + length;

			value += strspn(value, " \t");
			if (*value == ':')
				return value + 1 + strspn(value + 1, " \t");
		}
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	return NULL;
}

static uint64_t find_kib(const char *text, const char *name)
{
	const char *value = find_value(text, name);

	return value == NULL ? 0 : strtoull(value, NULL, 10) * 1024;
}

static int read_memory(const char *root, struct host_facts *facts, struct diag *why)
{
	char text[8192];
	ssize_t length = read_fact(root, "/proc/meminfo", text, sizeof(text));

	if (length >= 0) {
		facts->memory_total_bytes = find_kib(text, "MemTotal");
		facts->memory_available_bytes = find_kib(text, "MemAvailable");
	}
	if (facts->memory_total_bytes != 0)
		return 0;
	diag_at(why, "/proc/meminfo", 0, 0);
	return diag_set(why, length < 0 ? (int)-length : EINVAL, "the host's memory cannot be read");
}

static uint64_t read_number(const char *root, const char *path)
{
	char text[32];

	return read_fact(root, path, text, sizeof(text)) > 0 ? strtoull(text, NULL, 10) : 0;
}

static void read_cpu_model(const char *root, struct host_facts *facts)
{
	_cleanup_free_ char *text = malloc(FACT_MAX);
	const char *value;

	if (text == NULL)
		return;
	/* A large machine's cpuinfo does not fit: its first CPU stands for all. */
	ssize_t length = read_fact(root, "/proc/cpuinfo", text, FACT_MAX);
	if (length < 0 && length != -EFBIG)
		return;
	value = find_value(text, "model name");
	if (value != NULL)
		snprintf(facts->cpu_model, sizeof(facts->cpu_model), "%.*s",
			 (int)strcspn(value, "\n"), value);
}

static void read_kernel(const char *root, struct host_facts *facts)
{
	char text[1024] = "";

	if (read_fact(root, "/proc/version", text, sizeof(text)) > 0 &&
	    strncmp(text, "Linux version ", 14) == 0)
		snprintf(facts->kernel, sizeof(facts->kernel), "%.*s",
			 (int)strcspn(text + 14, " "), text + 14);
	facts->preempt_rt = read_number(root, "/sys/kernel/realtime") == 1;
}

int host_facts_read(const char *root, struct host_facts *ret, struct diag *why)
{
	struct host_facts facts = {0};
	int error = read_cpus(root, "/sys/devices/system/cpu/present", &facts.present, why);

	if (error == 0)
		error = read_cpus(root, "/sys/devices/system/cpu/online", &facts.online, why);
	if (error == 0)
		error = read_memory(root, &facts, why);
	if (error != 0)
		return error;
	if (*root != '\0' || thread_affinity_get(0, &facts.allowed) != 0)
		facts.allowed = facts.online;
	facts.free_2m = read_number(root, "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
	facts.free_1g =
		read_number(root, "/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages");
	read_cpu_model(root, &facts);
	read_kernel(root, &facts);
	*ret = facts;
	return 0;
}
