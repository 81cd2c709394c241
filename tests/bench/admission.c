// SPDX-License-Identifier: Apache-2.0
/*
 * What share of random task sets is admitted, by utilisation, beside what an exact test by simulation
 * admits; and how long the decision takes. Prints a table; ends with 1 where an admitted set misses a
 * deadline in the simulation.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "core/config/partition.h"
#include "sched/demand.h"
#include "sched/supply.h"
#include "tests/unit/simulator.h"

enum {
	SETS = 500, /* in each row */
	TASKS = 6,
	TICKS_MAX = 10000000,
	TICK_NS = 50000,
	LIMIT_PERCENT = 95, /* what Linux admits */
};

/* One row of one table. */
struct row {
	unsigned admitted;
	unsigned possible;
	unsigned wrong;
	uint64_t decision_ns;
	uint64_t decision_max_ns;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void row_time(struct row *row, uint64_t from_ns)
{
	uint64_t took_ns = now_ns() - from_ns;

	row->decision_ns += took_ns;
	if (took_ns > row->decision_max_ns)
		row->decision_max_ns = took_ns;
}

static bool admitted_on_cpu(const struct simulated_set *set, struct row *row)
{
	struct demand demand[SIMULATED_TASKS_MAX];
	uint64_t from_ns;
	bool fits;

	for (unsigned i = 0; i < set->count; i++)
		demand[i] = (struct demand){(uint64_t)TICK_NS * set->task[i].budget,
					    (uint64_t)TICK_NS * set->task[i].deadline,
					    (uint64_t)TICK_NS * set->task[i].period};
	from_ns = now_ns();
	fits = demand_check(demand, set->count).answer == DEMAND_FITS;
	row_time(row, from_ns);
	return fits;
}

static void guest_of(const struct simulated_set *set, struct guest_task *task, struct guest_tasks *ret)
{
	*ret = (struct guest_tasks){.order = set->edf ? TASKS_EDF : TASKS_FIXED_PRIORITY,
				    .task = task, .count = set->count};
	for (unsigned i = 0; i < set->count; i++)
		task[i] = (struct guest_task){
			.period_ns = (uint64_t)TICK_NS * set->task[i].period,
			.deadline_ns = (uint64_t)TICK_NS * set->task[i].deadline,
			.budget_ns = (uint64_t)TICK_NS * set->task[i].budget,
			.priority = set->task[i].priority,
		};
}

static bool admitted_in_reservation(const struct simulated_set *set, struct row *row)
{
	struct guest_task task[SIMULATED_TASKS_MAX];
	struct supply_verdict why;
	struct guest_tasks guest;
	struct supply supply;
	uint64_t from_ns;
	int error;

	guest_of(set, task, &guest);
	from_ns = now_ns();
	error = supply_derive(&guest, 1, 0, LIMIT_PERCENT * UINT64_C(10000000), &supply, &why);
	row_time(row, from_ns);
	return error == 0;
}

static bool possible_on_cpu(const struct simulated_set *set)
{
	static const struct simulated_reservation whole_cpu = {.pattern = SUPPLY_ALWAYS};

	return simulate(set, &whole_cpu, TICKS_MAX, NULL).settled;
}

/* By any reservation within the limit whose period and runtime are whole ticks. */
static bool possible_in_reservation(const struct simulated_set *set)
{
	for (unsigned period = 2; period <= 42; period++) {
		struct simulated_reservation reservation = {
			.pattern = SUPPLY_LATEST, .period = period, .deadline = period,
			.runtime = period * LIMIT_PERCENT / 100,
		};

		if (840 % period == 0 && simulate(set, &reservation, TICKS_MAX, NULL).settled)
			return true;
	}
	return false;
}

/* Which question a table asks. */
struct table {
	const char *title;
	bool edf;
	bool (*admitted)(const struct simulated_set *set, struct row *row);
	bool (*possible)(const struct simulated_set *set);
	bool exact; /* what is admitted and not possible is wrong, rather than found on a finer grid */
};

static unsigned utilisation(const struct simulated_set *set)
{
	unsigned permille = 0;

	for (unsigned i = 0; i < set->count; i++)
		permille += 1000 * set->task[i].budget / set->task[i].period;
	return permille;
}

static struct row row_measure(const struct table *table, unsigned permille, struct random_source *random)
{
	struct row row = {0};

	for (unsigned i = 0; i < SETS;) {
		struct simulated_set set;
		bool admitted;
		bool possible;

		simulated_set_random(&set, TASKS, permille, random);
		set.edf = table->edf;
		if (utilisation(&set) + 25 < permille || utilisation(&set) >= permille + 25)
			continue;
		i++;
		admitted = table->admitted(&set, &row);
		possible = table->possible(&set);
		row.admitted += admitted;
		row.possible += possible;
		row.wrong += table->exact && admitted && !possible;
	}
	return row;
}

static unsigned table_print(const struct table *table, struct random_source *random)
{
	unsigned wrong = 0;

	printf("%s\n  %-12s %9s %9s %7s %12s %12s\n", table->title, "utilisation", "admitted",
	       "possible", "wrong", "mean us", "longest us");
	for (unsigned permille = 300; permille <= 1000; permille += 50) {
		struct row row = row_measure(table, permille, random);

		printf("  %9u %%  %7.1f %% %7.1f %% %7u %12.1f %12.1f\n", permille / 10,
		       100.0 * row.admitted / SETS, 100.0 * row.possible / SETS, row.wrong,
		       (double)row.decision_ns / SETS / 1000, (double)row.decision_max_ns / 1000);
		wrong += row.wrong;
	}
	return wrong;
}

int main(void)
{
	static const struct table tables[] = {
		{"Reservations on one CPU, by EDF", true, admitted_on_cpu, possible_on_cpu, true},
		{"Tasks in a derived reservation, by fixed priorities (possible: of whole 50 us)", false, admitted_in_reservation,
		 possible_in_reservation, false},
		{"Tasks in a derived reservation, by EDF (possible: of whole 50 us)", true, admitted_in_reservation,
		 possible_in_reservation, false},
	};
	struct random_source random = {0x9e3779b97f4a7c15};
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		wrong += table_print(&tables[i], &random);
	return wrong != 0;
}
