// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/files.h"
#include "core/host/interrupts.h"

#define REQUESTED "/proc/irq/*/smp_affinity_list"

static int read_route(const struct host_files *files, struct interrupt_route *route)
{
	int error = host_cpus(files, &route->requested, "/proc/irq/%u/smp_affinity_list", route->number);

	/* Every interrupt has a CPU it may go to; an empty file was never the kernel's. */
	if (error == 0 && cpulist_empty(&route->requested))
		error = -EINVAL;
	if (error != 0)
		return error;
	error = host_cpus(files, &route->effective, "/proc/irq/%u/effective_affinity_list", route->number);
	if (error == -ENOENT) {
		route->effective = route->requested;
		return 0;
	}
	return error;
}

static int route_add(const struct host_files *files, const struct host_file *file,
		     struct interrupt_routes *ret, size_t *room)
{
	struct interrupt_route route = {0};
	char *end;

	errno = 0;
	unsigned long number = strtoul(file->path + strlen("/proc/irq/"), &end, 10);

	if (*end != '/' || errno != 0 || number > INT32_MAX)
		return 0;
	/* One that went away since its folder was listed is no interrupt any more. */
	if (file->error == ENOENT)
		return 0;
	if (ret->count == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		struct interrupt_route *grown = reallocarray(ret->route, more, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		ret->route = grown;
		*room = more;
	}
	route.number = (unsigned)number;
	route.error = -read_route(files, &route);
	ret->route[ret->count++] = route;
	return 0;
}

static int parse(const struct host_files *files, struct interrupt_routes *ret)
{
	const struct host_file *file;
	size_t at = 0;
	size_t room = 0;
	int error = 0;

	while (error == 0 && (file = host_files_next(files, REQUESTED, &at)) != NULL)
		error = route_add(files, file, ret, &room);
	if (error != 0 || ret->count > 0)
		return error;
	/* Every host has interrupts: none at all means that nobody could look. */
	error = host_files_told(files, REQUESTED);
	return error != 0 ? error : -ENODATA;
}

int interrupt_routes_parse(const struct host_files *files, struct interrupt_routes *ret)
{
	struct interrupt_routes found = {0};
	int error = parse(files, &found);

	if (error == 0)
		*ret = found;
	else
		interrupt_routes_done(&found);
	return error;
}

void interrupt_routes_done(struct interrupt_routes *routes)
{
	free(routes->route);
	*routes = (struct interrupt_routes){0};
}

/* "0 2 36"; all else is no answer. */
static int find_number(const char *text, unsigned number, bool *ret)
{
	bool found = false;

	while (*text != '\0') {
		char *end;
		unsigned long value = strtoul(text, &end, 10);

		if (end == text || (*end != '\0' && *end != ' '))
			return -EINVAL;
		found |= value == number;
		text = end + (*end == ' ');
	}
	*ret = found;
	return 0;
}

int interrupt_fixed(const struct host_files *files, unsigned number, bool *ret)
{
	static const char *const flag[] = {
		"IRQD_AFFINITY_MANAGED", "IRQD_NO_BALANCING", "IRQD_PER_CPU",
	};
	const char *text = NULL;
	int error = host_text(files, &text, FIXED_INTERRUPTS);

	if (error == 0)
		return find_number(text, number, ret);
	if (host_text(files, &text, "/sys/kernel/debug/irq/irqs/%u", number) != 0)
		return error == -ENOENT ? -ENODATA : error;
	*ret = false;
	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++)
		*ret |= strstr(text, flag[i]) != NULL;
	return 0;
}
