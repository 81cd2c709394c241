// SPDX-License-Identifier: Apache-2.0
/* A file's text as a value. A text with a zero byte in it is none but itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cpulist.h"
#include "core/host/file_find.h"
#include "core/host/files.h"
#include "core/host/host_parse.h"

void host_make_plain(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

int host_text(const struct host_files *files, const char **ret, const char *format, ...)
{
	const struct host_file *file;
	va_list arguments;

	va_start(arguments, format);
	int error = host_file_find(files, &file, format, arguments);
	va_end(arguments);
	if (error == 0)
		*ret = file->text;
	return error;
}

/* -EINVAL but for an optional sign and decimal digits, or 0x and hexadecimal ones, within 64 bits. */
static int parse_number(const char *text, int64_t *ret)
{
	const char *digits = text + (*text == '-');
	bool hexadecimal = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	char *end;

	digits += hexadecimal ? 2 : 0;
	if (strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789") == 0)
		return -EINVAL;
	errno = 0;
	long long value = strtoll(text, &end, hexadecimal ? 16 : 10);
	if (errno != 0 || *end != '\0')
		return -EINVAL;
	*ret = value;
	return 0;
}

int host_number(const struct host_files *files, int64_t *ret, const char *format, ...)
{
	const struct host_file *file;
	va_list arguments;

	va_start(arguments, format);
	int error = host_file_find(files, &file, format, arguments);
	va_end(arguments);
	if (error == 0 && strlen(file->text) != file->length)
		error = -EINVAL;
	return error != 0 ? error : parse_number(file->text, ret);
}

int host_truth(const struct host_files *files, bool *ret, const char *format, ...)
{
	const struct host_file *file;
	va_list arguments;

	va_start(arguments, format);
	int error = host_file_find(files, &file, format, arguments);
	va_end(arguments);
	if (error != 0)
		return error;
	if (file->length != 1 || strchr("Yy1Nn0", file->text[0]) == NULL)
		return -EINVAL;
	*ret = strchr("Yy1", file->text[0]) != NULL;
	return 0;
}

int host_cpus(const struct host_files *files, struct cpulist *ret, const char *format, ...)
{
	const struct host_file *file;
	va_list arguments;

	va_start(arguments, format);
	int error = host_file_find(files, &file, format, arguments);
	va_end(arguments);
	if (error != 0)
		return error;
	/* What Linux prints of a mask it never made, like that of nohz_full without the parameter. */
	if (strcmp(file->text, "(null)") == 0) {
		*ret = (struct cpulist){0};
		return 0;
	}
	return strlen(file->text) == file->length ? cpulist_parse_kernel(file->text, ret) : -EINVAL;
}
