// SPDX-License-Identifier: Apache-2.0
#include "sched/demand_search.h"
#include "sched/demand_sum.h"
#include "sched/supply_tasks.h"

typedef unsigned __int128 wide;

/* Times above this, 146 years, are without bound to anybody. */
#define TIME_MAX (UINT64_C(1) << 62)

enum { LATE_WORK_MAX = 1 << 18 };

static bool more_urgent(const struct guest_task *a, const struct guest_task *b)
{
	return a->priority > b->priority;
}

static void insert(struct vcpu_tasks *sorted, const struct guest_tasks *tasks, size_t index)
{
	const struct guest_task *task = &tasks->task[index];
	size_t at = sorted->count++;

	for (; at > 0 && more_urgent(task, &tasks->task[sorted->index[at - 1]]); at--) {
		sorted->index[at] = sorted->index[at - 1];
		sorted->demand[at] = sorted->demand[at - 1];
	}
	sorted->index[at] = index;
	sorted->demand[at] = (struct demand){task->budget_ns, task->deadline_ns, task->period_ns};
}

void vcpu_tasks_gather(const struct guest_tasks *tasks, unsigned vcpu, struct vcpu_tasks *ret)
{
	ret->order = tasks->order;
	ret->count = 0;
	for (size_t i = 0; i < tasks->count && ret->count < PARTITION_TASKS_MAX; i++) {
		if (tasks->task[i].vcpu == vcpu)
			insert(ret, tasks, i);
	}
	for (size_t i = ret->count; i-- > 0;) {
		bool last = i + 1 == ret->count ||
			    more_urgent(&tasks->task[ret->index[i]], &tasks->task[ret->index[i + 1]]);

		ret->rivals[i] = last ? i + 1 : ret->rivals[i + 1];
	}
}

/* One question: how long @jobs jobs of task @at take, released as fast as may be with all its rivals. */
struct response {
	const struct vcpu_tasks *tasks;
	const struct supply *supply;
	struct demand_work *work;
	size_t at;
};

/*
 * What must be done before @jobs jobs of the task are, with what its rivals release before @t_ns;
 * UINT64_MAX where it is more than TIME_MAX.
 */
static uint64_t request_bound(const struct response *response, uint64_t jobs, uint64_t t_ns)
{
	const struct demand *demand = response->tasks->demand;
	wide sum = (wide)jobs * demand[response->at].runtime_ns;

	for (size_t i = 0; i < response->tasks->rivals[response->at] && sum <= TIME_MAX; i++) {
		uint64_t period_ns = demand[i].period_ns;

		if (i != response->at)
			sum += (wide)(t_ns / period_ns + (t_ns % period_ns != 0)) * demand[i].runtime_ns;
	}
	return sum > TIME_MAX ? UINT64_MAX : (uint64_t)sum;
}

enum reach { REACHED, PASSED, WORN_OUT };

/*
 * The least t at which the supply covers the request, sought upwards from *@t_ns, which must not be above
 * it: the request is constant between releases, so each step goes to where the supply covers what is
 * requested by now. Gives up above @limit_ns or TIME_MAX.
 */
static enum reach response_find(const struct response *response, uint64_t jobs, uint64_t limit_ns,
				uint64_t *t_ns)
{
	size_t rivals = response->tasks->rivals[response->at];

	for (;;) {
		uint64_t next;

		if (!demand_work_take(response->work, rivals))
			return WORN_OUT;
		next = supply_time(response->supply, request_bound(response, jobs, *t_ns));
		if (next <= *t_ns)
			return REACHED;
		*t_ns = next;
		if (next > limit_ns || next > TIME_MAX)
			return PASSED;
	}
}

static struct supply_verdict verdict_at(const struct vcpu_tasks *tasks, size_t at, bool undecided)
{
	return (struct supply_verdict){.task = tasks->index[at], .undecided = undecided};
}

static struct supply_verdict fixed_priority_serve(const struct vcpu_tasks *tasks,
						  const struct supply *supply,
						  struct demand_work *work)
{
	/*
	 * A task takes no less time than the one before it, which is more urgent, or as urgent and then
	 * delayed by no more than one job of this, if this makes its deadline: so each goes on from there.
	 */
	uint64_t t_ns = 1;

	for (size_t i = 0; i < tasks->count; i++) {
		struct response response = {tasks, supply, work, i};
		enum reach reach =
			response_find(&response, 1, tasks->demand[i].deadline_ns, &t_ns);

		if (reach != REACHED || t_ns > tasks->demand[i].deadline_ns)
			return verdict_at(tasks, i, reach == WORN_OUT);
	}
	return (struct supply_verdict){.task = SIZE_MAX};
}

/* A task with a deadline at the end of the interval; with the utilisation alone over, the last one. */
static size_t task_at(const struct vcpu_tasks *tasks, uint64_t interval_ns)
{
	size_t at = tasks->count - 1;

	for (size_t i = 0; i < tasks->count; i++) {
		const struct demand *demand = &tasks->demand[i];

		if (interval_ns >= demand->deadline_ns &&
		    (interval_ns - demand->deadline_ns) % demand->period_ns == 0)
			return i;
	}
	return at;
}

