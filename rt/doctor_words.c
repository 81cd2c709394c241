// SPDX-License-Identifier: Apache-2.0
#include "rt/doctor_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"

enum { ROOM_TO_END = 16 }; /* " and 4294967 more" is longer than any host needs */

void doctor_items_add(struct doctor_items *items, const char *format, ...)
{
	const char *separator = items->separator != NULL ? items->separator : ", ";
	char item[96];
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(item, sizeof(item), format, arguments) < 0)
		item[0] = '\0';
	va_end(arguments);
	items->count++;
	size_t before = items->length > 0 ? strlen(separator) : 0;

	if (items->left_out > 0 ||
	    items->length + before + strlen(item) + ROOM_TO_END >= sizeof(items->text)) {
		items->left_out++;
		return;
	}
	items->length += (size_t)snprintf(items->text + items->length,
					  sizeof(items->text) - items->length, "%s%s",
					  before > 0 ? separator : "", item);
}

const char *doctor_items_end(struct doctor_items *items)
{
	if (items->left_out > 0)
		snprintf(items->text + items->length, sizeof(items->text) - items->length,
			 " and %u more", items->left_out);
	return items->text;
}

const char *doctor_cpu_text(const struct cpulist *cpus, struct doctor_cpu_text *buffer)
{
	return doctor_list(cpus, buffer->text, sizeof(buffer->text));
}

const char *doctor_housekeeping_text(const struct doctor_subject *subject,
				     struct doctor_cpu_text *buffer)
{
	if (!cpulist_empty(&subject->housekeeping))
		return doctor_cpu_text(&subject->housekeeping, buffer);
	snprintf(buffer->text, sizeof(buffer->text), "0");
	return buffer->text;
}

bool doctor_cpus_meet(const struct cpulist *a, const struct cpulist *b)
{
	struct cpulist both;

	cpulist_and(a, b, &both);
	return !cpulist_empty(&both);
}

bool doctor_cpus_within(const struct cpulist *inner, const struct cpulist *outer)
{
	struct cpulist rest;

	cpulist_minus(inner, outer, &rest);
	return cpulist_empty(&rest);
}

bool doctor_threads_read(const struct doctor_subject *subject, struct doctor_result *result,
			 struct host_threads *ret)
{
	int error = threads_parse(&subject->host->files, ret);

	if (error == 0)
		return true;
	doctor_unknown(result, "threads of all processes", error);
	return false;
}
