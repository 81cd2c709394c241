// SPDX-License-Identifier: Apache-2.0
/* What the probe can measure: one function for each kind of mode. */
#pragma once

#include "latency/probe/options.h"

/** mode_run() - measure and print one mode; never fails, but may print that it is unsupported. */
void mode_run(const struct mode *mode, const struct options *options);

/** struct phase - when a mode's measuring ends: the first bound it reaches. */
struct phase {
	uint64_t samples; /* still to take, warm-up included; UINT64_MAX: no bound */
	uint64_t start;
	uint64_t cycles; /* UINT64_MAX: no bound */
	bool sealed;
};

/* The first samples meet cold caches and are discarded; how many is printed. */
enum { WARMUP_SAMPLES = 16 };

/** phase_begin() - seal if asked, and start the clock. */
void phase_begin(struct phase *phase, const struct mode *mode, const struct options *options);

/** phase_over() - whether a bound is reached at TSC @now; counts one sample off otherwise. */
static inline bool phase_over(struct phase *phase, uint64_t now)
{
	if (phase->samples == 0 || now - phase->start >= phase->cycles)
		return true;
	if (phase->samples != UINT64_MAX)
		phase->samples--;
	return false;
}

/** phase_end() - unseal. Returns how long it took, in cycles. */
uint64_t phase_end(struct phase *phase);

/** ipi_run() - the ipi mode, with a second vCPU. */
void ipi_run(const struct mode *mode, const struct options *options);
