// SPDX-License-Identifier: Apache-2.0
/* What the checks share: how they ask for a fact, and how they put what they found. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"

enum { FACT_PATH_MAX = 256 };

/* A captured host's texts are anybody's: nothing of them may drive the reader's terminal. */
static void make_plain(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			*text = '?';
	}
}

/* What does not fit ends in dots, so that nobody takes its beginning for the whole. */
__attribute__((format(printf, 3, 0)))
static void field_format(char *field, size_t size, const char *format, va_list arguments)
{
	int length = vsnprintf(field, size, format, arguments);

	if (length < 0 || (size_t)length >= size)
		memcpy(field + size - sizeof(" ..."), " ...", sizeof(" ..."));
	make_plain(field);
}

void doctor_say(struct doctor_result *result, enum doctor_verdict verdict, const char *format, ...)
{
	va_list arguments;

	result->verdict = verdict;
	va_start(arguments, format);
	field_format(result->value, sizeof(result->value), format, arguments);
	va_end(arguments);
	if (result->value[0] == '\0' && verdict != DOCTOR_NOT_APPLICABLE)
		snprintf(result->value, sizeof(result->value), "(empty)");
	if (verdict == DOCTOR_PASS || verdict == DOCTOR_NOT_APPLICABLE)
		result->remedy[0] = '\0';
}

void doctor_expect(struct doctor_result *result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	field_format(result->expected, sizeof(result->expected), format, arguments);
	va_end(arguments);
}

void doctor_advise(struct doctor_result *result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	field_format(result->remedy, sizeof(result->remedy), format, arguments);
	va_end(arguments);
}

/* What is no file of the host has a path in a capture alone, which tells nobody where it came from. */
static const char *name_of(const char *fact)
{
	static const char *const name[][2] = {
		{"/bulkhead/kvm-capabilities", "/dev/kvm"},
		{"/bulkhead/kernel-log", "the kernel log"},
		{"/bulkhead/msr/0x34", "SMI count (MSR 0x34)"},
		{"/bulkhead/window-ns", "length of the time watched"},
		{"/bulkhead/later/proc/interrupts", "/proc/interrupts, once more"},
		{"/bulkhead/later/bulkhead/msr/0x34", "SMI count (MSR 0x34), once more"},
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if (strcmp(fact, name[i][0]) == 0)
			return name[i][1];
	}
	return fact;
}

void doctor_unknown(struct doctor_result *result, const char *fact, int error)
{
	error = error < 0 ? error : -error;
	doctor_say(result, DOCTOR_UNKNOWN, "%s: %s", name_of(fact), host_unknown(error));
	if (error == -EACCES || error == -EPERM)
		doctor_advise(result, "run as root");
	else
		result->remedy[0] = '\0';
}

__attribute__((format(printf, 2, 0)))
static void path_format(char *path, const char *format, va_list arguments)
{
	if (vsnprintf(path, FACT_PATH_MAX, format, arguments) < 0)
		path[0] = '\0';
}

/* Says unknown after an error; whether there was none. */
static bool was_read(struct doctor_result *result, const char *path, int error)
{
	if (error != 0)
		doctor_unknown(result, path, error);
	return error == 0;
}

