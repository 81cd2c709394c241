// SPDX-License-Identifier: Apache-2.0
/* CPUs in time: each temporal partition's reservation, and whether its CPU can keep all of them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/config/partition.h"

struct findings;
struct host_facts;
struct machine_config;

/**
 * struct reservation_plan - the schedule of each partition, stated or derived.
 * @schedule: one per partition, as in its configuration where nothing is derived.
 * @load: one per CPU with temporal partitions, ascending.
 */
struct reservation_plan {
	struct vcpu_schedule *schedule;
	size_t count;
	struct reservation_load {
		unsigned cpu;
		uint64_t used_ppb;  /* sum of runtime/period, parts per 10^9, rounded up */
		uint64_t limit_ppb; /* what the kernel admits there less the fair server's share, or
				     * the whole CPU less that where it does not test; 0 unknown */
	} *load;
	size_t load_count;
};

/**
 * reservation_plan() - derive what is left open, and admit or refuse.
 * @ret: set on success; ended with reservation_plan_done().
 * @findings: rules reservation-kernel (the kernel's test), reservation-demand (ours),
 * reservation-period, reservation-runtime, reservation-tasks, reservation-unknown; notes
 * reservation-derived, reservation-fair-server.
 *
 * Two tests per CPU with pinned SCHED_DEADLINE vCPUs, which is a root domain of its own. The kernel's:
 * sum(runtime/period) at most sched_rt_runtime_us/sched_rt_period_us less the fair server's share (kernel
 * Documentation/scheduler/sched-deadline.rst, section 3); where the fair server cannot be read, the 50 ms
 * each second that Linux 6.12 starts it with count, and a note says so. Ours, demand_check(), holds
 * also where sched_rt_runtime_us is -1 and the kernel tests nothing; the fair server is one more demand in
 * it. Both are exact to the nanosecond, and both suppose that a runtime ends when it is used up: without
 * the scheduler feature HRTICK_DL, Linux ends it at the next tick and takes the excess from the next period.
 *
 * Partitions that float are tested against the sum over the online CPUs that no partition states and that are
 * not isolated: the others are, or may become, root domains of their own. Such a sum bounds how late a reservation is given,
 * and does not keep it from being late (U. Devi, J. Anderson: Tardiness bounds under global EDF scheduling
 * on a multiprocessor, RTSS 2005), so one that states tasks is refused.
 *
 * Tasks are held against the reservation by supply_check(), or it is derived from them by
 * supply_derive(); those of a partition with another policy against a whole CPU for each vCPU, which is as
 * much as it can ever have. Pure, in bounded time. Stage: plan. Returns 0 or -ENOMEM.
 */
int reservation_plan(const struct machine_config *machine, const struct host_facts *host,
		     struct reservation_plan *ret, struct findings *findings);

void reservation_plan_done(struct reservation_plan *plan);
