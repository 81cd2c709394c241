// SPDX-License-Identifier: Apache-2.0
/* Drift events for people and for programs, a line each. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct drift_event;

/**
 * drift_print() - one line.
 * @when: CLOCK_REALTIME.
 * @why: why it was not put back, or "".
 *
 * As JSON: {version, time, event, domain, path, thread, wanted, found, repaired, why}; @event is "drift", "over" or
 * "given-up", found is null where nothing is there, thread and why are left out where they do not apply.
 * What is no printable ASCII is written as '?'. Returns 0 or -ENOMEM.
 */
int drift_print(const struct drift_event *event, const struct timespec *when, const char *why, bool json,
		FILE *stream);
