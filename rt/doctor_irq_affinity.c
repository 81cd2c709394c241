// SPDX-License-Identifier: Apache-2.0
#include "rt/doctor_irq_affinity.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/config/machine.h"
#include "core/host/cpu_parameter.h"
#include "core/host/host.h"
#include "core/host/interrupts.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_samples.h"
#include "rt/doctor_words.h"

/* What is known of device interrupts: routes, and where they could be read, names and counts. */
struct device_interrupts {
	struct interrupt_routes routes;
	struct interrupts rows; /* empty where /proc/interrupts could not be read */
	struct doctor_samples samples;
	bool counted;
};

static void device_interrupts_done(struct device_interrupts *all)
{
	interrupt_routes_done(&all->routes);
	interrupts_done(&all->rows);
	doctor_samples_done(&all->samples);
}

static bool device_interrupts_read(const struct doctor_subject *subject, struct doctor_result *result,
				   struct device_interrupts *all)
{
	struct doctor_result ignored = {0};
	const char *text = NULL;
	int error = interrupt_routes_parse(&subject->host->files, &all->routes);

	if (error != 0) {
		doctor_unknown(result, "/proc/irq", error);
		return false;
	}
	if (host_text(&subject->host->files, &text, "/proc/interrupts") == 0)
		error = interrupts_parse(text, &all->rows);
	all->counted = error == 0 && doctor_samples_read(subject, &ignored, &subject->rt_cpus, &all->samples);
	return true;
}

static const struct interrupt_row *row_of(const struct device_interrupts *all,
					  const struct interrupt_route *route)
{
	for (size_t i = 0; i < all->rows.count; i++) {
		if (all->rows.row[i].number == (int)route->number)
			return &all->rows.row[i];
	}
	return NULL;
}

/* The last word of a row's label, which names the handler; "" where it is not known. */
static void name_of(const struct device_interrupts *all, const struct interrupt_row *row, char *name,
		    size_t size)
{
	char label[128] = "";

	if (row != NULL)
		interrupt_label(&all->rows, row, label, sizeof(label));
	while (label[0] != '\0' && label[strlen(label) - 1] == ' ')
		label[strlen(label) - 1] = '\0';
	const char *last = strrchr(label, ' ');

	snprintf(name, size, "%.40s", last != NULL ? last + 1 : label);
}

/*
 * The handlers of an interrupt, "a,b", from sysfs, or else from its row, where each but the first follows
 * ", " and the first is the last word before.
 */
static void handlers_of(const struct doctor_subject *subject, const struct device_interrupts *all,
			const struct interrupt_route *route, char *handlers, size_t size)
{
	const struct interrupt_row *row = row_of(all, route);
	const char *actions = NULL;
	char label[256] = "";
	size_t used = 0;

	handlers[0] = '\0';
	if (host_text(&subject->host->files, &actions, "/sys/kernel/irq/%u/actions", route->number) == 0) {
		snprintf(handlers, size, "%s", actions);
		return;
	}
	if (row != NULL)
		interrupt_label(&all->rows, row, label, sizeof(label));
	char *start = strstr(label, ", ");

	for (start = start != NULL ? start : label + strlen(label); start > label && start[-1] != ' ';)
		start--;
	for (; *start != '\0' && used + 1 < size; start++) {
		if (*start != ' ')
			handlers[used++] = *start;
	}
	handlers[used] = '\0';
}

/* Whether a handler is vfio's for a partition whose CPUs alone it comes to: "vfio-msix[0](0000:03:00.0)". */
static bool is_own(const struct doctor_subject *subject, const char *handler,
		   const struct cpulist *cpus)
{
	const struct machine_config *machine = subject->machine;
	const char *address = strchr(handler, '(');
	struct cpulist foreign;

	/* Without a file nobody knows whose devices they are. */
	if (strncmp(handler, "vfio-", 5) != 0 || machine == NULL || address == NULL)
		return strncmp(handler, "vfio-", 5) == 0 && machine == NULL;
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		for (size_t j = 0; j < partition->device_count; j++) {
			size_t length = strlen(partition->device[j].address);

			if (strncmp(address + 1, partition->device[j].address, length) != 0 ||
			    address[1 + length] != ')')
				continue;
			cpulist_minus(&subject->rt_cpus, &partition->cpus, &foreign);
			return !doctor_cpus_meet(cpus, &foreign);
		}
	}
	return false;
}

