// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/launch.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/vmm/launch_fields.h"

static void *member(struct launch *launch, const struct launch_field *field)
{
	return (char *)launch + field->offset;
}

static int refuse(const struct launch_field *field, const json_t *value, const char *expected,
		  struct diag *why)
{
	_cleanup_free_ char *got = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	diag_key(why, "%s", field->key);
	diag_set(why, EINVAL, "not what a launch record holds here");
	if (got != NULL)
		diag_got(why, got, strlen(got));
	diag_allowed(why, "%s", expected);
	return -EINVAL;
}

static int read_text(const struct launch_field *field, const json_t *value, char **ret, struct diag *why)
{
	const char *text = json_string_value(value);
	char expected[64];

	snprintf(expected, sizeof(expected), "a text of %" PRId64 " to %" PRId64 " bytes without NUL",
		 field->type == FIELD_TEXTS ? 1 : field->min,
		 field->type == FIELD_TEXTS ? PATH_MAX - 1 : field->max);
	if (text == NULL || strlen(text) != json_string_length(value) ||
	    (field->type == FIELD_TEXTS && (*text == '\0' || strlen(text) >= PATH_MAX)) ||
	    (field->type != FIELD_TEXTS &&
	     ((int64_t)strlen(text) < field->min || (int64_t)strlen(text) > field->max)))
		return refuse(field, value, expected, why);
	*ret = strdup(text);
	return *ret == NULL ? diag_set(why, ENOMEM, "out of memory") : 0;
}

static int read_name(const struct launch_field *field, const json_t *value, char *name, struct diag *why)
{
	const char *text = json_string_value(value);

	if (text == NULL || *text == '\0' || json_string_length(value) >= PARTITION_NAME_MAX ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") !=
		    json_string_length(value))
		return refuse(field, value, "a name of letters, digits, - and _", why);
	snprintf(name, PARTITION_NAME_MAX, "%s", text);
	return 0;
}

static int read_texts(const struct launch_field *field, const json_t *value, struct launch *launch,
		      struct diag *why)
{
	size_t i;
	const json_t *item;

	if (!json_is_array(value) || json_array_size(value) > PARTITION_INITRDS_MAX)
		return refuse(field, value, "a list of up to 16 paths", why);
	json_array_foreach(value, i, item) {
		int error = read_text(field, item, &launch->initrd[i], why);

		if (error != 0)
			return error;
		launch->initrd_count = i + 1;
	}
	return 0;
}

static int read_numbers(const struct launch_field *field, const json_t *value,
			int number[PARTITION_VCPUS_MAX], struct diag *why)
{
	char expected[96];
	size_t i;
	const json_t *item;

	snprintf(expected, sizeof(expected), "a list of 1 to %d whole numbers, each from %" PRId64 " to %"
		 PRId64, PARTITION_VCPUS_MAX, field->min, field->max);
	if (!json_is_array(value) || json_array_size(value) == 0 ||
	    json_array_size(value) > PARTITION_VCPUS_MAX)
		return refuse(field, value, expected, why);
	json_array_foreach(value, i, item) {
		json_int_t got = json_integer_value(item);

		if (!json_is_integer(item) || got < field->min || got > field->max)
			return refuse(field, value, expected, why);
		number[i] = (int)got;
	}
	return 0;
}

static int read_cpus(const struct launch_field *field, const json_t *value, struct launch *launch,
		     struct diag *why)
{
	int error = read_numbers(field, value, launch->vcpu_cpu, why);

	if (error == 0)
		launch->vcpus = (unsigned)json_array_size(value);
	return error;
}

static int read_groups(const struct launch_field *field, const json_t *value, struct launch *launch,
		       struct diag *why)
{
	int error = read_numbers(field, value, launch->vcpu_group, why);

	if (error == 0 && json_array_size(value) != launch->vcpus)
		return refuse(field, value, "as many numbers as vcpu_cpus has", why);
	return error;
}

static int read_cpulist(const struct launch_field *field, const json_t *value, struct cpulist *list,
			struct diag *why)
{
	const char *text = json_string_value(value);

	if (text == NULL || cpulist_parse_kernel(text, list) != 0 || strchr(text, '\n') != NULL)
		return refuse(field, value, "a CPU list like \"0-1,4\", or \"\"", why);
	return 0;
}

static int read_number(const struct launch_field *field, const json_t *value, int64_t *ret,
		       struct diag *why)
{
	char expected[80];
	json_int_t number = json_integer_value(value);

	snprintf(expected, sizeof(expected), "a whole number from %" PRId64 " to %" PRId64, field->min,
		 field->max);
	if (!json_is_integer(value) || number < field->min || number > field->max)
		return refuse(field, value, expected, why);
	*ret = number;
	return 0;
}

static int read_choice(const struct launch_field *field, const json_t *value, unsigned *ret,
		       struct diag *why)
{
	const char *text = json_string_value(value);
	char expected[64] = "one of";

	for (unsigned i = 0; field->choices[i] != NULL; i++) {
		size_t used = strlen(expected);

		if (text != NULL && strcmp(text, field->choices[i]) == 0) {
			*ret = i;
			return 0;
		}
		snprintf(expected + used, sizeof(expected) - used, " %s", field->choices[i]);
	}
	return refuse(field, value, expected, why);
}

