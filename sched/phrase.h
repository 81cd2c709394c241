// SPDX-License-Identifier: Apache-2.0
/* Words that findings about CPUs and memory have in common. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct cpulist;

enum {
	PHRASE_CPUS_MAX = 80, /* what a message has room for, next to its other words */
	PHRASE_SIZE_MAX = 32,
};

/**
 * phrase_cpus() - "CPU 5" or "CPUs 5-7,9". A list that is too long is cut between two CPUs and ends in
 * "...". phrase_list() - the same without the word.
 * @size: at least 16.
 *
 * Pure. Return @buffer.
 */
char *phrase_cpus(const struct cpulist *cpus, char *buffer, size_t size);
char *phrase_list(const struct cpulist *cpus, char *buffer, size_t size);

/** phrase_size() - "63.7G": the largest unit below it, one decimal, rounded down. Returns @buffer. */
char *phrase_size(uint64_t bytes, char *buffer, size_t size);
