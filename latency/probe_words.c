// SPDX-License-Identifier: Apache-2.0
#include "latency/probe_words.h"

#include <errno.h>
#include <string.h>

#include "core/base/diag.h"

static const char *const names[PROBE_MEASUREMENT_COUNT] = {PROBE_MEASUREMENT_NAMES};

const char *probe_measurement_name(enum probe_measurement measurement)
{
	return names[measurement];
}

bool probe_number_parse(const char *text, size_t length, uint64_t *ret)
{
	uint64_t value = 0;

	if (length == 0 || (length > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*ret = value;
	return true;
}

int probe_measurement_find(const char *name, size_t length)
{
	for (int i = 0; i < PROBE_MEASUREMENT_COUNT; i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return i;
	return -1;
}

/* One comma's worth of a modes= list. */
static int mode_parse(const char *text, size_t length, uint32_t *mask, struct diag *why)
{
	const char *colon = memchr(text, ':', length);
	size_t name_length = colon == NULL ? length : (size_t)(colon - text);
	int found = probe_measurement_find(text, name_length);
	uint64_t samples;

	if (found < 0 || found == PROBE_IPI_ROUND_TRIP) {
		diag_set(why, EINVAL, "no such mode");
		diag_got(why, text, name_length);
		diag_allowed(why, "timer, pio, mmio, cpuid, hypercall, spin, ipi, idle");
		return -EINVAL;
	}
	if (colon != NULL && !probe_number_parse(colon + 1, length - name_length - 1, &samples)) {
		diag_set(why, EINVAL, "no number of samples");
		diag_got(why, colon + 1, length - name_length - 1);
		return -EINVAL;
	}
	if (*mask & UINT32_C(1) << found) {
		diag_set(why, EINVAL, "a mode twice");
		diag_got(why, text, name_length);
		return -EINVAL;
	}
	*mask |= UINT32_C(1) << found;
	if (found == PROBE_IPI)
		*mask |= UINT32_C(1) << PROBE_IPI_ROUND_TRIP;
	return 0;
}

int probe_modes_parse(const char *modes, uint32_t *ret_mask, struct diag *why)
{
	uint32_t mask = 0;

	for (;;) {
		size_t length = strcspn(modes, ",");
		int r = mode_parse(modes, length, &mask, why);

		if (r < 0)
			return r;
		if (modes[length] == '\0')
			break;
		modes += length + 1;
	}
	*ret_mask = mask;
	return 0;
}
