// SPDX-License-Identifier: Apache-2.0
/* The one visible order in which the domains plan. */
#pragma once

#include "core/base/change.h"
#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "sched/cache_plan.h"
#include "sched/isolation.h"
#include "sched/memory_plan.h"
#include "sched/placement.h"
#include "sched/reservation.h"

struct borrow_calls;
struct host_facts;
struct machine_config;

/** struct machine_plan - what a machine would be on a host; zeros are empty. */
struct machine_plan {
	struct placement_plan placement;
	struct memory_plan memory;
	struct isolation_plan isolation;
	struct reservation_plan reservation;
	struct cache_plan cache;
};

enum flow_verdict {
	FLOW_HELD,
	FLOW_NOT_HELD, /* something was refused */
	FLOW_UNKNOWN,  /* nothing was refused, but a fact that decides was not to be read */
};

/**
 * flow_plan() - plan the whole machine against a host.
 * @machine, @host: read only, not kept.
 * @ret: ended with machine_plan_done(), also after a failure.
 * @findings: all refusals, unknowns and notes, in the order of the domains.
 *
 * Pure. Returns 0 or -ENOMEM.
 */
int flow_plan(const struct machine_config *machine, const struct host_facts *host,
	      struct machine_plan *ret, struct findings *findings);

/** flow_verdict() - what the findings come to. */
enum flow_verdict flow_verdict(const struct findings *findings);

/** flow_verdict_name(), flow_verdict_status() - "held", "not-held", "unknown"; the exit status. */
const char *flow_verdict_name(enum flow_verdict verdict);
int flow_verdict_status(enum flow_verdict verdict);

/**
 * flow_division() - the CPUs of the machine's real-time partitions (those with CPUs of their own and a
 * policy other than the fair scheduler's), and housekeeping's: those stated, else all others that are online.
 *
 * Where housekeeping is stated, CPUs that nobody has are kept as free as the partitions', unless a partition
 * without CPUs of its own may come to run there.
 */
void flow_division(const struct machine_config *machine, const struct host_facts *host,
		   struct cpu_division *ret);

/**
 * flow_changes() - all that apply makes of a host, in the order in which it does.
 * @plan: of flow_plan(), which refused nothing.
 * @ret: ended with changes_done(). @findings: what cannot be changed, and why.
 *
 * Pure. Returns 0 or -ENOMEM.
 */
int flow_changes(const struct machine_config *machine, const struct machine_plan *plan,
		 const struct host_facts *host, struct changes *ret, struct findings *findings);

/** flow_calls() - how the host is written: control groups by libcgroup, all else by the engine's own calls. */
const struct borrow_calls *flow_calls(void);

void machine_plan_done(struct machine_plan *plan);
