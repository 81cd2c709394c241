// SPDX-License-Identifier: Apache-2.0
/*
 * Options of KVM's modules, each one what a check of the doctor expects: a check that does not apply to the
 * machine asks for nothing. A module that is part of the kernel takes them from the command line.
 */
#include <errno.h>
#include <linux/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/boot_draft.h"
#include "rt/doctor_checks.h"

/* From here on kvm knows "never"; before it does not load with a value that it does not know. */
static const unsigned never_since = KERNEL_VERSION(6, 6, 0);

/* struct option_rule - @check: of the doctor. @wanted: what else decides, or NULL. */
struct option_rule {
	const char *module;
	const char *name;
	const char *value;
	const char *check;
	bool (*wanted)(const struct boot_draft *draft);
	const char *reason;
};

/* Whether the CPU has the bug that splitting pages is for; FACT_UNKNOWN where it is not told. */
static enum fact has_multihit(const struct boot_draft *draft)
{
	const char *text = NULL;

	if (host_text(&draft->request->host->files, &text,
		      "/sys/devices/system/cpu/vulnerabilities/itlb_multihit") != 0)
		return FACT_UNKNOWN;
	return strcmp(text, "Not affected") == 0 ? FACT_NO : FACT_YES;
}

static bool is_sound_and_new(const struct boot_draft *draft)
{
	return has_multihit(draft) == FACT_NO && draft->version >= never_since;
}

static bool is_sound_and_old(const struct boot_draft *draft)
{
	return has_multihit(draft) == FACT_NO && draft->version < never_since;
}

static bool has_bug(const struct boot_draft *draft)
{
	return has_multihit(draft) == FACT_YES;
}

static const char split[] =
	"this CPU can hold code in huge pages, and splitting them takes all vCPUs out of their guests at once";

static const struct option_rule rules[] = {
	{"kvm", "kvmclock_periodic_sync", "0", "P3-kvmclock-sync", NULL,
	 "every 300 seconds all vCPUs of a guest would be taken out to the host at once"},
	{"kvm", "nx_huge_pages", "never", "P1-nx-huge-pages", is_sound_and_new, split},
	{"kvm", "nx_huge_pages", "0", "P1-nx-huge-pages", is_sound_and_old, split},
	{"kvm", "nx_huge_pages_recovery_ratio", "0", "P1-nx-huge-pages", has_bug,
	 "huge pages that hold code are split once, for this CPU's sake, and not joined again under all vCPUs"},
	{"kvm", "pi_inject_timer", "0", "P9-guest-timer", NULL,
	 "with nohz_full a guest's timer would move to a housekeeping CPU, and be as late as that is busy"},
	{"kvm", "halt_poll_ns", "0", "H2-halt-polling", NULL,
	 "a vCPU that polls after HLT spends its reservation on waiting"},
	{"kvm_intel", "ple_gap", "0", "P4-pause-exits", NULL,
	 "a vCPU with a CPU of its own need not leave its guest when that spins"},
	{"kvm_amd", "pause_filter_count", "0", "P4-pause-exits", NULL,
	 "a vCPU with a CPU of its own need not leave its guest when that spins"},
};

enum { RULES = sizeof(rules) / sizeof(rules[0]) };

/* Whether the doctor has anything to look at. */
static bool applies(const struct boot_draft *draft, const char *id)
{
	const struct doctor_check *check;

	for (size_t i = 0; (check = doctor_check_at(i)) != NULL; i++) {
		struct doctor_result result = {0};

		if (strcmp(check->id, id) != 0)
			continue;
		check->look(&draft->subject, &result);
		return result.verdict != DOCTOR_NOT_APPLICABLE;
	}
	return false;
}

static bool has_module(const struct boot_draft *draft, const char *module)
{
	char pattern[96];
	size_t at = 0;

	snprintf(pattern, sizeof(pattern), "/sys/module/%s/parameters/*", module);
	return host_files_next(&draft->request->host->files, pattern, &at) != NULL;
}

/* A switch is written 0 and reads N. */
static bool is_live(const char *value, const char *text)
{
	return strcmp(value, text) == 0 || (strcmp(value, "0") == 0 && strcmp(text, "N") == 0);
}

static int option_add(struct boot_draft *draft, const struct option_rule *rule, const char *text)
{
	struct boot_plan *plan = draft->plan;
	struct boot_option *option =
		reallocarray(plan->option, plan->option_count + 1, sizeof(*option));
	char words[96];

	if (option == NULL)
		return -ENOMEM;
	plan->option = option;
	plan->option[plan->option_count++] = (struct boot_option){
		.module = rule->module,
		.name = rule->name,
		.value = rule->value,
		.reason = rule->reason,
		.built_in = doctor_is_built_in(draft->request->host, rule->module),
		.live = is_live(rule->value, text),
	};
	if (!plan->option[plan->option_count - 1].built_in)
		return 0;
	snprintf(words, sizeof(words), "%s.%s=%s", rule->module, rule->name, rule->value);
	return boot_parameter_add(draft, words, rule->reason);
}

static int add_rule(struct boot_draft *draft, const struct option_rule *rule)
{
	const char *text = NULL;

	/* One that the module does not have, it would warn of at each load. */
	if (host_text(&draft->request->host->files, &text, "/sys/module/%s/parameters/%s", rule->module,
		      rule->name) != 0 ||
	    (rule->wanted != NULL && !rule->wanted(draft)) || !applies(draft, rule->check))
		return 0;
	return option_add(draft, rule, text);
}

static void note_module(const struct boot_draft *draft, const char *module)
{
	struct diag *diag = boot_note(draft, "boot-module");

	diag_set(diag, 0, "module %s is not loaded, so its options are left out: which it has is not known",
		 module);
	diag_remedy(diag, "modprobe %s, and plan again", module);
}

int boot_options(struct boot_draft *draft)
{
	const char *vendor = doctor_vendor_module(draft->request->host);
	int error = 0;

	if (draft->rt[0] == '\0')
		return 0;
	if (!has_module(draft, "kvm"))
		note_module(draft, "kvm");
	if (!has_module(draft, vendor))
		note_module(draft, vendor);
	for (size_t i = 0; error == 0 && i < RULES; i++)
		error = add_rule(draft, &rules[i]);
	return error;
}
