// SPDX-License-Identifier: Apache-2.0
/* All that a plan has to say against a file: refusals, what could not be told, and notes, in order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/diag.h"

enum finding_kind {
	FINDING_REFUSED, /* it cannot work on this host */
	FINDING_UNKNOWN, /* a fact that decides it could not be read */
	FINDING_NOTE,    /* it works, in a way the reader should know */
};

enum {
	FINDINGS_MAX = 4096,
	FINDING_MACHINE = -1, /* @partition of a finding about the machine as a whole */
};

/**
 * struct finding - one of them.
 * @rule: the rule's stable name, like "cpu-overlap"; static storage.
 * @partition: its index in the machine, or FINDING_MACHINE.
 * @diag: file, line, column, key, text with the numbers, remedy.
 */
struct finding {
	enum finding_kind kind;
	const char *rule;
	int partition;
	struct diag diag;
};

/**
 * struct findings - a growing list; zeros are empty.
 * @lost: some could not be kept, for want of memory or above FINDINGS_MAX: nothing holds then.
 * @spare: where those are written to.
 */
struct findings {
	struct finding *item;
	size_t count;
	size_t room;
	bool lost;
	struct diag spare;
};

/**
 * findings_add() - begin one.
 *
 * Returns its diag, zeroed, for diag_at(), diag_key(), diag_set(), diag_got(), diag_remedy(); valid until
 * the next findings_add(). Never NULL.
 */
struct diag *findings_add(struct findings *findings, enum finding_kind kind, const char *rule,
			  int partition);

/** findings_count() - how many there are of one kind. */
size_t findings_count(const struct findings *findings, enum finding_kind kind);

void findings_done(struct findings *findings);
