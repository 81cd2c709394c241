// SPDX-License-Identifier: Apache-2.0
/*
 * Did the latency hold? The rules, in the order they are tried, for one measurement:
 *
 *   1. no budget stated                               -> not asked
 *   2. emulated host                                  -> could not tell (its times mean nothing)
 *   3. unsupported, not run, no sample, no frequency  -> could not tell
 *   4. the exact maximum, rounded up to ns, is above the budget -> did not hold
 *   5. events were lost                               -> could not tell (their lateness is unknown)
 *   6. otherwise                                      -> held
 *
 * Overflow needs no rule of its own: such a sample is in the exact maximum. A maximum equal to the
 * budget holds.
 *
 * The budget is for delays that reach the guest without its asking: timer, spin, ipi,
 * ipi-round-trip. What an exit costs (pio, mmio, cpuid, hypercall) and idle are reported, not judged.
 * A run did not hold where one judged measurement did not; else could not tell where one could not
 * be told, or where none was judged; else held.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "latency/probe_log.h"

enum verdict {
	VERDICT_NOT_ASKED, /* no budget, or a measurement that has none */
	VERDICT_HELD,
	VERDICT_DID_NOT_HOLD,
	VERDICT_COULD_NOT_TELL,
};

/** struct verdict_terms - what a measurement is held against. @tsc_khz: the guest's TSC, from the host. */
struct verdict_terms {
	uint64_t budget_ns; /* 0: none */
	uint64_t tsc_khz;
	bool emulated;
};

/** struct verdict_result - @reason: one sentence without a full stop, for any verdict. */
struct verdict_result {
	enum verdict verdict;
	char reason[192];
};

/** cycles_to_ns() - rounded up, so that no delay is told shorter than it was; saturates. @tsc_khz > 0. */
uint64_t cycles_to_ns(uint64_t cycles, uint64_t tsc_khz);

/** verdict_applies() - whether a budget is held against this measurement. */
bool verdict_applies(enum probe_measurement measurement);

/** verdict_judge() - one measurement by the rules above. Pure. */
void verdict_judge(const struct probe_measure *measure, enum probe_measurement measurement,
		   const struct verdict_terms *terms, struct verdict_result *ret);

/** verdict_judge_run() - the whole run: every measurement in @asked (a mask; probe_modes_parse()). Pure. */
void verdict_judge_run(const struct probe_result *result, uint32_t asked,
		       const struct verdict_terms *terms, struct verdict_result *ret);

/** verdict_name() - "held", "did not hold", "could not tell", "not asked"; static. */
const char *verdict_name(enum verdict verdict);

/** verdict_status() - the exit status: 0 held or not asked, 1 did not hold, 2 could not tell. */
int verdict_status(enum verdict verdict);
