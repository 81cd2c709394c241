// SPDX-License-Identifier: Apache-2.0
/* doctor --watch: what was applied is looked at four times a second, until a signal ends it. */
#pragma once

#include <stdbool.h>

struct machine_config;

/**
 * doctor_watch() - tell each drift as it begins and as it is over, and put it back where the file says so.
 * @machine: the file that was applied; what the journal notes goes before it, and is followed from apply to apply.
 * @json: one JSON object a line, in place of a line for people.
 *
 * The calling thread has left partition CPUs. Returns the exit status, after SIGTERM or SIGINT or when nothing
 * is applied any more; COMMAND_UNKNOWN where nothing was.
 */
int doctor_watch(const struct machine_config *machine, bool json);
