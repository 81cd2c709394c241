// SPDX-License-Identifier: Apache-2.0
/* What every guest uses: ports, text on the serial port, options of the command line, the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void port_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void port_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void port_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t port_in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint64_t tsc_read(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

void print(const char *text);
void print_bytes(const void *bytes, size_t count);
void print_hex(uint64_t value);
void print_decimal(uint64_t value);
/** print_field() - " NAME=0xVALUE"; print_count() - " NAME=VALUE" in decimal. */
void print_field(const char *name, uint64_t value);
void print_count(const char *name, uint64_t value);

/** guest_cmdline - a copy of the command line, set by the entry; options are words NAME=VALUE of it. */
enum { GUEST_CMDLINE_BYTES = 8192 };
extern char guest_cmdline[GUEST_CMDLINE_BYTES];

/** cmdline_copy() - keep at most what fits; the rest is cut. */
void cmdline_copy(const char *text);

/** option_is() - does the option have this value? option_number() - decimal, or hex after 0x. */
bool option_is(const char *name, const char *value);
uint64_t option_number(const char *name, uint64_t otherwise);
/** option_next() - each value of an option given many times; start with NULL; NULL at the end. */
const char *option_next(const char *name, const char *after);
uint64_t number(const char *text, const char **ret_end);

/** power_off() - through the ACPI sleep control port; says so and resets if that did nothing. */
void power_off(void) __attribute__((noreturn));
