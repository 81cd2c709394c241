// SPDX-License-Identifier: Apache-2.0
#include "core/config/value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/config/document.h"
#include "core/config/items.h"

static void *value_at(const struct key *key, void *target)
{
	return (char *)target + key->offset;
}

static size_t *count_at(const struct key *key, void *target)
{
	return (size_t *)(void *)((char *)target + key->count_offset);
}

/* Records a refusal of @node, with its text where it has one; returns -@error. */
static int refuse(const struct key *key, const struct node *node, int error, const char *text,
		  struct diag *why)
{
	char allowed[256];

	diag_at(why, NULL, node->line, node->column);
	diag_set(why, error, "%s", text);
	if (node->kind == NODE_SCALAR)
		diag_got(why, node->text, strlen(node->text));
	diag_allowed(why, "%s", key_allowed(key, allowed, sizeof(allowed)));
	return -error;
}

static int kind_refuse(const struct key *key, const struct node *node, struct diag *why)
{
	static const char *const texts[] = {
		[NODE_SCALAR] = "a single value where a list belongs",
		[NODE_LIST] = "a list where a single value belongs",
		[NODE_MAPPING] = "a mapping where a value belongs",
	};
	const char *text = node_is_nothing(node) ? "no value" : texts[node->kind];

	if (node->kind == NODE_MAPPING && (key->type == VALUE_ITEMS || key->type == VALUE_LIST))
		text = "a mapping where a list belongs";
	return refuse(key, node, EINVAL, text, why);
}

static void number_store(const struct key *key, uint64_t number, void *target)
{
	uint32_t narrow = (uint32_t)number;

	switch (key->width) {
	case sizeof(bool):
		*(bool *)value_at(key, target) = number != 0;
		break;
	case sizeof(uint32_t):
		memcpy(value_at(key, target), &narrow, sizeof(narrow));
		break;
	default:
		memcpy(value_at(key, target), &number, sizeof(number));
	}
}

uint64_t value_number(const struct key *key, const void *target)
{
	const char *at = (const char *)target + key->offset;
	uint32_t narrow;
	uint64_t number;

	switch (key->width) {
	case sizeof(bool):
		return *(const bool *)at;
	case sizeof(uint32_t):
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	default:
		memcpy(&number, at, sizeof(number));
		return number;
	}
}

static const char *number_format(const struct key *key, uint64_t number, char *buffer, size_t size)
{
	if (key->type == VALUE_SIZE)
		return size_format(number, buffer, size);
	if (key->type == VALUE_DURATION)
		return duration_format(number, buffer, size);
	snprintf(buffer, size, "%" PRIu64, number);
	return buffer;
}

int value_check_range(const struct key *key, uint64_t number, const char *got, struct diag *why)
{
	char text[32];
	char allowed[256];

	if (key->max == 0 || (number >= key->min && number <= key->max))
		return 0;
	if (got == NULL)
		got = number_format(key, number, text, sizeof(text));
	diag_set(why, ERANGE, "out of range");
	diag_got(why, got, strlen(got));
	diag_allowed(why, "%s", key_allowed(key, allowed, sizeof(allowed)));
	return -ERANGE;
}

static int name_read(const struct key *key, const struct node *node, void *target, struct diag *why)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_";
	size_t length = strlen(node->text);

	if (length >= key->width)
		return refuse(key, node, EINVAL, "name too long", why);
	if (length == 0 || strchr(letters, node->text[0]) == NULL ||
	    strspn(node->text, others) != length)
		return refuse(key, node, EINVAL, "not a name", why);
	memset(value_at(key, target), 0, key->width);
	memcpy(value_at(key, target), node->text, length);
	return 0;
}

static int text_copy(const struct key *key, const struct node *node, char **ret, struct diag *why)
{
	size_t length;

	if (node->kind != NODE_SCALAR || node_is_nothing(node))
		return kind_refuse(key, node, why);
	length = strlen(node->text);
	if (length < key->min)
		return refuse(key, node, EINVAL, "empty text", why);
	if (length > key->max)
		return refuse(key, node, E2BIG, "text too long", why);
	char *copy = strdup(node->text);
	if (copy == NULL)
		return diag_set(why, ENOMEM, "not enough memory");
	free(*ret);
	*ret = copy;
	return 0;
}

