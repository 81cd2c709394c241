// SPDX-License-Identifier: Apache-2.0
/* The report on a terminal of 80 columns: a table of the figures, then each distribution drawn. */
#include <math.h>
#include <string.h>

#include "latency/report_view.h"

enum {
	ROWS_MAX = 10,
	BAR_COLUMNS = 45,
};

static const char *colour(const struct report_style *style, const char *code)
{
	return style->colour ? code : "";
}

#define COLOUR_OFF "\033[0m"
#define COLOUR_BOLD "\033[1m"
#define COLOUR_DIM "\033[2m"

static const char *verdict_colour(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_HELD:
		return "\033[1;32m";
	case VERDICT_DID_NOT_HOLD:
		return "\033[1;31m";
	case VERDICT_COULD_NOT_TELL:
		return "\033[1;33m";
	case VERDICT_NOT_ASKED:
		break;
	}
	return COLOUR_BOLD;
}

static void put_fact(const char *name, const char *value, FILE *out)
{
	if (value == NULL)
		return;
	fprintf(out, "  %-11s ", name);
	text_put(out, value, TEXT_TERMINAL);
	fputc('\n', out);
}

static void put_head(const struct evidence *evidence, const struct report_style *style, FILE *out)
{
	fputs(colour(style, COLOUR_BOLD), out);
	fputs("Latency of ", out);
	text_put(out, evidence->title == NULL ? "a partition" : evidence->title, TEXT_TERMINAL);
	fputs(colour(style, COLOUR_OFF), out);
	fputc('\n', out);
	put_fact("machine", evidence->machine, out);
	put_fact("started", evidence->started, out);
	fprintf(out, "  %-11s %.1f s, load: ", "measured", (double)evidence->duration_ns / 1e9);
	text_put(out, evidence->load == NULL ? "unknown" : evidence->load, TEXT_TERMINAL);
	fprintf(out, "\n  %-11s %.3f MHz TSC\n", "unit", (double)evidence->terms.tsc_khz / 1000);
	put_fact("tool", evidence->tool_version, out);
}

static struct time_text time_of(const struct evidence *evidence, uint64_t cycles)
{
	return microseconds(cycles_to_ns(cycles, evidence->terms.tsc_khz));
}

static void put_row(const struct evidence *evidence, enum probe_measurement which, FILE *out)
{
	const struct probe_measure *measure = &evidence->result->measure[which];
	const struct histogram *histogram = &measure->histogram;

	fprintf(out, "%-15s", measurement_title(which));
	if (measure->state != PROBE_MEASURED) {
		fputs(measure->state == PROBE_UNSUPPORTED ? "  unsupported: " : "  no result", out);
		text_put(out, measure->reason, TEXT_TERMINAL);
		fputc('\n', out);
		return;
	}
	fprintf(out, "%10llu %10s %10s %10s %10s %10s\n", (unsigned long long)histogram->samples,
		time_of(evidence, histogram->min).text,
		time_of(evidence, histogram_quantile(histogram, QUANTILE_P50)).text,
		time_of(evidence, histogram_quantile(histogram, QUANTILE_P99)).text,
		time_of(evidence, histogram_quantile(histogram, QUANTILE_P99_9)).text,
		time_of(evidence, histogram->max).text);
}

static void put_table(const struct evidence *evidence, const struct report_style *style, FILE *out)
{
	fprintf(out, "\n%s%-15s%10s %10s %10s %10s %10s %10s%s\n", colour(style, COLOUR_DIM), "us", "samples",
		"min", "p50", "p99", "p99.9", "max", colour(style, COLOUR_OFF));
	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++)
		if (evidence_has(evidence, (enum probe_measurement)i))
			put_row(evidence, (enum probe_measurement)i, out);
}

