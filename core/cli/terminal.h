// SPDX-License-Identifier: Apache-2.0
/* Standard input as a terminal: its modes as they were, put back whatever became of who changed them. */
#pragma once

#include <stdbool.h>
#include <termios.h>

/** struct terminal - @saved: standard input is one, and @modes are as terminal_save() found them. */
struct terminal {
	bool saved;
	struct termios modes;
};

void terminal_save(struct terminal *terminal);

/** terminal_raw() - every key as it is pressed; nothing where standard input is no terminal. */
void terminal_raw(const struct terminal *terminal);
void terminal_restore(const struct terminal *terminal);
