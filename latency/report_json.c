// SPDX-License-Identifier: Apache-2.0
/*
 * The report as JSON, for programs. Times of samples in TSC cycles, as measured ("unit"), quantiles in
 * ns besides; whole numbers only; a number past 2^63 - 1 stays there. Keys are stable for one schema.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "latency/report_view.h"

static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *text(const char *value)
{
	char *clean = text_clean(value, TEXT_PLAIN);
	json_t *ret = clean == NULL ? NULL : json_string(clean);

	free(clean);
	return ret;
}

/* jansson refuses a NULL value and says so: one -1 among many results is enough to know. */
static int set_text(json_t *object, const char *key, const char *value)
{
	return value == NULL ? 0 : json_object_set_new(object, key, text(value));
}

static json_t *verdict(enum verdict result, const char *reason)
{
	json_t *ret = json_object();
	int r = json_object_set_new(ret, "result", json_string(verdict_name(result)));

	r |= json_object_set_new(ret, "status", json_integer(verdict_status(result)));
	r |= set_text(ret, "reason", reason);
	if (r == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

static json_t *buckets(const struct histogram *histogram)
{
	json_t *ret = json_array();

	for (uint32_t i = 0; i < BUCKET_COUNT; i++) {
		json_t *bucket;

		if (histogram->bucket[i] == 0)
			continue;
		bucket = json_pack("[o,o,o]", number(bucket_low(i)), number(bucket_high(i)),
				   number(histogram->bucket[i]));
		if (json_array_append_new(ret, bucket) == 0)
			continue;
		json_decref(ret);
		return NULL;
	}
	return ret;
}

static json_t *times_ns(const struct histogram *histogram, uint64_t tsc_khz)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o}",
			 "min", number(cycles_to_ns(histogram->min, tsc_khz)),
			 "p50", number(cycles_to_ns(histogram_quantile(histogram, QUANTILE_P50), tsc_khz)),
			 "p99", number(cycles_to_ns(histogram_quantile(histogram, QUANTILE_P99), tsc_khz)),
			 "p99.9", number(cycles_to_ns(histogram_quantile(histogram, QUANTILE_P99_9), tsc_khz)),
			 "max", number(cycles_to_ns(histogram->max, tsc_khz)));
}

static json_t *distribution(const struct histogram *histogram)
{
	return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "unit", "cycles",
			 "samples", number(histogram->samples), "below_floor", number(histogram->below),
			 "floor", number(histogram->floor), "overflow", number(histogram->overflow),
			 "lost", number(histogram->lost), "min", number(histogram->min),
			 "max", number(histogram->max), "sum", number(histogram->sum),
			 "buckets", buckets(histogram));
}

