// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/config/machine.h"
#include "sched/phrase.h"
#include "sched/reservation.h"
#include "sched/reservation_rules.h"

enum { INTERVAL_LISTED_MAX = 4 };

/* The reservations on one CPU, in the order of the file. */
struct cpu_load {
	unsigned cpu;
	struct member *member;
	size_t count;
	struct ratio server;
	uint64_t used_ppb;
	uint64_t limit_ppb;
};

/*
 * All of them.
 * @load: @count, for CPUs with any; @member: what they point into; @room, @demand: as many as one CPU
 * may have, and one more for the fair server.
 */
struct loads {
	struct reservation_view *view;
	struct cpu_load *load;
	size_t count;
	struct member *member;
	struct ratio *room;
	struct demand *demand;
};

static void loads_done(struct loads *loads)
{
	free(loads->load);
	free(loads->member);
	free(loads->room);
	free(loads->demand);
}

static unsigned next_cpu(const struct reservation_view *view, size_t partition, unsigned from)
{
	return cpulist_next(&view->machine->partition[partition].cpus, from);
}

static int loads_allocate(struct loads *loads, const size_t *on_cpu, size_t pairs)
{
	size_t partitions = loads->view->machine->partition_count;
	size_t first = 0;

	loads->load = calloc(CPULIST_MAX, sizeof(*loads->load));
	loads->member = calloc(pairs + 1, sizeof(*loads->member));
	loads->room = calloc(partitions + 1, sizeof(*loads->room));
	loads->demand = calloc(partitions + 1, sizeof(*loads->demand));
	if (loads->load == NULL || loads->member == NULL || loads->room == NULL ||
	    loads->demand == NULL)
		return -ENOMEM;
	for (unsigned cpu = 0; cpu < CPULIST_MAX; cpu++) {
		if (on_cpu[cpu] == 0)
			continue;
		loads->load[loads->count++] = (struct cpu_load){
			.cpu = cpu, .member = &loads->member[first],
			.server = reservation_server(loads->view, cpu),
			.limit_ppb = reservation_limit(loads->view, cpu),
		};
		first += on_cpu[cpu];
	}
	return 0;
}

static int loads_gather(struct loads *loads)
{
	_cleanup_free_ size_t *on_cpu = calloc(CPULIST_MAX, sizeof(*on_cpu));
	const struct reservation_view *view = loads->view;
	size_t pairs = 0;
	int error;

	if (on_cpu == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < view->machine->partition_count; i++) {
		for (unsigned cpu = next_cpu(view, i, 0); view->counted[i] && cpu < CPULIST_MAX;
		     cpu = next_cpu(view, i, cpu + 1)) {
			on_cpu[cpu]++;
			pairs++;
		}
	}
	error = loads_allocate(loads, on_cpu, pairs);
	if (error != 0)
		return error;
	/* From now on, where a CPU's load is. */
	for (size_t i = 0; i < loads->count; i++)
		on_cpu[loads->load[i].cpu] = i;
	for (size_t i = 0; i < view->machine->partition_count; i++) {
		for (unsigned cpu = next_cpu(view, i, 0); view->counted[i] && cpu < CPULIST_MAX;
		     cpu = next_cpu(view, i, cpu + 1)) {
			struct cpu_load *load = &loads->load[on_cpu[cpu]];

			load->member[load->count++] = (struct member){i, 1};
		}
	}
	return 0;
}

/* CPUs with the same partitions come together, by the first of these; what is said is said once for all. */
static int members_compare(const struct cpu_load *a, const struct cpu_load *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		size_t x = a->member[i].partition;
		size_t y = b->member[i].partition;

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a->count > b->count) - (a->count < b->count);
}

static int alike_compare(const struct cpu_load *a, const struct cpu_load *b)
{
	int order = members_compare(a, b);

	if (order == 0)
		order = (a->server.numerator > b->server.numerator) -
			(a->server.numerator < b->server.numerator);
	if (order == 0)
		order = (a->server.denominator > b->server.denominator) -
			(a->server.denominator < b->server.denominator);
	return order;
}

