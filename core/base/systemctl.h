// SPDX-License-Identifier: Apache-2.0
/* systemd's own command, for the units of this host. */
#pragma once

#include <stdbool.h>

struct diag;

/** systemd_runs() - whether systemd is this host's first process, as sd_booted(3) finds out. */
bool systemd_runs(void);

/**
 * systemctl() - have systemd do something.
 * @verb: such as "start". @unit: NULL where it is about none.
 * @seconds: after which the command, not what it asked for, is ended.
 *
 * Returns 0 or as program_run() with @why.
 */
int systemctl(const char *verb, const char *unit, unsigned seconds, struct diag *why);
