// SPDX-License-Identifier: Apache-2.0
#include "latency/probe/record.h"

#include "latency/probe/serial.h"
#include "latency/probe/text.h"

static const char *const names[PROBE_MEASUREMENT_COUNT] = {PROBE_MEASUREMENT_NAMES};

void record_clear(struct record *record)
{
	bytes_clear(record, sizeof(*record));
	record->min = UINT64_MAX;
}

const char *record_name(enum probe_measurement measurement)
{
	return names[measurement];
}

static void line(const char *word, enum probe_measurement measurement)
{
	serial_text(word);
	serial_text(names[measurement]);
	serial_text("\n");
}

void record_print(const struct record *record, enum probe_measurement measurement, const char *clock)
{
	line("mode ", measurement);
	serial_text("clock ");
	serial_text(clock);
	serial_text("\n");
	serial_field("cycles", record->cycles);
	serial_field("warmup", record->warmup);
	serial_field("floor", record->floor);
	serial_field("below", record->below);
	serial_field("samples", record->samples);
	serial_field("min", record->samples == 0 ? 0 : record->min);
	serial_field("max", record->max);
	serial_field("sum", record->sum);
	serial_field("overflow", record->overflow);
	serial_field("lost", record->lost);
	for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
		if (record->bucket[i] == 0)
			continue;
		serial_text("bucket ");
		serial_number(bucket_low(i));
		serial_text(" ");
		serial_number(record->bucket[i]);
		serial_text("\n");
	}
	line("end ", measurement);
}

void record_unsupported(enum probe_measurement measurement, const char *reason)
{
	serial_text("unsupported ");
	serial_text(names[measurement]);
	serial_text(" ");
	serial_text(reason);
	serial_text("\n");
}
