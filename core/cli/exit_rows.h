// SPDX-License-Identifier: Apache-2.0
/* A VMM's exit statistics as rows for a report. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "latency/report.h"

struct machine_state;

enum { EXIT_ROWS_MAX = 96, EXIT_ROW_NAME_MAX = 48 };

/** struct exit_rows - the rows, and the texts they point to. @sealed: exits made while sealed. */
struct exit_rows {
	struct evidence_count row[EXIT_ROWS_MAX];
	char name[EXIT_ROWS_MAX][EXIT_ROW_NAME_MAX];
	size_t count;
	uint64_t sealed;
};

/**
 * exit_rows_collect() - sum over the vCPUs: every exit reason but the two that are told apart by
 * port and address, then those.
 * @state: shared with a VMM that is not trusted; @vcpus as it was launched with.
 */
void exit_rows_collect(const struct machine_state *state, unsigned vcpus, struct exit_rows *ret);
