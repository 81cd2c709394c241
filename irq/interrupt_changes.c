// SPDX-License-Identifier: Apache-2.0
#include "irq/interrupt_changes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/cpulist.h"
#include "core/base/cpumask.h"
#include "core/base/findings.h"
#include "core/host/host.h"
#include "core/host/interrupts.h"
#include "irq/balancer_changes.h"

#define DEFAULT_AFFINITY "/proc/irq/default_smp_affinity"

/* struct steering - what is steered, and what is found on the way; @list: room for a CPU list's text. */
struct steering {
	const struct host_facts *host;
	const struct cpu_division *cpus;
	struct changes *changes;
	struct findings *findings;
	struct interrupts rows;
	char *list;
	char managed[256];
	unsigned managed_count;
	unsigned managed_named;
	bool untold;
};

static bool meets(const struct cpulist *a, const struct cpulist *b)
{
	struct cpulist both;

	cpulist_and(a, b, &both);
	return !cpulist_empty(&both);
}

/* Where interrupts with these CPUs shall go. Asked again with its own answer it gives the same. */
static void steer(const struct cpu_division *cpus, const struct cpulist *asked, struct cpulist *ret)
{
	bool kept = !meets(asked, &cpus->partitions);

	cpulist_and(asked, &cpus->housekeeping, ret);
	if (cpulist_empty(ret))
		*ret = cpus->housekeeping;
	else if (kept)
		*ret = *asked;
}

static void say_unknown(const struct steering *steering, const char *path, int error)
{
	struct diag *why =
		findings_add(steering->findings, FINDING_UNKNOWN, "interrupt-unknown", FINDING_MACHINE);

	diag_set(why, error < 0 ? -error : error, "%s could not be read (%s), so that it could not be put back",
		 path, host_unknown(error));
	diag_remedy(why, "run as root, or capture the host again with its /proc/irq");
}

static void default_affinity(struct steering *steering)
{
	char mask[CPUMASK_TEXT_MAX];
	struct cpulist asked;
	struct cpulist wanted;
	struct change *change;
	const char *old = NULL;
	int error = host_text(&steering->host->files, &old, DEFAULT_AFFINITY);

	if (error == 0)
		error = cpumask_parse(old, &asked);
	if (error != 0 && error != -ENOENT)
		say_unknown(steering, DEFAULT_AFFINITY, error);
	if (error != 0)
		return;
	steer(steering->cpus, &asked, &wanted);
	change = changes_add(steering->changes, CHANGE_TEXT, "interrupts", DEFAULT_AFFINITY);
	change_text(steering->changes, change, COMPARE_MASK, old, "%s",
		    cpumask_format(&wanted, mask, sizeof(mask)));
	change->check = "P12-default-affinity";
	change_reason(change, "interrupts of devices yet to come go to these CPUs");
}

/* The handlers of an interrupt, "a,b", as sysfs has them; NULL where that does not tell. */
static const char *handlers_of(const struct steering *steering, unsigned number)
{
	const char *actions = NULL;

	return host_text(&steering->host->files, &actions, "/sys/kernel/irq/%u/actions", number) == 0 ? actions :
													NULL;
}

static bool has_row(const struct steering *steering, unsigned number)
{
	for (size_t i = 0; i < steering->rows.count; i++) {
		if (steering->rows.row[i].number == (int)number)
			return true;
	}
	return false;
}

/* Whether there is no handler but vfio's; none at all counts. */
static bool is_left_alone(const struct steering *steering, unsigned number)
{
	const char *handler = handlers_of(steering, number);

	/* One without handler that never came has no row. */
	if (handler == NULL)
		return steering->rows.columns > 0 && !has_row(steering, number);
	while (*handler != '\0') {
		if (strncmp(handler, "vfio-", 5) != 0)
			return false;
		handler += strcspn(handler, ",");
		handler += *handler == ',';
	}
	return true;
}

static void note_managed(struct steering *steering, const struct interrupt_route *route,
			 const char *handlers)
{
	size_t used = strlen(steering->managed);
	char cpus[64];

	if (!meets(&route->effective, &steering->cpus->partitions))
		return;
	cpulist_format(&route->effective, cpus, sizeof(cpus));
	steering->managed_count++;
	if (used >= sizeof(steering->managed) / 2)
		return;
	steering->managed_named++;
	snprintf(steering->managed + used, sizeof(steering->managed) - used, "%s%u %.40s on CPU %.20s",
		 used == 0 ? "" : ", ", route->number, handlers != NULL ? handlers : "", cpus);
}

