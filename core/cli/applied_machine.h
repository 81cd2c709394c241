// SPDX-License-Identifier: Apache-2.0
/*
 * The machine that was applied, as a file beside the journal and so in the journal itself: whatever becomes of the
 * file that apply was given, what is applied is known.
 */
#pragma once

#include <stdbool.h>

#include "core/base/borrow.h"

struct changes;
struct diag;
struct machine_config;

#define APPLIED_MACHINE_FILE BORROW_HOST_FOLDER "/machine.yaml"

/**
 * applied_machine_change() - the file as apply makes it: the machine with its profiles resolved.
 *
 * Looks whether it is there already. Returns 0 or -ENOMEM.
 */
int applied_machine_change(const struct machine_config *machine, struct changes *ret);

/** applied_machine_is() - whether that machine is what the journal lists. Pure; false without memory. */
bool applied_machine_is(const struct changes *applied, const struct machine_config *machine);

/**
 * applied_machine_find() - the machine out of what the journal lists.
 * @ret: set on success; ended with machine_done().
 *
 * Pure. Returns 0; -ENOENT an older apply noted none; -EINVAL with @why where it is none.
 */
int applied_machine_find(const struct changes *applied, struct machine_config *ret, struct diag *why);