static int texts_read(const struct key *key, const struct node *node, void *target,
		      struct diag *why)
{
	char **texts = value_at(key, target);
	size_t *count = count_at(key, target);

	value_done(key, target);
	if (node->kind == NODE_SCALAR) {
		int error = text_copy(key, node, texts, why);

		*count = error == 0;
		return error;
	}
	if (node->kind != NODE_LIST)
		return kind_refuse(key, node, why);
	for (const struct node *item = node->child; item != NULL; item = item->next) {
		if (*count == key->width / sizeof(char *))
			return refuse(key, item, E2BIG, "too many", why);
		int error = text_copy(key, item, &texts[*count], why);
		if (error != 0)
			return error;
		++*count;
	}
	return 0;
}

/* Plain decimal digits; no sign, no leading zero (which other readers of YAML take for octal). */
static int number_read(const struct key *key, const struct node *node, void *target,
		       struct diag *why)
{
	size_t length = strlen(node->text);
	uint64_t number = 0;

	if (!node->plain || length == 0 || strspn(node->text, "0123456789") != length ||
	    (node->text[0] == '0' && length > 1))
		return refuse(key, node, EINVAL, "not a whole number", why);
	for (const char *digit = node->text; *digit != '\0'; digit++) {
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*digit - '0'), &number))
			return refuse(key, node, ERANGE, "out of range", why);
	}
	int error = value_check_range(key, number, node->text, why);
	if (error != 0)
		return error;
	number_store(key, number, target);
	return 0;
}

static int unit_read(const struct key *key, const struct node *node, void *target,
		     struct diag *why)
{
	uint64_t number = 0;
	int error = key->type == VALUE_SIZE ? size_parse(node->text, &number, why)
					    : duration_parse(node->text, &number, why);

	if (error == 0)
		error = value_check_range(key, number, node->text, why);
	if (error == 0)
		number_store(key, number, target);
	return error;
}

static const struct choice *choice_find(const struct choice *choice, const char *word)
{
	while (choice->word != NULL && strcmp(choice->word, word) != 0)
		choice++;
	return choice->word != NULL ? choice : NULL;
}

static int choice_read(const struct key *key, const struct node *node, void *target,
		       struct diag *why)
{
	const struct choice *choice = choice_find(key->choices, node->text);

	if (choice == NULL)
		return refuse(key, node, EINVAL, "not one of the choices", why);
	number_store(key, choice->value, target);
	return 0;
}

static int set_read(const struct key *key, const struct node *node, void *target, struct diag *why)
{
	uint64_t bits = 0;

	if (node->kind != NODE_LIST)
		return kind_refuse(key, node, why);
	for (const struct node *item = node->child; item != NULL; item = item->next) {
		const struct choice *choice = item->kind == NODE_SCALAR
						      ? choice_find(key->choices, item->text)
						      : NULL;

		if (choice == NULL)
			return refuse(key, item, EINVAL, "not one of the choices", why);
		if ((bits & choice->value) != 0)
			return refuse(key, item, EINVAL, "named twice", why);
		bits |= choice->value;
	}
	number_store(key, bits, target);
	return 0;
}

static int truth_read(const struct key *key, const struct node *node, void *target,
		      struct diag *why)
{
	bool truth = strcmp(node->text, "true") == 0;

	if (!node->plain || (!truth && strcmp(node->text, "false") != 0))
		return refuse(key, node, EINVAL, "not a truth value", why);
	number_store(key, truth, target);
	return 0;
}

/* Whether @text has the form @form, in which x is a hexadecimal digit, and a digit stands for the
 * digits up to it. */
