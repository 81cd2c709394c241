// SPDX-License-Identifier: Apache-2.0
/* One run's evidence, and the three forms it is handed on in: terminal, JSON, HTML. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "latency/probe_log.h"
#include "latency/verdict.h"

struct diag;

enum { REPORT_SCHEMA = 1 }; /* of the JSON; grows when a key changes its meaning or goes away */

/** struct evidence_fact - @name as a reader knows it ("CPU model"), @value free text. */
struct evidence_fact {
	const char *name;
	const char *value;
};

/** struct evidence_count - VMM exits by cause ("io 0x80"). */
struct evidence_count {
	const char *name;
	uint64_t count;
};

/**
 * struct evidence - all that a report says; everything is borrowed for the length of a call. Any
 * string may be hostile (guest or user wrote it): each form escapes it its own way. Strings may be
 * NULL where unknown; they are left out then.
 *
 * @result: from probe_log_finish(). @asked: mask of the measurements that were asked for.
 * @terms: budget, TSC frequency of the guest as the host knows it, emulated. @verdict: of
 *	verdict_judge_run() over the same.
 * @title: the partition's name. @machine: the machine file's "machine", or NULL.
 * @load: name of the load that ran beside ("none"). @duration_ns: wall time of the run.
 * @started: RFC 3339 text. @tool_version: "bulkhead 0.1.0 (...)".
 * @config_text: the resolved configuration; @config_hash: of it, with its kind ("sha256:...").
 * @downgrades: what was asked for and could not be had (--best-effort), one sentence each.
 * @exits: the VMM's userspace exits by cause. @sealed_exits: those made while sealed;
 *	@sealed: whether the partition ever reported itself sealed.
 */
struct evidence {
	const struct probe_result *result;
	uint32_t asked;
	struct verdict_terms terms;
	struct verdict_result verdict;
	const char *title;
	const char *machine;
	const char *load;
	const char *started;
	const char *tool_version;
	const char *config_text;
	const char *config_hash;
	uint64_t duration_ns;
	const struct evidence_fact *facts;
	size_t fact_count;
	const char *const *downgrades;
	size_t downgrade_count;
	const struct evidence_count *exits;
	size_t exit_count;
	uint64_t sealed_exits;
	bool sealed;
};

/** struct report_style - of the terminal form. @colour: use ANSI colours. @utf8: use block characters. */
struct report_style {
	bool colour;
	bool utf8;
};

/**
 * report_terminal(), report_json(), report_html() - write a report to @out, which stays open and the
 * caller's.
 *
 * Return 0; -EIO where a write failed, also one found by the flush at the end; -ENOMEM; -EINVAL for
 * evidence without result or frequency.
 */
int report_terminal(const struct evidence *evidence, const struct report_style *style, FILE *out);
int report_json(const struct evidence *evidence, FILE *out);
int report_html(const struct evidence *evidence, FILE *out);

/** report_write_file() - report_json() or report_html() into @path, by a temporary file beside it
 * and a rename, so that a reader never finds half a report. Returns 0, -errno with @why. */
int report_write_file(int (*report)(const struct evidence *evidence, FILE *out),
		      const struct evidence *evidence, const char *path, struct diag *why);
