// SPDX-License-Identifier: Apache-2.0
#include "sched/phrase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cpulist.h"

static const char ellipsis[] = ",...";

char *phrase_list(const struct cpulist *cpus, char *buffer, size_t size)
{
	char text[CPULIST_TEXT_MAX];
	size_t length = strlen(cpulist_format(cpus, text, sizeof(text)));

	if (length >= size) {
		length = size - sizeof(ellipsis);
		while (length > 0 && text[length] != ',')
			length--;
		memcpy(text + length, ellipsis, sizeof(ellipsis));
	}
	snprintf(buffer, size, "%s", text);
	return buffer;
}

char *phrase_cpus(const struct cpulist *cpus, char *buffer, size_t size)
{
	int used = snprintf(buffer, size, cpulist_count(cpus) == 1 ? "CPU " : "CPUs ");

	phrase_list(cpus, buffer + used, size - (size_t)used);
	return buffer;
}

char *phrase_size(uint64_t bytes, char *buffer, size_t size)
{
	static const char units[] = "KMGT";
	unsigned shift = 10;
	size_t unit = 0;

	while (unit + 2 < sizeof(units) && bytes >> (shift + 10) != 0) {
		shift += 10;
		unit++;
	}
	uint64_t whole = bytes >> shift;
	uint64_t tenths = ((bytes & ((UINT64_C(1) << shift) - 1)) * 10) >> shift;

	if (bytes == 0)
		snprintf(buffer, size, "0");
	else if (tenths == 0)
		snprintf(buffer, size, "%" PRIu64 "%c", whole, units[unit]);
	else
		snprintf(buffer, size, "%" PRIu64 ".%" PRIu64 "%c", whole, tenths, units[unit]);
	return buffer;
}
