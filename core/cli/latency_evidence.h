// SPDX-License-Identifier: Apache-2.0
/* From a measured run to its report: facts, statistics and verdict gathered, printed, saved. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct machine_state;
struct partition_run;
struct probe_log;

/**
 * struct latency_request - what was asked for, and when.
 * @asked: mask of measurements. @budget_ns: 0 for none. @json, @html: files, or NULL.
 * @duration_ns: before the run the time to measure, after it the time it took.
 */
struct latency_request {
	const char *title;
	const char *modes;
	const char *json;
	const char *html;
	uint32_t asked;
	uint64_t duration_ns;
	uint64_t budget_ns;
	uint64_t period_ns;
	bool emulated;
	time_t started;
};

/** latency_report() - print and save the report of an ended run. Returns the exit status. */
int latency_report(const struct latency_request *request, const struct partition_run *run,
		   const struct machine_state *state, struct probe_log *log);
