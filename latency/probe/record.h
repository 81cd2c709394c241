// SPDX-License-Identifier: Apache-2.0
/* The histogram the probe fills while it measures: static, and nothing but additions. */
#pragma once

#include <stdint.h>

#include "latency/bucket.h"
#include "latency/probe/protocol.h"

/** struct record - see struct histogram in latency/histogram.h for the fields of the same name. */
struct record {
	uint64_t warmup;
	uint64_t cycles;
	uint64_t samples;
	uint64_t below;
	uint64_t floor;
	uint64_t min;
	uint64_t max;
	uint64_t sum;
	uint64_t overflow;
	uint64_t lost;
	uint64_t bucket[BUCKET_COUNT];
};

/** record_clear() - make it empty. */
void record_clear(struct record *record);

/** record_add() - one sample. */
static inline void record_add(struct record *record, uint64_t cycles)
{
	uint32_t index = bucket_index(cycles);

	record->samples++;
	record->sum += cycles;
	if (cycles < record->min)
		record->min = cycles;
	if (cycles > record->max)
		record->max = cycles;
	if (index == BUCKET_COUNT)
		record->overflow++;
	else
		record->bucket[index]++;
}

/** record_print() - a whole mode ... end block. @clock: its clock line. */
void record_print(const struct record *record, enum probe_measurement measurement, const char *clock);

/** record_unsupported() - that it could not be measured here, and why. */
void record_unsupported(enum probe_measurement measurement, const char *reason);

/** record_name() - as on the wire. */
const char *record_name(enum probe_measurement measurement);
