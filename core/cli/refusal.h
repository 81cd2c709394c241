// SPDX-License-Identifier: Apache-2.0
/* How a command says no. */
#pragma once

struct diag;

/** refusal_print() - one line on standard error; returns COMMAND_UNKNOWN. */
int refusal_print(const struct diag *why);

/**
 * refusal_option() - say which option getopt_long() refused, in the one form all commands use.
 * @argv: what getopt_long() was given, with opterr 0; @argv[0] is the command's name.
 * @option: what it returned, '?' or, with a ':' first in the option string, ':'.
 *
 * Returns COMMAND_UNKNOWN.
 */
int refusal_option(char *const *argv, int option);

/** refusal_usage() - say what is wrong with the arguments of @command; returns COMMAND_UNKNOWN. */
int refusal_usage(const char *command, const char *text);

/**
 * output_begin() - make sure that the standard streams are open; first thing in the program.
 *
 * Remembers whether standard output was: what is printed would be lost without a word.
 */
void output_begin(void);

/** output_finish() - make sure standard output took all; returns @status, or COMMAND_UNKNOWN. */
int output_finish(int status);
