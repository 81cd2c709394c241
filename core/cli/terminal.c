// SPDX-License-Identifier: Apache-2.0
#include "core/cli/terminal.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

void terminal_save(struct terminal *terminal)
{
	terminal->saved = tcgetattr(STDIN_FILENO, &terminal->modes) == 0;
}

void terminal_raw(const struct terminal *terminal)
{
	struct termios raw = terminal->modes;

	if (!terminal->saved)
		return;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void terminal_restore(const struct terminal *terminal)
{
	sigset_t background;

	if (!terminal->saved)
		return;
	/* Out of the foreground, the change itself would stop this process. */
	sigemptyset(&background);
	sigaddset(&background, SIGTTOU);
	sigprocmask(SIG_BLOCK, &background, NULL);
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal->modes);
}
