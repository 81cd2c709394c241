// SPDX-License-Identifier: Apache-2.0
/* What host_text() and its kin stand on. */
#pragma once

#include <stdarg.h>

struct host_file;
struct host_files;

/** host_file_find() - a file that has a text, by its path. Returns as host_text(). */
int host_file_find(const struct host_files *files, const struct host_file **ret, const char *format,
		   va_list arguments) __attribute__((format(printf, 3, 0)));
