// SPDX-License-Identifier: Apache-2.0
/* The report as one self-contained HTML page: no scripts, nothing loaded, every string escaped. */
#include <string.h>

#include "latency/report_plot.h"
#include "latency/report_style.h"
#include "latency/report_view.h"

static const char *verdict_class(enum verdict verdict)
{
	static const char *const class[] = {
		[VERDICT_NOT_ASKED] = "plain",
		[VERDICT_HELD] = "held",
		[VERDICT_DID_NOT_HOLD] = "broke",
		[VERDICT_COULD_NOT_TELL] = "unknown",
	};

	return class[verdict];
}

static void put(FILE *out, const char *text)
{
	text_put(out, text, TEXT_HTML);
}

/* Thousands apart, by a narrow space. */
static void put_count(FILE *out, uint64_t count)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			fputs("&#8239;", out);
		fputc(digits[i], out);
	}
}

static struct time_text time_of(const struct evidence *evidence, uint64_t cycles)
{
	return microseconds(cycles_to_ns(cycles, evidence->terms.tsc_khz));
}

static void put_header(const struct evidence *evidence, FILE *out)
{
	const char *title = evidence->title == NULL ? "partition" : evidence->title;

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      /* Even a string that slipped through could load and run nothing. */
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
	      "style-src 'unsafe-inline'\">\n<title>Latency of ",
	      out);
	put(out, title);
	fputs("</title>\n<style>\n", out);
	fputs(report_style_css, out);
	fputs("</style></head><body><main>\n<header><div><p class=\"kicker\">Bulkhead latency report</p><h1>", out);
	put(out, title);
	fputs("</h1></div><p class=\"when\">", out);
	if (evidence->machine != NULL) {
		put(out, evidence->machine);
		fputs("<br>", out);
	}
	put(out, evidence->started);
	fputs("</p></header>\n", out);
}

/* The longest delay that the budget is held against; false where there is none. */
static bool worst_ns(const struct evidence *evidence, uint64_t *ret)
{
	bool found = false;

	*ret = 0;
	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++) {
		const struct probe_measure *measure = &evidence->result->measure[i];
		uint64_t ns;

		if (measure->state != PROBE_MEASURED || !verdict_applies((enum probe_measurement)i))
			continue;
		ns = cycles_to_ns(measure->histogram.max, evidence->terms.tsc_khz);
		*ret = ns > *ret ? ns : *ret;
		found = true;
	}
	return found;
}

static void put_gauge(const struct evidence *evidence, FILE *out)
{
	uint64_t budget = evidence->terms.budget_ns, worst;
	double full;

	if (budget == 0 || evidence->terms.emulated || !worst_ns(evidence, &worst))
		return;
	full = (double)(worst > budget ? worst : budget);
	fprintf(out,
		"<div class=\"gauge\"><div class=\"track\"><div class=\"fill\" style=\"width:%.1f%%\"></div>"
		"<div class=\"limit\" style=\"left:%.1f%%\"></div></div>"
		"<div class=\"ends\"><span>worst %s µs</span><span>budget %s µs</span></div></div>",
		100 * (double)worst / full, 100 * (double)budget / full, microseconds(worst).text,
		microseconds(budget).text);
}

static void put_verdict(const struct evidence *evidence, FILE *out)
{
	enum verdict verdict = evidence_verdict(evidence);
	static const char *const headline[] = {
		[VERDICT_NOT_ASKED] = "Measured",
		[VERDICT_HELD] = "The latency budget held",
		[VERDICT_DID_NOT_HOLD] = "The latency budget did not hold",
		[VERDICT_COULD_NOT_TELL] = "Could not tell",
	};

	fprintf(out, "<section class=\"card verdict %s\"><div><strong>%s</strong><p>", verdict_class(verdict),
		headline[verdict]);
	put(out, evidence_reason(evidence));
	fputs("</p></div>", out);
	put_gauge(evidence, out);
	fputs("</section>\n", out);
}

static void put_notices(const struct evidence *evidence, FILE *out)
{
	if (evidence->terms.emulated)
		fputs("<section class=\"card notice unknown\">emulated: not a latency<p>This ran on processors "
		      "emulated in software. The figures show that everything works; they say nothing about "
		      "how fast.</p></section>\n",
		      out);
	if (evidence->downgrade_count == 0)
		return;
	fputs("<section class=\"card notice unknown\">Measured with less than was asked for<ul>", out);
	for (size_t i = 0; i < evidence->downgrade_count; i++) {
		fputs("<li>", out);
		put(out, evidence->downgrades[i]);
		fputs("</li>", out);
	}
	fputs("</ul></section>\n", out);
}

