// SPDX-License-Identifier: Apache-2.0
#include "core/cli/doctor_affinity.h"

#include <stdio.h>

#include "core/base/cpulist.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/config/machine.h"

/* What cannot be read, or says "(null)" as some kernels do, names no CPU. */
static void add_file(const char *path, struct cpulist *list)
{
	char text[CPULIST_TEXT_MAX];
	struct cpulist cpus;

	if (sys_read_file(path, text, sizeof(text)) >= 0 && cpulist_parse_kernel(text, &cpus) == 0)
		cpulist_or(list, &cpus, list);
}

/* Where nothing tells real-time CPUs apart, all but the boot CPU's core may be some. */
static void add_all_but_boot(struct cpulist *avoid)
{
	struct cpulist online = {0};
	struct cpulist boot = {0};
	char path[96];

	add_file("/sys/devices/system/cpu/online", &online);
	if (cpulist_empty(&online))
		return;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
		 cpulist_next(&online, 0));
	add_file(path, &boot);
	cpulist_add(&boot, cpulist_next(&online, 0));
	cpulist_minus(&online, &boot, avoid);
}

int doctor_affinity_narrow(const struct machine_config *machine, struct cpulist *ret_before)
{
	struct cpulist avoid = {0};
	struct cpulist kept;
	int error = sys_affinity(ret_before);

	if (error != 0) {
		*ret_before = (struct cpulist){0};
		return error;
	}
	add_file("/sys/devices/system/cpu/isolated", &avoid);
	add_file("/sys/devices/system/cpu/nohz_full", &avoid);
	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++)
		cpulist_or(&avoid, &machine->partition[i].cpus, &avoid);
	if (cpulist_empty(&avoid))
		add_all_but_boot(&avoid);
	cpulist_minus(ret_before, &avoid, &kept);
	return cpulist_empty(&kept) ? 0 : sys_set_affinity(&kept);
}