bool doctor_text(const struct doctor_subject *subject, struct doctor_result *result,
		 const char **ret, const char *format, ...)
{
	char path[FACT_PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	path_format(path, format, arguments);
	va_end(arguments);
	return was_read(result, path, host_text(&subject->host->files, ret, "%s", path));
}

bool doctor_number(const struct doctor_subject *subject, struct doctor_result *result, int64_t *ret,
		   const char *format, ...)
{
	char path[FACT_PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	path_format(path, format, arguments);
	va_end(arguments);
	return was_read(result, path, host_number(&subject->host->files, ret, "%s", path));
}

bool doctor_cpus(const struct doctor_subject *subject, struct doctor_result *result,
		 struct cpulist *ret, const char *format, ...)
{
	char path[FACT_PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	path_format(path, format, arguments);
	va_end(arguments);
	return was_read(result, path, host_cpus(&subject->host->files, ret, "%s", path));
}

static bool has_parameters(const struct doctor_subject *subject, const char *module)
{
	char pattern[FACT_PATH_MAX];
	size_t at = 0;

	snprintf(pattern, sizeof(pattern), "/sys/module/%s/parameters/*", module);
	return host_files_next(&subject->host->files, pattern, &at) != NULL;
}

int doctor_parameter(const struct doctor_subject *subject, struct doctor_result *result,
		     const char **ret, const char *module, const char *name)
{
	const struct host_files *files = &subject->host->files;
	char path[FACT_PATH_MAX];
	int error = host_text(files, ret, "/sys/module/%s/parameters/%s", module, name);

	if (error == 0 || (error == -ENOENT && has_parameters(subject, module)))
		return error;
	if (error == -ENOENT) {
		doctor_say(result, DOCTOR_UNKNOWN, "module %s is not loaded", module);
		doctor_advise(result, "modprobe %s", module);
		return -ENODATA;
	}
	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, name);
	doctor_unknown(result, path, error);
	return error;
}

const char *doctor_kvm_module(const struct doctor_subject *subject)
{
	static const char *const module[] = {"kvm_intel", "kvm_amd"};

	for (size_t i = 0; i < sizeof(module) / sizeof(module[0]); i++) {
		if (has_parameters(subject, module[i]))
			return module[i];
	}
	return NULL;
}

char *doctor_list(const struct cpulist *cpus, char *buffer, size_t size)
{
	static const char dots[] = ",...";
	_cleanup_free_ char *whole = malloc(CPULIST_TEXT_MAX);

	snprintf(buffer, size, "none");
	if (whole == NULL || cpulist_empty(cpus))
		return buffer;
	cpulist_format(cpus, whole, CPULIST_TEXT_MAX);
	if (strlen(whole) < size) {
		memcpy(buffer, whole, strlen(whole) + 1);
		return buffer;
	}
	whole[size - sizeof(dots)] = '\0';
	char *comma = strrchr(whole, ',');

	if (comma != NULL)
		*comma = '\0';
	snprintf(buffer, size, "%s%s", comma != NULL ? whole : "", comma != NULL ? dots : dots + 1);
	return buffer;
}

char *doctor_shell_cpus(const struct cpulist *cpus, char *buffer, size_t size)
{
	size_t length = 0;

	buffer[0] = '\0';
	for (unsigned first = cpulist_next(cpus, 0); first < CPULIST_MAX;) {
		const char *blank = length == 0 ? "" : " ";
		unsigned last = first;

		while (cpulist_has(cpus, last + 1))
			last++;
		int written = last - first < 3 ?
			snprintf(buffer + length, size - length, "%s%u", blank, first) :
			snprintf(buffer + length, size - length, "%s$(seq %u %u)", blank, first, last);

		if (written < 0 || (size_t)written >= size - length) {
			snprintf(buffer + length, size - length, "...");
			break;
		}
		length += (size_t)written;
		first = cpulist_next(cpus, last - first < 3 ? first + 1 : last + 1);
	}
	return buffer;
}

bool doctor_no_cpus(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct cpulist *online = &subject->host->topology.online;
	struct cpulist both;

	cpulist_and(&subject->rt_cpus, online, &both);
	if (!cpulist_empty(&both))
		return false;
	if (cpulist_empty(online) && (subject->machine == NULL || !cpulist_empty(&subject->rt_cpus)))
		doctor_say(result, DOCTOR_UNKNOWN, "the host's CPUs are not known");
	else
		doctor_say(result, DOCTOR_NOT_APPLICABLE, cpulist_empty(&subject->rt_cpus) ?
			   "there is no real-time CPU" : "no real-time CPU is online");
	return true;
}
