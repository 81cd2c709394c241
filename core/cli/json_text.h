// SPDX-License-Identifier: Apache-2.0
/* Names of files and hosts in JSON. */
#pragma once

#include <jansson.h>

/**
 * json_text() - a text that need not be UTF-8, which JSON is: where it is not, all of it that is no printable
 * ASCII is replaced by '?'.
 *
 * Returns a new reference, NULL without memory.
 */
json_t *json_text(const char *text);
