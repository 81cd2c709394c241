// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "sched/group_calls.h"

/* struct reason - part of what the kernel says in brackets, and what to tell about it. */
struct reason {
	const char *part;
	const char *text;
	const char *remedy;
};

/* In this order: the first that is part of what was read is meant. */
static const struct reason reasons[] = {
	{"not exclusive", "another control group has one of its CPUs in cpuset.cpus",
	 "find it with grep . /sys/fs/cgroup/*/cpuset.cpus and take the CPU out of it (systemctl set-property "
	 "UNIT AllowedCPUs=)"},
	{"Parent is an invalid partition root", "the group above it is a partition that is invalid itself",
	 "put the group above it right first"},
	{"not a partition root", "the group above it is no partition root",
	 "run on the host itself: below a container's group no cpuset partition can be had"},
	{"unable to distribute", "the root group would have no CPU left, or has lost these to a partition "
	 "elsewhere", "leave a CPU that is no partition's, or end the other partition"},
	{"hotplug", "all of its CPUs are offline", "bring them online: echo 1 > "
	 "/sys/devices/system/cpu/cpuN/online"},
	{"housekeeping", "isolcpus=domain or nohz_full=, of the kernel's command line, has some of its CPUs and "
	 "not others", "boot without domain in isolcpus="},
	{"empty", "it has no CPUs", "give it CPUs, or look for what emptied its cpuset.cpus"},
	{"Invalid cpu list", "its list of CPUs is none that it may have",
	 "state CPUs that are online and that no partition elsewhere has"},
	{"not permitted", "its owner may not make a partition", "run as root"},
	{"remote partition", "a partition further down has CPUs of its own", "end that partition first"},
};

void group_invalid_explain(const char *read, struct diag *why)
{
	const struct reason *reason = NULL;

	if (strstr(read, " invalid") == NULL)
		return;
	for (size_t i = 0; reason == NULL && i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strstr(read, reasons[i].part) != NULL)
			reason = &reasons[i];
	}
	diag_set(why, EINVAL, "the kernel took the cpuset partition and made it invalid: %s",
		 reason != NULL ? reason->text : "for a reason of its own");
	diag_got(why, read, strlen(read));
	if (reason != NULL)
		diag_remedy(why, "%s", reason->remedy);
}
