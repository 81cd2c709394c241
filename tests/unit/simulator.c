// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/simulator.h"

#include <stddef.h>

enum { NO_TASK = -1 };

static const unsigned periods[] = {5,  6,  7,  8,  10, 12, 14, 15, 20, 21, 24, 28,  30,
				   35, 40, 42, 56, 60, 70, 84, 105, 120, 140, 168, 210};

unsigned random_below(struct random_source *random, unsigned limit)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return (unsigned)((random->state >> 16) % limit);
}

/* Anything from the budget to the period, the period itself in a third of all sets. */
static unsigned deadline_random(const struct simulated_task *task, unsigned kind,
				struct random_source *random)
{
	unsigned least = kind == 1 ? task->budget : (task->budget + task->period) / 2;

	if (kind == 0)
		return task->period;
	return least + random_below(random, task->period - least + 1);
}

void simulated_set_random(struct simulated_set *ret, unsigned tasks, unsigned permille,
			  struct random_source *random)
{
	unsigned kind = random_below(random, 3);
	unsigned weight[SIMULATED_TASKS_MAX] = {0};
	unsigned weights = 0;

	*ret = (struct simulated_set){.count = 1 + random_below(random, tasks)};
	for (unsigned i = 0; i < ret->count; i++) {
		weight[i] = 1 + random_below(random, 100);
		weights += weight[i];
	}
	for (unsigned i = 0; i < ret->count; i++) {
		struct simulated_task *task = &ret->task[i];
		unsigned other = random_below(random, i + 1);

		task->period = periods[random_below(random, sizeof(periods) / sizeof(periods[0]))];
		task->budget = (task->period * permille * weight[i] / 1000 + weights / 2) / weights;
		task->budget = task->budget == 0 ? 1 : task->budget;
		task->budget = task->budget > task->period ? task->period : task->budget;
		task->deadline = deadline_random(task, kind, random);
		task->priority = ret->task[other].priority;
		ret->task[other].priority = i + 1;
	}
}

void simulated_set_scatter(struct simulated_set *set, struct random_source *random)
{
	for (unsigned i = 0; i < set->count; i++) {
		set->task[i].offset = random_below(random, set->task[i].period);
		set->task[i].jitter = random_below(random, 3) == 0
					      ? random_below(random, set->task[i].period)
					      : 0;
	}
}

/* A task has one job at a time: a deadline is no later than the next release, and a miss ends the play. */
struct job {
	unsigned left;
	unsigned due;
	unsigned next_release;
};

struct play {
	const struct simulated_set *set;
	const struct simulated_reservation *reservation;
	struct random_source *random;
	struct job job[SIMULATED_TASKS_MAX];
	unsigned tick;
	unsigned supply_left;   /* of this period, SUPPLY_ANYWHERE */
	unsigned supply_period; /* position within it */
};

/* Each of the ticks left until the deadline is as likely as another to be one of those left to give. */
static bool supplied_anywhere(struct play *play)
{
	const struct simulated_reservation *reservation = play->reservation;
	unsigned position = play->supply_period;
	bool given;

	if (position == 0)
		play->supply_left = reservation->runtime;
	play->supply_period = position + 1 == reservation->period ? 0 : position + 1;
	if (position >= reservation->deadline || play->supply_left == 0)
		return false;
	given = random_below(play->random, reservation->deadline - position) < play->supply_left;
	play->supply_left -= given;
	return given;
}

/* Tick 0 is when the runtime of a period that began that long ago is used up. */
static bool supplied_latest(const struct play *play)
{
	const struct simulated_reservation *reservation = play->reservation;
	unsigned since = play->tick + reservation->runtime;
	unsigned position;

	if (reservation->period == 0 || since < reservation->period)
		return false;
	position = since % reservation->period;
	return position >= reservation->deadline - reservation->runtime &&
	       position < reservation->deadline;
}

static bool supplied(struct play *play)
{
	switch (play->reservation->pattern) {
	case SUPPLY_LATEST:
		return supplied_latest(play);
	case SUPPLY_ANYWHERE:
		return supplied_anywhere(play);
	case SUPPLY_ALWAYS:
		break;
	}
	return true;
}

static void release(struct play *play)
{
	for (unsigned i = 0; i < play->set->count; i++) {
		const struct simulated_task *task = &play->set->task[i];
		struct job *job = &play->job[i];

		if (job->next_release != play->tick)
			continue;
		job->left = task->budget;
		job->due = play->tick + task->deadline;
		job->next_release += task->period;
		if (task->jitter != 0)
			job->next_release += random_below(play->random, task->jitter + 1);
	}
}

static bool before(const struct play *play, unsigned a, unsigned b)
{
	if (play->set->edf)
		return play->job[a].due < play->job[b].due;
	return play->set->task[a].priority > play->set->task[b].priority;
}

static int choose(const struct play *play)
{
	int chosen = NO_TASK;

	for (unsigned i = 0; i < play->set->count; i++) {
		if (play->job[i].left != 0 &&
		    (chosen == NO_TASK || before(play, i, (unsigned)chosen)))
			chosen = (int)i;
	}
	return chosen;
}

static int late(const struct play *play)
{
	for (unsigned i = 0; i < play->set->count; i++) {
		if (play->job[i].left != 0 && play->job[i].due == play->tick)
			return (int)i;
	}
	return NO_TASK;
}

/* The least number that all periods divide, the reservation's among them. */
static unsigned common(const struct simulated_set *set,
		       const struct simulated_reservation *reservation)
{
	unsigned multiple = reservation->pattern == SUPPLY_ALWAYS ? 1 : reservation->period;

	for (unsigned i = 0; i < set->count; i++) {
		unsigned step = multiple;

		while (multiple % set->task[i].period != 0)
			multiple += step;
	}
	return multiple;
}

static bool repeats(const struct simulated_set *set,
		    const struct simulated_reservation *reservation)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (set->task[i].offset != 0 || set->task[i].jitter != 0)
			return false;
	}
	return reservation->pattern != SUPPLY_ANYWHERE;
}

/* Whether every job has as much left as it had one common multiple ago; notes it for the next. */
static bool state_as_before(const struct play *play, unsigned *left_before)
{
	bool same = play->tick != 0;

	for (unsigned i = 0; i < play->set->count; i++) {
		same = same && play->job[i].left == left_before[i];
		left_before[i] = play->job[i].left;
	}
	return same;
}

struct simulated_end simulate(const struct simulated_set *set,
			      const struct simulated_reservation *reservation, unsigned ticks,
			      struct random_source *random)
{
	struct play play = {.set = set, .reservation = reservation, .random = random};
	unsigned left_before[SIMULATED_TASKS_MAX] = {0};
	unsigned multiple = repeats(set, reservation) ? common(set, reservation) : 0;

	for (unsigned i = 0; i < set->count; i++)
		play.job[i].next_release = set->task[i].offset;
	if (reservation->pattern == SUPPLY_ANYWHERE) {
		for (unsigned i = 0; i < reservation->phase; i++)
			supplied(&play);
	}
	for (; play.tick < ticks; play.tick++) {
		int task = late(&play);

		if (task != NO_TASK)
			return (struct simulated_end){.missed = true, .task = (unsigned)task,
						      .tick = play.tick};
		if (multiple != 0 && play.tick % multiple == 0 &&
		    state_as_before(&play, left_before))
			return (struct simulated_end){.settled = true, .tick = play.tick};
		release(&play);
		task = choose(&play);
		if (supplied(&play) && task != NO_TASK)
			play.job[task].left--;
	}
	return (struct simulated_end){.tick = play.tick};
}
