// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/time_oracle.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"

enum {
	PLAYERS_MAX = 257, /* the partitions of one machine, and a fair server */
	EVENTS_MAX = 20000,
};

/* struct player - a job in every period; @rank: fixed priority, larger first. */
struct player {
	uint64_t work;
	uint64_t deadline;
	uint64_t period;
	unsigned rank;
	uint64_t left;
	uint64_t due;
	uint64_t next;
};

/* struct stage - what is played: @gap before the first supply, then @given at the start of each @round. */
struct stage {
	struct player player[PLAYERS_MAX];
	size_t count;
	bool by_rank;
	uint64_t gap;
	uint64_t given;
	uint64_t round;
};

/* Whether the CPU is to be had at @now; sets @until to when that changes. */
static bool is_supplied(const struct stage *stage, uint64_t now, uint64_t *until)
{
	uint64_t phase;

	*until = UINT64_MAX;
	if (stage->round == 0)
		return true;
	if (now < stage->gap) {
		*until = stage->gap;
		return false;
	}
	phase = (now - stage->gap) % stage->round;
	*until = now - phase + (phase < stage->given ? stage->given : stage->round);
	return phase < stage->given;
}

static struct player *choose(struct stage *stage)
{
	struct player *best = NULL;

	for (size_t i = 0; i < stage->count; i++) {
		struct player *player = &stage->player[i];

		if (player->left == 0)
			continue;
		if (best == NULL || (stage->by_rank ? player->rank > best->rank : player->due < best->due))
			best = player;
	}
	return best;
}

/* Releases what is due; sets @next to the next release. Returns the first player that is late, or NULL. */
static const struct player *release(struct stage *stage, uint64_t now, uint64_t *next)
{
	*next = UINT64_MAX;
	for (size_t i = 0; i < stage->count; i++) {
		struct player *player = &stage->player[i];

		if (player->left > 0 && player->due <= now)
			return player;
		if (player->next <= now) {
			player->left = player->work;
			player->due = player->next + player->deadline;
			player->next += player->period;
		}
		if (player->next < *next)
			*next = player->next;
		if (player->left > 0 && player->due < *next)
			*next = player->due;
	}
	return NULL;
}

/* Returns the player that missed its deadline, or NULL. */
static const struct player *play(struct stage *stage)
{
	uint64_t now = 0;

	for (int event = 0; event < EVENTS_MAX; event++) {
		uint64_t next, until;
		const struct player *late = release(stage, now, &next);
		struct player *runs = choose(stage);
		bool supplied = is_supplied(stage, now, &until);

		if (late != NULL)
			return late;
		if (runs == NULL)
			return NULL;
		if (until < next)
			next = until;
		if (supplied && now + runs->left < next)
			next = now + runs->left;
		if (supplied)
			runs->left -= next - now;
		now = next;
	}
	return NULL;
}

/* a/b <= c/d, of numbers below 2^63. */
static bool is_at_most(unsigned __int128 a, unsigned __int128 b, unsigned __int128 c,
		       unsigned __int128 d)
{
	return a * d <= c * b;
}

/* Whether the kernel's sum of runtime/period, in parts of 2^20 rounded down as it does, stays within. */
static bool is_admitted(const struct stage *stage, const struct host_kernel *kernel)
{
	uint64_t sum = 0;

	if (!kernel->rt_runtime_us.known || !kernel->rt_period_us.known ||
	    kernel->rt_runtime_us.value < 0)
		return true;
	for (size_t i = 0; i < stage->count; i++)
		sum += (stage->player[i].work << 20) / stage->player[i].period;
	return is_at_most(sum, UINT64_C(1) << 20, (uint64_t)kernel->rt_runtime_us.value,
			  (uint64_t)kernel->rt_period_us.value);
}

static void add_player(struct stage *stage, uint64_t work, uint64_t deadline, uint64_t period,
		       unsigned rank)
{
	if (work > 0 && stage->count < PLAYERS_MAX)
		stage->player[stage->count++] = (struct player){
			.work = work, .deadline = deadline, .period = period, .rank = rank};
}

static int judge_cpu(const struct machine_config *machine, const struct host_facts *host,
		     const struct machine_plan *plan, unsigned cpu, char *text, size_t size)
{
	static struct stage stage;
	uint64_t runtime, period;

	stage = (struct stage){0};
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct vcpu_schedule *schedule = &plan->reservation.schedule[i];

		if (cpulist_has(&machine->partition[i].cpus, cpu) &&
		    schedule->policy == VCPU_POLICY_DEADLINE)
			add_player(&stage, schedule->runtime_ns, schedule->deadline_ns,
				   schedule->period_ns, 0);
	}
	if (stage.count == 0)
		return 0;
	if (host_fair_server(host, cpu, &runtime, &period) == 0 && runtime > 0)
		add_player(&stage, runtime, period, period, 0);
	if (!is_admitted(&stage, &host->kernel)) {
		snprintf(text, size, "the kernel would not admit what is on CPU %u", cpu);
		return 1;
	}
	if (play(&stage) == NULL)
		return 0;
	snprintf(text, size, "a reservation on CPU %u misses its deadline", cpu);
	return 1;
}

static int judge_tasks(const struct partition_config *partition, const struct vcpu_schedule *schedule,
		       unsigned vcpu, char *text, size_t size)
{
	const struct guest_tasks *tasks = &partition->tasks;
	static struct stage stage;

	if (schedule->runtime_ns <= tasks->exit_cost_ns) {
		snprintf(text, size, "%s has no runtime beside its exits", partition->name);
		return 1;
	}
	stage = (struct stage){.by_rank = tasks->order == TASKS_FIXED_PRIORITY,
			       .given = schedule->runtime_ns - tasks->exit_cost_ns,
			       .round = schedule->period_ns};
	stage.gap = schedule->period_ns - stage.given + schedule->deadline_ns - stage.given;
	for (size_t i = 0; i < tasks->count; i++) {
		const struct guest_task *task = &tasks->task[i];

		if (task->vcpu == vcpu)
			add_player(&stage, task->budget_ns, task->deadline_ns, task->period_ns,
				   task->priority);
	}
	if (play(&stage) == NULL)
		return 0;
	snprintf(text, size, "a task of %s misses its deadline on vCPU %u", partition->name, vcpu);
	return 1;
}

int time_oracle_judge(const struct machine_config *machine, const struct host_facts *host,
		      const struct machine_plan *plan, char *text, size_t size)
{
	for (unsigned cpu = 0; cpu < host->topology.cpu_count; cpu++) {
		if (judge_cpu(machine, host, plan, cpu, text, size) != 0)
			return 1;
	}
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		for (unsigned vcpu = 0; partition->tasks.count > 0 && vcpu < partition->vcpus; vcpu++) {
			if (judge_tasks(partition, &plan->reservation.schedule[i], vcpu, text, size) != 0)
				return 1;
		}
	}
	return 0;
}
