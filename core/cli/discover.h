// SPDX-License-Identifier: Apache-2.0
/* What "bulkhead discover" found, and its writers. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "core/cli/discover_devices.h"
#include "sched/candidates.h"

struct host_facts;

enum { DISCOVER_UNKNOWN_MAX = 16 };

/**
 * struct discovery - all of it; ended with discovery_done().
 * @unknown: facts that could not be read, @unknown_count static texts.
 */
struct discovery {
	const struct host_facts *host;
	struct candidates candidates;
	struct passthrough passthrough;
	const char *unknown[DISCOVER_UNKNOWN_MAX];
	size_t unknown_count;
};

/** discover() - look. @host: kept until discovery_done(). Pure. Returns 0 or -ENOMEM. */
int discover(const struct host_facts *host, struct discovery *ret);

void discovery_done(struct discovery *discovery);

/**
 * discover_write() - write the machine file.
 *
 * Texts of the host, as a CPU's model or a driver's name, stand in comments alone, and cannot end them.
 */
void discover_write(const struct discovery *discovery, FILE *stream);

/** discover_write_survey() - write its second half: comments on what else the host has. */
void discover_write_survey(const struct discovery *discovery, FILE *stream);

/** discover_comment() - write one line of comment, printable ASCII, cut where it is too long. */
void discover_comment(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** discover_printable() - replace in place what is not printable ASCII by '?'. Returns @text. */
char *discover_printable(char *text);

/** discover_json() - the same as JSON. @file: the machine file's text. Returns a new reference or NULL. */
json_t *discover_json(const struct discovery *discovery, const char *file);
