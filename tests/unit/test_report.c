// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "latency/report_view.h"

void test_report_register(void);

#define HOSTILE "<script>\"x'&\033[31m\xff\xe2\x80\xae"

static struct probe_result result;
static struct evidence evidence;
static const struct evidence_fact facts[] = { { "CPU model", HOSTILE }, { HOSTILE, "1" } };
static const struct evidence_count exits[] = { { HOSTILE, 1234567 } };
static const char *const downgrades[] = { HOSTILE };

static void measured(enum probe_measurement measurement, unsigned samples, uint64_t from, uint64_t step)
{
	struct probe_measure *measure = &result.measure[measurement];

	*measure = (struct probe_measure){ .state = PROBE_MEASURED, .clock = "tsc" };
	for (unsigned i = 0; i < samples; i++)
		histogram_add(&measure->histogram, from + i * step);
}

/* Everything in it, every string hostile. */
static void begin(void)
{
	result = (struct probe_result){ .apic = "x2apic" };
	snprintf(result.vendor, sizeof(result.vendor), "<b>'\"");
	measured(PROBE_TIMER, 1000, 30000, 17);
	measured(PROBE_PIO, 500, 9000, 3);
	result.measure[PROBE_HYPERCALL].state = PROBE_UNSUPPORTED;
	snprintf(result.measure[PROBE_HYPERCALL].reason, sizeof(result.measure[0].reason), HOSTILE);
	evidence = (struct evidence){
		.result = &result,
		.asked = 1U << PROBE_TIMER | 1U << PROBE_PIO | 1U << PROBE_HYPERCALL,
		.terms = { .budget_ns = 50000, .tsc_khz = 1000000 },
		.title = HOSTILE,
		.machine = HOSTILE,
		.load = HOSTILE,
		.started = HOSTILE,
		.tool_version = HOSTILE,
		.config_text = "machine: " HOSTILE "\n",
		.config_hash = HOSTILE,
		.duration_ns = 1500000000,
		.facts = facts,
		.fact_count = 2,
		.downgrades = downgrades,
		.downgrade_count = 1,
		.exits = exits,
		.exit_count = 1,
		.sealed = true,
		.sealed_exits = 4,
	};
	verdict_judge_run(&result, evidence.asked, &evidence.terms, &evidence.verdict);
}

static int report_plain_terminal(const struct evidence *of, FILE *out)
{
	static const struct report_style style = { .colour = false, .utf8 = true };

	return report_terminal(of, &style, out);
}

/* The caller frees it. */
static char *written(int (*report)(const struct evidence *, FILE *))
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(report(&evidence, out), 0);
	fclose(out);
	return text;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void json_says_what_was_measured(void)
{
	char *text;
	json_t *root, *timer;
	const char *title;

	begin();
	text = written(report_json);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "schema")), REPORT_SCHEMA);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "budget_ns")), 50000);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_object_get(root, "verdict"), "result")),
			       "held");
	title = json_string_value(json_object_get(root, "partition"));
	CU_ASSERT_STRING_EQUAL(title, "<script>\"x'&\033[31m\xef\xbf\xbd\xe2\x80\xae");
	CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "measurements")), 3);
	timer = json_array_get(json_object_get(root, "measurements"), 0);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(timer, "name")), "timer");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(timer, "ns"), "max")), 46983);
	timer = json_object_get(timer, "distribution");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(timer, "samples")), 1000);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(timer, "lost")), 0);
	json_decref(root);
	free(text);
}

static void html_is_self_contained_and_escaped(void)
{
	char *text;

	begin();
	text = written(report_html);
	CU_ASSERT_TRUE(has(text, "<!DOCTYPE html>"));
	CU_ASSERT_TRUE(has(text, "</html>"));
	CU_ASSERT_TRUE(has(text, "The latency budget held"));
	CU_ASSERT_TRUE(has(text, "&lt;script&gt;&quot;x&#39;&amp;"));
	CU_ASSERT_TRUE(has(text, "1&#8239;234&#8239;567"));
	CU_ASSERT_FALSE(has(text, "<script"));
	CU_ASSERT_FALSE(has(text, "<b>'"));
	CU_ASSERT_FALSE(has(text, "\033"));
	CU_ASSERT_FALSE(has(text, "\xff"));
	CU_ASSERT_FALSE(has(text, "\xe2\x80\xae"));
	CU_ASSERT_FALSE(has(text, "http:"));
	CU_ASSERT_FALSE(has(text, "https:"));
	CU_ASSERT_FALSE(has(text, "src="));
	CU_ASSERT_FALSE(has(text, "href="));
	CU_ASSERT_FALSE(has(text, "url("));
	CU_ASSERT_FALSE(has(text, "@import"));
	CU_ASSERT_FALSE(has(text, "nan"));
	CU_ASSERT_FALSE(has(text, "inf\""));
	free(text);
}

/* Columns, not bytes: continuation bytes of UTF-8 take none. */
static size_t columns(const char *line, const char *end)
{
	size_t count = 0;

	for (; line < end; line++)
		count += ((unsigned char)*line & 0xc0) != 0x80;
	return count;
}

static void terminal_fits_and_is_harmless(void)
{
	char *text;

	begin();
	text = written(report_plain_terminal);
	CU_ASSERT_FALSE(has(text, "\033"));
	CU_ASSERT_FALSE(has(text, "\xe2\x80\xae"));
	CU_ASSERT_TRUE(has(text, "held: timer took at most 46.983 us"));
	CU_ASSERT_TRUE(has(text, "p99.9"));
	for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
		CU_ASSERT(columns(line, end) <= 80);
	free(text);
}

