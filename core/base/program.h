// SPDX-License-Identifier: Apache-2.0
/* Another program, run to its end. */
#pragma once

#include <stddef.h>

struct diag;

/**
 * program_find() - the first of the folders that has the program.
 * @folders: absolute, ended by NULL. @name: of the program.
 *
 * Returns @ret, or NULL where none has it.
 */
char *program_find(const char *const *folders, const char *name, char *ret, size_t size);

/**
 * program_run() - run a program and wait for it.
 * @argument: ended by NULL; the first is the absolute path.
 * @seconds: after which it is killed, and what it started in its process group.
 *
 * It finds nothing of ours: neither descriptors nor environment, but PATH and LC_ALL=C.UTF-8, and no signal
 * blocked; it ends with us. Returns 0 where it ended with 0; -ENOENT there is no such program; -ETIMEDOUT;
 * -EIO it ended otherwise, with what it wrote to its standard error; or what starting it said.
 */
int program_run(const char *const *argument, unsigned seconds, struct diag *why);