/* @explain: with the shortest interval that is over. */
static struct supply_verdict edf_serve(const struct vcpu_tasks *tasks, const struct supply *supply,
				       struct demand_work *work, bool explain)
{
	struct demand_search search = {tasks->demand, tasks->count, supply, work};
	struct supply_verdict verdict;
	uint64_t interval_ns;
	uint64_t demand_ns;
	enum demand_answer answer = demand_search(&search, &interval_ns, &demand_ns);

	if (answer == DEMAND_FITS)
		return (struct supply_verdict){.task = SIZE_MAX};
	if (answer == DEMAND_OVER && explain)
		demand_search_earliest(&search, &interval_ns, &demand_ns);
	verdict = verdict_at(tasks, task_at(tasks, interval_ns), answer == DEMAND_UNDECIDED);
	if (answer == DEMAND_OVER) {
		verdict.interval_ns = interval_ns;
		verdict.late_ns = interval_ns == 0 ? UINT64_MAX
						   : demand_ns - supply_bound(supply, interval_ns);
	}
	return verdict;
}

static bool task_well_formed(const struct demand *demand)
{
	return demand->deadline_ns != 0 && demand->deadline_ns <= demand->period_ns;
}

static struct supply_verdict serve(const struct vcpu_tasks *tasks, const struct supply *supply,
				   struct demand_work *work, bool explain)
{
	for (size_t i = 0; i < tasks->count; i++) {
		if (!task_well_formed(&tasks->demand[i]))
			return verdict_at(tasks, i, true);
	}
	if (tasks->count == 0)
		return (struct supply_verdict){.task = SIZE_MAX};
	if (supply->runtime_ns == 0 || supply->runtime_ns > supply->deadline_ns ||
	    supply->deadline_ns > supply->period_ns || supply->period_ns > TIME_MAX)
		return (struct supply_verdict){.task = tasks->index[0], .late_ns = UINT64_MAX};
	if (tasks->order == TASKS_EDF)
		return edf_serve(tasks, supply, work, explain);
	return fixed_priority_serve(tasks, supply, work);
}

struct supply_verdict vcpu_tasks_serve(const struct vcpu_tasks *tasks, const struct supply *supply,
				       struct demand_work *work)
{
	return serve(tasks, supply, work, false);
}

/*
 * The latest that any job of the task may be, over all its jobs until none is pending at its next
 * release; where that is out of reach, the latest that was seen.
 */
static uint64_t lateness(const struct response *response)
{
	const struct demand *demand = &response->tasks->demand[response->at];
	size_t rivals = response->tasks->rivals[response->at];
	struct ratio limit = {response->supply->runtime_ns, response->supply->period_ns};
	uint64_t late_ns = 0;
	uint64_t t_ns = 1;

	if (demand_sum_compare(response->tasks->demand, rivals, limit) > 0)
		return UINT64_MAX;
	for (uint64_t jobs = 1; jobs <= TIME_MAX / demand->period_ns; jobs++) {
		uint64_t due_ns = (jobs - 1) * demand->period_ns + demand->deadline_ns;
		enum reach reach = response_find(response, jobs, TIME_MAX, &t_ns);

		if (reach == PASSED)
			return UINT64_MAX;
		/* Also on the way there, it is at least so late. */
		if (t_ns > due_ns && t_ns - due_ns > late_ns)
			late_ns = t_ns - due_ns;
		if (reach != REACHED || t_ns <= jobs * demand->period_ns)
			break;
	}
	return late_ns;
}

struct supply_verdict supply_check_within(const struct guest_tasks *tasks, unsigned vcpu,
					  const struct supply *supply, struct demand_work *work)
{
	struct vcpu_tasks sorted;
	struct supply_verdict verdict;
	struct demand_work aside;

	if (tasks->count > PARTITION_TASKS_MAX)
		return (struct supply_verdict){.task = 0, .undecided = true};
	vcpu_tasks_gather(tasks, vcpu, &sorted);
	verdict = serve(&sorted, supply, work, true);
	if (verdict.task == SIZE_MAX || verdict.undecided || verdict.late_ns != 0)
		return verdict;
	aside = demand_work_split(work, LATE_WORK_MAX);
	for (size_t i = 0; i < sorted.count; i++) {
		struct response response = {&sorted, supply, &aside, i};

		if (sorted.index[i] == verdict.task)
			verdict.late_ns = lateness(&response);
	}
	work->left += aside.left;
	return verdict;
}

struct supply_verdict supply_check(const struct guest_tasks *tasks, unsigned vcpu,
				   const struct supply *supply)
{
	struct demand_work work = {DEMAND_WORK_MAX};

	return supply_check_within(tasks, vcpu, supply, &work);
}
