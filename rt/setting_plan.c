// SPDX-License-Identifier: Apache-2.0
#include "rt/setting_plan.h"

#include <errno.h>
#include <string.h>

#include "core/base/cpulist.h"
#include "core/base/cpumask.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/housekeeping.h"

#define DEBUGFS "/sys/kernel/debug/"

enum doctor_verdict setting_judge(const struct setting_plan *plan, const char *id)
{
	const struct doctor_check *check;
	struct doctor_result result = {0};

	for (size_t i = 0; id != NULL && (check = doctor_check_at(i)) != NULL; i++) {
		if (strcmp(check->id, id) != 0)
			continue;
		check->look(&plan->subject, &result);
		return result.verdict;
	}
	return DOCTOR_WARN;
}

void setting_unknown(const struct setting_plan *plan, const char *path, int error)
{
	struct diag *diag = findings_add(plan->findings, FINDING_UNKNOWN, "setting-unknown", FINDING_MACHINE);

	if (plan->subject.machine != NULL)
		diag_at(diag, plan->subject.machine->file, 0, 0);
	diag_set(diag, -error, "%s: %s, so that it could not be put back as it was", path, host_unknown(error));
	if (error == -EACCES || error == -EPERM)
		diag_remedy(diag, "run as root");
	else if (error == -ENODEV && strncmp(path, DEBUGFS, sizeof(DEBUGFS) - 1) == 0)
		diag_remedy(diag, "mount -t debugfs none /sys/kernel/debug");
	else
		diag_remedy(diag, "take the host's facts again (bulkhead capture)");
}

bool setting_read(const struct setting_plan *plan, const char *path, const char **ret)
{
	int error = host_text(&plan->subject.host->files, ret, "%s", path);

	if (error != 0 && error != -ENOENT)
		setting_unknown(plan, path, error);
	return error == 0;
}

struct change *setting_add(const struct setting_plan *plan, const struct setting *setting,
			   const char *old, const char *value)
{
	struct change *change = changes_add(plan->changes, CHANGE_TEXT, "kernel", "%s", setting->path);

	change_text(plan->changes, change, setting->compare, old, "%s", value);
	change_reason(change, "%s", setting->reason);
	change->check = setting->check;
	return change;
}

void setting_want(const struct setting_plan *plan, const struct setting *setting)
{
	enum doctor_verdict verdict = setting_judge(plan, setting->check);
	const char *old = NULL;

	if (verdict == DOCTOR_NOT_APPLICABLE || !setting_read(plan, setting->path, &old) ||
	    (setting->final != NULL && strcmp(old, setting->final) == 0))
		return;
	setting_add(plan, setting, old, verdict == DOCTOR_PASS ? old : setting->value);
}

void setting_want_all(const struct setting_plan *plan, const struct setting *setting, size_t count)
{
	for (size_t i = 0; i < count; i++)
		setting_want(plan, &setting[i]);
}

void setting_want_off_partitions(const struct setting_plan *plan, const struct setting *setting)
{
	bool is_mask = setting->compare == COMPARE_MASK;
	enum doctor_verdict verdict = setting_judge(plan, setting->check);
	char text[CPULIST_TEXT_MAX];
	const char *old = NULL;
	struct cpulist cpus;

	if (verdict == DOCTOR_NOT_APPLICABLE || !setting_read(plan, setting->path, &old))
		return;
	if ((is_mask ? cpumask_parse(old, &cpus) : cpulist_parse_kernel(old, &cpus)) != 0) {
		setting_unknown(plan, setting->path, -EINVAL);
		return;
	}
	if (!housekeeping_part(&cpus, plan->cpus, &cpus))
		return;
	if (is_mask)
		cpumask_format(&cpus, text, sizeof(text));
	else
		cpulist_format(&cpus, text, sizeof(text));
	setting_add(plan, setting, old, text);
}
