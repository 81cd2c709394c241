// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/console.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/devices/uart16550.h"
#include "irq/line.h"

enum { CTRL_A = 1 };

void console_open(struct console *console, struct uart16550 *uart, const struct irq_line *line,
		  int input, int output, bool escape)
{
	struct termios raw;

	console->uart = uart;
	console->line = line;
	console->input = input;
	console->output = output;
	console->escape = escape;
	console->terminal = -1;
	if (!escape || input < 0 || tcgetattr(input, &console->saved) != 0)
		return;
	raw = console->saved;
	cfmakeraw(&raw);
	if (tcsetattr(input, TCSANOW, &raw) == 0)
		console->terminal = input;
}

void console_done(struct console *console)
{
	if (console->terminal >= 0)
		tcsetattr(console->terminal, TCSANOW, &console->saved);
	console->terminal = -1;
}

static bool writable(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	/* An error condition counts as writable: the write will tell. */
	return poll(&poller, 1, 0) == 1;
}

/* Writes what is in the chunk. False: not all of it could be written now. */
static bool write_chunk(struct console *console)
{
	while (console->output_first < console->output_end) {
		if (!writable(console->output))
			return false;
		ssize_t written = write(console->output, console->output_chunk + console->output_first,
					console->output_end - console->output_first);
		if (written < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (written < 0) {
			console->output = -1;
			return true;
		}
		console->output_first += (size_t)written;
	}
	return true;
}

bool console_flush(struct console *console)
{
	for (;;) {
		if (console->output >= 0 && !write_chunk(console))
			return false;
		console->output_first = 0;
		console->output_end = uart16550_output(console->uart, console->output_chunk,
						       sizeof(console->output_chunk));
		if (console->output_end == 0)
			return true;
	}
}

void console_feed(struct console *console)
{
	console->input_first += uart16550_input(console->uart,
						console->input_chunk + console->input_first,
						console->input_end - console->input_first);
}

bool console_wants_input(const struct console *console)
{
	return console->input >= 0 && console->input_first == console->input_end;
}

enum console_key console_take_keys(bool *escaped, uint8_t *bytes, size_t *length)
{
	enum console_key key = CONSOLE_NOTHING;
	size_t kept = 0;

	for (size_t i = 0; i < *length; i++) {
		uint8_t byte = bytes[i];

		if (*escaped) {
			*escaped = false;
			if (byte == 'x' || byte == 'X') {
				key = CONSOLE_LEAVE;
				continue;
			}
		} else if (byte == CTRL_A) {
			*escaped = true;
			continue;
		}
		bytes[kept++] = byte;
	}
	*length = kept;
	return key;
}

enum console_key console_read(struct console *console)
{
	enum console_key key = CONSOLE_NOTHING;
	ssize_t got = read(console->input, console->input_chunk, sizeof(console->input_chunk));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return CONSOLE_NOTHING;
	console->input_first = 0;
	console->input_end = got < 0 ? 0 : (size_t)got;
	if (got <= 0)
		console->input = -1;
	if (console->escape)
		key = console_take_keys(&console->escaped, console->input_chunk, &console->input_end);
	console_feed(console);
	return key;
}

void console_signal(const struct console *console)
{
	if (uart16550_interrupt(console->uart))
		irq_line_pulse(console->line);
}
