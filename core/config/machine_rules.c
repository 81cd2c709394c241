// SPDX-License-Identifier: Apache-2.0
#include "core/config/machine_rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/config/machine.h"

static int name_check(const struct machine_config *machine, size_t index, struct diag *why)
{
	const struct partition_config *partition = &machine->partition[index];
	const struct partition_config *first = machine_find(machine, partition->name);

	if (first == partition)
		return 0;
	diag_at(why, machine->file, partition->at.self.line, partition->at.self.column);
	diag_key(why, "partitions[%zu].name", index);
	diag_set(why, EINVAL, "two partitions of one name, the first in line %u",
		 first->at.self.line);
	diag_got(why, partition->name, strlen(partition->name));
	diag_remedy(why, "rename one of them");
	return -EINVAL;
}

static int cpus_refuse(const struct machine_config *machine, size_t index,
		       const struct cpulist *shared, const char *owner, struct diag *why)
{
	const struct partition_config *partition = &machine->partition[index];
	char text[CPULIST_TEXT_MAX];

	diag_at(why, machine->file, partition->at.cpus.line, partition->at.cpus.column);
	diag_key(why, "partitions[%zu].cpus", index);
	diag_set(why, EINVAL, "CPU already given to %s", owner);
	cpulist_format(shared, text, sizeof(text));
	diag_got(why, text, strlen(text));
	diag_remedy(why, "give each CPU to one partition or to housekeeping");
	return -EINVAL;
}

static int cpus_check(const struct machine_config *machine, size_t index, struct diag *why)
{
	const struct partition_config *partition = &machine->partition[index];
	struct cpulist shared;
	char owner[80];

	cpulist_and(&partition->cpus, &machine->housekeeping, &shared);
	if (!cpulist_empty(&shared)) {
		snprintf(owner, sizeof(owner), "host.housekeeping in line %u",
			 machine->housekeeping_at.line);
		return cpus_refuse(machine, index, &shared, owner, why);
	}
	for (size_t i = 0; i < index; i++) {
		const struct partition_config *other = &machine->partition[i];

		cpulist_and(&partition->cpus, &other->cpus, &shared);
		if (!cpulist_empty(&shared)) {
			snprintf(owner, sizeof(owner), "partition %s in line %u", other->name,
				 other->at.cpus.line);
			return cpus_refuse(machine, index, &shared, owner, why);
		}
	}
	return 0;
}

int machine_rules_check(const struct machine_config *machine, struct diag *why)
{
	for (size_t i = 0; i < machine->partition_count; i++) {
		int error = name_check(machine, i, why);

		if (error == 0)
			error = cpus_check(machine, i, why);
		if (error != 0)
			return error;
	}
	return 0;
}
