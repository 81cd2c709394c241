// SPDX-License-Identifier: Apache-2.0
/* Findings for people and for programs. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "core/base/findings.h"

/** findings_print() - one line each: "FILE:LINE:COLUMN: ..." behind what kind it is. */
void findings_print(const struct findings *findings, FILE *stream);

/**
 * findings_to_json() - a list of {kind, rule, partition, file, line, column, key, text, got, allowed,
 * remedy}; what does not apply is left out. Returns a new reference, NULL without memory.
 */
json_t *findings_to_json(const struct findings *findings);
