// SPDX-License-Identifier: Apache-2.0
/* Text of systemd units: templates that are filled in, and paths quoted as systemd.syntax(7) wants them. */
#pragma once

#include <stdio.h>

struct diag;

/** enum unit_quote - where a path stands. */
enum unit_quote {
	UNIT_PROGRAM,  /* the program of ExecStart= */
	UNIT_ARGUMENT, /* one of its arguments, in which systemd replaces variables: $ is doubled */
	UNIT_PATH,     /* of RequiresMountsFor= */
	UNIT_WORDS,    /* not in quotes: Description= */
};

/**
 * unit_quote() - a path so that systemd takes it for itself, whatever is in it.
 * @ret: to be freed.
 *
 * Pure. Returns 0; -EINVAL with @why for control characters and for what is not UTF-8, which no unit file
 * holds; -ENOMEM.
 */
int unit_quote(const char *path, enum unit_quote where, char **ret, struct diag *why);

/** struct unit_value - what stands for @KEY@ in a template; a row without a key ends a table. */
struct unit_value {
	const char *key;
	const char *value;
};

/** unit_fill() - write a template with each @KEY@ of @values replaced. */
void unit_fill(const char *text, const struct unit_value *values, FILE *stream);