static void emulation_never_holds(void)
{
	int (*const reports[])(const struct evidence *, FILE *) = {
		report_json,
		report_html,
		report_plain_terminal,
	};

	for (unsigned i = 0; i < 3; i++) {
		char *text;

		begin();
		evidence.terms.emulated = true;
		/* Even where the caller claims that it held. */
		evidence.verdict.verdict = VERDICT_HELD;
		text = written(reports[i]);
		CU_ASSERT_FALSE(has(text, "\"held\""));
		CU_ASSERT_FALSE(has(text, "\nheld"));
		CU_ASSERT_FALSE(has(text, "budget held"));
		CU_ASSERT_FALSE(has(text, ">held<"));
		CU_ASSERT_TRUE(has(text, "ould not tell"));
		if (i > 0)
			CU_ASSERT_TRUE(has(text, "emulated: not a latency"));
		free(text);
	}
}

static void extremes_are_drawn(void)
{
	for (unsigned i = 0; i < 4; i++) {
		char *html, *terminal;

		begin();
		if (i == 0)
			measured(PROBE_TIMER, 2, 0, 0);
		else if (i == 1)
			measured(PROBE_TIMER, 2, UINT64_MAX - 1, 1);
		else if (i == 2)
			measured(PROBE_TIMER, 2, 0, UINT64_MAX);
		else
			evidence.terms.budget_ns = UINT64_MAX;
		html = written(report_html);
		terminal = written(report_plain_terminal);
		CU_ASSERT_FALSE(has(html, "nan"));
		CU_ASSERT_FALSE(has(html, "inf\""));
		CU_ASSERT_FALSE(has(html, "=\"-"));
		free(html);
		free(terminal);
	}
}

static void a_report_may_be_bare(void)
{
	static const struct probe_result empty;

	evidence = (struct evidence){ .result = &empty, .terms.tsc_khz = 1 };
	free(written(report_json));
	free(written(report_html));
	free(written(report_plain_terminal));
	evidence.terms.tsc_khz = 0;
	CU_ASSERT_EQUAL(report_json(&evidence, stdout), -EINVAL);
	CU_ASSERT_EQUAL(report_html(&evidence, stdout), -EINVAL);
	CU_ASSERT_EQUAL(report_plain_terminal(&evidence, stdout), -EINVAL);
}

static void bins_keep_every_sample(void)
{
	static struct histogram histogram;
	struct plot_bin bin[PLOT_BINS_MAX];

	histogram = (struct histogram){ .floor = 256 };
	for (uint64_t value = 1; value < UINT64_C(1) << 42; value = value * 5 / 4 + 1)
		histogram_add(&histogram, value);
	for (unsigned max = 3; max <= PLOT_BINS_MAX; max++) {
		unsigned count = plot_bins(&histogram, max, bin);
		uint64_t samples = 0;

		CU_ASSERT_FATAL(count <= max);
		for (unsigned i = 0; i < count; i++) {
			samples += bin[i].count;
			CU_ASSERT_FATAL(bin[i].low <= bin[i].high);
			CU_ASSERT_FATAL(i == 0 || bin[i].low > bin[i - 1].high);
		}
		CU_ASSERT_EQUAL_FATAL(samples, histogram.samples);
		CU_ASSERT_EQUAL_FATAL(bin[0].low, histogram.min);
		CU_ASSERT_EQUAL_FATAL(bin[count - 1].high, histogram.max);
	}
}

static void files_are_replaced_whole(void)
{
	char folder[] = "/tmp/bulkhead-report-XXXXXX", path[64];
	struct diag why = { 0 };
	struct stat status;

	begin();
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/r.json", folder);
	CU_ASSERT_EQUAL(report_write_file(report_json, &evidence, path, &why), 0);
	CU_ASSERT_EQUAL(report_write_file(report_json, &evidence, path, &why), 0);
	CU_ASSERT_EQUAL(stat(path, &status), 0);
	CU_ASSERT_TRUE(status.st_size > 1000);
	/* A failure leaves what was there, and nothing beside it: the folder can be removed. */
	evidence.terms.tsc_khz = 0;
	CU_ASSERT_EQUAL(report_write_file(report_json, &evidence, path, &why), -EINVAL);
	CU_ASSERT_EQUAL(stat(path, &status), 0);
	CU_ASSERT_TRUE(status.st_size > 1000);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
	CU_ASSERT_EQUAL(report_write_file(report_json, &evidence, "/nonexistent/r.json", &why), -ENOENT);
	CU_ASSERT_STRING_EQUAL(why.file, "/nonexistent/r.json");
	begin();
	CU_ASSERT_EQUAL(report_write_file(report_json, &evidence, "/dev/full", &why), -EIO);
	CU_ASSERT_EQUAL(report_write_file(report_json, &evidence, "/dev/null", &why), 0);
}

void test_report_register(void)
{
	CU_pSuite suite = CU_add_suite("test_report", NULL, NULL);

	CU_ADD_TEST(suite, json_says_what_was_measured);
	CU_ADD_TEST(suite, html_is_self_contained_and_escaped);
	CU_ADD_TEST(suite, terminal_fits_and_is_harmless);
	CU_ADD_TEST(suite, emulation_never_holds);
	CU_ADD_TEST(suite, extremes_are_drawn);
	CU_ADD_TEST(suite, a_report_may_be_bare);
	CU_ADD_TEST(suite, bins_keep_every_sample);
	CU_ADD_TEST(suite, files_are_replaced_whole);
}
