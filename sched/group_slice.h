// SPDX-License-Identifier: Apache-2.0
/* The slice that holds controllers on under systemd: an active unit, made and ended by systemd alone. */
#pragma once

struct diag;

/** group_slice_start() - have systemd start bulkhead.slice. Stage: apply. Returns 0 or -errno with @why. */
int group_slice_start(struct diag *why);

/** group_slice_stop() - end it. Stage: revert. Returns 0; -EBUSY units are in it; else -errno. */
int group_slice_stop(struct diag *why);
