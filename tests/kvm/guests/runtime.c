// SPDX-License-Identifier: Apache-2.0
#include "runtime.h"

enum { COM1 = 0x3f8, LSR = 5, LSR_THR_EMPTY = 0x20 };

char guest_cmdline[GUEST_CMDLINE_BYTES];

/* Compilers call these for assignments of structures. String instructions, so as not to call themselves. */
void *memset(void *to, int byte, size_t count);
void *memcpy(void *to, const void *from, size_t count);

void *memset(void *to, int byte, size_t count)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(count) : "a"(byte) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t count)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(count) : : "memory");
	return to;
}

void print_bytes(const void *bytes, size_t count)
{
	const char *at = bytes;

	for (size_t i = 0; i < count; i++) {
		while ((port_in8(COM1 + LSR) & LSR_THR_EMPTY) == 0)
			__asm__ volatile("pause");
		port_out8(COM1, (uint8_t)at[i]);
	}
}

void print(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	print_bytes(text, length);
}

void print_hex(uint64_t value)
{
	char digit[16];
	unsigned first = 16;

	do {
		digit[--first] = "0123456789abcdef"[value & 0xf];
		value >>= 4;
	} while (value != 0);
	print("0x");
	print_bytes(digit + first, 16 - first);
}

/* Without a division, which 32-bit code would need a library for. */
void print_decimal(uint64_t value)
{
	uint64_t power[20] = { 1 };
	bool started = false;

	for (unsigned i = 1; i < 20; i++)
		power[i] = power[i - 1] * 10;
	for (unsigned i = 20; i-- > 0;) {
		char digit = '0';

		for (; value >= power[i]; value -= power[i])
			digit++;
		started = started || digit != '0' || i == 0;
		if (started)
			print_bytes(&digit, 1);
	}
}

void print_field(const char *name, uint64_t value)
{
	print(" ");
	print(name);
	print("=");
	print_hex(value);
}

void print_count(const char *name, uint64_t value)
{
	print(" ");
	print(name);
	print("=");
	print_decimal(value);
}

void cmdline_copy(const char *text)
{
	size_t i = 0;

	if (text != NULL)
		for (; i < GUEST_CMDLINE_BYTES - 1 && text[i] != '\0'; i++)
			guest_cmdline[i] = text[i];
	guest_cmdline[i] = '\0';
}

static const char *skip_prefix(const char *text, const char *prefix)
{
	for (; *prefix != '\0'; prefix++, text++)
		if (*text != *prefix)
			return NULL;
	return text;
}

const char *option_next(const char *name, const char *after)
{
	const char *at = after != NULL ? after : guest_cmdline;
	bool word_starts = after == NULL;

	for (; *at != '\0'; at++) {
		if (word_starts) {
			const char *value = skip_prefix(at, name);

			if (value != NULL && *value == '=')
				return value + 1;
		}
		word_starts = *at == ' ';
	}
	return NULL;
}

bool option_is(const char *name, const char *value)
{
	const char *given = option_next(name, NULL);
	const char *end = given != NULL ? skip_prefix(given, value) : NULL;

	return end != NULL && (*end == ' ' || *end == '\0');
}

uint64_t number(const char *text, const char **ret_end)
{
	const char *hex = skip_prefix(text, "0x");
	uint64_t value = 0;

	for (text = hex != NULL ? hex : text;; text++) {
		if (*text >= '0' && *text <= '9')
			value = value * (hex != NULL ? 16 : 10) + (uint64_t)(*text - '0');
		else if (hex != NULL && *text >= 'a' && *text <= 'f')
			value = value * 16 + (uint64_t)(*text - 'a' + 10);
		else
			break;
	}
	if (ret_end != NULL)
		*ret_end = text;
	return value;
}

uint64_t option_number(const char *name, uint64_t otherwise)
{
	const char *given = option_next(name, NULL);

	return given != NULL ? number(given, NULL) : otherwise;
}

void power_off(void)
{
	port_out8(0x600, 5 << 2 | 0x20);
	print("power-off port did nothing\n");
	port_out8(0x64, 0xfe);
	for (;;)
		__asm__ volatile("cli; hlt");
}
