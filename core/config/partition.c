// SPDX-License-Identifier: Apache-2.0
#include "core/config/partition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

int partition_from_profile(const char *profile, struct partition_config *ret, struct diag *why)
{
	struct partition_draft draft = {0};
	struct value_place given[PARTITION_KEYS] = {0};
	struct profile_store store = {0};
	const struct profile *found = NULL;
	int error = draft_start(&draft);

	if (error == 0)
		error = profile_find(&store, profile, "", &(struct value_place){0}, &found, why);
	if (error == 0)
		error = profile_apply(found, &draft, given, why);
	if (error == 0) {
		draft.config.profile = strdup(profile);
		if (draft.config.profile == NULL)
			error = diag_set(why, ENOMEM, "not enough memory");
	}
	if (error == 0)
		draft_finish(&draft, given, ret);
	draft_done(&draft);
	profile_store_done(&store);
	return error;
}

int partition_check(const struct partition_config *partition, struct diag *why)
{
	struct violation violation;
	int error = rules_check(partition, &violation, why);

	if (error != 0)
		diag_key(why, "%s", partition_schema.keys[violation.key].path);
	return error;
}

void partition_done(struct partition_config *partition)
{
	struct partition_draft draft = {.config = *partition};

	draft_done(&draft);
	*partition = (struct partition_config){0};
}
