// SPDX-License-Identifier: Apache-2.0
#include "core/base/change_compare.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cpulist.h"

/* struct span - a part of a text. */
struct span {
	const char *text;
	size_t length;
};

static bool is_blank(char c)
{
	return isspace((unsigned char)c) != 0;
}

static struct span trim(const char *text, size_t length)
{
	while (length > 0 && is_blank(*text)) {
		text++;
		length--;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	return (struct span){text, length};
}

static bool same(struct span a, struct span b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool same_number(const char *wanted, const char *read)
{
	char *wanted_end;
	char *read_end;

	errno = 0;
	long long a = strtoll(wanted, &wanted_end, 0);
	long long b = strtoll(read, &read_end, 0);

	return errno == 0 && wanted_end != wanted && read_end != read && a == b &&
	       trim(wanted_end, strlen(wanted_end)).length == 0 &&
	       trim(read_end, strlen(read_end)).length == 0;
}

static bool same_cpus(const char *wanted, const char *read)
{
	struct cpulist a;
	struct cpulist b;

	return cpulist_parse_kernel(wanted, &a) == 0 && cpulist_parse_kernel(read, &b) == 0 &&
	       memcmp(&a, &b, sizeof(a)) == 0;
}

static bool within_cpus(const char *wanted, const char *read)
{
	struct cpulist a;
	struct cpulist b;

	if (cpulist_parse_kernel(wanted, &a) != 0 || cpulist_parse_kernel(read, &b) != 0 || cpulist_empty(&b))
		return false;
	cpulist_minus(&b, &a, &b);
	return cpulist_empty(&b);
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next hexadecimal digit to the left that is no leading zero is compared by place: skips commas. */
static int mask_digit(struct span *mask)
{
	while (mask->length > 0) {
		char c = mask->text[--mask->length];

		if (c != ',')
			return digit_value(c);
	}
	return 0;
}

static bool same_mask(const char *wanted, const char *read)
{
	struct span a = trim(wanted, strlen(wanted));
	struct span b = trim(read, strlen(read));

	if (a.length == 0 || b.length == 0)
		return false;
	while (a.length > 0 || b.length > 0) {
		int left = mask_digit(&a);

		if (left < 0 || left != mask_digit(&b))
			return false;
	}
	return true;
}

static bool chosen(const char *wanted, const char *read)
{
	const char *open = strchr(read, '[');
	const char *close = open == NULL ? NULL : strchr(open, ']');

	return close != NULL && same(trim(wanted, strlen(wanted)),
				     trim(open + 1, (size_t)(close - open - 1)));
}

static bool has_word(const char *read, struct span word)
{
	while (*read != '\0') {
		size_t blanks = strspn(read, " \t\n");
		size_t length = strcspn(read + blanks, " \t\n");

		if (length > 0 && same((struct span){read + blanks, length}, word))
			return true;
		read += blanks + length;
	}
	return false;
}

static bool word_holds(const char *wanted, const char *read)
{
	struct span word = trim(wanted, strlen(wanted));
	bool absent = word.length > 0 && *word.text == '-';

	if (word.length > 0 && (*word.text == '+' || absent)) {
		word.text++;
		word.length--;
	}
	return word.length > 0 && has_word(read, word) != absent;
}

/* The next character that tells: no blank, and no zero that leads the number behind a '='. */
static char line_character(struct span *rest, char last)
{
	while (rest->length > 0 &&
	       (is_blank(*rest->text) || (last == '=' && rest->length > 1 && *rest->text == '0' &&
					  digit_value(rest->text[1]) >= 0))) {
		rest->text++;
		rest->length--;
	}
	if (rest->length == 0)
		return '\0';
	rest->length--;
	return *rest->text++;
}

/* Tables that the kernel pads, by its version: "  L3:0=00f;1=7ff" is "L3:0=f;1=7ff". */
static bool same_line(struct span a, struct span b)
{
	char last = '\0';

	for (;;) {
		char left = line_character(&a, last);

		if (left != line_character(&b, last))
			return false;
		if (left == '\0')
			return true;
		last = left;
	}
}

static bool has_line(const char *read, struct span line)
{
	while (*read != '\0') {
		size_t length = strcspn(read, "\n");

		if (same_line(trim(read, length), line))
			return true;
		read += length + (read[length] == '\n' ? 1 : 0);
	}
	return false;
}

static bool lines_hold(const char *wanted, const char *read)
{
	while (*wanted != '\0') {
		size_t length = strcspn(wanted, "\n");
		struct span line = trim(wanted, length);

		if (line.length > 0 && !has_line(read, line))
			return false;
		wanted += length + (wanted[length] == '\n' ? 1 : 0);
	}
	return true;
}

bool change_compare(enum change_compare compare, const char *wanted, const char *read)
{
	switch (compare) {
	case COMPARE_EXACT:
		return same(trim(wanted, strlen(wanted)), trim(read, strlen(read)));
	case COMPARE_NUMBER:
		return same_number(wanted, read);
	case COMPARE_CPUS:
		return same_cpus(wanted, read);
	case COMPARE_WITHIN:
		return within_cpus(wanted, read);
	case COMPARE_MASK:
		return same_mask(wanted, read);
	case COMPARE_CHOICE:
		return chosen(wanted, read);
	case COMPARE_WORD:
		return word_holds(wanted, read);
	case COMPARE_LINES:
		return lines_hold(wanted, read);
	}
	return false;
}