static void put_tile(FILE *out, const char *name, const char *value, const char *unit)
{
	fprintf(out, "<div class=\"card\"><span>%s</span><b>%s</b> <small>%s</small></div>\n", name, value, unit);
}

/* The figures people ask for first, of the measurement they ask about first. */
static void put_tiles(const struct evidence *evidence, FILE *out)
{
	const struct probe_measure *timer = &evidence->result->measure[PROBE_TIMER];
	const struct histogram *histogram = &timer->histogram;
	char seconds[32];

	if (timer->state != PROBE_MEASURED || histogram->samples == 0)
		return;
	fputs("<section class=\"tiles\">", out);
	put_tile(out, "Timer wake-up, worst", time_of(evidence, histogram->max).text, "µs");
	put_tile(out, "99.9 % within", time_of(evidence, histogram_quantile(histogram, QUANTILE_P99_9)).text, "µs");
	put_tile(out, "Median", time_of(evidence, histogram_quantile(histogram, QUANTILE_P50)).text, "µs");
	fputs("<div class=\"card\"><span>Wake-ups</span><b>", out);
	put_count(out, histogram->samples);
	fputs("</b></div>\n", out);
	snprintf(seconds, sizeof(seconds), "%.1f", (double)evidence->duration_ns / 1e9);
	put_tile(out, "Run", seconds, "s");
	fputs("</section>\n", out);
}

static void put_chip(const struct evidence *evidence, enum probe_measurement which, FILE *out)
{
	struct verdict_result judged;

	verdict_judge(&evidence->result->measure[which], which, &evidence->terms, &judged);
	if (judged.verdict == VERDICT_NOT_ASKED)
		return;
	fprintf(out, "<span class=\"chip %s\">%s</span>", verdict_class(judged.verdict),
		verdict_name(judged.verdict));
}

static void put_cells(const struct evidence *evidence, const struct histogram *histogram, FILE *out)
{
	const uint64_t cycles[] = {
		histogram->min,
		histogram_quantile(histogram, QUANTILE_P50),
		histogram_quantile(histogram, QUANTILE_P99),
		histogram_quantile(histogram, QUANTILE_P99_9),
		histogram->max,
	};

	fputs("<td>", out);
	put_count(out, histogram->samples);
	fputs("</td>", out);
	for (unsigned i = 0; i < sizeof(cycles) / sizeof(cycles[0]); i++)
		fprintf(out, "<td>%s</td>", time_of(evidence, cycles[i]).text);
	fputs(histogram->lost > 0 ? "<td class=\"loss\">" : "<td>", out);
	put_count(out, histogram->lost);
	fputs("</td>", out);
}

static void put_summary(const struct evidence *evidence, FILE *out)
{
	bool judged = evidence->terms.budget_ns > 0;

	fputs("<section class=\"card\"><h2>Summary</h2><div class=\"scroll\"><table><tr><th>µs</th>"
	      "<th>samples</th><th>min</th><th>p50</th><th>p99</th><th>p99.9</th><th>max</th><th>lost</th>",
	      out);
	fputs(judged ? "<th>budget</th></tr>\n" : "</tr>\n", out);
	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++) {
		const struct probe_measure *measure = &evidence->result->measure[i];

		if (!evidence_has(evidence, (enum probe_measurement)i))
			continue;
		fprintf(out, "<tr><td>%s</td>", measurement_title((enum probe_measurement)i));
		if (measure->state == PROBE_MEASURED) {
			put_cells(evidence, &measure->histogram, out);
		} else {
			fputs("<td class=\"text\" colspan=\"7\">", out);
			fputs(measure->state == PROBE_UNSUPPORTED ? "unsupported: " : "no result", out);
			put(out, measure->reason);
			fputs("</td>", out);
		}
		if (judged) {
			fputs("<td>", out);
			put_chip(evidence, (enum probe_measurement)i, out);
			fputs("</td>", out);
		}
		fputs("</tr>\n", out);
	}
	fputs("</table></div></section>\n", out);
}

