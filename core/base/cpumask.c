// SPDX-License-Identifier: Apache-2.0
#include "core/base/cpumask.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int cpumask_parse(const char *text, struct cpulist *ret)
{
	struct cpulist mask = {0};
	size_t digits = 0;

	for (size_t at = strlen(text); at > 0; at--) {
		static const char hexadecimal[] = "0123456789abcdef";
		const char *digit = strchr(hexadecimal, text[at - 1]);

		if (text[at - 1] == ',')
			continue;
		if (digit == NULL || digits == CPULIST_MAX / 4)
			return -EINVAL;
		mask.word[digits / 16] |= (uint64_t)(digit - hexadecimal) << (digits % 16 * 4);
		digits++;
	}
	if (digits == 0)
		return -EINVAL;
	*ret = mask;
	return 0;
}

char *cpumask_format(const struct cpulist *cpus, char *buffer, size_t size)
{
	size_t words = 1;
	size_t length = 0;

	for (unsigned cpu = 0; (cpu = cpulist_next(cpus, cpu)) < CPULIST_MAX; cpu++)
		words = cpu / 32 + 1;
	buffer[0] = '\0';
	if (words * 9 > size) {
		snprintf(buffer, size, "...");
		return buffer;
	}
	for (size_t word = words; word > 0; word--) {
		uint32_t bits = (uint32_t)(cpus->word[(word - 1) / 2] >> ((word - 1) % 2 * 32));
		int written = snprintf(buffer + length, size - length, word == words ? "%x" : ",%08x", bits);

		length += written > 0 ? (size_t)written : 0;
	}
	return buffer;
}
