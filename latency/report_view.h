// SPDX-License-Identifier: Apache-2.0
/* What the report's forms share: how text, times and distributions are brought before a reader. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "latency/report.h"

enum text_form {
	TEXT_PLAIN,    /* valid UTF-8, nothing else changed */
	TEXT_TERMINAL, /* and nothing that could drive a terminal or reorder its text */
	TEXT_HTML,     /* the same, escaped for element content and quoted attributes; keeps newlines */
};

/**
 * text_put() - write a string from outside, made harmless for @form; what is no UTF-8 or not wanted
 * becomes U+FFFD. NULL writes nothing.
 */
void text_put(FILE *out, const char *text, enum text_form form);

/** text_clean() - the same to memory. Returns a string the caller frees; NULL without memory. */
char *text_clean(const char *text, enum text_form form);

/** struct time_text - a time as text, by value. */
struct time_text {
	char text[32];
};

/** microseconds() - @ns as microseconds with four significant digits or more, without unit. */
struct time_text microseconds(uint64_t ns);

/** struct plot_bin - buckets @low to @high (cycles, inclusive) drawn as one. */
struct plot_bin {
	uint64_t low;
	uint64_t high;
	uint64_t count;
};

enum { PLOT_BINS_MAX = 320 };

/**
 * plot_bins() - cut a distribution into at most @max (up to PLOT_BINS_MAX) bins, of the same number
 * of buckets each, empty ones included; the first begins at the exact minimum and the last ends at
 * the exact maximum. What lies below the floor and what overflows are bins of their own.
 *
 * Returns how many there are; 0 for an empty histogram.
 */
unsigned plot_bins(const struct histogram *histogram, unsigned max, struct plot_bin *ret);

/** measurement_title(), measurement_meaning() - for a reader; static. */
const char *measurement_title(enum probe_measurement measurement);
const char *measurement_meaning(enum probe_measurement measurement);

/** evidence_check() - 0, or -EINVAL where a report cannot be made of it. */
int evidence_check(const struct evidence *evidence);

/**
 * evidence_verdict() - the run's verdict as it may be shown: what an emulated host held is no
 * evidence, whoever said so.
 */
enum verdict evidence_verdict(const struct evidence *evidence);

/** evidence_reason() - the reason that goes with evidence_verdict(). */
const char *evidence_reason(const struct evidence *evidence);

/** evidence_has() - whether a measurement belongs into the report: asked for, or there anyway. */
bool evidence_has(const struct evidence *evidence, enum probe_measurement measurement);

/** report_finish() - flush. Returns 0 or -EIO, also for errors that came earlier. */
int report_finish(FILE *out);
