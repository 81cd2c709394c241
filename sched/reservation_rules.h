// SPDX-License-Identifier: Apache-2.0
/* Within reservation: what its rules look at, and the rules themselves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "sched/demand.h"
#include "sched/demand_sum.h"

struct host_facts;
struct machine_config;
struct reservation_plan;

enum { RESERVATION_PPB = 1000000000 };

/**
 * struct reservation_view - a machine's reservations laid over a host.
 * @kernel_known: what follows could be read. @kernel_tests: sched_rt_runtime_us is not -1.
 * @runtime_us, @period_us: sched_rt_{runtime,period}_us.
 * @period_min_ns, @period_max_ns: the kernel's bounds of a reservation's period; its defaults where unknown.
 * @counted: by partition: it has a reservation that is sound in itself and counts in sums.
 * @server: by CPU, the fair server's share, filled in where @server_known has the CPU; numerator 0 is none.
 * @assumed: CPUs whose fair server could not be read, and @assumed_error the first reason.
 * @work: what the analysis of the whole machine may still cost.
 */
struct reservation_view {
	const struct machine_config *machine;
	const struct host_facts *host;
	struct findings *findings;
	struct reservation_plan *plan;
	bool kernel_known;
	bool kernel_tests;
	uint64_t runtime_us;
	uint64_t period_us;
	uint64_t period_min_ns;
	uint64_t period_max_ns;
	bool *counted;
	struct ratio server[CPULIST_MAX];
	struct cpulist server_known;
	struct cpulist assumed;
	int assumed_error;
	struct demand_work work;
};

/** reservation_facts() - take the kernel's limits from the host; finding reservation-unknown. */
void reservation_facts(struct reservation_view *view);

/** reservation_server() - the fair server of a CPU, as it is or, where that cannot be read, as it starts. */
struct ratio reservation_server(struct reservation_view *view, unsigned cpu);

/** reservation_server_note() - note reservation-fair-server, where one had to be assumed. */
void reservation_server_note(const struct reservation_view *view);

/**
 * reservation_limit() - what a CPU has for partitions, parts per 10^9, rounded down: what the kernel admits,
 * or all of it where the kernel does not test or could not be asked, less the fair server's share.
 */
uint64_t reservation_limit(struct reservation_view *view, unsigned cpu);

/** reservation_finding() - begin one at a partition's schedule, with place and key. */
struct diag *reservation_finding(const struct reservation_view *view, enum finding_kind kind,
				 const char *rule, size_t partition);

/** reservation_tasks() - hold a partition's tasks against its reservation, or derive that. Returns 0 or -ENOMEM. */
int reservation_tasks(struct reservation_view *view, size_t partition);

/** reservation_loads() - both tests on each CPU with reservations of its own. Returns 0 or -ENOMEM. */
int reservation_loads(struct reservation_view *view);

/** reservation_floats() - those whose vCPUs may run anywhere, against the CPUs that are nobody's. Returns 0 or -ENOMEM. */
int reservation_floats(struct reservation_view *view);

/** struct member - one partition's part in a sum: @vcpus times its reservation. */
struct member {
	size_t partition;
	unsigned vcpus;
};

/**
 * struct reservation_sum - a sum that is held against a limit.
 * @where: "CPU 3", "the 4 CPUs of no partition".
 * @cpu: one of them. @cpus: how many.
 * @all_ppb: what all members take. @limit_ppb: what they may; @server_ppb is taken from it already.
 */
struct reservation_sum {
	const char *where;
	unsigned cpu;
	unsigned cpus;
	const struct member *member;
	size_t count;
	uint64_t all_ppb;
	uint64_t server_ppb;
	uint64_t limit_ppb;
};

/** reservation_ratio() - the utilisation of one of them. */
struct ratio reservation_ratio(const struct reservation_view *view, const struct member *member);

/** reservation_sum_ppb() - of the first @count of them, exact but rounded up. @room: @count at least. */
uint64_t reservation_sum_ppb(const struct reservation_view *view, const struct member *member,
			     size_t count, struct ratio *room);

/** reservation_sum_refuse() - say that a sum goes above its limit. @room: as many as the sum has. */
void reservation_sum_refuse(const struct reservation_view *view, const struct reservation_sum *sum,
			    struct ratio *room);

enum {
	RESERVATION_PERCENT_MAX = 32,
	RESERVATION_LIST_MAX = 200,
};

/** reservation_percent() - "40.00 %", rounded up or down. Returns @buffer of RESERVATION_PERCENT_MAX. */
char *reservation_percent(uint64_t ppb, bool up, char *buffer);

/** reservation_list() - "plc 40.00 %, safety 2 x 64.00 % and 3 more". Returns @buffer of RESERVATION_LIST_MAX. */
char *reservation_list(const struct reservation_view *view, const struct member *member, size_t count,
		       char *buffer);
