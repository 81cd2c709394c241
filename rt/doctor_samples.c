// SPDX-License-Identifier: Apache-2.0
#include "rt/doctor_samples.h"

#include <errno.h>

#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

#define FIRST "/proc/interrupts"
#define SECOND "/bulkhead/later/proc/interrupts"
#define WINDOW "/bulkhead/window-ns"

enum { WINDOW_MIN_NS = HOST_WINDOW_MS / 5 * 1000000 };

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

bool doctor_window_is_enough(struct doctor_result *result, int64_t window_ns)
{
	if (window_ns >= WINDOW_MIN_NS)
		return true;
	if (window_ns <= 0)
		doctor_unknown(result, WINDOW, EINVAL);
	else
		doctor_say(result, DOCTOR_UNKNOWN, "nothing shows in %lld us", (long long)(window_ns / 1000));
	return false;
}

static bool read_both(const struct doctor_subject *subject, struct doctor_result *result,
		      const struct cpulist *cpus, struct doctor_samples *ret)
{
	if (!read_sample(subject, result, FIRST, cpus, &ret->before) ||
	    !read_sample(subject, result, SECOND, cpus, &ret->after) ||
	    !doctor_number(subject, result, &ret->window_ns, WINDOW))
		return false;
	return doctor_window_is_enough(result, ret->window_ns);
}

bool doctor_samples_read(const struct doctor_subject *subject, struct doctor_result *result,
			 const struct cpulist *cpus, struct doctor_samples *ret)
{
	struct doctor_samples samples = {0};
	bool known = read_both(subject, result, cpus, &samples);

	if (known)
		*ret = samples;
	else
		doctor_samples_done(&samples);
	return known;
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