/* Not where it has no handler, or where all of them are a partition's own. */
static bool may_disturb(const struct doctor_subject *subject, const struct device_interrupts *all,
			const struct interrupt_route *route)
{
	char handlers[256];

	/* One without a row never came and has no handler. Without any row nobody knows. */
	if (row_of(all, route) == NULL)
		return all->rows.columns == 0;
	handlers_of(subject, all, route, handlers, sizeof(handlers));
	for (char *handler = handlers; *handler != '\0';) {
		size_t length = strcspn(handler, ",");
		bool last = handler[length] == '\0';

		handler[length] = '\0';
		if (!is_own(subject, handler, &route->effective))
			return true;
		handler += length + !last;
	}
	return false;
}

/* Interrupts whose CPUs the kernel alone sets, as far as that is told. */
static bool is_managed(const struct doctor_subject *subject, unsigned number)
{
	bool fixed = false;

	return interrupt_fixed(&subject->host->files, number, &fixed) == 0 && fixed;
}

static uint64_t growth_on_rt_cpus(const struct doctor_subject *subject,
				  const struct device_interrupts *all, unsigned number)
{
	struct doctor_result ignored = {0};
	char name[INTERRUPT_NAME_MAX];
	uint64_t more = 0;

	snprintf(name, sizeof(name), "%u", number);
	if (!all->counted ||
	    !doctor_samples_growth(&all->samples, &ignored, name, &subject->rt_cpus, &more))
		return 0;
	return more;
}

/* struct misrouted - the interrupts found on real-time CPUs. @quiet: all are managed and none came. */
struct misrouted {
	struct doctor_items items;
	struct doctor_items numbers;
	bool quiet;
};

static void misrouted_add(const struct doctor_subject *subject, const struct device_interrupts *all,
			  const struct interrupt_route *route, struct misrouted *found)
{
	bool managed = is_managed(subject, route->number);
	uint64_t more = growth_on_rt_cpus(subject, all, route->number);
	struct doctor_cpu_text text;
	char name[64];

	found->quiet &= managed && more == 0;
	name_of(all, row_of(all, route), name, sizeof(name));
	doctor_items_add(&found->items, "%u %s%son %s%s", route->number, name, name[0] != '\0' ? " " : "",
			 doctor_cpu_text(&route->effective, &text), managed ? " (managed)" : "");
	if (!managed)
		doctor_items_add(&found->numbers, "%u", route->number);
}

/* Whether the kernel keeps managed interrupts off these CPUs as far as their queues have others. */
static bool keeps_managed_off(const struct doctor_subject *subject)
{
	struct cpulist kept = {0};
	struct cpulist left;
	char value[4096];

	if (host_parameter(subject->host, "isolcpus", value, sizeof(value)) != 0)
		return false;
	struct isolcpus isolcpus = host_isolcpus_parse(value);

	if (isolcpus.ignored || !isolcpus.managed_irq || host_list_parse(subject->host, isolcpus.list, &kept) != 0)
		return false;
	cpulist_minus(&subject->rt_cpus, &kept, &left);
	return cpulist_empty(&left);
}

/* What is left to do about interrupts that the kernel alone places. */
static void say_managed(const struct doctor_subject *subject, struct doctor_result *result, bool quiet)
{
	struct doctor_cpu_text text;

	if (!keeps_managed_off(subject))
		doctor_advise(result, "add isolcpus=managed_irq,%s to the kernel command line and reboot",
			      doctor_cpu_text(&subject->rt_cpus, &text));
	else if (quiet)
		/* They come where their own CPU uses the device, which a partition's does not. */
		result->verdict = DOCTOR_PASS;
	else
		doctor_advise(result, "give the device fewer queues, by its driver's own means: these have no CPU "
			      "but CPU %s", doctor_cpu_text(&subject->rt_cpus, &text));
}

static void say_misrouted(const struct doctor_subject *subject, struct doctor_result *result,
			  struct misrouted *found)
{
	struct doctor_cpu_text text;
	const char *rows = NULL;
	int error = host_text(&subject->host->files, &rows, "/proc/interrupts");

