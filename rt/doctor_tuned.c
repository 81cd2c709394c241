// SPDX-License-Identifier: Apache-2.0
/*
 * tuned's scheduler plugin, given isolated_cores, sets the CPUs of every thread to those it had less the
 * isolated ones, and to all others where that leaves none; only processes whose name matches ps_blacklist
 * are left alone (tuned/plugins/plugin_scheduler.py).
 */
#include "rt/doctor_tuned.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"
#include "core/host/threads.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

#define ACTIVE "/etc/tuned/active_profile"
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

enum { PROFILE_MAX = 64 };

/* Profiles that tuned brings along and that isolate no core, as long as none of /etc bears their name. */
static bool is_known(const char *profile)
{
	static const char *const known[] = {
		"accelerator-performance", "aws", "balanced", "balanced-battery", "desktop", "hpc-compute",
		"latency-performance", "network-latency", "network-throughput", "optimize-serial-console",
		"powersave", "throughput-performance", "virtual-guest", "virtual-host",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(profile, known[i]) == 0)
			return true;
	}
	return false;
}

/* Whether a line of the profile's own file exempts partitions. */
static bool exempts_us(const char *text)
{
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		static const char key[] = "ps_blacklist";
		const char *at = line + strspn(line, " \t");
		const char *ours = strstr(at, "bulkhead");

		if (strncmp(at, key, strlen(key)) == 0 && ours != NULL && ours < at + strcspn(at, "\n#"))
			return true;
	}
	return false;
}

/* The administrator's own file of a profile. Returns 0, -ENOENT where there is none, or -errno. */
static int own_file(const struct host_files *files, const char *profile, const char **ret)
{
	int error = host_text(files, ret, "/etc/tuned/%s/tuned.conf", profile);

	/* Since tuned 2.23. */
	if (error == -ENOENT)
		error = host_text(files, ret, "/etc/tuned/profiles/%s/tuned.conf", profile);
	return error;
}

/* struct profiles - what the active ones come to together. @error: why one could not be read. */
struct profiles {
	bool harmless;
	bool exempt;
	bool understood;
	int error;
};

/* tuned merges all that are named; the names are separated by blanks. */
static struct profiles profiles_read(const struct host_files *files, const char *active)
{
	struct profiles all = {.harmless = true, .understood = *active != '\0'};

	while (*(active += strspn(active, " \t\n")) != '\0') {
		char profile[PROFILE_MAX];
		size_t length = strcspn(active, " \t\n");

		if (length >= sizeof(profile) || strspn(active, NAME_LETTERS) != length) {
			all.understood = false;
			break;
		}
		snprintf(profile, sizeof(profile), "%.*s", (int)length, active);
		active += length;
		const char *text = NULL;
		int error = own_file(files, profile, &text);

		if (error == -ENOENT && is_known(profile))
			continue;
		all.harmless = false;
		/* Without a file in /etc it is one of the distribution's, which know nothing of partitions. */
		all.error = error != 0 && error != -ENOENT ? error : all.error;
		all.exempt |= error == 0 && exempts_us(text);
	}
	return all;
}

void doctor_look_tuned(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(threads_done) struct host_threads threads = {0};
	const char *active = NULL;

	doctor_expect(result, "not running, or a profile that leaves bulkhead-vmm alone");
	if (!doctor_threads_read(subject, result, &threads))
		return;
	if (threads_find(&threads, "tuned") == NULL) {
		doctor_say(result, DOCTOR_PASS, "not running");
		return;
	}
	if (!doctor_text(subject, result, &active, ACTIVE))
		return;
	struct profiles all = profiles_read(&subject->host->files, active);

	if (!all.understood) {
		doctor_unknown(result, ACTIVE, EINVAL);
	} else if (all.harmless || all.exempt) {
		doctor_say(result, DOCTOR_PASS, "runs with %s, %s", active,
			   all.harmless ? "which isolates no core" : "which leaves bulkhead-vmm alone");
	} else if (all.error != 0) {
		doctor_unknown(result, "the profile in /etc/tuned", all.error);
	} else {
		doctor_say(result, DOCTOR_WARN, "runs with %s", active);
		doctor_advise(result, "mkdir -p /etc/tuned/partitions; printf '[main]\\ninclude=%.*s\\n"
			      "[scheduler]\\nps_blacklist=bulkhead-vmm;.*qemu-kvm.*;.*pmd.*;.*PMD.*;^DPDK\\n' > "
			      "/etc/tuned/partitions/tuned.conf; tuned-adm profile partitions # before any "
			      "partition runs", (int)strcspn(active, " \t\n"), active);
	}
}
