// SPDX-License-Identifier: Apache-2.0
#include "latency/verdict.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

uint64_t cycles_to_ns(uint64_t cycles, uint64_t tsc_khz)
{
	unsigned __int128 ns = ((unsigned __int128)cycles * 1000000 + tsc_khz - 1) / tsc_khz;

	return ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

bool verdict_applies(enum probe_measurement measurement)
{
	switch (measurement) {
	case PROBE_TIMER:
	case PROBE_SPIN:
	case PROBE_IPI:
	case PROBE_IPI_ROUND_TRIP:
		return true;
	case PROBE_PIO:
	case PROBE_MMIO:
	case PROBE_CPUID:
	case PROBE_HYPERCALL:
	case PROBE_IDLE:
	case PROBE_MEASUREMENT_COUNT:
		break;
	}
	return false;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_NOT_ASKED] = "not asked",
		[VERDICT_HELD] = "held",
		[VERDICT_DID_NOT_HOLD] = "did not hold",
		[VERDICT_COULD_NOT_TELL] = "could not tell",
	};

	return names[verdict];
}

int verdict_status(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_NOT_ASKED:
	case VERDICT_HELD:
		return 0;
	case VERDICT_DID_NOT_HOLD:
		return 1;
	case VERDICT_COULD_NOT_TELL:
		break;
	}
	return 2;
}

__attribute__((format(printf, 3, 4))) static void say(struct verdict_result *ret, enum verdict verdict,
						      const char *format, ...)
{
	va_list arguments;

	ret->verdict = verdict;
	va_start(arguments, format);
	vsnprintf(ret->reason, sizeof(ret->reason), format, arguments);
	va_end(arguments);
}

/* struct us_text - microseconds to the nanosecond, without zeros behind; by value. */
struct us_text {
	char text[32];
};

static struct us_text us(uint64_t ns)
{
	struct us_text ret;
	int length = snprintf(ret.text, sizeof(ret.text), "%llu.%03llu", (unsigned long long)(ns / 1000),
			      (unsigned long long)(ns % 1000));

	while (ret.text[length - 1] == '0')
		ret.text[--length] = '\0';
	if (ret.text[length - 1] == '.')
		ret.text[length - 1] = '\0';
	return ret;
}

void verdict_judge(const struct probe_measure *measure, enum probe_measurement measurement,
		   const struct verdict_terms *terms, struct verdict_result *ret)
{
	const char *name = probe_measurement_name(measurement);
	const struct histogram *histogram = &measure->histogram;
	uint64_t max_ns;

	if (terms->budget_ns == 0 || !verdict_applies(measurement)) {
		say(ret, VERDICT_NOT_ASKED, "no budget is held against %s", name);
		return;
	}
	if (terms->emulated) {
		say(ret, VERDICT_COULD_NOT_TELL, "%s ran under emulation, whose times are no latencies",
		    name);
		return;
	}
	if (measure->state == PROBE_UNSUPPORTED) {
		say(ret, VERDICT_COULD_NOT_TELL, "%s could not be measured: %s", name, measure->reason);
		return;
	}
	if (measure->state == PROBE_NOT_RUN || histogram->samples == 0 || terms->tsc_khz == 0) {
		say(ret, VERDICT_COULD_NOT_TELL, "%s has no %s", name,
		    measure->state == PROBE_NOT_RUN ? "result"
		    : histogram->samples == 0	    ? "sample"
						    : "known TSC frequency");
		return;
	}
	max_ns = cycles_to_ns(histogram->max, terms->tsc_khz);
	if (max_ns > terms->budget_ns)
		say(ret, VERDICT_DID_NOT_HOLD, "%s took up to %s us, over the budget of %s us", name,
		    us(max_ns).text, us(terms->budget_ns).text);
	else if (histogram->lost > 0)
		say(ret, VERDICT_COULD_NOT_TELL, "%s lost %llu events, whose lateness is unknown", name,
		    (unsigned long long)histogram->lost);
	else
		say(ret, VERDICT_HELD, "%s took at most %s us, within the budget of %s us", name,
		    us(max_ns).text, us(terms->budget_ns).text);
}

/* Higher is worse; the run is as its worst measurement. */
static int badness(enum verdict verdict)
{
	static const int order[] = {
		[VERDICT_NOT_ASKED] = 0,
		[VERDICT_HELD] = 1,
		[VERDICT_COULD_NOT_TELL] = 2,
		[VERDICT_DID_NOT_HOLD] = 3,
	};

	return order[verdict];
}

void verdict_judge_run(const struct probe_result *result, uint32_t asked,
		       const struct verdict_terms *terms, struct verdict_result *ret)
{
	uint64_t worst = 0;

	if (terms->budget_ns == 0) {
		say(ret, VERDICT_NOT_ASKED, "no budget was stated");
		return;
	}
	if (terms->emulated) {
		say(ret, VERDICT_COULD_NOT_TELL, "it ran under emulation, whose times are no latencies");
		return;
	}
	say(ret, VERDICT_NOT_ASKED, "nothing judged yet");
	for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++) {
		enum probe_measurement measurement = (enum probe_measurement)i;
		const struct probe_measure *measure = &result->measure[i];
		struct verdict_result one;

		if ((asked >> i & 1) == 0 || !verdict_applies(measurement))
			continue;
		verdict_judge(measure, measurement, terms, &one);
		/* Of several equal ones, the one with the longest delay speaks. */
		if (badness(one.verdict) < badness(ret->verdict) ||
		    (one.verdict == ret->verdict && measure->histogram.max <= worst))
			continue;
		worst = measure->histogram.max;
		*ret = one;
	}
	if (ret->verdict == VERDICT_NOT_ASKED)
		say(ret, VERDICT_COULD_NOT_TELL, "nothing was measured that the budget is for");
}
