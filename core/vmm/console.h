// SPDX-License-Identifier: Apache-2.0
/* The near end of the guest's serial port: standard input and output of the VMM, or none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

struct diag;
struct irq_line;
struct uart16550;

enum { CONSOLE_CHUNK_BYTES = 4096 }; /* what a pipe that polls writable takes without blocking */

/** enum console_key - what the person at the terminal asked of the VMM itself. */
enum console_key {
	CONSOLE_NOTHING,
	CONSOLE_LEAVE, /* Ctrl-A x */
};

/**
 * struct console - the two directions, each with what the other end had no room for.
 * @input, @output: descriptors; -1: none, or at its end.
 * @escape: look for Ctrl-A in the input.
 * @terminal: put in raw mode, its modes before in @saved; -1: none.
 */
struct console {
	struct uart16550 *uart;
	const struct irq_line *line;
	int input;
	int output;
	bool escape;
	bool escaped;
	int terminal;
	struct termios saved;
	uint8_t output_chunk[CONSOLE_CHUNK_BYTES];
	size_t output_first;
	size_t output_end;
	uint8_t input_chunk[CONSOLE_CHUNK_BYTES];
	size_t input_first;
	size_t input_end;
};

/**
 * console_open() - take over the descriptors; a terminal at @input is put in raw mode.
 * @console: zeroed; ended with console_done(), which restores the terminal.
 */
void console_open(struct console *console, struct uart16550 *uart, const struct irq_line *line,
		  int input, int output, bool escape);
void console_done(struct console *console);

/**
 * console_flush() - move what the guest sent to the output, as much as it takes without blocking.
 *
 * Returns true when all was moved, or can never be because the reader is gone.
 */
bool console_flush(struct console *console);

/**
 * console_read() - read once from the input, which polled readable, and pass it on.
 *
 * Returns what the person asked for. At the end of input @console->input becomes -1.
 */
enum console_key console_read(struct console *console);

/**
 * console_take_keys() - take the keys meant for us out of what was typed: Ctrl-A x leaves, Ctrl-A twice is one
 * Ctrl-A.
 * @escaped: whether the last byte so far was a Ctrl-A; false at first.
 * @length: of @bytes; what remains of them.
 */
enum console_key console_take_keys(bool *escaped, uint8_t *bytes, size_t *length);

/** console_feed() - pass on what was read before and did not fit. */
void console_feed(struct console *console);

/** console_wants_input() - whether there is room for more: only then may the input be polled. */
bool console_wants_input(const struct console *console);

/** console_signal() - raise the port's interrupt if it is due. After each of the above. */
void console_signal(const struct console *console);