static int load_compare(const void *a, const void *b)
{
	const struct cpu_load *x = a;
	const struct cpu_load *y = b;
	int order = alike_compare(x, y);

	return order != 0 ? order : (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static int cpu_compare(const void *a, const void *b)
{
	const struct cpu_load *x = a;
	const struct cpu_load *y = b;

	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static struct demand demand_of(const struct reservation_view *view, const struct member *member)
{
	const struct vcpu_schedule *schedule = &view->plan->schedule[member->partition];

	return (struct demand){schedule->runtime_ns, schedule->deadline_ns, schedule->period_ns};
}

/* The fair server's demand, where there is one, and those of the first @members. Returns how many. */
static size_t demands_fill(const struct loads *loads, const struct cpu_load *load, size_t members)
{
	size_t count = 0;

	if (load->server.numerator != 0)
		loads->demand[count++] = (struct demand){
			load->server.numerator, load->server.denominator, load->server.denominator};
	for (size_t i = 0; i < members; i++)
		loads->demand[count++] = demand_of(loads->view, &load->member[i]);
	return count;
}

static struct demand_verdict demand_judge(const struct loads *loads, const struct cpu_load *load,
					  size_t members)
{
	struct demand_work *all = &loads->view->work;
	struct demand_work work = demand_work_split(all, DEMAND_WORK_MAX);
	struct demand_verdict verdict =
		demand_check_within(loads->demand, demands_fill(loads, load, members), &work);

	all->left += work.left;
	return verdict;
}

/* The first that cannot be added to those before it. */
static size_t first_over(const struct loads *loads, const struct cpu_load *load)
{
	size_t low = 0;
	size_t high = load->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (demand_judge(loads, load, middle).answer == DEMAND_FITS)
			low = middle;
		else
			high = middle;
	}
	return high - 1;
}

/* "plc 400us, safety 850us": what each must have in the interval. */
static void interval_list(const struct loads *loads, const struct cpu_load *load,
			  uint64_t interval_ns, char *buffer, size_t size)
{
	const struct reservation_view *view = loads->view;
	struct demand server = {load->server.numerator, load->server.denominator,
				load->server.denominator};
	uint64_t server_ns = demand_bound(&server, 1, interval_ns);
	unsigned listed = 0;
	size_t used = 0;
	char time[32];

	*buffer = '\0';
	if (server_ns != 0)
		used = (size_t)snprintf(buffer, size, "the fair server %s",
					duration_format(server_ns, time, sizeof(time)));
	for (size_t i = 0; i < load->count && used < size; i++) {
		struct demand demand = demand_of(view, &load->member[i]);
		uint64_t ns = demand_bound(&demand, 1, interval_ns);

		if (ns == 0)
			continue;
		if (++listed > INTERVAL_LISTED_MAX) {
			snprintf(buffer + used, size - used, " and more");
			return;
		}
		used += (size_t)snprintf(buffer + used, size - used, "%s%s %s", used == 0 ? "" : ", ",
					 view->machine->partition[load->member[i].partition].name,
					 duration_format(ns, time, sizeof(time)));
	}
}

static void demand_refuse(const struct loads *loads, const struct cpu_load *load, const char *where,
			  const struct demand_verdict *verdict)
{
	const struct reservation_view *view = loads->view;
	size_t partition = load->member[first_over(loads, load)].partition;
	const char *name = view->machine->partition[partition].name;
	struct diag *why = reservation_finding(view, FINDING_REFUSED, "reservation-demand", partition);
	char list[RESERVATION_LIST_MAX];
	char percent[RESERVATION_PERCENT_MAX];
	char interval[32];
	char demand[32];

	if (verdict->answer == DEMAND_UNDECIDED || verdict->interval_ns == 0) {
		diag_set(why, EBUSY, "%s: %s would be reserved to %s: %s",
			 verdict->answer == DEMAND_OVER ? "too much"
							: "undecided within bounded time",
			 where, reservation_percent(verdict->utilisation_ppb, true, percent),
			 reservation_list(view, load->member, load->count, list));
		diag_remedy(why, "give %s less runtime, a period that divides the others, or CPUs of "
			    "its own", name);
		return;
	}
	duration_format(verdict->interval_ns, interval, sizeof(interval));
	duration_format(verdict->demand_ns, demand, sizeof(demand));
	interval_list(loads, load, verdict->interval_ns, list, sizeof(list));
	diag_set(why, EBUSY, "%s would have to give %s within %s: %s", where, demand, interval,
		 list);
	diag_remedy(why, "give %s a later deadline or less runtime, or CPUs of its own", name);
}

/* Both tests of one CPU, which stands for all in @where. */
static void load_judge(const struct loads *loads, struct cpu_load *load, const char *where)
{
	struct reservation_view *view = loads->view;
	struct reservation_sum sum = {
		.where = where, .cpu = load->cpu, .cpus = 1,
		.member = load->member, .count = load->count,
		.server_ppb = ratio_sum_ppb(&load->server, 1), .limit_ppb = load->limit_ppb,
	};
	struct demand_verdict verdict;

	load->used_ppb = reservation_sum_ppb(view, load->member, load->count, loads->room);
	sum.all_ppb = load->used_ppb;
	if (load->used_ppb > load->limit_ppb)
		reservation_sum_refuse(view, &sum, loads->room);
	verdict = demand_judge(loads, load, load->count);
	/* What the utilisation alone tells has been said. */
	if (load->used_ppb > load->limit_ppb && verdict.interval_ns == 0)
		return;
	if (verdict.answer != DEMAND_FITS)
		demand_refuse(loads, load, where, &verdict);
}

static void loads_judge(const struct loads *loads)
{
	for (size_t i = 0, next; i < loads->count; i = next) {
		struct cpulist cpus = {0};
		char where[PHRASE_CPUS_MAX];

		for (next = i; next < loads->count &&
			       alike_compare(&loads->load[i], &loads->load[next]) == 0; next++)
			cpulist_add(&cpus, loads->load[next].cpu);
		phrase_cpus(&cpus, where, sizeof(where));
		load_judge(loads, &loads->load[i], where);
		for (size_t j = i + 1; j < next; j++)
			loads->load[j].used_ppb = loads->load[i].used_ppb;
	}
}

static int loads_report(struct loads *loads)
{
	struct reservation_view *view = loads->view;
	struct reservation_plan *plan = view->plan;

	plan->load = calloc(loads->count + 1, sizeof(*plan->load));
	if (plan->load == NULL)
		return -ENOMEM;
	plan->load_count = loads->count;
	qsort(loads->load, loads->count, sizeof(*loads->load), cpu_compare);
	for (size_t i = 0; i < loads->count; i++)
		plan->load[i] = (struct reservation_load){
			.cpu = loads->load[i].cpu, .used_ppb = loads->load[i].used_ppb,
			.limit_ppb = view->kernel_known ? loads->load[i].limit_ppb : 0,
		};
	return 0;
}

int reservation_loads(struct reservation_view *view)
{
	_cleanup_(loads_done) struct loads loads = {.view = view};
	int error = loads_gather(&loads);

	if (error != 0)
		return error;
	qsort(loads.load, loads.count, sizeof(*loads.load), load_compare);
	loads_judge(&loads);
	return loads_report(&loads);
}
