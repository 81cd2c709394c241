// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/reservation.h"
#include "sched/reservation_rules.h"

/* What the kernel computes with: kernel/sched/core.c, to_ratio() and BW_SHIFT. */
static unsigned __int128 kernel_bandwidth(struct ratio ratio)
{
	return ((unsigned __int128)ratio.numerator << 20) / ratio.denominator;
}

/* Its test on several CPUs rounds the limit of one down before it multiplies (__dl_overflow()). */
static bool kernel_admits(struct reservation_view *view, const struct cpulist *cpus,
			  const struct member *member, size_t count)
{
	struct ratio limit = {view->runtime_us, view->kernel_tests ? view->period_us : 1};
	unsigned __int128 admitted = kernel_bandwidth(limit) * cpulist_count(cpus);
	unsigned __int128 used = 0;

	if (!view->kernel_tests)
		return true;
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX; cpu = cpulist_next(cpus, cpu + 1))
		used += kernel_bandwidth(reservation_server(view, cpu));
	for (size_t i = 0; i < count; i++) {
		struct member single = {member[i].partition, 1};

		used += kernel_bandwidth(reservation_ratio(view, &single)) * member[i].vcpus;
	}
	return used <= admitted;
}

static size_t floats_gather(const struct reservation_view *view, struct member *member)
{
	size_t count = 0;

	for (size_t i = 0; i < view->machine->partition_count; i++) {
		const struct partition_config *config = &view->machine->partition[i];

		if (view->counted[i] && cpulist_empty(&config->cpus))
			member[count++] = (struct member){i, config->vcpus};
	}
	return count;
}

/* CPUs that are isolated are in no root domain that a thread floats over. */
static void cpus_find(const struct reservation_view *view, struct cpulist *ret)
{
	cpulist_minus(&view->host->topology.online, &view->host->kernel.isolated, ret);
	for (size_t i = 0; i < view->machine->partition_count; i++)
		cpulist_minus(ret, &view->machine->partition[i].cpus, ret);
}

static void none_refuse(const struct reservation_view *view, const struct member *member)
{
	struct diag *why = reservation_finding(view, FINDING_REFUSED, "reservation-kernel",
					       member->partition);

	diag_set(why, ENODEV, "its vCPUs float, and no CPU is left to them: all that are online are "
		 "partitions' or isolated");
	diag_remedy(why, "state its cpus, or leave a CPU that is no partition's");
}

static void isolated_unknown(const struct reservation_view *view, const struct member *member)
{
	struct diag *why = reservation_finding(view, FINDING_UNKNOWN, "reservation-unknown",
					       member->partition);

	diag_set(why, ENODATA, "over how many CPUs its vCPUs float is not known: "
		 "/sys/devices/system/cpu/isolated could not be read");
	diag_remedy(why, "let it be read, or capture the host again with it");
}

static void floats_judge(struct reservation_view *view, const struct member *member, size_t count,
			 struct ratio *room)
{
	struct reservation_sum sum = {.member = member, .count = count};
	struct cpulist cpus;
	char where[64];

	cpus_find(view, &cpus);
	sum.cpus = cpulist_count(&cpus);
	sum.cpu = cpulist_next(&cpus, 0);
	if (sum.cpus == 0) {
		none_refuse(view, sum.member);
		return;
	}
	for (unsigned cpu = sum.cpu; cpu < CPULIST_MAX; cpu = cpulist_next(&cpus, cpu + 1)) {
		struct ratio server = reservation_server(view, cpu);

		sum.limit_ppb += reservation_limit(view, cpu);
		sum.server_ppb += ratio_sum_ppb(&server, 1);
	}
	snprintf(where, sizeof(where), "the %u CPU%s of no partition%s", sum.cpus,
		 sum.cpus == 1 ? "" : "s",
		 cpulist_empty(&view->host->kernel.isolated) ? "" : " and not isolated");
	sum.where = where;
	sum.all_ppb = reservation_sum_ppb(view, sum.member, sum.count, room);
	if (sum.all_ppb > sum.limit_ppb || !kernel_admits(view, &cpus, sum.member, sum.count))
		reservation_sum_refuse(view, &sum, room);
}

int reservation_floats(struct reservation_view *view)
{
	size_t partitions = view->machine->partition_count;
	_cleanup_free_ struct member *member = calloc(partitions + 1, sizeof(*member));
	_cleanup_free_ struct ratio *room = calloc(partitions + 1, sizeof(*room));
	size_t count;

	if (member == NULL || room == NULL)
		return -ENOMEM;
	count = floats_gather(view, member);
	if (count != 0 && !view->host->kernel.isolated_known)
		isolated_unknown(view, member);
	if (count != 0)
		floats_judge(view, member, count, room);
	return 0;
}
