// SPDX-License-Identifier: Apache-2.0
/* Sizes and durations as people write them; converted once, here, to bytes and nanoseconds. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct diag;

/**
 * size_parse() - "512M" to bytes. A decimal whole number and one of K, M, G, T (powers of 1024);
 * a bare number is refused but for 0, because nobody agrees on its unit.
 * @ret_bytes: set on success only.
 * @why: text, got, allowed; the caller adds the place.
 *
 * Returns 0, -EINVAL for syntax, -ERANGE above 2^63 - 1.
 */
int size_parse(const char *text, uint64_t *ret_bytes, struct diag *why);

/**
 * duration_parse() - "250us" to nanoseconds. A decimal number, a fraction allowed where it comes
 * to whole nanoseconds ("1.5ms"), and one of ns, us, ms, s, m, h; a bare number is refused but for 0.
 * @ret_ns: set on success only.
 *
 * Returns 0, -EINVAL for syntax, -ERANGE above 2^63 - 1 ns.
 */
int duration_parse(const char *text, uint64_t *ret_ns, struct diag *why);

/**
 * size_format(), duration_format() - the shortest exact text, which parses back; a size that is no
 * multiple of 1 K, which size_parse() never gives, reads "N bytes". Return @buffer.
 */
char *size_format(uint64_t bytes, char *buffer, size_t size);
char *duration_format(uint64_t ns, char *buffer, size_t size);