static int read_field(const struct launch_field *field, const json_t *value, struct launch *launch,
		      struct diag *why)
{
	int64_t number = 0;
	int error;

	switch (field->type) {
	case FIELD_TEXT:
		return read_text(field, value, member(launch, field), why);
	case FIELD_NAME:
		return read_name(field, value, launch->name, why);
	case FIELD_TEXTS:
		return read_texts(field, value, launch, why);
	case FIELD_CPUS:
		return read_cpus(field, value, launch, why);
	case FIELD_GROUPS:
		return read_groups(field, value, launch, why);
	case FIELD_CPULIST:
		return read_cpulist(field, value, member(launch, field), why);
	case FIELD_CHOICE:
		return read_choice(field, value, member(launch, field), why);
	case FIELD_BOOL:
		if (!json_is_boolean(value))
			return refuse(field, value, "true or false", why);
		*(bool *)member(launch, field) = json_is_true(value);
		return 0;
	case FIELD_VERSION:
	case FIELD_U64:
	case FIELD_UNSIGNED:
	case FIELD_INT:
		break;
	}
	error = read_number(field, value, &number, why);
	if (error == 0 && field->type == FIELD_U64)
		*(uint64_t *)member(launch, field) = (uint64_t)number;
	if (error == 0 && field->type == FIELD_UNSIGNED)
		*(unsigned *)member(launch, field) = (unsigned)number;
	if (error == 0 && field->type == FIELD_INT)
		*(int *)member(launch, field) = (int)number;
	return error;
}

static int refuse_unknown_keys(const json_t *record, struct diag *why)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)record, key, value) {
		bool known = false;

		for (size_t i = 0; i < LAUNCH_FIELDS && !known; i++)
			known = strcmp(key, launch_fields[i].key) == 0;
		if (!known) {
			diag_key(why, "%s", key);
			return diag_set(why, EINVAL, "launch record version %d has no such key",
					LAUNCH_VERSION);
		}
	}
	return 0;
}

/* What no single key can show. */
static int check_whole(const struct launch *launch, struct diag *why)
{
	const struct thread_policy *policy = &launch->policy;

	if (policy->class == THREAD_FIFO && policy->priority == 0) {
		diag_key(why, "priority");
		return diag_set(why, EINVAL, "SCHED_FIFO without a priority");
	}
	if (policy->class == THREAD_DEADLINE &&
	    (policy->runtime_ns == 0 || policy->runtime_ns > policy->deadline_ns ||
	     policy->deadline_ns > policy->period_ns)) {
		diag_key(why, "runtime_ns");
		return diag_set(why, EINVAL, "SCHED_DEADLINE wants 0 < runtime <= deadline <= period");
	}
	if (launch->page_bytes != 4096 && launch->page_bytes != 1 << 21 &&
	    launch->page_bytes != 1 << 30) {
		diag_key(why, "page_bytes");
		return diag_set(why, EINVAL, "pages of guest memory are 4096, 2097152 or 1073741824");
	}
	return 0;
}

static int decode_object(const json_t *record, struct launch *launch, struct diag *why)
{
	const json_t *version = json_object_get(record, "version");

	if (!json_is_object(record))
		return diag_set(why, EINVAL, "a launch record is a JSON object");
	if (json_is_integer(version) && json_integer_value(version) != LAUNCH_VERSION) {
		diag_key(why, "version");
		diag_set(why, ENOTSUP, "this launch record is of another version");
		diag_allowed(why, "%d", LAUNCH_VERSION);
		diag_remedy(why, "use bulkhead and bulkhead-vmm of the same release");
		return -ENOTSUP;
	}
	for (size_t i = 0; i < LAUNCH_FIELDS; i++) {
		const json_t *value = json_object_get(record, launch_fields[i].key);

		if (value == NULL) {
			diag_key(why, "%s", launch_fields[i].key);
			return diag_set(why, EINVAL, "missing from the launch record");
		}
		int error = read_field(&launch_fields[i], value, launch, why);
		if (error != 0)
			return error;
	}
	int error = refuse_unknown_keys(record, why);
	return error != 0 ? error : check_whole(launch, why);
}

int launch_decode(const char *text, size_t length, struct launch *ret, struct diag *why)
{
	struct launch launch = {0};
	json_error_t where;
	int error;

	if (length > LAUNCH_BYTES_MAX)
		return diag_set(why, E2BIG, "the launch record is larger than %d bytes",
				LAUNCH_BYTES_MAX);
	json_t *record = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	if (record == NULL) {
		diag_at(why, "launch record", where.line > 0 ? (unsigned)where.line : 0,
			where.column > 0 ? (unsigned)where.column : 0);
		return diag_set(why, EINVAL, "not JSON: %s", where.text);
	}
	diag_at(why, "launch record", 0, 0);
	error = decode_object(record, &launch, why);
	json_decref(record);
	if (error != 0) {
		launch_done(&launch);
		return error;
	}
	if (why != NULL)
		why->file[0] = '\0';
	*ret = launch;
	return 0;
}

void launch_done(struct launch *launch)
{
	free(launch->kernel);
	free(launch->cmdline);
	for (size_t i = 0; i < PARTITION_INITRDS_MAX; i++)
		free(launch->initrd[i]);
	*launch = (struct launch){0};
}
