// SPDX-License-Identifier: Apache-2.0
/* The words of the probe's command line and output: names of measurements, numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latency/probe_log.h"

/** probe_number_parse() - a decimal number and nothing else: no sign, no leading zero, no overflow. */
bool probe_number_parse(const char *text, size_t length, uint64_t *ret);

/** probe_measurement_find() - the enum probe_measurement of a name, or -1. */
int probe_measurement_find(const char *name, size_t length);
