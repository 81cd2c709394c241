// SPDX-License-Identifier: Apache-2.0
/* Is it text at all: the check of raw bytes before a parser sees them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct diag;

/**
 * text_check() - refuse what is not printable UTF-8 (RFC 3629) in lines, and YAML directives.
 * @text, @length: raw bytes of a whole file; need not be terminated.
 * @why: line and column of the first offence; the caller adds the file.
 *
 * Pure. Returns 0 or -EINVAL.
 */
int text_check(const char *text, size_t length, struct diag *why);

/** text_has_control() - whether valid UTF-8 holds a C0 or C1 control character or DEL. */
bool text_has_control(const char *text, size_t length);
