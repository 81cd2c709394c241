// SPDX-License-Identifier: Apache-2.0
/* A point in time for people. */
#pragma once

#include <stdint.h>

enum { MOMENT_TEXT_MAX = 32 };

/** moment_format() - seconds of CLOCK_REALTIME as "2026-11-23 08:14:38", local; "-" for 0. Returns @ret. */
char *moment_format(int64_t seconds, char ret[MOMENT_TEXT_MAX]);
