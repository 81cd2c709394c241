// SPDX-License-Identifier: Apache-2.0
/*
 * irqbalance stays away from the CPUs that IRQBALANCE_BANNED_CPUS or IRQBALANCE_BANNED_CPULIST name in its
 * environment, which its service reads from one file. Only where neither is set does it stay away from
 * isolated and nohz_full CPUs by itself: setup_banned_cpus() in its cputree.c.
 */
#include "rt/doctor_irqbalance.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cpumask.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

#define SETTINGS_DEBIAN "/etc/default/irqbalance"
#define SETTINGS_FEDORA "/etc/sysconfig/irqbalance"

enum { VALUE_MAX = 2048 };

/*
 * A variable of a file of shell assignments, without its quotes and in lower case; the last assignment
 * counts. One that does not fit reads "?", which is no list.
 */
static bool find_variable(const char *text, const char *name, char *value, size_t size)
{
	bool found = false;
	size_t length = strlen(name);

	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *at = line + strspn(line, " \t");

		if (strncmp(at, "export ", 7) == 0)
			at += 7;
		if (strncmp(at, name, length) != 0 || at[length] != '=')
			continue;
		at += length + 1;
		at += *at == '"' || *at == '\'';
		size_t width = strcspn(at, "\"'# \t\r\n");

		snprintf(value, size, "%.*s", width < size ? (int)width : 1, width < size ? at : "?");
		for (char *c = value; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		found = value[0] != '\0';
	}
	return found;
}

/* Where it is told what to stay away from; -ENOENT: nowhere. */
static int read_settings(const struct host_files *files, const char **ret_path, const char **ret_text)
{
	static const char *const path[] = {SETTINGS_DEBIAN, SETTINGS_FEDORA};
	int error = -ENOENT;

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]) && error == -ENOENT; i++) {
		*ret_path = path[i];
		error = host_text(files, ret_text, "%s", path[i]);
	}
	return error;
}

static void advise_ban(const struct doctor_subject *subject, struct doctor_result *result,
		       const char *path)
{
	char list[320];

	doctor_advise(result, "sed -i /IRQBALANCE_BANNED_CPU/d %s; echo IRQBALANCE_BANNED_CPULIST=%s >> %s; systemctl "
		      "restart irqbalance # or do without it: systemctl disable --now irqbalance", path,
		      doctor_list(&subject->rt_cpus, list, sizeof(list)), path);
}

static void say_banned(const struct doctor_subject *subject, struct doctor_result *result,
		       const char *path, const char *variable, const char *value, const struct cpulist *banned)
{
	bool all = doctor_cpus_within(&subject->rt_cpus, banned);

	doctor_say(result, all ? DOCTOR_PASS : DOCTOR_FAIL, "runs; %s=%.60s in %s", variable, value, path);
	if (!all)
		advise_ban(subject, result, path);
}

/* Returns whether the file says anything that counts. */
static bool look_at_settings(const struct doctor_subject *subject, struct doctor_result *result,
			     const char *path, const char *text)
{
	static const char mask[] = "IRQBALANCE_BANNED_CPUS";
	static const char list[] = "IRQBALANCE_BANNED_CPULIST";
	struct cpulist banned = {0};
	char value[VALUE_MAX];
	bool is_mask = find_variable(text, mask, value, sizeof(value));
	bool understood;

	if (!is_mask && !find_variable(text, list, value, sizeof(value)))
		return false;
	if (is_mask)
		understood = cpumask_parse(value, &banned) == 0;
	else
		understood = cpulist_parse(value, &banned, NULL) == 0;
	if (understood) {
		say_banned(subject, result, path, is_mask ? mask : list, value, &banned);
		return true;
	}
	/* A reversed range bans nothing, and keeps irqbalance from finding isolated CPUs itself. */
	doctor_say(result, DOCTOR_FAIL, "runs; %s=%.60s in %s is no list of CPUs", is_mask ? mask : list,
		   value, path);
	advise_ban(subject, result, path);
	return true;
}

static void look_at_isolation(const struct doctor_subject *subject, struct doctor_result *result,
			      const char *path)
{
	const struct host_kernel *kernel = &subject->host->kernel;
	struct cpulist avoided;

	cpulist_or(&kernel->isolated, &kernel->nohz_full, &avoided);
	if (doctor_cpus_within(&subject->rt_cpus, &avoided)) {
		doctor_say(result, DOCTOR_PASS, "runs, and stays away from isolated CPUs by itself");
	} else if (!kernel->isolated_known || !kernel->nohz_full_known) {
		doctor_unknown(result, "/sys/devices/system/cpu/isolated", ENODATA);
	} else {
		doctor_say(result, DOCTOR_FAIL, "runs, and nothing keeps it from real-time CPUs");
		advise_ban(subject, result, path);
	}
}

void doctor_look_irqbalance(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	const char *path = NULL;
	const char *text = NULL;

	doctor_expect(result, "not running, or kept from every real-time CPU");
	if (doctor_no_cpus(subject, result) || !doctor_threads_read(subject, result, &threads))
		return;
	if (threads_find(&threads, "irqbalance") == NULL) {
		doctor_say(result, DOCTOR_PASS, "not running");
		return;
	}
	int error = read_settings(&subject->host->files, &path, &text);

	if (error != 0 && error != -ENOENT)
		doctor_unknown(result, path, error);
	else if (error == -ENOENT || !look_at_settings(subject, result, path, text))
		look_at_isolation(subject, result, error == -ENOENT ? SETTINGS_DEBIAN : path);
}
