// SPDX-License-Identifier: Apache-2.0
/* Within supply: the tasks of one vCPU sorted for analysis, and the analysis in bounded time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/config/partition.h"
#include "sched/demand.h"
#include "sched/supply.h"

/**
 * struct vcpu_tasks - the tasks of one vCPU, the most urgent first, otherwise as in the file.
 * @order: how the guest schedules them.
 * @index: their places in the partition's list.
 * @rivals: for each, how many of the first in this list may delay it, it among them: those of higher and of
 * the same priority.
 */
struct vcpu_tasks {
	enum task_order order;
	size_t count;
	struct demand demand[PARTITION_TASKS_MAX];
	size_t index[PARTITION_TASKS_MAX];
	size_t rivals[PARTITION_TASKS_MAX];
};

/** vcpu_tasks_gather() - take those of @vcpu out of a list of at most PARTITION_TASKS_MAX. */
void vcpu_tasks_gather(const struct guest_tasks *tasks, unsigned vcpu, struct vcpu_tasks *ret);

/** vcpu_tasks_serve() - supply_check() as long as @work lasts, without saying by how much it is late. */
struct supply_verdict vcpu_tasks_serve(const struct vcpu_tasks *tasks, const struct supply *supply,
				       struct demand_work *work);

/** supply_check_within() - supply_check() as long as @work lasts. */
struct supply_verdict supply_check_within(const struct guest_tasks *tasks, unsigned vcpu,
					  const struct supply *supply, struct demand_work *work);

/**
 * struct supply_range - which reservations may be derived.
 * @deadline_ns, @period_ns: as stated in the file, or 0.
 * @period_min_ns, @period_max_ns: what the host takes.
 * @limit_ppb: the utilisation to stay within.
 */
struct supply_range {
	uint64_t deadline_ns;
	uint64_t period_ns;
	uint64_t period_min_ns;
	uint64_t period_max_ns;
	uint64_t limit_ppb;
};

/** supply_derive_within() - supply_derive() on a range, as long as @work lasts; a stated deadline is kept. */
int supply_derive_within(const struct guest_tasks *tasks, unsigned vcpus,
			 const struct supply_range *range, struct demand_work *work,
			 struct supply *ret, struct supply_verdict *why);