static void steer_one(struct steering *steering, const struct interrupt_route *route)
{
	const char *handlers = handlers_of(steering, route->number);
	const char *old = NULL;
	struct cpulist wanted;
	struct cpulist others;
	struct change *change;
	bool fixed = false;
	char path[64];

	if (is_left_alone(steering, route->number))
		return;
	snprintf(path, sizeof(path), "/proc/irq/%u/smp_affinity_list", route->number);
	if (route->error != 0 || host_text(&steering->host->files, &old, "%s", path) != 0) {
		say_unknown(steering, path, route->error);
		return;
	}
	steering->untold |= interrupt_fixed(&steering->host->files, route->number, &fixed) != 0;
	if (fixed) {
		note_managed(steering, route, handlers);
		return;
	}
	steer(steering->cpus, &route->requested, &wanted);
	change = changes_add(steering->changes, CHANGE_TEXT, "interrupts", "%s", path);
	change_text(steering->changes, change, COMPARE_WITHIN, old, "%s",
		    cpulist_format(&wanted, steering->list, CPULIST_TEXT_MAX));
	/* Among the others irqbalance may move it as it likes. */
	cpulist_minus(&steering->host->topology.online, &steering->cpus->partitions, &others);
	cpulist_or(&wanted, &others, &wanted);
	change_expect(steering->changes, change, cpulist_format(&wanted, steering->list, CPULIST_TEXT_MAX));
	change->check = "P12-irq-affinity";
	change_reason(change, "%.80s%sa device's interrupt takes a partition's vCPU off its CPU",
		      handlers != NULL ? handlers : "", handlers != NULL ? ": " : "");
}

static void say_notes(const struct steering *steering)
{
	struct diag *why;
	char cpus[160];

	if (steering->managed_count > 0) {
		why = findings_add(steering->findings, FINDING_NOTE, "interrupt-managed", FINDING_MACHINE);
		diag_set(why, EPERM, "IRQ %s%s: the kernel alone places %s, for the driver that asked it to",
			 steering->managed, steering->managed_count > steering->managed_named ? " and others" : "",
			 steering->managed_count == 1 ? "it" : "them");
		diag_remedy(why, "boot with isolcpus=managed_irq,%s, which \"bulkhead boot\" writes; it comes only when "
			    "its own CPU uses the device", cpulist_format(&steering->cpus->partitions, cpus,
									  sizeof(cpus)));
	}
	if (!steering->untold)
		return;
	why = findings_add(steering->findings, FINDING_NOTE, "interrupt-untold", FINDING_MACHINE);
	diag_set(why, ENODATA, "which interrupts the kernel alone places is not told, so that some of these may stay");
	diag_remedy(why, "run as root, who can ask the kernel");
}

static int steer_all(struct steering *steering)
{
	_cleanup_(interrupt_routes_done) struct interrupt_routes routes = {0};
	const char *text = NULL;
	int error = interrupt_routes_parse(&steering->host->files, &routes);

	if (error == -ENOMEM)
		return error;
	if (error != 0) {
		say_unknown(steering, "/proc/irq", error);
		return 0;
	}
	if (host_text(&steering->host->files, &text, "/proc/interrupts") == 0 &&
	    interrupts_parse(text, &steering->rows) == -ENOMEM)
		return -ENOMEM;
	for (size_t i = 0; i < routes.count; i++)
		steer_one(steering, &routes.route[i]);
	interrupts_done(&steering->rows);
	say_notes(steering);
	return 0;
}

/* irqbalance first: until it knows better, it puts back what is moved. */
int interrupt_changes(const struct host_facts *host, const struct cpu_division *cpus,
		      struct changes *ret, struct findings *findings)
{
	_cleanup_free_ char *list = malloc(CPULIST_TEXT_MAX);
	struct steering steering = {
		.host = host, .cpus = cpus, .changes = ret, .findings = findings, .list = list,
	};
	int error;

	if (list == NULL)
		return -ENOMEM;
	if (cpulist_empty(&cpus->partitions) || cpulist_empty(&cpus->housekeeping))
		return 0;
	error = balancer_changes(host, cpus, ret, findings);
	if (error != 0)
		return error;
	default_affinity(&steering);
	error = steer_all(&steering);
	return error == 0 && ret->lost ? -ENOMEM : error;
}
