// SPDX-License-Identifier: Apache-2.0
#include "latency/report_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *measurement_title(enum probe_measurement measurement)
{
	static const char *const title[PROBE_MEASUREMENT_COUNT] = {
		[PROBE_TIMER] = "Timer wake-up",
		[PROBE_PIO] = "Port exit",
		[PROBE_MMIO] = "MMIO exit",
		[PROBE_CPUID] = "CPUID exit",
		[PROBE_HYPERCALL] = "Hypercall",
		[PROBE_SPIN] = "Spin gap",
		[PROBE_IPI] = "IPI",
		[PROBE_IPI_ROUND_TRIP] = "IPI round trip",
		[PROBE_IDLE] = "Idle wake-up",
	};

	return title[measurement];
}

const char *measurement_meaning(enum probe_measurement measurement)
{
	static const char *const meaning[PROBE_MEASUREMENT_COUNT] = {
		[PROBE_TIMER] = "from the timer's deadline to the first instructions of the guest's handler",
		[PROBE_PIO] = "one OUT to port 0x80, answered by the VMM",
		[PROBE_MMIO] = "one read of unbacked memory, answered by the VMM",
		[PROBE_CPUID] = "one CPUID instruction, answered by KVM",
		[PROBE_HYPERCALL] = "one unknown hypercall, answered by KVM",
		[PROBE_SPIN] = "between two TSC readings in a tight loop: how long the guest did not run",
		[PROBE_IPI] = "from sending an interrupt to the other vCPU's handler",
		[PROBE_IPI_ROUND_TRIP] = "an interrupt to the other vCPU and its answer",
		[PROBE_IDLE] = "lateness of the one wake-up that ends the idle phase",
	};

	return meaning[measurement];
}

struct time_text microseconds(uint64_t ns)
{
	struct time_text ret;
	int decimals = ns < 10000 ? 3 : ns < 100000 ? 2 : ns < 1000000 ? 1 : 0;

	snprintf(ret.text, sizeof(ret.text), "%.*f", decimals, (double)ns / 1000);
	return ret;
}

int evidence_check(const struct evidence *evidence)
{
	return evidence->result == NULL || evidence->terms.tsc_khz == 0 ? -EINVAL : 0;
}

enum verdict evidence_verdict(const struct evidence *evidence)
{
	enum verdict verdict = evidence->verdict.verdict;

	if (evidence->terms.emulated && verdict != VERDICT_NOT_ASKED)
		return VERDICT_COULD_NOT_TELL;
	return verdict;
}

const char *evidence_reason(const struct evidence *evidence)
{
	return evidence_verdict(evidence) == evidence->verdict.verdict
		       ? evidence->verdict.reason
		       : "it ran under emulation, whose times are no latencies";
}

bool evidence_has(const struct evidence *evidence, enum probe_measurement measurement)
{
	return (evidence->asked >> measurement & 1) != 0 ||
	       evidence->result->measure[measurement].state != PROBE_NOT_RUN;
}

int report_finish(FILE *out)
{
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

/* The first and last bucket in use; false where there is none. */
static bool used_range(const struct histogram *histogram, uint32_t *first, uint32_t *last)
{
	*first = 0;
	*last = BUCKET_COUNT;
	while (*first < BUCKET_COUNT && histogram->bucket[*first] == 0)
		(*first)++;
	if (*first == BUCKET_COUNT)
		return false;
	do
		(*last)--;
	while (histogram->bucket[*last] == 0);
	return true;
}

unsigned plot_bins(const struct histogram *histogram, unsigned max, struct plot_bin *ret)
{
	unsigned extra = (histogram->below > 0 ? 1U : 0U) + (histogram->overflow > 0 ? 1U : 0U);
	uint32_t first, last, step;
	unsigned count = 0;

	if (histogram->below > 0)
		ret[count++] = (struct plot_bin){histogram->min, histogram->floor - 1, histogram->below};
	if (used_range(histogram, &first, &last)) {
		step = (last - first) / (max - extra) + 1;
		for (uint32_t i = first; i <= last; i += step) {
			uint32_t end = last - i < step ? last : i + step - 1;
			struct plot_bin bin = {bucket_low(i), bucket_high(end), 0};

			for (uint32_t j = i; j <= end; j++)
				bin.count += histogram->bucket[j];
			ret[count++] = bin;
		}
	}
	if (histogram->overflow > 0)
		ret[count++] = (struct plot_bin){BUCKET_VALUE_MAX + 1, histogram->max, histogram->overflow};
	if (count > 0) {
		ret[0].low = histogram->min;
		ret[count - 1].high = histogram->max;
	}
	return count;
}

/* One code point of UTF-8 at @text; returns its bytes, or 0 for what is none (then skip one byte). */
static unsigned decode(const unsigned char *text, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned length = text[0] < 0x80   ? 1
			  : text[0] < 0xc2 ? 0
			  : text[0] < 0xe0 ? 2
			  : text[0] < 0xf0 ? 3
			  : text[0] < 0xf5 ? 4
					   : 0;

	if (length <= 1) {
		*ret = text[0];
		return length;
	}
	*ret = text[0] & (0x7fU >> length);
	for (unsigned i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*ret = *ret << 6 | (text[i] & 0x3f);
	}
	/* Overlong forms, surrogates, beyond Unicode. */
	if (*ret < least[length] || (*ret >= 0xd800 && *ret < 0xe000) || *ret > 0x10ffff)
		return 0;
	return length;
}

/* Controls, and the marks that turn the direction of the text around them. */
static bool harmful(uint32_t c, enum text_form form)
{
	if (form == TEXT_PLAIN || (form == TEXT_HTML && (c == '\n' || c == '\t')))
		return false;
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static const char *entity(uint32_t c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void text_put(FILE *out, const char *text, enum text_form form)
{
	const unsigned char *at = (const unsigned char *)text;

	while (at != NULL && *at != '\0') {
		uint32_t c = 0;
		unsigned length = decode(at, &c);

		if (length == 0 || harmful(c, form))
			fputs("\xef\xbf\xbd", out);
		else if (form == TEXT_HTML && entity(c) != NULL)
			fputs(entity(c), out);
		else
			fwrite(at, 1, length, out);
		at += length == 0 ? 1 : length;
	}
}

char *text_clean(const char *text, enum text_form form)
{
	char *ret = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&ret, &size);

	if (out == NULL)
		return NULL;
	text_put(out, text, form);
	if (fclose(out) != 0) {
		free(ret);
		return NULL;
	}
	return ret;
}
