// SPDX-License-Identifier: Apache-2.0
/*
 * What a reservation is sure to give a guest, and whether that is enough for the guest's tasks: the
 * periodic resource model.
 *
 * I. Shin, I. Lee: Periodic resource model for compositional real-time guarantees, RTSS 2003; the same:
 * Compositional real-time scheduling framework with periodic model, ACM TECS 7(3), 2008. A reservation
 * with a deadline below its period (explicit deadline periodic model: A. Easwaran, M. Anand, I. Lee,
 * RTSS 2007) gives its runtime earlier, so its longest gap is shorter.
 */
#pragma once

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

/**
 * struct supply_verdict - whether the tasks of one vCPU meet their deadlines on a supply.
 * @task: the index in @tasks of the first that does not, SIZE_MAX where all do.
 * @late_ns: by how much it can be late, UINT64_MAX where without bound; for EDF: how much is missing at
 * the interval @interval_ns.
 */
struct supply_verdict {
	size_t task;
	uint64_t late_ns;
	uint64_t interval_ns;
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
 * the divisors of the shortest task period on that grid) from 100us up.
 * @limit_ppb: a utilisation that it must stay within.
 * @ret: runtime with exit_cost_ns in it, deadline = period.
 * @why: on refusal, the task that fails and by how much with the whole CPU.
 *
 * Pure. Returns 0; -EDOM no reservation within the limit serves them.
 */
int supply_derive(const struct guest_tasks *tasks, unsigned vcpus, uint64_t period_ns,
		  uint64_t limit_ppb, struct supply *ret, struct supply_verdict *why);
