// SPDX-License-Identifier: Apache-2.0
#include "core/base/cpulist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"

enum { WORDS = CPULIST_MAX / 64 };

void cpulist_add(struct cpulist *list, unsigned cpu)
{
	if (cpu < CPULIST_MAX)
		list->word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

void cpulist_remove(struct cpulist *list, unsigned cpu)
{
	if (cpu < CPULIST_MAX)
		list->word[cpu / 64] &= ~(UINT64_C(1) << (cpu % 64));
}

bool cpulist_has(const struct cpulist *list, unsigned cpu)
{
	return cpu < CPULIST_MAX && (list->word[cpu / 64] >> (cpu % 64) & 1) != 0;
}

unsigned cpulist_count(const struct cpulist *list)
{
	unsigned count = 0;

	for (unsigned i = 0; i < WORDS; i++)
		count += (unsigned)__builtin_popcountll(list->word[i]);
	return count;
}

bool cpulist_empty(const struct cpulist *list)
{
	return cpulist_next(list, 0) == CPULIST_MAX;
}

unsigned cpulist_next(const struct cpulist *list, unsigned from)
{
	while (from < CPULIST_MAX) {
		uint64_t rest = list->word[from / 64] >> (from % 64);

		if (rest != 0)
			return from + (unsigned)__builtin_ctzll(rest);
		from = (from / 64 + 1) * 64;
	}
	return CPULIST_MAX;
}

void cpulist_and(const struct cpulist *a, const struct cpulist *b, struct cpulist *ret)
{
	for (unsigned i = 0; i < WORDS; i++)
		ret->word[i] = a->word[i] & b->word[i];
}

void cpulist_or(const struct cpulist *a, const struct cpulist *b, struct cpulist *ret)
{
	for (unsigned i = 0; i < WORDS; i++)
		ret->word[i] = a->word[i] | b->word[i];
}

void cpulist_minus(const struct cpulist *a, const struct cpulist *b, struct cpulist *ret)
{
	for (unsigned i = 0; i < WORDS; i++)
		ret->word[i] = a->word[i] & ~b->word[i];
}

/* Reads a decimal CPU number at *@text and moves past it. */
static int parse_cpu(const char **text, unsigned *ret)
{
	unsigned value = 0;
	const char *c = *text;

	if (*c < '0' || *c > '9')
		return -EINVAL;
	for (; *c >= '0' && *c <= '9'; c++) {
		value = value * 10 + (unsigned)(*c - '0');
		if (value >= CPULIST_MAX)
			return -ERANGE;
	}
	*text = c;
	*ret = value;
	return 0;
}

static int refuse(struct diag *why, int error, const char *item, const char *text,
		  const char *remedy)
{
	diag_set(why, error, "%s", text);
	diag_got(why, item, strcspn(item, ","));
	diag_allowed(why, "CPU numbers and ascending ranges like 2-5,8, below %d", CPULIST_MAX);
	diag_remedy(why, "%s", remedy);
	return -error;
}

/* Reads one item, "N" or "N-M", at *@text, adds it to @list, and moves past it. */
static int parse_item(const char **text, struct cpulist *list, struct diag *why)
{
	const char *item = *text;
	unsigned first = 0;
	unsigned last = 0;
	int error = parse_cpu(text, &first);

	last = first;
	if (error == 0 && **text == '-') {
		++*text;
		error = parse_cpu(text, &last);
	}
	if (error == -ERANGE)
		return refuse(why, ERANGE, item, "CPU number too large",
			      "name CPUs that the host has (lscpu -e)");
	if (error != 0 || (**text != '\0' && **text != ','))
		return refuse(why, EINVAL, item, "not a CPU list",
			      "write numbers and ranges with commas between, without blanks");
	if (last < first)
		return refuse(why, EINVAL, item, "reversed CPU range",
			      "write the lower number first");
	for (unsigned cpu = first; cpu <= last; cpu++) {
		if (cpulist_has(list, cpu))
			return refuse(why, EINVAL, item, "CPU named twice",
				      "name each CPU once");
		cpulist_add(list, cpu);
	}
	return 0;
}

int cpulist_parse(const char *text, struct cpulist *ret, struct diag *why)
{
	struct cpulist list = {0};

	if (*text == '\0')
		return refuse(why, EINVAL, text, "empty CPU list", "name at least one CPU");
	for (;;) {
		int error = parse_item(&text, &list, why);

		if (error != 0)
			return error;
		if (*text == '\0')
			break;
		text++;
	}
	*ret = list;
	return 0;
}

int cpulist_parse_kernel(const char *text, struct cpulist *ret)
{
	char copy[CPULIST_TEXT_MAX];
	size_t length = strcspn(text, "\n");

	if (length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (length == 0) {
		*ret = (struct cpulist){0};
		return 0;
	}
	return cpulist_parse(copy, ret, NULL) == 0 ? 0 : -EINVAL;
}

char *cpulist_format(const struct cpulist *list, char *buffer, size_t size)
{
	static const char rest[] = ",...";
	size_t used = 0;
	size_t cut = 0; /* where there still is room for the rest */

	buffer[0] = '\0';
	for (unsigned cpu = cpulist_next(list, 0); cpu < CPULIST_MAX;) {
		unsigned last = cpu;
		char item[32];

		while (cpulist_has(list, last + 1))
			last++;
		snprintf(item, sizeof(item), last == cpu ? "%s%u" : "%s%u-%u", used == 0 ? "" : ",", cpu, last);
		if (used + strlen(item) >= size) {
			snprintf(buffer + cut, size - cut, "%s", cut == 0 ? rest + 1 : rest);
			break;
		}
		used += (size_t)snprintf(buffer + used, size - used, "%s", item);
		cut = used + sizeof(rest) <= size ? used : cut;
		cpu = cpulist_next(list, last + 1);
	}
	return buffer;
}
