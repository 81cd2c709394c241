// SPDX-License-Identifier: Apache-2.0
/* /proc/interrupts at the beginning and at the end of the window the host was watched for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/host/interrupts.h"
#include "rt/doctor.h"

/** struct doctor_samples - both, and the time between them; zeros are empty. */
struct doctor_samples {
	struct interrupts before;
	struct interrupts after;
	int64_t window_ns;
};

/**
 * doctor_samples_read() - both samples.
 * @ret: set where true is returned; ended with doctor_samples_done().
 *
 * Else @result says unknown, and why: also where a CPU of @cpus that is online has no column.
 */
bool doctor_samples_read(const struct doctor_subject *subject, struct doctor_result *result,
			 const struct cpulist *cpus, struct doctor_samples *ret);

/** doctor_samples_growth() - interrupts_growth(); where it fails @result says unknown. */
bool doctor_samples_growth(const struct doctor_samples *samples, struct doctor_result *result,
			   const char *name, const struct cpulist *cpus, uint64_t *ret);

/** doctor_window_is_enough() - whether what did not come in that time tells anything; else says unknown. */
bool doctor_window_is_enough(struct doctor_result *result, int64_t window_ns);

/** doctor_samples_ms() - the window in ms. */
long long doctor_samples_ms(const struct doctor_samples *samples);

void doctor_samples_done(struct doctor_samples *samples);
