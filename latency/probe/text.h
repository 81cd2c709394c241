// SPDX-License-Identifier: Apache-2.0
/* The few things the probe does with text and memory; there is no libc here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

static inline size_t text_length(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	return length;
}

static inline bool text_equal(const char *a, const char *b, size_t length)
{
	while (length > 0 && *a == *b) {
		a++;
		b++;
		length--;
	}
	return length == 0;
}

static inline void bytes_copy(void *to, const void *from, size_t count)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static inline void bytes_clear(void *at, size_t count)
{
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(count) : "a"(0) : "memory");
}
