// SPDX-License-Identifier: Apache-2.0
/* The probe's command line; its grammar is in protocol.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "latency/probe/protocol.h"

/** struct mode - one mode to run and its own bound in samples (0: none). */
struct mode {
	enum probe_measurement measurement;
	uint64_t samples;
};

struct options {
	struct mode mode[PROBE_MEASUREMENT_COUNT];
	unsigned mode_count;
	uint64_t duration_cycles;
	uint64_t period_cycles;
	bool seal;
	bool qemu;
	bool exit;
	uint8_t exit_value;
};

/**
 * options_parse() - read @text, which may be NULL, into @ret, which holds the defaults already read
 * even on failure, so that the run can still be ended as asked.
 *
 * Returns NULL, or what is wrong.
 */
const char *options_parse(const char *text, struct options *ret);
