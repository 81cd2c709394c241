// SPDX-License-Identifier: Apache-2.0
/*
 * irqbalance stays away from the CPUs that IRQBALANCE_BANNED_CPUS or IRQBALANCE_BANNED_CPULIST name in its
 * environment, which its service sets. Only where neither is set does it stay away from
 * isolated and nohz_full CPUs by itself: setup_banned_cpus() in its cputree.c.
 */
#include "rt/doctor_irqbalance.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cpumask.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"
#include "rt/irqbalance_service.h"

#define MASK "IRQBALANCE_BANNED_CPUS" /* counts more than the list: irqbalance asks for it first */
#define LIST "IRQBALANCE_BANNED_CPULIST"

enum { VALUE_MAX = 2048 };

/* Where to tell it: the file of the distribution that this is. */
static const char *own_file(const struct doctor_subject *subject)
{
	const char *text = NULL;

	return host_text(&subject->host->files, &text, IRQBALANCE_FEDORA) == 0 ? IRQBALANCE_FEDORA :
										   IRQBALANCE_DEBIAN;
}

static void advise_ban(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *path = own_file(subject);
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
		advise_ban(subject, result);
}

static void judge(const struct doctor_subject *subject, struct doctor_result *result,
		  const char *path, const char *variable, const char *value)
{
	struct cpulist banned = {0};
	bool understood = strcmp(variable, MASK) == 0 ? cpumask_parse(value, &banned) == 0 :
							cpulist_parse(value, &banned, NULL) == 0;

	if (understood) {
		say_banned(subject, result, path, variable, value, &banned);
		return;
	}
	/* A reversed range bans nothing, and keeps irqbalance from finding isolated CPUs itself. */
	doctor_say(result, DOCTOR_FAIL, "runs; %s=%.60s in %s is no list of CPUs", variable, value, path);
	advise_ban(subject, result);
}

static void look_at_isolation(const struct doctor_subject *subject, struct doctor_result *result)
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
		advise_ban(subject, result);
	}
}

void doctor_look_irqbalance(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	const char *variable = MASK;
	char path[IRQBALANCE_PATH_MAX];
	char value[VALUE_MAX];

	doctor_expect(result, "not running, or kept from every real-time CPU");
	if (doctor_no_cpus(subject, result) || !doctor_threads_read(subject, result, &threads))
		return;
	if (threads_find(&threads, "irqbalance") == NULL) {
		doctor_say(result, DOCTOR_PASS, "not running");
		return;
	}
	int error = irqbalance_variable(&subject->host->files, variable, value, sizeof(value), path);

	if (error == -ENOENT) {
		variable = LIST;
		error = irqbalance_variable(&subject->host->files, variable, value, sizeof(value), path);
	}
	if (error == 0)
		judge(subject, result, path, variable, value);
	else if (error == -ENOENT)
		look_at_isolation(subject, result);
	else
		doctor_unknown(result, path, error);
}
