// SPDX-License-Identifier: Apache-2.0
/* The machine file's schema as JSON Schema, for editors and other programs. */
#pragma once

#include <jansson.h>

/**
 * schema_to_json() - JSON Schema (draft 2020-12) of a machine file.
 *
 * It says what each key takes; rules between keys are the loader's alone.
 * Returns a new reference, NULL without memory.
 */
json_t *schema_to_json(void);
