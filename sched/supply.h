// SPDX-License-Identifier: Apache-2.0
/*
 * What a reservation is sure to give a guest, and whether that is enough for the guest's tasks: the
 * periodic resource model.
 *
 * I. Shin, I. Lee: Periodic resource model for compositional real-time guarantees, RTSS 2003; the same:
 * Compositional real-time scheduling framework with periodic model, ACM TECS 7(3), 2008. A reservation
 * with a deadline below its period (explicit deadline periodic model: A. Easwaran, M. Anand, I. Lee,
 * RTSS 2007) gives its runtime earlier, so its longest gap is shorter: period + deadline - 2 runtime, after
 * a vCPU used up its runtime at once and then gets the next one as late as may be. Linux's CBS keeps to
 * that model: a vCPU that wakes up goes on with what is left of its period, or begins a new one
 * (kernel/sched/deadline.c, update_dl_entity()); with a deadline below its period it may be made to wait
 * for the next period, never longer than a vCPU that used its runtime up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_task;
struct guest_tasks;

/** struct supply - a reservation; ns; 0 < runtime <= deadline <= period. */
struct supply {
	uint64_t runtime_ns;
	uint64_t deadline_ns;
	uint64_t period_ns;
};

/** supply_bound() - sbf(t): the least the reservation gives in any interval of @t_ns. Exact, not its linear bound. */
uint64_t supply_bound(const struct supply *supply, uint64_t t_ns);

/** supply_gap() - the longest time it may give nothing; saturating at UINT64_MAX. */
uint64_t supply_gap(const struct supply *supply);

/** supply_time() - the least t with supply_bound(t) >= @amount_ns, saturating at UINT64_MAX. */
uint64_t supply_time(const struct supply *supply, uint64_t amount_ns);

/**
 * struct supply_verdict - whether the tasks of one vCPU meet their deadlines on a supply.
 * @task: the index in @tasks of one that does not (fixed priority: the most urgent one), SIZE_MAX where
 * all do.
 * @late_ns: by how much it can be late, UINT64_MAX where without bound; for EDF: how much is missing at
 * the interval @interval_ns, UINT64_MAX with interval 0 where the utilisation alone tells.
 * @undecided: the bounded time did not suffice for an answer: refuse it; @task is where it ran out.
 */
struct supply_verdict {
	size_t task;
	uint64_t late_ns;
	uint64_t interval_ns;
	bool undecided;
};

/**
 * supply_check() - hold the tasks of @vcpu against a supply from which exit_cost_ns is already taken.
 *
 * Fixed priority: for each task some t up to its deadline with rbf(t) <= sbf(t), tasks of the same priority
 * counting as more urgent. EDF: dbf(t) <= sbf(t) for all t up to a bound. Pure.
 */
struct supply_verdict supply_check(const struct guest_tasks *tasks, unsigned vcpu,
				   const struct supply *supply);

/**
 * supply_derive() - the reservation of least utilisation that serves the tasks of every vCPU.
 * @vcpus: number of vCPUs; all get the same reservation.
 * @period_ns: the period to take, or 0: the best on a grid of round values (1, 2, 5 and their tens, in us, and
 * the shortest task period divided by such values) from 100us up.
 * @limit_ppb: a utilisation that it must stay within.
 * @ret: runtime with exit_cost_ns in it, in whole us; deadline = period.
 * @why: on refusal, the task that fails and by how much with the whole CPU; its @task is SIZE_MAX where
 * the whole CPU would do.
 *
 * The longer period where two take the same share of the CPU. Pure, in bounded time. Returns 0; -EDOM no
 * reservation within the limit serves them.
 */
int supply_derive(const struct guest_tasks *tasks, unsigned vcpus, uint64_t period_ns,
		  uint64_t limit_ppb, struct supply *ret, struct supply_verdict *why);
