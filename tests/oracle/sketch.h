// SPDX-License-Identifier: Apache-2.0
/* Machine files made up at random, sound more often than not. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct host_facts;

/**
 * sketch_machine() - write a machine file for a host.
 * @seed: the same seed gives the same text.
 * @text, @size: where to; 64 KiB are enough.
 *
 * Every file is well-formed; whether the machine can be cut so is left to chance.
 */
void sketch_machine(const struct host_facts *host, uint64_t seed, char *text, size_t size);
