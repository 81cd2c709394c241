// SPDX-License-Identifier: Apache-2.0
/* The probe's only voice: lines on the first serial port, counted and checksummed as they leave. */
#pragma once

#include <stdint.h>

/** serial_start() - the entry code wrote the banner's first byte; print the rest of it. */
void serial_start(void);

/** serial_text() - print @text as it is. A new line is "\n". */
void serial_text(const char *text);
void serial_number(uint64_t value);
void serial_hexadecimal(uint64_t value);

/** serial_field() - one line: NAME VALUE. */
void serial_field(const char *name, uint64_t value);

/** serial_done() - the last line: how many there were, and their checksum. */
void serial_done(void);
