// SPDX-License-Identifier: Apache-2.0
/* All there is to say about a running partition, as JSON: the supervisor writes it, status shows it. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct launch;
struct machine_state;
struct run_state;
struct vmm_process;

/**
 * status_report() - collected now, without waking the VMM.
 * @process: its state page is the VMM's, which is not trusted: read within bounds.
 *
 * Returns a new object, NULL without memory. Key "held": the partition runs, on time so far, and every thread is
 * where it belongs.
 */
json_t *status_report(const struct run_state *state, const struct vmm_process *process,
		      const struct launch *launch);
