// SPDX-License-Identifier: Apache-2.0
#include "core/config/machine_rules.h"

#include <errno.h>
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

int machine_rules_check(const struct machine_config *machine, struct diag *why)
{
	int error = 0;

	for (size_t i = 0; i < machine->partition_count && error == 0; i++)
		error = name_check(machine, i, why);
	return error;
}
