// SPDX-License-Identifier: Apache-2.0
#include "core/config/partition.h"

#include "core/base/diag.h"
#include "core/config/draft.h"
#include "core/config/rules.h"

int partition_default(struct partition_config *ret)
{
	struct partition_draft draft = {0};
	int error = draft_start(&draft);

	if (error == 0)
		*ret = draft.config;
	return error;
}

int partition_check(const struct partition_config *partition, struct diag *why)
{
	struct violation violation;
	int error = rules_check(partition, &violation, why);

	if (error != 0)
		diag_key(why, "%s%s", partition_schema.keys[violation.key].path,
			 violation.item_path);
	return error;
}

void partition_done(struct partition_config *partition)
{
	struct partition_draft draft = {.config = *partition};

	draft_done(&draft);
	*partition = (struct partition_config){0};
}