/* A bar as long as the logarithm of the count: one sample still shows beside a million. */
static void put_bar(uint64_t count, uint64_t highest, const struct report_style *style, FILE *out)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	double share;
	unsigned length;

	if (count == 0)
		return;
	share = log10(1.0 + 9.0 * (double)count / 10.0) / log10(1.0 + 9.0 * (double)highest / 10.0);
	length = (unsigned)(share * BAR_COLUMNS * 8);
	length = length == 0 ? 1 : length;
	for (unsigned i = 0; i < length / 8; i++)
		fputs(style->utf8 ? "█" : "#", out);
	if (style->utf8)
		fputs(eighths[length % 8], out);
	fputc(' ', out);
}

static void put_losses(const struct histogram *histogram, FILE *out)
{
	if (histogram->lost > 0)
		fprintf(out, ", %llu lost", (unsigned long long)histogram->lost);
	if (histogram->overflow > 0)
		fprintf(out, ", %llu beyond the histogram", (unsigned long long)histogram->overflow);
}

static void put_distribution(const struct evidence *evidence, enum probe_measurement which,
			     const struct report_style *style, FILE *out)
{
	const struct probe_measure *measure = &evidence->result->measure[which];
	struct plot_bin bin[ROWS_MAX];
	unsigned count = plot_bins(&measure->histogram, ROWS_MAX, bin);
	uint64_t highest = 1;

	fprintf(out, "\n%s%s%s, us", colour(style, COLOUR_BOLD), measurement_title(which),
		colour(style, COLOUR_OFF));
	put_losses(&measure->histogram, out);
	fprintf(out, "\n%s%s%s\n", colour(style, COLOUR_DIM), measurement_meaning(which),
		colour(style, COLOUR_OFF));
	for (unsigned i = 0; i < count; i++)
		highest = bin[i].count > highest ? bin[i].count : highest;
	for (unsigned i = 0; i < count; i++) {
		fprintf(out, "%10s to %10s %s", time_of(evidence, bin[i].low).text,
			time_of(evidence, bin[i].high).text, style->utf8 ? "│" : "|");
		put_bar(bin[i].count, highest, style, out);
		if (bin[i].count > 0)
			fprintf(out, "%llu", (unsigned long long)bin[i].count);
		fputc('\n', out);
	}
}

static void put_exits(const struct evidence *evidence, FILE *out)
{
	if (evidence->exit_count == 0)
		return;
	fputs("\nExits to the VMM\n", out);
	for (size_t i = 0; i < evidence->exit_count; i++) {
		fprintf(out, "%12llu  ", (unsigned long long)evidence->exits[i].count);
		text_put(out, evidence->exits[i].name, TEXT_TERMINAL);
		fputc('\n', out);
	}
	if (evidence->sealed)
		fprintf(out, "%12llu  of them while sealed\n", (unsigned long long)evidence->sealed_exits);
}

static void put_verdict(const struct evidence *evidence, const struct report_style *style, FILE *out)
{
	enum verdict verdict = evidence_verdict(evidence);

	fputc('\n', out);
	if (evidence->terms.emulated)
		fprintf(out, "%semulated: not a latency%s\n", colour(style, "\033[1;33m"),
			colour(style, COLOUR_OFF));
	for (size_t i = 0; i < evidence->downgrade_count; i++) {
		fputs("downgraded: ", out);
		text_put(out, evidence->downgrades[i], TEXT_TERMINAL);
		fputc('\n', out);
	}
	fprintf(out, "%s%s%s: ", colour(style, verdict_colour(verdict)),
		verdict == VERDICT_NOT_ASKED ? "measured" : verdict_name(verdict), colour(style, COLOUR_OFF));
	text_put(out, evidence_reason(evidence), TEXT_TERMINAL);
	fputc('\n', out);
}

int report_terminal(const struct evidence *evidence, const struct report_style *style, FILE *out)
{
	int r = evidence_check(evidence);

	if (r < 0)
		return r;
	put_head(evidence, style, out);
	put_table(evidence, style, out);
	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++) {
		const struct probe_measure *measure = &evidence->result->measure[i];

		/* One sample is no distribution; the table has said it all. */
		if (measure->state == PROBE_MEASURED && measure->histogram.samples > 1)
			put_distribution(evidence, (enum probe_measurement)i, style, out);
	}
	put_exits(evidence, out);
	put_verdict(evidence, style, out);
	return report_finish(out);
}
