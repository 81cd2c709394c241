// SPDX-License-Identifier: Apache-2.0
#include "core/base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"

struct unit {
	const char *name;
	uint64_t scale;
};

/* Largest first: formatting takes the first that divides. */
static const struct unit size_units[] = {
	{"T", UINT64_C(1) << 40}, {"G", UINT64_C(1) << 30}, {"M", UINT64_C(1) << 20},
	{"K", UINT64_C(1) << 10}, {NULL, 0},
};

static const struct unit duration_units[] = {
	{"h", UINT64_C(3600000000000)}, {"m", UINT64_C(60000000000)}, {"s", UINT64_C(1000000000)},
	{"ms", UINT64_C(1000000)}, {"us", UINT64_C(1000)}, {"ns", UINT64_C(1)}, {NULL, 0},
};

static const struct unit *unit_find(const struct unit *units, const char *name)
{
	for (; units->name != NULL; units++) {
		if (strcmp(units->name, name) == 0)
			return units;
	}
	return NULL;
}

static int refuse(struct diag *why, int error, const char *input, const char *allowed,
		  const char *text)
{
	diag_set(why, error, "%s", text);
	diag_got(why, input, strlen(input));
	diag_allowed(why, "%s", allowed);
	diag_remedy(why, error == ERANGE ? "write a smaller one" : "write a number with its unit");
	return -error;
}

/* Reads digits at *@text into @ret; at least one is needed. -EINVAL none, -ERANGE past 2^63 - 1. */
static int parse_digits(const char **text, uint64_t *ret)
{
	uint64_t value = 0;
	const char *c = *text;

	if (*c < '0' || *c > '9')
		return -EINVAL;
	for (; *c >= '0' && *c <= '9'; c++) {
		if (value > (INT64_MAX - (uint64_t)(*c - '0')) / 10)
			return -ERANGE;
		value = value * 10 + (uint64_t)(*c - '0');
	}
	*text = c;
	*ret = value;
	return 0;
}

int size_parse(const char *text, uint64_t *ret_bytes, struct diag *why)
{
	static const char allowed[] = "a whole number with K, M, G or T, like 512M";
	const char *rest = text;
	uint64_t number;
	int error = parse_digits(&rest, &number);

	if (error == -ERANGE)
		return refuse(why, ERANGE, text, allowed, "size too large");
	if (error != 0)
		return refuse(why, EINVAL, text, allowed, "not a size");
	if (number == 0 && *rest == '\0') {
		*ret_bytes = 0;
		return 0;
	}
	const struct unit *unit = unit_find(size_units, rest);
	if (unit == NULL)
		return refuse(why, EINVAL, text, allowed,
			      *rest == '\0' ? "size without a unit" : "not a size");
	if (number > INT64_MAX / unit->scale)
		return refuse(why, ERANGE, text, allowed, "size too large");
	*ret_bytes = number * unit->scale;
	return 0;
}

/* Adds the part behind the decimal point, digit by digit, as long as it is whole nanoseconds. */
static int parse_fraction(const char **text, uint64_t scale, uint64_t *ns)
{
	const char *c = *text;

	if (*c < '0' || *c > '9')
		return -EINVAL;
	for (; *c >= '0' && *c <= '9'; c++) {
		uint64_t digit = (uint64_t)(*c - '0');

		if (digit != 0 && scale % 10 != 0)
			return -EINVAL;
		scale /= 10;
		*ns += digit * scale;
	}
	*text = c;
	return 0;
}

int duration_parse(const char *text, uint64_t *ret_ns, struct diag *why)
{
	static const char allowed[] = "a number with ns, us, ms, s, m or h, like 250us";
	const char *rest = text;
	uint64_t number;
	uint64_t fraction = 0;
	int error = parse_digits(&rest, &number);

	if (error == -ERANGE)
		return refuse(why, ERANGE, text, allowed, "duration too long");
	if (error != 0)
		return refuse(why, EINVAL, text, allowed, "not a duration");
	if (number == 0 && *rest == '\0') {
		*ret_ns = 0;
		return 0;
	}
	const struct unit *unit = unit_find(duration_units, rest + strspn(rest, ".0123456789"));
	if (unit == NULL)
		return refuse(why, EINVAL, text, allowed,
			      *rest == '\0' ? "duration without a unit" : "not a duration");
	if (*rest == '.') {
		rest++;
		if (parse_fraction(&rest, unit->scale, &fraction) != 0)
			return refuse(why, EINVAL, text, allowed, "not whole nanoseconds");
	}
	if (unit_find(duration_units, rest) != unit)
		return refuse(why, EINVAL, text, allowed, "not a duration");
	if (number > (INT64_MAX - fraction) / unit->scale)
		return refuse(why, ERANGE, text, allowed, "duration too long");
	*ret_ns = number * unit->scale + fraction;
	return 0;
}

static char *unit_format(const struct unit *units, uint64_t value, char *buffer, size_t size)
{
	while (units->name != NULL && value % units->scale != 0)
		units++;
	if (value == 0)
		snprintf(buffer, size, "0");
	else if (units->name != NULL)
		snprintf(buffer, size, "%" PRIu64 "%s", value / units->scale, units->name);
	else
		snprintf(buffer, size, "%" PRIu64 " bytes", value);
	return buffer;
}

char *size_format(uint64_t bytes, char *buffer, size_t size)
{
	return unit_format(size_units, bytes, buffer, size);
}

char *duration_format(uint64_t ns, char *buffer, size_t size)
{
	return unit_format(duration_units, ns, buffer, size);
}
