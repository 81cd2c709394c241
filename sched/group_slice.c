// SPDX-License-Identifier: Apache-2.0
#include "sched/group_slice.h"

#include <errno.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/systemctl.h"
#include "sched/group_calls.h"
#include "sched/group_rules.h"

#define SLICE "bulkhead.slice"

enum { SYSTEMCTL_SECONDS = 60 };

int group_slice_start(struct diag *why)
{
	return systemctl("start", SLICE, SYSTEMCTL_SECONDS, why);
}

/* Stopping it would stop whatever unit is in it: ourselves among them, perhaps. */
int group_slice_stop(struct diag *why)
{
	if (group_is_populated(GROUP_SLICE)) {
		diag_set(why, EBUSY, "units are running in " SLICE);
		diag_remedy(why, "stop them first: systemctl list-units --all 'bulkhead*'");
		return -EBUSY;
	}
	return systemctl("stop", SLICE, SYSTEMCTL_SECONDS, why);
}
