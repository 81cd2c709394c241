// SPDX-License-Identifier: Apache-2.0
#include "core/host/files.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/file_find.h"

enum {
	FILES_FIRST = 64,
	PATH_LIMIT = 4096,
};

static void file_done(struct host_file *file)
{
	free(file->path);
	free(file->text);
	*file = (struct host_file){0};
}

/* Twice as many as are used: sorting merges into the upper half, and so cannot fail. */
static int make_room(struct host_files *files)
{
	size_t room = files->room == 0 ? FILES_FIRST : files->room * 2;

	if (files->room >= (files->count + 1) * 2)
		return 0;
	struct host_file *larger = reallocarray(files->file, room, sizeof(*larger));
	if (larger == NULL)
		return -ENOMEM;
	files->file = larger;
	files->room = room;
	return 0;
}

/* The first file at or above @path in a sorted snapshot; only @length bytes of @path count. */
static size_t lower_bound(const struct host_files *files, const char *path, size_t length)
{
	size_t low = 0;
	size_t high = files->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(files->file[middle].path, path, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The index of @path, or @files->count. Before sorting the last one put is the one that counts. */
static size_t find(const struct host_files *files, const char *path)
{
	if (files->sorted) {
		size_t index = lower_bound(files, path, strlen(path) + 1);

		return index < files->count && strcmp(files->file[index].path, path) == 0 ?
			index : files->count;
	}
	for (size_t i = files->count; i > 0; i--) {
		if (strcmp(files->file[i - 1].path, path) == 0)
			return i - 1;
	}
	return files->count;
}

/* Takes over what @file owns, also on failure. */
static int put(struct host_files *files, struct host_file file)
{
	size_t index = files->count;

	if (file.path == NULL || (file.error == 0 && file.text == NULL) || make_room(files) != 0) {
		file_done(&file);
		return -ENOMEM;
	}
	if (files->count == 0)
		files->sorted = true;
	if (files->sorted && files->count > 0 &&
	    strcmp(files->file[files->count - 1].path, file.path) >= 0) {
		index = find(files, file.path);
		/* One that has been there keeps its place; many new ones are sorted once, at the end. */
		if (index == files->count)
			files->sorted = false;
	}
	if (index < files->count)
		file_done(&files->file[index]);
	else
		files->count++;
	files->file[index] = file;
	return 0;
}

int host_files_put_bytes(struct host_files *files, const char *path, const void *bytes, size_t length)
{
	struct host_file file = {.path = strdup(path), .text = malloc(length + 1), .length = length};

	if (file.text != NULL) {
		if (length > 0)
			memcpy(file.text, bytes, length);
		file.text[length] = '\0';
	}
	return put(files, file);
}

int host_files_put(struct host_files *files, const char *path, const char *text)
{
	return host_files_put_bytes(files, path, text, strlen(text));
}

int host_files_put_error(struct host_files *files, const char *path, int error)
{
	return put(files, (struct host_file){.path = strdup(path), .error = error > 0 ? error : EIO});
}

void host_files_remove(struct host_files *files, const char *path)
{
	for (size_t i = find(files, path); i < files->count; i = find(files, path)) {
		file_done(&files->file[i]);
		files->count--;
		memmove(&files->file[i], &files->file[i + 1],
			(files->count - i) * sizeof(files->file[0]));
	}
}

/* Merges the runs [@low, @middle) and [@middle, @high); among equals those of the lower run come first. */
static void merge(struct host_file *file, struct host_file *spare, size_t low, size_t middle,
		  size_t high)
{
	size_t left = low;
	size_t right = middle;

	for (size_t i = low; i < high; i++) {
		if (left < middle &&
		    (right == high || strcmp(file[left].path, file[right].path) <= 0))
			spare[i] = file[left++];
		else
			spare[i] = file[right++];
	}
	memcpy(&file[low], &spare[low], (high - low) * sizeof(file[0]));
}

/* Stable, so that of two files with one path the one put last is known: it alone stays. */
void host_files_sort(struct host_files *files)
{
	size_t kept = 0;

	for (size_t width = 1; !files->sorted && width < files->count; width *= 2) {
		for (size_t low = 0; low + width < files->count; low += 2 * width) {
			size_t high = low + 2 * width;

			merge(files->file, files->file + files->count, low, low + width,
			      high < files->count ? high : files->count);
		}
	}
	for (size_t i = 0; !files->sorted && i < files->count; i++) {
		if (kept > 0 && strcmp(files->file[kept - 1].path, files->file[i].path) == 0)
			file_done(&files->file[--kept]);
		files->file[kept++] = files->file[i];
	}
	if (!files->sorted)
		files->count = kept;
	files->sorted = true;
}

int host_files_cover(struct host_files *files, const char *pattern)
{
	char **larger = reallocarray(files->cover, files->cover_count + 1, sizeof(*larger));

	if (larger == NULL)
		return -ENOMEM;
	files->cover = larger;
	files->cover[files->cover_count] = strdup(pattern);
	if (files->cover[files->cover_count] == NULL)
		return -ENOMEM;
	files->cover_count++;
	return 0;
}

/* How much of a pattern is literal. */
static size_t literal_length(const char *pattern)
{
	return strcspn(pattern, "*?[\\");
}

static bool covered(const struct host_files *files, const char *path)
{
	for (size_t i = 0; i < files->cover_count; i++) {
		const char *pattern = files->cover[i];

		if (strncmp(pattern, path, literal_length(pattern)) == 0 &&
		    fnmatch(pattern, path, FNM_PATHNAME) == 0)
			return true;
	}
	return files->cover_count == 0;
}

/* Why a file that is not in the snapshot is not; @path is cut to its parents. */
static int absent(const struct host_files *files, char *path)
{
	bool is_covered = files->complete && covered(files, path);

	for (char *slash = strrchr(path, '/'); slash != NULL && slash != path;
	     slash = strrchr(path, '/')) {
		*slash = '\0';
		size_t parent = find(files, path);
		if (parent < files->count && files->file[parent].error != 0)
			return -files->file[parent].error;
	}
	return is_covered ? -ENOENT : -ENODATA;
}

int host_file_find(const struct host_files *files, const struct host_file **ret, const char *format,
		   va_list arguments)
{
	char path[PATH_LIMIT];
	int length = vsnprintf(path, sizeof(path), format, arguments);

	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	size_t index = find(files, path);
	if (index == files->count)
		return absent(files, path);
	if (files->file[index].error != 0)
		return -files->file[index].error;
	*ret = &files->file[index];
	return 0;
}

const struct host_file *host_files_next(const struct host_files *files, const char *pattern, size_t *at)
{
	size_t literal = literal_length(pattern);
	size_t i = *at;

	if (i == 0 && files->sorted)
		i = lower_bound(files, pattern, literal);
	for (; i < files->count; i++) {
		const struct host_file *file = &files->file[i];

		if (strncmp(file->path, pattern, literal) != 0) {
			if (files->sorted)
				break;
			continue;
		}
		if (fnmatch(pattern, file->path, FNM_PATHNAME) == 0 &&
		    (files->sorted || find(files, file->path) == i)) {
			*at = i + 1;
			return file;
		}
	}
	*at = files->count;
	return NULL;
}

/* Some path that @pattern matches: digits stand for all that it leaves open. */
static void pattern_example(char *pattern)
{
	char *to = pattern;

	for (const char *from = pattern; *from != '\0'; from++) {
		const char *end = *from == '[' ? strchr(from, ']') : NULL;
		bool open = end != NULL || *from == '*' || *from == '?';

		*to++ = open ? '0' : *from;
		from = end != NULL ? end : from;
	}
	*to = '\0';
}

int host_files_told(const struct host_files *files, const char *pattern)
{
	char path[PATH_LIMIT];

	if (!files->complete)
		return -ENODATA;
	if (strlen(pattern) >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, pattern, strlen(pattern) + 1);
	for (char *slash = strrchr(path, '/'); slash != NULL && slash != path;
	     slash = strrchr(path, '/')) {
		const struct host_file *file;
		size_t at = 0;

		*slash = '\0';
		while ((file = host_files_next(files, path, &at)) != NULL) {
			if (file->error != 0)
				return -file->error;
		}
	}
	memcpy(path, pattern, strlen(pattern) + 1);
	pattern_example(path);
	return covered(files, path) ? 0 : -ENODATA;
}

const char *host_unknown(int error)
{
	int number = error < 0 && error >= -INT32_MAX ? -error : error;

	switch (number) {
	case ENOENT:
		return "no such file";
	case ENODATA:
		return "not told";
	case EACCES:
		return "permission denied";
	case EPERM:
		return "operation not permitted";
	case EINVAL:
		return "not understood";
	case ENODEV:
		return "not mounted, or its module not loaded";
	default: {
		const char *text = strerrordesc_np(number);

		return text != NULL ? text : "unknown error";
	}
	}
}

void host_files_done(struct host_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		file_done(&files->file[i]);
	for (size_t i = 0; i < files->cover_count; i++)
		free(files->cover[i]);
	free(files->cover);
	free(files->file);
	*files = (struct host_files){0};
}
