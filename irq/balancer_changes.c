// SPDX-License-Identifier: Apache-2.0
/*
 * irqbalance takes the CPUs to stay away from out of its environment: the mask IRQBALANCE_BANNED_CPUS where it
 * is set, else the list IRQBALANCE_BANNED_CPULIST, which releases before 1.8 do not know: setup_banned_cpus()
 * in its cputree.c. So both are set, whatever the distribution's file says.
 */
#include "irq/balancer_changes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/cpulist.h"
#include "core/base/cpumask.h"
#include "core/base/findings.h"
#include "core/host/host.h"
#include "core/host/threads.h"

static const char domain[] = "interrupts";
static const char check[] = "P12-irqbalance";

/* Whether systemd has a unit of that name that can be started; a masked one is a link to /dev/null, no file. */
static bool has_unit(const struct host_files *files)
{
	static const char *const folder[] = {
		"/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
	};
	const char *text = NULL;

	for (size_t i = 0; i < sizeof(folder) / sizeof(folder[0]); i++) {
		int error = host_text(files, &text, "%s/irqbalance.service", folder[i]);

		if (error == 0 || (error != -ENOENT && error != -ENODATA))
			return error == 0;
	}
	return false;
}

static bool runs_under_systemd(const struct host_files *files)
{
	static const char first[] = "1 (systemd) ";
	const char *text = NULL;

	return host_text(files, &text, "/proc/1/task/1/stat") == 0 &&
	       strncmp(text, first, sizeof(first) - 1) == 0;
}

bool balancer_has_unit(const struct host_facts *host)
{
	return has_unit(&host->files) && runs_under_systemd(&host->files);
}

static bool is_running(const struct host_files *files)
{
	_cleanup_(threads_done) struct host_threads threads = {0};

	return threads_parse(files, &threads) == 0 && threads_find(&threads, "irqbalance") != NULL;
}

/* A file that is wanted whole; returns whether what is there now could be read. */
static bool add_file(const struct host_files *files, struct changes *ret, struct findings *findings,
		     const char *path, const char *text, const char *reason)
{
	const char *old = NULL;
	int error = host_text(files, &old, "%s", path);
	struct diag *why;
	struct change *change;

	if (error != 0 && error != -ENOENT) {
		why = findings_add(findings, FINDING_UNKNOWN, "interrupt-unknown", FINDING_MACHINE);
		diag_set(why, -error, "%s could not be read (%s), so that it could not be put back", path,
			 host_unknown(error));
		diag_remedy(why, "run as root, or capture the host again");
		return false;
	}
	change = changes_add(ret, CHANGE_FILE, domain, "%s", path);
	change_text(ret, change, COMPARE_EXACT, error == 0 ? old : NULL, "%s", text);
	change->after = AFTER_IRQBALANCE_RESTART;
	change->check = check;
	change_reason(change, "%s", reason);
	return true;
}

int balancer_environment(const struct cpulist *banned, char **ret)
{
	_cleanup_free_ char *list = malloc(CPULIST_TEXT_MAX);
	char mask[CPUMASK_TEXT_MAX];

	if (list == NULL ||
	    asprintf(ret, "IRQBALANCE_BANNED_CPUS=%s\nIRQBALANCE_BANNED_CPULIST=%s\n",
		     cpumask_format(banned, mask, sizeof(mask)),
		     cpulist_format(banned, list, CPULIST_TEXT_MAX)) < 0)
		return -ENOMEM;
	return 0;
}

static int tell(const struct host_files *files, const struct cpulist *banned, struct changes *ret,
		struct findings *findings)
{
	_cleanup_free_ char *text = NULL;
	int error = balancer_environment(banned, &text);

	if (error != 0)
		return error;
	if (add_file(files, ret, findings, BALANCER_FILE, text,
		     "irqbalance moves interrupts onto every CPU that it is not kept from"))
		add_file(files, ret, findings, BALANCER_DROP_IN,
			 "[Service]\nEnvironmentFile=" BALANCER_FILE "\n",
			 "irqbalance reads what its service's last file says");
	return 0;
}

int balancer_changes(const struct host_facts *host, const struct cpu_division *cpus,
		     struct changes *ret, struct findings *findings)
{
	const struct host_files *files = &host->files;
	struct diag *why;
	char text[256];

	if (balancer_has_unit(host))
		return tell(files, &cpus->partitions, ret, findings);
	if (!is_running(files))
		return 0;
	why = findings_add(findings, FINDING_NOTE, "balancer-unmanaged", FINDING_MACHINE);
	diag_set(why, EOPNOTSUPP, "irqbalance runs, and not as a service of systemd: what keeps it from partition CPUs "
		 "must be told to it where it is started");
	diag_remedy(why, "stop it, or start it with IRQBALANCE_BANNED_CPULIST=%s",
		    cpulist_format(&cpus->partitions, text, sizeof(text)));
	return 0;
}