static void put_distribution(const struct evidence *evidence, enum probe_measurement which, FILE *out)
{
	const struct probe_measure *measure = &evidence->result->measure[which];
	const struct histogram *histogram = &measure->histogram;
	bool judged = evidence->terms.budget_ns > 0 && verdict_applies(which);

	fprintf(out, "<section class=\"card\"><h2>%s</h2><p class=\"meaning\">%s</p>\n", measurement_title(which),
		measurement_meaning(which));
	plot_svg(out, histogram, &evidence->terms, judged, measurement_title(which));
	fputs("<p class=\"below\">", out);
	put_count(out, histogram->samples);
	fprintf(out, " samples, mean %s µs; clock ", time_of(evidence, histogram_mean(histogram)).text);
	put(out, measure->clock);
	fputs("; ", out);
	put_count(out, measure->warmup);
	fputs(" warm-up samples discarded; ", out);
	put_count(out, histogram->lost);
	fputs(" events lost; ", out);
	put_count(out, histogram->overflow);
	fputs(" samples beyond the histogram</p></section>\n", out);
}

static void put_row(FILE *out, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	fputs("<tr><td>", out);
	put(out, name);
	fputs("</td><td>", out);
	put(out, value);
	fputs("</td></tr>\n", out);
}

static void put_run(const struct evidence *evidence, FILE *out)
{
	char number[64];

	fputs("<section class=\"card facts\"><h2>Run</h2><table>", out);
	put_row(out, "Load", evidence->load);
	snprintf(number, sizeof(number), "%.3f s", (double)evidence->duration_ns / 1e9);
	put_row(out, "Duration", number);
	put_row(out, "Started", evidence->started);
	put_row(out, "Tool", evidence->tool_version);
	put_row(out, "Configuration", evidence->config_hash);
	snprintf(number, sizeof(number), "%.3f MHz", (double)evidence->terms.tsc_khz / 1000);
	put_row(out, "Guest TSC", number);
	put_row(out, "Guest CPU vendor", evidence->result->vendor);
	put_row(out, "Guest local APIC", evidence->result->apic);
	put_row(out, "TSC-deadline timer", evidence->result->tsc_deadline ? "yes" : "no");
	fputs("</table></section>\n", out);
}

static void put_facts(const struct evidence *evidence, FILE *out)
{
	if (evidence->fact_count == 0)
		return;
	fputs("<section class=\"card facts\"><h2>Host</h2><table>", out);
	for (size_t i = 0; i < evidence->fact_count; i++)
		put_row(out, evidence->facts[i].name, evidence->facts[i].value);
	fputs("</table></section>\n", out);
}

static void put_exits(const struct evidence *evidence, FILE *out)
{
	if (evidence->exit_count == 0 && !evidence->sealed)
		return;
	fputs("<section class=\"card\"><h2>Exits to the VMM</h2><table><tr><th>cause</th><th>count</th></tr>", out);
	for (size_t i = 0; i < evidence->exit_count; i++) {
		fputs("<tr><td>", out);
		put(out, evidence->exits[i].name);
		fputs("</td><td>", out);
		put_count(out, evidence->exits[i].count);
		fputs("</td></tr>\n", out);
	}
	if (evidence->sealed) {
		fputs("<tr><td><b>while sealed</b></td><td><b>", out);
		put_count(out, evidence->sealed_exits);
		fputs("</b></td></tr>\n", out);
	}
	fputs("</table></section>\n", out);
}

static void put_config(const struct evidence *evidence, FILE *out)
{
	if (evidence->config_text == NULL)
		return;
	fputs("<section class=\"card\"><h2>Configuration</h2><pre>", out);
	put(out, evidence->config_text);
	fputs("</pre></section>\n", out);
}

int report_html(const struct evidence *evidence, FILE *out)
{
	int r = evidence_check(evidence);

	if (r < 0)
		return r;
	put_header(evidence, out);
	put_verdict(evidence, out);
	put_notices(evidence, out);
	put_tiles(evidence, out);
	put_summary(evidence, out);
	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++) {
		const struct probe_measure *measure = &evidence->result->measure[i];

		/* One sample is no distribution; the summary has said it all. */
		if (measure->state == PROBE_MEASURED && measure->histogram.samples > 1)
			put_distribution(evidence, (enum probe_measurement)i, out);
	}
	fputs("<div class=\"columns\">\n", out);
	put_run(evidence, out);
	put_facts(evidence, out);
	put_exits(evidence, out);
	put_config(evidence, out);
	fputs("</div>\n<footer>Quantiles are the upper bound of their histogram bucket: at most 1.6 % too long, "
	      "never too short. Minimum and maximum are exact. Counts are drawn on a logarithmic scale.</footer>\n"
	      "</main></body></html>\n",
	      out);
	return report_finish(out);
}