static json_t *measurement(const struct evidence *evidence, enum probe_measurement which)
{
	static const char *const state[] = {"not run", "measured", "unsupported"};
	const struct probe_measure *measure = &evidence->result->measure[which];
	struct verdict_result judged;
	json_t *ret = json_object();
	int r;

	verdict_judge(measure, which, &evidence->terms, &judged);
	r = json_object_set_new(ret, "name", json_string(probe_measurement_name(which)));
	r |= set_text(ret, "meaning", measurement_meaning(which));
	r |= json_object_set_new(ret, "state", json_string(state[measure->state]));
	r |= json_object_set_new(ret, "verdict", verdict(judged.verdict, judged.reason));
	if (measure->state == PROBE_UNSUPPORTED)
		r |= set_text(ret, "reason", measure->reason);
	if (measure->state == PROBE_MEASURED) {
		r |= set_text(ret, "clock", measure->clock);
		r |= json_object_set_new(ret, "phase_cycles", number(measure->cycles));
		r |= json_object_set_new(ret, "warmup_discarded", number(measure->warmup));
		r |= json_object_set_new(ret, "distribution", distribution(&measure->histogram));
		r |= json_object_set_new(ret, "ns", times_ns(&measure->histogram, evidence->terms.tsc_khz));
	}
	if (r == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

static json_t *measurements(const struct evidence *evidence)
{
	json_t *ret = json_array();
	int r = 0;

	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++)
		if (evidence_has(evidence, (enum probe_measurement)i))
			r |= json_array_append_new(ret, measurement(evidence, (enum probe_measurement)i));
	if (r == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

static json_t *facts(const struct evidence *evidence)
{
	json_t *ret = json_array();
	int r = 0;

	for (size_t i = 0; i < evidence->fact_count; i++) {
		json_t *fact = json_object();

		r |= set_text(fact, "name", evidence->facts[i].name);
		r |= set_text(fact, "value", evidence->facts[i].value);
		r |= json_array_append_new(ret, fact);
	}
	if (r == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

static json_t *downgrades(const struct evidence *evidence)
{
	json_t *ret = json_array();
	int r = 0;

	for (size_t i = 0; i < evidence->downgrade_count; i++)
		r |= json_array_append_new(ret, text(evidence->downgrades[i]));
	if (r == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

static json_t *exits(const struct evidence *evidence)
{
	json_t *causes = json_array();
	int r = 0;

	for (size_t i = 0; i < evidence->exit_count; i++) {
		json_t *cause = json_object();

		r |= set_text(cause, "cause", evidence->exits[i].name);
		r |= json_object_set_new(cause, "count", number(evidence->exits[i].count));
		r |= json_array_append_new(causes, cause);
	}
	if (r != 0) {
		json_decref(causes);
		return NULL;
	}
	return json_pack("{s:b,s:o,s:o}", "sealed", evidence->sealed, "while_sealed",
			 number(evidence->sealed_exits), "causes", causes);
}

static json_t *guest(const struct probe_result *result)
{
	json_t *ret = json_pack("{s:b,s:o}", "tsc_deadline", result->tsc_deadline, "tsc_khz",
				number(result->tsc_khz));
	int r = set_text(ret, "vendor", result->vendor);

	r |= set_text(ret, "apic", result->apic);
	if (r == 0)
		return ret;
	json_decref(ret);
	return NULL;
}

static int fill(json_t *root, const struct evidence *evidence)
{
	json_t *config = json_object();
	int r = json_object_set_new(root, "schema", json_integer(REPORT_SCHEMA));

	r |= set_text(config, "hash", evidence->config_hash);
	r |= set_text(config, "text", evidence->config_text);
	r |= set_text(root, "tool", evidence->tool_version);
	r |= set_text(root, "partition", evidence->title);
	r |= set_text(root, "machine", evidence->machine);
	r |= set_text(root, "started", evidence->started);
	r |= set_text(root, "load", evidence->load);
	r |= json_object_set_new(root, "duration_ns", number(evidence->duration_ns));
	r |= json_object_set_new(root, "emulated", json_boolean(evidence->terms.emulated));
	r |= json_object_set_new(root, "tsc_khz", number(evidence->terms.tsc_khz));
	r |= json_object_set_new(root, "budget_ns",
				 evidence->terms.budget_ns == 0 ? json_null()
								: number(evidence->terms.budget_ns));
	r |= json_object_set_new(root, "verdict",
				 verdict(evidence_verdict(evidence), evidence_reason(evidence)));
	r |= json_object_set_new(root, "measurements", measurements(evidence));
	r |= json_object_set_new(root, "guest", guest(evidence->result));
	r |= json_object_set_new(root, "host", facts(evidence));
	r |= json_object_set_new(root, "downgrades", downgrades(evidence));
	r |= json_object_set_new(root, "exits", exits(evidence));
	r |= json_object_set_new(root, "config", config);
	return r == 0 ? 0 : -ENOMEM;
}

int report_json(const struct evidence *evidence, FILE *out)
{
	json_t *root;
	int r = evidence_check(evidence);

	if (r < 0)
		return r;
	root = json_object();
	r = fill(root, evidence);
	if (r == 0 && (json_dumpf(root, out, JSON_INDENT(1)) < 0 || fputc('\n', out) == EOF))
		r = -EIO;
	json_decref(root);
	return r < 0 ? r : report_finish(out);
}
