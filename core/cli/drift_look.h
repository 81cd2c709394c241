// SPDX-License-Identifier: Apache-2.0
/* One look at what was applied: each setting as it is now, cheaply enough for several times a second. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/base/change.h"
#include "core/base/cpulist.h"
#include "core/cli/drift_signs.h"
#include "core/config/machine.h"
#include "core/host/host.h"

struct borrow;
struct diag;

/**
 * struct drift_watch - what is looked at time and again.
 * @borrow: the journal; not its own. @machine: what was applied, out of the journal; the one set at first, which
 * is not its own, where the journal has none.
 * @host: of the last whole look. @expected: CPUs that were online at the beginning.
 * @applied: what the journal lists.
 * Private: @own, the machine out of the journal; @wanted, all that is wanted; @found: what each of it then was, NULL for nothing; @sure: what was found
 * and what was planned from agree; @signs of something new; @due_ns: of the next whole look.
 */
struct drift_watch {
	const struct borrow *borrow;
	const struct machine_config *machine;
	struct host_facts host;
	struct cpulist expected;
	struct changes applied;
	struct machine_config own;
	struct changes wanted;
	char **found;
	bool sure;
	struct drift_signs signs;
	uint64_t due_ns;
};

/**
 * drift_watch_begin() - look at the whole host.
 * @watch: with @borrow and @machine set.
 *
 * Ended with drift_watch_done(), also after a failure. Returns 0 or -errno with @why.
 */
int drift_watch_begin(struct drift_watch *watch, struct diag *why);

/**
 * drift_watch_reload() - read the journal, which others write too, and the machine in it.
 *
 * Returns 0; -ENOENT nothing is applied; -EBUSY somebody is about to change that; -EBADMSG, -ENOMEM with @why.
 */
int drift_watch_reload(struct drift_watch *watch, struct diag *why);

/**
 * drift_watch_look() - every setting that is wanted, with what it is now.
 * @ret: set on success; borrowed until the next look. Of each @old is what was found, and @held whether that
 * is right.
 *
 * Settings, threads and interrupts are planned, so that one that was made since is among them; all others are
 * what the journal says was applied. Of a CPU that went offline there is a change of the domain DRIFT_CPUS. As
 * long as what is planned reads as it did and there is no sign of anything new, nothing is planned anew but every
 * 10 seconds. No CPU is interrupted for it. Returns 0 or -errno with @why.
 */
int drift_watch_look(struct drift_watch *watch, const struct changes **ret, struct diag *why);

void drift_watch_done(struct drift_watch *watch);
