// SPDX-License-Identifier: Apache-2.0
/*
 * Jobs played through tick by tick, by EDF or by fixed priorities, on a CPU or on what a reservation gives
 * of one. It knows no theory: no bound, no formula, only what happens.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SIMULATED_TASKS_MAX = 16 };

/** struct random_source - xorshift; any seed but 0. */
struct random_source {
	uint64_t state;
};

/** random_below() - a number from 0 to @limit - 1. */
unsigned random_below(struct random_source *random, unsigned limit);

/** struct simulated_task - in ticks; @priority: larger runs first. */
struct simulated_task {
	unsigned budget;
	unsigned deadline;
	unsigned period;
	unsigned priority;
	unsigned offset; /* of the first release */
	unsigned jitter; /* each further release comes up to this much later than it could */
};

/** struct simulated_set - @edf: the earliest deadline runs first; else the highest priority, then the lower index. */
struct simulated_set {
	struct simulated_task task[SIMULATED_TASKS_MAX];
	unsigned count;
	bool edf;
};

/**
 * simulated_set_random() - one to @tasks tasks, whose periods divide 840, released together; priorities
 * are all different.
 * @permille: the utilisation to come near to; budgets of less than a tick become one.
 */
void simulated_set_random(struct simulated_set *ret, unsigned tasks, unsigned permille,
			  struct random_source *random);

/** simulated_set_scatter() - random first releases, and releases that come late. */
void simulated_set_scatter(struct simulated_set *set, struct random_source *random);

enum supply_pattern {
	SUPPLY_ALWAYS,   /* the whole CPU */
	SUPPLY_LATEST,   /* its runtime was used up at once when tick 0 comes, and is late ever after */
	SUPPLY_ANYWHERE, /* at random ticks between each period's start and deadline */
};

/** struct simulated_reservation - in ticks. @phase: SUPPLY_ANYWHERE: where in a period tick 0 is. */
struct simulated_reservation {
	enum supply_pattern pattern;
	unsigned runtime;
	unsigned deadline;
	unsigned period;
	unsigned phase;
};

/**
 * struct simulated_end - how it ended.
 * @missed: a job had not all of its budget when its deadline came.
 * @task, @tick: which and when.
 * @settled: nothing was missed, and from here on all would repeat itself: nothing ever will be.
 */
struct simulated_end {
	bool missed;
	bool settled;
	unsigned task;
	unsigned tick;
};

/**
 * simulate() - play it for at most @ticks.
 * @random: for jitter and random supply.
 *
 * Without either, it ends early where the state at one common multiple of all periods is that of the one
 * before it.
 */
struct simulated_end simulate(const struct simulated_set *set,
			      const struct simulated_reservation *reservation, unsigned ticks,
			      struct random_source *random);
