// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/config/machine.h"
#include "sched/reservation.h"
#include "sched/reservation_rules.h"

enum { LISTED_MAX = 4 };

char *reservation_percent(uint64_t ppb, bool up, char *buffer)
{
	uint64_t hundredths = ppb / 100000 + (up && ppb % 100000 != 0);

	snprintf(buffer, RESERVATION_PERCENT_MAX, "%" PRIu64 ".%02u %%", hundredths / 100,
		 (unsigned)(hundredths % 100));
	return buffer;
}

struct ratio reservation_ratio(const struct reservation_view *view, const struct member *member)
{
	const struct vcpu_schedule *schedule = &view->plan->schedule[member->partition];

	return (struct ratio){schedule->runtime_ns * member->vcpus, schedule->period_ns};
}

uint64_t reservation_sum_ppb(const struct reservation_view *view, const struct member *member,
			     size_t count, struct ratio *room)
{
	for (size_t i = 0; i < count; i++)
		room[i] = reservation_ratio(view, &member[i]);
	return ratio_sum_ppb(room, count);
}

char *reservation_list(const struct reservation_view *view, const struct member *member, size_t count,
		       char *buffer)
{
	size_t used = 0;

	for (size_t i = 0; i < count && i < LISTED_MAX; i++) {
		struct member single = {member[i].partition, 1};
		struct ratio ratio = reservation_ratio(view, &single);
		char percent[RESERVATION_PERCENT_MAX];
		char times[16] = "";

		if (member[i].vcpus != 1)
			snprintf(times, sizeof(times), "%u x ", member[i].vcpus);
		used += (size_t)snprintf(buffer + used, RESERVATION_LIST_MAX - used, "%s%s %s%s",
					 i == 0 ? "" : ", ",
					 view->machine->partition[member[i].partition].name, times,
					 reservation_percent(ratio_sum_ppb(&ratio, 1), true, percent));
		if (used >= RESERVATION_LIST_MAX)
			return buffer;
	}
	if (count > LISTED_MAX)
		snprintf(buffer + used, RESERVATION_LIST_MAX - used, " and %zu more",
			 count - LISTED_MAX);
	return buffer;
}

/* How many of the first are needed to go above the limit. */
static size_t first_above(const struct reservation_view *view, const struct reservation_sum *sum,
			  struct ratio *room)
{
	size_t low = 0;
	size_t high = sum->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (reservation_sum_ppb(view, sum->member, middle, room) > sum->limit_ppb)
			high = middle;
		else
			low = middle;
	}
	return high;
}

static void limit_say(const struct reservation_view *view, const struct reservation_sum *sum,
		      char *buffer, size_t size)
{
	char limit[RESERVATION_PERCENT_MAX];
	char server[RESERVATION_PERCENT_MAX];
	char less[96] = "";

	reservation_percent(sum->limit_ppb, false, limit);
	reservation_percent(sum->server_ppb, true, server);
	if (sum->server_ppb != 0)
		snprintf(less, sizeof(less), "%s less %s for the fair server",
			 view->kernel_tests ? "," : "", server);
	if (view->kernel_tests)
		snprintf(buffer, size, "the kernel admits %s (sched_rt_runtime_us %" PRIu64
			 " of %" PRIu64 "%s)", limit, view->runtime_us, view->period_us, less);
	else
		snprintf(buffer, size, "there is %s%s", limit, less);
}

/* Where the fair server alone is too much. */
static void server_remedy(const struct reservation_sum *sum, char *buffer, size_t size)
{
	*buffer = '\0';
	if (sum->cpus == 1 && sum->server_ppb != 0 &&
	    sum->all_ppb <= sum->limit_ppb + sum->server_ppb)
		snprintf(buffer, size, "; or switch the fair server off there: echo 0 > "
			 "/sys/kernel/debug/sched/fair_server/cpu%u/runtime", sum->cpu);
}

static void sum_remedy(const struct reservation_view *view, const struct reservation_sum *sum,
		       const struct member *over, uint64_t room_ppb, struct diag *why)
{
	const struct partition_config *config = &view->machine->partition[over->partition];
	const struct vcpu_schedule *schedule = &view->plan->schedule[over->partition];
	uint64_t room_ns = (uint64_t)((unsigned __int128)room_ppb * schedule->period_ns /
				      RESERVATION_PPB / over->vcpus);
	char server[128];
	char period[32];
	char most[32];

	/* Who is alone on a CPU of its own gains nothing by another. */
	bool alone = sum->count == 1 && !cpulist_empty(&config->cpus);

	room_ns -= room_ns % 1000;
	duration_format(schedule->period_ns, period, sizeof(period));
	duration_format(room_ns, most, sizeof(most));
	server_remedy(sum, server, sizeof(server));
	if (view->kernel_tests && view->runtime_us == 0)
		diag_remedy(why, "echo %" PRIu64 " > /proc/sys/kernel/sched_rt_runtime_us",
			    view->period_us - view->period_us / 20);
	else if (config->schedule.runtime_ns == 0)
		diag_remedy(why, "give %s's tasks less to do%s%s", config->name,
			    alone ? "" : ", or it CPUs of its own", server);
	else if (room_ns > 1024)
		diag_remedy(why, "give %s at most %s of each %s%s%s", config->name, most, period,
			    alone ? "" : ", or CPUs of its own", server);
	else
		diag_remedy(why, "give %s CPUs of its own, or the others less%s", config->name, server);
}

void reservation_sum_refuse(const struct reservation_view *view, const struct reservation_sum *sum,
			    struct ratio *room)
{
	size_t above = first_above(view, sum, room);
	const struct member *over = &sum->member[above - 1];
	uint64_t before = reservation_sum_ppb(view, sum->member, above - 1, room);
	char list[RESERVATION_LIST_MAX];
	char percent[RESERVATION_PERCENT_MAX];
	char limit[256];
	struct diag *why;

	why = reservation_finding(view, FINDING_REFUSED,
				  view->kernel_tests ? "reservation-kernel" : "reservation-demand",
				  over->partition);
	limit_say(view, sum, limit, sizeof(limit));
	diag_set(why, EBUSY, "%s would be reserved to %s: %s; %s", sum->where,
		 reservation_percent(sum->all_ppb, true, percent),
		 reservation_list(view, sum->member, sum->count, list), limit);
	sum_remedy(view, sum, over, sum->limit_ppb > before ? sum->limit_ppb - before : 0, why);
}
