// SPDX-License-Identifier: Apache-2.0
#include "rt/doctor_samples.h"

#include <errno.h>

#include "core/base/cleanup.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

#define FIRST "/proc/interrupts"
#define SECOND "/bulkhead/later/proc/interrupts"
#define WINDOW "/bulkhead/window-ns"

static bool read_sample(const struct doctor_subject *subject, struct doctor_result *result,
			const char *path, const struct cpulist *cpus, struct interrupts *ret)
{
	struct cpulist online;
	const char *text = NULL;
	int error;

	if (!doctor_text(subject, result, &text, "%s", path))
		return false;
	error = interrupts_parse(text, ret);
	cpulist_and(cpus, &subject->host->topology.online, &online);
	if (error == 0 && !doctor_cpus_within(&online, &ret->cpus))
		error = -EINVAL;
	if (error != 0)
		doctor_unknown(result, path, error);
	return error == 0;
}

bool doctor_samples_read(const struct doctor_subject *subject, struct doctor_result *result,
			 const struct cpulist *cpus, struct doctor_samples *ret)
{
	_cleanup_(doctor_samples_done) struct doctor_samples samples = {0};

	if (!read_sample(subject, result, FIRST, cpus, &samples.before) ||
	    !read_sample(subject, result, SECOND, cpus, &samples.after) ||
	    !doctor_number(subject, result, &samples.window_ns, WINDOW))
		return false;
	if (samples.window_ns <= 0) {
		doctor_unknown(result, WINDOW, EINVAL);
		return false;
	}
	*ret = samples;
	samples = (struct doctor_samples){0};
	return true;
}

bool doctor_samples_growth(const struct doctor_samples *samples, struct doctor_result *result,
			   const char *name, const struct cpulist *cpus, uint64_t *ret)
{
	int error = interrupts_growth(&samples->before, &samples->after, name, cpus, ret);

	if (error == 0)
		return true;
	if (error == -ENOENT)
		doctor_say(result, DOCTOR_UNKNOWN, "%s: no row %s", SECOND, name);
	else
		doctor_unknown(result, FIRST, error);
	return false;
}

long long doctor_samples_ms(const struct doctor_samples *samples)
{
	return (long long)((samples->window_ns + 500000) / 1000000);
}

void doctor_samples_done(struct doctor_samples *samples)
{
	interrupts_done(&samples->before);
	interrupts_done(&samples->after);
	*samples = (struct doctor_samples){0};
}
