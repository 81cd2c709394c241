// SPDX-License-Identifier: Apache-2.0
/* All that bulkhead boot plans: a machine, a host, what it is to be booted with, and by which files. */
#pragma once

#include "core/base/change.h"
#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "core/cli/boot_files.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/boot_plan.h"

struct diag;

/**
 * struct boot_machine - zeros are empty.
 * @settings: of setting_changes(). @files: each whole.
 * @program, @path: absolute, of bulkhead and of the machine file; owned.
 * @findings: of the whole; a refusal that this boot lifts is a note.
 */
struct boot_machine {
	struct machine_config machine;
	struct host_facts host;
	struct machine_plan plan;
	struct cpu_division cpus;
	struct boot_plan boot;
	struct changes settings;
	struct changes files;
	char *program;
	char *path;
	struct findings findings;
};

/**
 * boot_machine_make() - load, read, plan.
 * @groups: enum host_group bits to read beside those that the plan needs.
 * @ret: zeroed; ended with boot_machine_done(), also after a failure.
 *
 * Changes nothing. Returns 0, also where something is refused; -errno with @why where the file or the host
 * could not be read.
 */
int boot_machine_make(const char *file, const struct host_source *source, unsigned groups,
		      struct boot_machine *ret, struct diag *why);

void boot_machine_done(struct boot_machine *boot);
