// SPDX-License-Identifier: Apache-2.0
/* The oracle's half that knows time: reservations and task sets, played through instant by instant. */
#pragma once

#include <stddef.h>

struct host_facts;
struct machine_config;
struct machine_plan;

/**
 * time_oracle_judge() - play each CPU's reservations by EDF, and each vCPU's tasks on the latest supply its
 * reservation may give, from the instant at which all are released together until the CPU first has nothing
 * to do, or for some thousands of events.
 *
 * Returns 0 where no deadline was missed and the kernel would admit the sum, 1 with @text where not.
 */
int time_oracle_judge(const struct machine_config *machine, const struct host_facts *host,
		      const struct machine_plan *plan, char *text, size_t size);
