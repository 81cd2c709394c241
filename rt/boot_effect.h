// SPDX-License-Identifier: Apache-2.0
/* Whether the kernel that runs does what it was booted with. */
#pragma once

struct boot_option;
struct boot_parameter;
struct host_facts;

enum boot_effect {
	BOOT_HELD,
	BOOT_NOT_HELD,
	BOOT_UNKNOWN,
};

enum { BOOT_FOUND_MAX = 320 };

/**
 * boot_effect() - a parameter: it is on the command line with that value, the kernel's log does not call it
 * unknown, and what the kernel shows of it is so.
 * @ret_found: what was found, for people.
 *
 * Pure. Of some parameters the kernel shows nothing: those hold by standing on the command line.
 */
enum boot_effect boot_effect(const struct boot_parameter *parameter, const struct host_facts *host,
			     char ret_found[BOOT_FOUND_MAX]);

/** boot_option_effect() - an option of a module, as the loaded module has it. As boot_effect(). */
enum boot_effect boot_option_effect(const struct boot_option *option, const struct host_facts *host,
				    char ret_found[BOOT_FOUND_MAX]);

/**
 * boot_log_effect() - what the kernel's log says of its command line beside unknown parameters: lists that it did
 * not take, counts that it ignored, values that a module refused. As boot_effect().
 */
enum boot_effect boot_log_effect(const struct host_facts *host, char ret_found[BOOT_FOUND_MAX]);
