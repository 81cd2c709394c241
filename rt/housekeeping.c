// SPDX-License-Identifier: Apache-2.0
#include "rt/housekeeping.h"

#include "core/base/cpulist.h"

bool housekeeping_part(const struct cpulist *from, const struct cpu_division *cpus, struct cpulist *ret)
{
	bool was_empty = cpulist_empty(from);

	cpulist_minus(from, &cpus->partitions, ret);
	if (was_empty || !cpulist_empty(ret))
		return true;
	*ret = cpus->housekeeping;
	return !cpulist_empty(ret);
}