static bool has_form(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++) {
		bool fits = *form == 'x' ? isxdigit((unsigned char)*text)
			    : isdigit((unsigned char)*form) ? *text >= '0' && *text <= *form
							    : *text == *form;

		if (!fits)
			return false;
	}
	return *text == '\0';
}

/* Bus, device (five bits) and function, as lspci writes them, with or without the domain. */
static int address_read(const struct key *key, const struct node *node, void *target,
			struct diag *why)
{
	bool whole = has_form(node->text, "xxxx:xx:1x.7");
	char *address = value_at(key, target);

	if (!whole && !has_form(node->text, "xx:1x.7"))
		return refuse(key, node, EINVAL, "not a PCI address", why);
	snprintf(address, key->width, "%s%s", whole ? "" : "0000:", node->text);
	for (; *address != '\0'; address++)
		*address = (char)tolower((unsigned char)*address);
	return 0;
}

int value_check_list(const struct key *key, const struct node *node, size_t *ret_count,
		     struct diag *why)
{
	size_t count = 0;

	if (node->kind != NODE_LIST)
		return kind_refuse(key, node, why);
	for (const struct node *item = node->child; item != NULL; item = item->next)
		count++;
	if (count < key->min)
		return refuse(key, node, EINVAL, "empty list", why);
	if (count > key->max)
		return refuse(key, node, E2BIG, "too many", why);
	*ret_count = count;
	return 0;
}

static int list_read(const struct key *key, const struct node *node, void *target, struct diag *why)
{
	size_t count;
	int error = value_check_list(key, node, &count, why);

	if (error == 0)
		memcpy(value_at(key, target), &node, sizeof(node));
	return error;
}

int value_read(const struct key *key, const struct node *node, void *target, struct diag *why)
{
	diag_at(why, NULL, node->line, node->column);
	/* First the types that look at the node's kind themselves. */
	if (key->type == VALUE_TEXTS)
		return texts_read(key, node, target, why);
	if (key->type == VALUE_SET)
		return set_read(key, node, target, why);
	if (key->type == VALUE_LIST)
		return list_read(key, node, target, why);
	if (node->kind != NODE_SCALAR || node_is_nothing(node))
		return kind_refuse(key, node, why);
	switch (key->type) {
	case VALUE_NAME:
		return name_read(key, node, target, why);
	case VALUE_TEXT:
		return text_copy(key, node, value_at(key, target), why);
	case VALUE_NUMBER:
		return number_read(key, node, target, why);
	case VALUE_SIZE:
	case VALUE_DURATION:
		return unit_read(key, node, target, why);
	case VALUE_CHOICE:
		return choice_read(key, node, target, why);
	case VALUE_TRUTH:
		return truth_read(key, node, target, why);
	case VALUE_CPUS:
		return cpulist_parse(node->text, value_at(key, target), why);
	case VALUE_ADDRESS:
		return address_read(key, node, target, why);
	case VALUE_TEXTS:
	case VALUE_SET:
	case VALUE_ITEMS:
	case VALUE_LIST:
		break;
	}
	return -EINVAL;
}

void value_done(const struct key *key, void *target)
{
	char **texts = value_at(key, target);

	if (key->type == VALUE_TEXT)
		free(*texts);
	if (key->type == VALUE_TEXTS) {
		for (size_t i = 0; i < key->width / sizeof(*texts); i++)
			free(texts[i]);
		*count_at(key, target) = 0;
	}
	if (key->type == VALUE_ITEMS)
		items_done(key, target);
	memset(texts, 0, key->width);
}

int value_fallback(const struct key *key, void *target)
{
	value_done(key, target);
	if (key->fallback == NULL && key->unset != 0)
		number_store(key, key->unset, target);
	if (key->fallback == NULL)
		return 0;
	char *text = strdup(key->fallback);
	if (text == NULL)
		return -ENOMEM;
	/* An empty fallback is an empty text, as "" in quotes would be. */
	struct node node = {.kind = NODE_SCALAR, .plain = *text != '\0', .text = text};
	int error = value_read(key, &node, target, NULL);
	free(text);
	return error;
}
