// SPDX-License-Identifier: Apache-2.0
#include "latency/probe/options.h"

#include <stddef.h>

#include "latency/probe/text.h"

enum {
	SAMPLES_DEFAULT = 10000,
	PERIOD_DEFAULT_CYCLES = 1000000,
	PERIOD_MIN_CYCLES = 10000,
	PERIOD_MAX_CYCLES = 0x7fffffff, /* the fallback timer counts in 32 bits */
};

static const char *const names[PROBE_MEASUREMENT_COUNT] = {PROBE_MEASUREMENT_NAMES};

/* struct span - part of a text that does not end in a zero. */
struct span {
	const char *at;
	size_t length;
};

static bool is(struct span span, const char *word)
{
	return text_length(word) == span.length && text_equal(span.at, word, span.length);
}

/* Take what stands before @end, or all; @rest keeps what stands behind it. */
static struct span take(struct span *rest, char end)
{
	struct span taken = {rest->at, 0};

	while (taken.length < rest->length && taken.at[taken.length] != end)
		taken.length++;
	rest->at += taken.length;
	rest->length -= taken.length;
	if (rest->length > 0) {
		rest->at++;
		rest->length--;
	}
	return taken;
}

static bool number(struct span text, uint64_t max, uint64_t *ret)
{
	unsigned base = 10;
	uint64_t value = 0;

	if (text.length > 2 && text.at[0] == '0' && text.at[1] == 'x') {
		base = 16;
		text.at += 2;
		text.length -= 2;
	}
	if (text.length == 0 || text.length > 20)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
							: 16;

		if (digit >= base || digit > max || value > (max - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret = value;
	return true;
}

static bool flag(struct span value, bool *ret)
{
	uint64_t n;

	if (!number(value, 1, &n))
		return false;
	*ret = n != 0;
	return true;
}

static const char *modes_parse(struct span list, struct options *options)
{
	options->mode_count = 0;
	do {
		struct span samples = take(&list, ',');
		struct span name = take(&samples, ':');
		struct mode mode = {PROBE_MEASUREMENT_COUNT, UINT64_MAX};

		for (unsigned i = 0; i < PROBE_MEASUREMENT_COUNT; i++)
			if (i != PROBE_IPI_ROUND_TRIP && is(name, names[i]))
				mode.measurement = (enum probe_measurement)i;
		if (mode.measurement == PROBE_MEASUREMENT_COUNT)
			return "unknown mode in modes=";
		for (unsigned i = 0; i < options->mode_count; i++)
			if (options->mode[i].measurement == mode.measurement)
				return "a mode twice in modes=";
		if (samples.length > 0 && !number(samples, UINT64_MAX - 1, &mode.samples))
			return "bad number of samples in modes=";
		options->mode[options->mode_count++] = mode;
	} while (list.length > 0);
	return NULL;
}

static const char *option_parse(struct span name, struct span value, struct options *options,
				uint64_t *samples)
{
	uint64_t n;

	if (is(name, "modes"))
		return modes_parse(value, options);
	if (is(name, "samples"))
		return number(value, UINT64_MAX - 1, samples) ? NULL : "bad samples=";
	if (is(name, "duration_cycles"))
		return number(value, INT64_MAX, &options->duration_cycles) ? NULL : "bad duration_cycles=";
	if (is(name, "period_cycles"))
		return number(value, PERIOD_MAX_CYCLES, &options->period_cycles) &&
				       options->period_cycles >= PERIOD_MIN_CYCLES
			       ? NULL
			       : "bad period_cycles=";
	if (is(name, "seal"))
		return flag(value, &options->seal) ? NULL : "bad seal=";
	if (is(name, "qemu"))
		return flag(value, &options->qemu) ? NULL : "bad qemu=";
	if (!is(name, "exit"))
		return "unknown option";
	if (!number(value, UINT8_MAX, &n))
		return "bad exit=";
	options->exit = true;
	options->exit_value = (uint8_t)n;
	return NULL;
}

/* Every mode must end: by its samples or by time; spin and idle know only time. */
static const char *bounds_check(struct options *options, uint64_t samples)
{
	for (unsigned i = 0; i < options->mode_count; i++) {
		struct mode *mode = &options->mode[i];

		if (mode->samples == UINT64_MAX)
			mode->samples = samples;
		if (mode->measurement == PROBE_SPIN || mode->measurement == PROBE_IDLE)
			mode->samples = 0;
		if (mode->samples == 0 && options->duration_cycles == 0)
			return "a mode without end: give samples= or, for spin and idle, duration_cycles=";
	}
	return NULL;
}

const char *options_parse(const char *text, struct options *ret)
{
	struct span rest = {text, text == NULL ? 0 : text_length(text)};
	uint64_t samples = SAMPLES_DEFAULT;
	const char *wrong = NULL;
	bool first = true;

	*ret = (struct options){
		.mode = {{PROBE_TIMER, UINT64_MAX}},
		.mode_count = 1,
		.period_cycles = PERIOD_DEFAULT_CYCLES,
	};
	while (rest.length > 0) {
		struct span value = take(&rest, ' ');
		struct span whole = value;
		struct span name = take(&value, '=');
		const char *problem;

		if (whole.length == 0)
			continue;
		if (first && name.length == whole.length) {
			first = false;
			continue;
		}
		first = false;
		problem = option_parse(name, value, ret, &samples);
		if (wrong == NULL)
			wrong = problem;
	}
	return wrong != NULL ? wrong : bounds_check(ret, samples);
}
