// SPDX-License-Identifier: Apache-2.0
#include "core/host/interrupts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a decimal number at *@text, which does not pass @end, and moves past it. */
static int read_number(const char **text, const char *end, uint64_t *ret)
{
	const char *c = *text;
	uint64_t value = 0;

	if (c == end || !is_digit(*c))
		return -EINVAL;
	for (; c < end && is_digit(*c); c++) {
		if (__builtin_mul_overflow(value, 10U, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
			return -EINVAL;
	}
	*text = c;
	*ret = value;
	return 0;
}

/* "CPU12" at *@text. */
static int read_cpu(const char **text, const char *end, unsigned *ret)
{
	uint64_t number;

	if (end - *text < 4 || strncmp(*text, "CPU", 3) != 0)
		return -EINVAL;
	*text += 3;
	if (read_number(text, end, &number) != 0 || number >= CPULIST_MAX)
		return -EINVAL;
	*ret = (unsigned)number;
	return 0;
}

static int parse_head(const char *text, const char *end, struct interrupts *ret)
{
	unsigned cpu;

	ret->column = calloc(CPULIST_MAX, sizeof(*ret->column));
	if (ret->column == NULL)
		return -ENOMEM;
	for (;;) {
		while (text < end && is_blank(*text))
			text++;
		if (text == end)
			break;
		if (read_cpu(&text, end, &cpu) != 0 || cpulist_has(&ret->cpus, cpu))
			return -EINVAL;
		cpulist_add(&ret->cpus, cpu);
		ret->column[ret->columns++] = cpu;
	}
	return ret->columns == 0 ? -EINVAL : 0;
}

/* A row's name is a number or a few letters; all else is no row. */
static bool parse_name(const char *text, const char *colon, struct interrupt_row *row)
{
	uint64_t number;

	while (text < colon && is_blank(*text))
		text++;
	size_t length = (size_t)(colon - text);

	if (length == 0 || length >= sizeof(row->name) || memchr(text, ' ', length) != NULL)
		return false;
	memcpy(row->name, text, length);
	row->name[length] = '\0';
	row->number = INTERRUPT_NONE;
	if (read_number(&text, colon, &number) == 0 && text == colon) {
		if (number > INT32_MAX)
			return false;
		row->number = (int)number;
	}
	return true;
}

static int parse_row(const char *text, const char *end, struct interrupts *ret, size_t *room)
{
	const char *colon = memchr(text, ':', (size_t)(end - text));
	struct interrupt_row row = {0};

	if (colon == NULL || !parse_name(text, colon, &row))
		return 0;
	row.text = colon + 1;
	row.length = (size_t)(end - row.text);
	if (ret->count == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		struct interrupt_row *grown = reallocarray(ret->row, more, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		ret->row = grown;
		*room = more;
	}
	ret->row[ret->count++] = row;
	return 0;
}

static int parse(const char *text, struct interrupts *ret)
{
	const char *end = strchrnul(text, '\n');
	size_t room = 0;
	int error = parse_head(text, end, ret);

	while (error == 0 && *end != '\0') {
		text = end + 1;
		end = strchrnul(text, '\n');
		error = parse_row(text, end, ret, &room);
	}
	return error;
}

int interrupts_parse(const char *text, struct interrupts *ret)
{
	struct interrupts found = {0};
	int error = parse(text, &found);

	if (error == 0)
		*ret = found;
	else
		interrupts_done(&found);
	return error;
}

const struct interrupt_row *interrupts_find(const struct interrupts *interrupts, const char *name)
{
	for (size_t i = 0; i < interrupts->count; i++) {
		if (strcmp(interrupts->row[i].name, name) == 0)
			return &interrupts->row[i];
	}
	return NULL;
}

int interrupt_counts(const struct interrupts *interrupts, const struct interrupt_row *row,
		     uint64_t *ret)
{
	const char *text = row->text;
	const char *end = row->text + row->length;

	for (size_t i = 0; i < interrupts->columns; i++) {
		while (text < end && is_blank(*text))
			text++;
		if (read_number(&text, end, &ret[i]) != 0 || (text < end && !is_blank(*text)))
			return -EINVAL;
	}
	return 0;
}

int interrupt_sum(const struct interrupts *interrupts, const struct interrupt_row *row,
		  const struct cpulist *cpus, uint64_t *ret)
{
	_cleanup_free_ uint64_t *count = calloc(interrupts->columns, sizeof(*count));
	uint64_t sum = 0;
	int error;

	if (count == NULL)
		return -ENOMEM;
	error = interrupt_counts(interrupts, row, count);
	if (error != 0)
		return error;
	for (size_t i = 0; i < interrupts->columns; i++) {
		if (cpulist_has(cpus, interrupts->column[i]) &&
		    __builtin_add_overflow(sum, count[i], &sum))
			return -EINVAL;
	}
	*ret = sum;
	return 0;
}

char *interrupt_label(const struct interrupts *interrupts, const struct interrupt_row *row,
		      char *buffer, size_t size)
{
	const char *text = row->text;
	const char *end = row->text + row->length;
	size_t length = 0;
	uint64_t count;

	for (size_t i = 0; i < interrupts->columns; i++) {
		const char *start = text;

		while (start < end && is_blank(*start))
			start++;
		if (read_number(&start, end, &count) != 0 || (start < end && !is_blank(*start)))
			break;
		text = start;
	}
	for (; text < end && length + 1 < size; text++) {
		bool blank = is_blank(*text);

		if (blank && (length == 0 || buffer[length - 1] == ' '))
			continue;
		buffer[length++] = blank ? ' ' : *text;
	}
	if (size > 0)
		buffer[length] = '\0';
	return buffer;
}

/* The counters of one sample by CPU number. */
static int counts_by_cpu(const struct interrupts *interrupts, const char *name, uint64_t *ret)
{
	const struct interrupt_row *row = interrupts_find(interrupts, name);

	if (row == NULL)
		return -ENOENT;
	_cleanup_free_ uint64_t *count = calloc(interrupts->columns, sizeof(*count));
	int error;

	if (count == NULL)
		return -ENOMEM;
	error = interrupt_counts(interrupts, row, count);
	for (size_t i = 0; error == 0 && i < interrupts->columns; i++)
		ret[interrupts->column[i]] = count[i];
	return error;
}

int interrupts_growth(const struct interrupts *before, const struct interrupts *after,
		      const char *name, const struct cpulist *cpus, uint64_t *ret)
{
	_cleanup_free_ uint64_t *first = calloc(CPULIST_MAX, sizeof(*first));
	_cleanup_free_ uint64_t *second = calloc(CPULIST_MAX, sizeof(*second));
	uint64_t sum = 0;
	int error;

	if (first == NULL || second == NULL)
		return -ENOMEM;
	error = counts_by_cpu(before, name, first);
	if (error == 0 || error == -ENOENT)
		error = counts_by_cpu(after, name, second);
	if (error != 0)
		return error;
	for (size_t i = 0; i < after->columns; i++) {
		unsigned cpu = after->column[i];
		uint64_t more = second[cpu] - first[cpu];

		if (second[cpu] < first[cpu])
			more &= UINT32_MAX;
		if (cpulist_has(cpus, cpu) && __builtin_add_overflow(sum, more, &sum))
			return -EINVAL;
	}
	*ret = sum;
	return 0;
}

void interrupts_done(struct interrupts *interrupts)
{
	free(interrupts->column);
	free(interrupts->row);
	*interrupts = (struct interrupts){0};
}
