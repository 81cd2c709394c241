// SPDX-License-Identifier: Apache-2.0
#include "sched/group_calls.h"

#include <errno.h>
#include <string.h>

#include "core/base/diag.h"

int group_write(const struct change *change, const char *text, struct diag *why)
{
	(void)change, (void)text;
	return diag_set(why, ENOSYS, "control groups are not written");
}

int group_remove(const struct change *change, struct diag *why)
{
	(void)change;
	return diag_set(why, ENOSYS, "control groups are not removed");
}

void group_invalid_explain(const char *read, struct diag *why)
{
	(void)read, (void)why;
}
