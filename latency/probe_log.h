// SPDX-License-Identifier: Apache-2.0
/*
 * Reading what the probe guest printed on its serial port. A guest wrote it, so it is hostile: no
 * count is believed before it adds up, and what is missing is an error, never a pass.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latency/histogram.h"
#include "latency/probe/protocol.h"

struct diag;

enum probe_state {
	PROBE_NOT_RUN,
	PROBE_MEASURED,
	PROBE_UNSUPPORTED,
};

/**
 * struct probe_measure - one measurement.
 * @reason: why it is unsupported; printable ASCII, but from the guest: escape it.
 * @clock: what armed or timed it ("tsc-deadline", "lapic-one-shot", "tsc").
 * @cycles: how long its phase took, by the guest's word.
 * @warmup: samples discarded at its beginning.
 */
struct probe_measure {
	enum probe_state state;
	char reason[128];
	char clock[16];
	uint64_t cycles;
	uint64_t warmup;
	struct histogram histogram;
};

/** struct probe_result - a whole run; about 160 KiB, owns nothing. All text is the guest's. */
struct probe_result {
	char vendor[16];
	uint64_t tsc_khz; /* as CPUID told the guest; 0 where it told nothing */
	char apic[8];
	bool tsc_deadline;
	struct probe_measure measure[PROBE_MEASUREMENT_COUNT];
};

/** struct probe_log - the parser; all zeros is the beginning. Single threaded; owns nothing. */
struct probe_log {
	struct probe_result result;
	char line[PROBE_LINE_MAX];
	size_t line_length;
	uint64_t skipped; /* bytes before the banner: firmware speaks first on some machines */
	uint64_t lines;
	uint32_t checksum;
	int error; /* negative errno once refused; sticky */
	unsigned field; /* the next field expected inside a mode */
	int current;	/* enum probe_measurement of the open mode */
	int started;	/* enum probe_measurement last started, plus one; 0 before the first */
	bool banner, in_mode, done;
};

/** probe_measurement_name() - as on the wire and in reports; static. */
const char *probe_measurement_name(enum probe_measurement measurement);

/**
 * probe_modes_parse() - the measurements that a modes= list ("timer,pio:2000,ipi") will make.
 * @ret_mask: bit (1 << enum probe_measurement) each; ipi sets two. Set on success only.
 *
 * Returns 0; -EINVAL for an unknown, repeated or empty mode or a bad number, with @why.
 */
int probe_modes_parse(const char *modes, uint32_t *ret_mask, struct diag *why);

/**
 * probe_log_feed() - take the next @count bytes, in pieces of any size.
 *
 * Returns 0; -EPROTO for what no probe prints, -EPROTONOSUPPORT for another version, -EREMOTEIO for
 * an error line of the probe itself; then and ever after the same error. @why is set at the first.
 * Bytes after the done line are refused too, blank lines aside.
 */
int probe_log_feed(struct probe_log *log, const char *bytes, size_t count, struct diag *why);

/** probe_log_started() - the measurement now running, for progress; -1 before the first. */
int probe_log_started(const struct probe_log *log);

/**
 * probe_log_finish() - the guest has ended: is everything there?
 * @asked: mask of measurements, as probe_modes_parse() gave it; 0 accepts any.
 * @ret: points into @log; set on success only.
 *
 * Returns 0; the sticky error of probe_log_feed(); -ENODATA for no banner, a truncated log, or a
 * measurement asked for that is neither measured nor unsupported with a reason.
 */
int probe_log_finish(struct probe_log *log, uint32_t asked, const struct probe_result **ret,
		     struct diag *why);