	if (error != 0) {
		/* For its remedy; the value says more. */
		doctor_unknown(result, "/proc/interrupts", error);
		doctor_say(result, DOCTOR_UNKNOWN, "whose they are (/proc/interrupts: %s): IRQ %s",
			   host_unknown(error), doctor_items_end(&found->items));
		return;
	}
	doctor_say(result, found->quiet ? DOCTOR_WARN : DOCTOR_FAIL, "IRQ %s",
		   doctor_items_end(&found->items));
	doctor_housekeeping_text(subject, &text);
	if (found->numbers.count == 0)
		say_managed(subject, result, found->quiet);
	else if (found->numbers.left_out > 0)
		doctor_advise(result, "for i in /proc/irq/[0-9]*; do echo %s > $i/smp_affinity_list; done # and "
			      "boot with irqaffinity=%s; one that refuses (EIO) is managed by its driver",
			      text.text, text.text);
	else
		doctor_advise(result, "for i in %s; do echo %s > /proc/irq/$i/smp_affinity_list; done # one that "
			      "refuses (EIO) is managed by its driver", found->numbers.text, text.text);
}

void doctor_look_irq_affinity(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(device_interrupts_done) struct device_interrupts all = {0};
	struct misrouted found = {.numbers = {.separator = " "}, .quiet = true};
	struct doctor_cpu_text text;
	int error = 0;

	doctor_expect(result, "no device's interrupt on a real-time CPU, but a partition's own");
	if (doctor_no_cpus(subject, result) || !device_interrupts_read(subject, result, &all))
		return;
	for (size_t i = 0; i < all.routes.count; i++) {
		const struct interrupt_route *route = &all.routes.route[i];

		error = error == 0 ? route->error : error;
		if (route->error != 0)
			continue;
		if (doctor_cpus_meet(&route->effective, &subject->rt_cpus) &&
		    may_disturb(subject, &all, route))
			misrouted_add(subject, &all, route, &found);
		/* One that goes nowhere yet may go wherever it was asked to. */
		if (cpulist_empty(&route->effective) && error == 0 &&
		    doctor_cpus_meet(&route->requested, &subject->rt_cpus) &&
		    may_disturb(subject, &all, route))
			error = ENODATA;
	}
	if (found.items.count > 0)
		say_misrouted(subject, result, &found);
	else if (error != 0)
		doctor_unknown(result, "/proc/irq/*/effective_affinity_list", error);
	else
		doctor_say(result, DOCTOR_PASS, "none of %zu on CPU %s", all.routes.count,
			   doctor_cpu_text(&subject->rt_cpus, &text));
}

/* Moves that were asked for and have not happened: they take effect at the next interrupt of that source. */
void doctor_look_irq_pending(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(device_interrupts_done) struct device_interrupts all = {0};
	struct doctor_items items = {0};
	struct doctor_cpu_text from, to;
	int unread = 0;

	doctor_expect(result, "each interrupt goes to a CPU it was asked to");
	if (!device_interrupts_read(subject, result, &all))
		return;
	for (size_t i = 0; i < all.routes.count; i++) {
		const struct interrupt_route *route = &all.routes.route[i];

		unread = unread == 0 ? route->error : unread;
		/* One without a row has no handler, and so no place. */
		if (route->error == 0 && (row_of(&all, route) != NULL || all.rows.columns == 0) &&
		    !doctor_cpus_within(&route->effective, &route->requested))
			doctor_items_add(&items, "%u from %s to %s", route->number,
					 doctor_cpu_text(&route->effective, &from),
					 doctor_cpu_text(&route->requested, &to));
	}
	if (items.count > 0) {
		doctor_say(result, DOCTOR_WARN, "pending: IRQ %s", doctor_items_end(&items));
		doctor_advise(result, "add irqaffinity=%s to the kernel command line and reboot # or let each device "
			      "interrupt once before partitions start", doctor_housekeeping_text(subject, &to));
	} else if (unread != 0) {
		doctor_unknown(result, "/proc/irq/*/effective_affinity_list", unread);
	} else {
		doctor_say(result, DOCTOR_PASS, "no move is pending");
	}
}
