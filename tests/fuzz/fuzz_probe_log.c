// SPDX-License-Identifier: Apache-2.0
/*
 * What a hostile guest prints instead of the probe's report: it is refused, or it is consistent and
 * every form of the report can be made of it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "latency/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A fuzzer finds no checksum: end the log rightly where it has none. */
static void complete(struct probe_log *log, struct diag *why)
{
	char line[64];
	int length;

	if (log->done || log->line_length != 0)
		return;
	length = snprintf(line, sizeof(line), "done %llu %08x\n", (unsigned long long)log->lines, log->checksum);
	probe_log_feed(log, line, (size_t)length, why);
}

static int report_terminal_coloured(const struct evidence *evidence, FILE *out)
{
	static const struct report_style style = {.colour = true, .utf8 = true};

	return report_terminal(evidence, &style, out);
}

static char *written(int (*report)(const struct evidence *, FILE *), const struct evidence *evidence)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL || report(evidence, out) < 0)
		abort();
	fclose(out);
	return text;
}

static void report_all(const struct probe_result *result, uint64_t number)
{
	struct evidence evidence = {
		.result = result,
		.asked = (uint32_t)number,
		.terms = {.budget_ns = number >> 8, .tsc_khz = number | 1, .emulated = number >> 63 != 0},
		.title = result->vendor,
	};
	char *text;

	verdict_judge_run(result, evidence.asked, &evidence.terms, &evidence.verdict);
	text = written(report_json, &evidence);
	free(text);
	text = written(report_terminal_coloured, &evidence);
	free(text);
	/* An emulated run is never told to have held; nothing of the guest's is markup. */
	text = written(report_html, &evidence);
	if (strstr(text, "<script") != NULL || (evidence.terms.emulated && strstr(text, ">held<") != NULL))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct probe_log log;
	const struct probe_result *result;
	struct diag why = {0};
	uint64_t number = 0;

	if (size < sizeof(number))
		return 0;
	memcpy(&number, data, sizeof(number));
	log = (struct probe_log){0};
	probe_log_feed(&log, (const char *)data + sizeof(number), size - sizeof(number), &why);
	complete(&log, &why);
	if (probe_log_finish(&log, 0, &result, &why) == 0) {
		for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++)
			if (histogram_check(&result->measure[i].histogram) < 0)
				abort();
		report_all(result, number);
	} else if (why.error == 0) {
		abort();
	}
	return 0;
}
