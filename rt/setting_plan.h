// SPDX-License-Identifier: Apache-2.0
/*
 * What all settings of the kernel are planned with.
 *
 * The doctor decides: where the check that a setting is the remedy of passes, it is wanted as it is, and
 * where the check does not apply, it is not wanted at all. So a host that was changed asks for the same
 * settings again, and each holds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/change.h"
#include "rt/doctor.h"

struct cpu_division;
struct cpulist;
struct findings;

/** struct setting_plan - @subject: what the checks look at, of the division's CPUs. */
struct setting_plan {
	struct doctor_subject subject;
	const struct cpu_division *cpus;
	struct changes *changes;
	struct findings *findings;
};

/**
 * struct setting - a file with one value.
 * @value: as it should be. @check: the doctor's, or NULL where none looks at it.
 * @final: a value that the kernel takes from nobody but itself, and which is left alone; or NULL.
 */
struct setting {
	const char *path;
	enum change_compare compare;
	const char *value;
	const char *check;
	const char *reason;
	const char *final;
};

/** setting_judge() - what a check says of the host as it is; DOCTOR_WARN where @id is NULL. */
enum doctor_verdict setting_judge(const struct setting_plan *plan, const char *id);

/**
 * setting_read() - a setting as it is now.
 * @ret: set where true is returned; borrowed from the snapshot.
 *
 * False where the host has no such file, and with a finding setting-unknown where it could not be read.
 */
bool setting_read(const struct setting_plan *plan, const char *path, const char **ret);

/** setting_unknown() - the finding: @error, a negative errno, kept @path from being read. */
void setting_unknown(const struct setting_plan *plan, const char *path, int error);

/** setting_add() - want @value where @old is now; @setting tells all else. Returns it for change_restore(). */
struct change *setting_add(const struct setting_plan *plan, const struct setting *setting,
			   const char *old, const char *value);

/** setting_want(), setting_want_all() - read, judge and add one, or @count of them. */
void setting_want(const struct setting_plan *plan, const struct setting *setting);
void setting_want_all(const struct setting_plan *plan, const struct setting *setting, size_t count);

/** setting_want_off_partitions() - the same of a CPU list or mask, by @compare, less partition CPUs; without @value. */
void setting_want_off_partitions(const struct setting_plan *plan, const struct setting *setting);

/** setting_scheduler() - throttling, the end of SCHED_DEADLINE runtimes, servers of the fair class. */
void setting_scheduler(const struct setting_plan *plan);

/** setting_hugepages() - transparent hugepages of every kind. */
void setting_hugepages(const struct setting_plan *plan);

/** setting_kvm() - parameters of a loaded kvm. */
void setting_kvm(const struct setting_plan *plan);

/** setting_governors() - the frequency of partition CPUs. */
void setting_governors(const struct setting_plan *plan);
