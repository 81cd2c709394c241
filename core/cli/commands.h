// SPDX-License-Identifier: Apache-2.0
/* The commands of "bulkhead": one function each, in one file each. */
#pragma once

/** enum command_status - exit statuses of every command. */
enum command_status {
	COMMAND_HELD = 0,     /* done, and what was asked holds */
	COMMAND_NOT_HELD = 1, /* looked at, and does not hold */
	COMMAND_UNKNOWN = 2,  /* could not tell: usage, configuration, host or tool error */
};

/**
 * command_capture(), ... - run one command.
 * @argc, @argv: what follows the program's name; @argv[0] is the command's own name.
 *
 * Print results on standard output and refusals, one line each, on standard error.
 * Return the exit status: enum command_status, or for command_run() the status the guest gave.
 */
int command_apply(int argc, char **argv);
int command_boot(int argc, char **argv);
int command_capture(int argc, char **argv);
int command_check(int argc, char **argv);
int command_console(int argc, char **argv);
int command_discover(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_latency(int argc, char **argv);
int command_list(int argc, char **argv);
int command_pause(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_resume(int argc, char **argv);
int command_revert(int argc, char **argv);
int command_run(int argc, char **argv);
int command_schema(int argc, char **argv);
int command_show(int argc, char **argv);
int command_start(int argc, char **argv);
int command_status(int argc, char **argv);
int command_stop(int argc, char **argv);
