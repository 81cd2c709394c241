// SPDX-License-Identifier: Apache-2.0
/* Which files facts are read from: one table, in which a new fact is a new line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PATTERN_NAME_MAX = 256 };

/** enum host_pattern_flag - what is special about a row. */
enum host_pattern_flag {
	PATTERN_LARGE = 1,   /* may be larger than other files: it grows with CPUs times interrupts */
	PATTERN_THREADS = 2,  /* threads: of "status" only the lines that facts are made of are kept */
	PATTERN_FIXED = 4,    /* it stays as it is as long as the kernel runs, and takes long to read */
};

/**
 * struct host_pattern - one row.
 * @groups: enum host_group bits; read with any of them.
 * @flags: enum host_pattern_flag bits.
 * @directory: absolute; *, ? and [] within a component as fnmatch(3).
 * @names: file names with a blank between, wildcards too. One that begins with @ is a symbolic link whose
 * target is the fact; RELEASE in one is the kernel's release.
 */
struct host_pattern {
	unsigned groups;
	unsigned flags;
	const char *directory;
	const char *names;
};

/** host_pattern_at() - the rows in their order; NULL past the last. */
const struct host_pattern *host_pattern_at(size_t index);

/** host_pattern_is_pseudo() - whether its files are none of a running host's: those under /bulkhead. */
bool host_pattern_is_pseudo(const struct host_pattern *pattern);

/**
 * host_pattern_name() - the next of a row's names.
 * @at: @pattern->names before the first call; moved on.
 * @release: for RELEASE, or NULL where it is not known: then such names are left out.
 * @ret: the name, without the @.
 * @ret_link: whether it had one.
 *
 * Returns false past the last.
 */
bool host_pattern_name(const char **at, const char *release, char ret[PATTERN_NAME_MAX], bool *ret_link);
