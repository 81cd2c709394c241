// SPDX-License-Identifier: Apache-2.0
/* The plan of a boot in the making; for the files rt/boot_*.c alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/cpulist.h"
#include "rt/boot_plan.h"
#include "rt/doctor.h"

/** BOOT_VALUE_MAX - a CPU list with flags before it. */
enum { BOOT_VALUE_MAX = CPULIST_TEXT_MAX + 64 };

/**
 * struct boot_draft - @subject: what the doctor would look at. @rt, @housekeeping: lists, as text.
 * @version: KERNEL_VERSION(); where it is not known, the oldest that is supported.
 */
struct boot_draft {
	const struct boot_request *request;
	struct boot_plan *plan;
	struct findings *findings;
	struct doctor_subject subject;
	unsigned version;
	char rt[CPULIST_TEXT_MAX];
	char housekeeping[CPULIST_TEXT_MAX];
};

/**
 * struct boot_rule - a parameter.
 * @name: "nohz_full". @since: the first release that knows it; 0: each that is supported.
 * @config: CONFIG_ option without which it is not known, or NULL.
 * @wanted: whether the machine and the host want it; then sets its value, "" for one without.
 */
struct boot_rule {
	const char *name;
	unsigned since;
	const char *config;
	bool (*wanted)(const struct boot_draft *draft, char ret[BOOT_VALUE_MAX]);
	const char *reason;
};

/** boot_rule_at() - the rules in the order in which their parameters are written; NULL past the last. */
const struct boot_rule *boot_rule_at(size_t index);

/** boot_parameter_add() - one more; @text is copied. Returns 0 or -ENOMEM. */
int boot_parameter_add(struct boot_draft *draft, const char *text, const char *reason);

/** boot_options() - the options of modules. Returns 0 or -ENOMEM. */
int boot_options(struct boot_draft *draft);

/** boot_note() - a note about the machine as a whole. Returns it. */
struct diag *boot_note(const struct boot_draft *draft, const char *rule);

/** boot_has_words() - whether @words, with blanks between, stand so among the words of @text. */
bool boot_has_words(const char *text, const char *words);
