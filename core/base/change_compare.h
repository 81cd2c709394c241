// SPDX-License-Identifier: Apache-2.0
/* When a text that was read counts as the one that was written. */
#pragma once

#include <stdbool.h>

#include "core/base/change.h"

/**
 * change_compare() - see enum change_compare.
 * @wanted: as written. @read: as read back; may be anything.
 *
 * Pure.
 */
bool change_compare(enum change_compare compare, const char *wanted, const char *read);
