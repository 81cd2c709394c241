// SPDX-License-Identifier: Apache-2.0
#include "rt/irqbalance_service.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/host/files.h"

#define UNIT "irqbalance.service"

enum { PARTS_MAX = 32 };

/* struct part - a unit file or a drop-in; @name: for the order, "" for the unit itself. */
struct part {
	const char *name;
	const struct host_file *file;
};

/* struct service - in the order in which systemd reads them. */
struct service {
	struct part part[PARTS_MAX];
	size_t count;
};

/* struct found - the last assignment so far; @error: of a file that could not be read, at @path. */
struct found {
	const char *name;
	char *value;
	size_t size;
	char *path;
	int error;
};

/* From the strongest folder to the weakest: a file hides those of its name behind it. */
static const char *const folders[] = {
	"/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
};

enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static void set_path(struct found *found, const char *path)
{
	snprintf(found->path, IRQBALANCE_PATH_MAX, "%s", path);
}

static void add_part(struct service *service, const char *name, const struct host_file *file)
{
	size_t at = 0;

	while (at < service->count && strcmp(service->part[at].name, name) < 0)
		at++;
	if (service->count == PARTS_MAX ||
	    (at < service->count && strcmp(service->part[at].name, name) == 0))
		return;
	memmove(&service->part[at + 1], &service->part[at], (service->count - at) * sizeof(struct part));
	service->part[at] = (struct part){name, file};
	service->count++;
}

static void read_service(const struct host_files *files, struct service *service)
{
	const struct host_file *file;
	char pattern[IRQBALANCE_PATH_MAX];

	for (size_t i = 0; i < FOLDERS; i++) {
		size_t at = 0;

		snprintf(pattern, sizeof(pattern), "%s/" UNIT, folders[i]);
		if ((file = host_files_next(files, pattern, &at)) != NULL)
			add_part(service, "", file);
		snprintf(pattern, sizeof(pattern), "%s/" UNIT ".d/*.conf", folders[i]);
		at = 0;
		while ((file = host_files_next(files, pattern, &at)) != NULL)
			add_part(service, strrchr(file->path, '/') + 1, file);
	}
}

/* What stands at @at up to a quote, a blank or a remark is the value. */
static void take_value(struct found *found, const char *path, const char *at)
{
	at += *at == '"' || *at == '\'';
	size_t width = strcspn(at, "\"'# \t\r\n");

	snprintf(found->value, found->size, "%.*s", width < found->size ? (int)width : 1,
		 width < found->size ? at : "?");
	for (char *c = found->value; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	set_path(found, path);
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

/* A file of shell assignments. */
static void look_at_file(struct found *found, const char *path, const char *text)
{
	size_t length = strlen(found->name);

	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		const char *at = line + strspn(line, " \t");

		if (strncmp(at, "export ", 7) == 0)
			at += 7;
		if (strncmp(at, found->name, length) == 0 && at[length] == '=')
			take_value(found, path, at + length + 1);
	}
}

/* The value of "KEY=VALUE" in a line of a unit, or NULL. */
static const char *setting(const char *line, const char *key)
{
	size_t length = strlen(key);

	line += strspn(line, " \t");
	return strncmp(line, key, length) == 0 && line[length] == '=' ? line + length + 1 : NULL;
}

/* Environment="A=1" B=2 */
static void look_at_environment(struct found *found, const struct host_file *file)
{
	size_t length = strlen(found->name);

	for (const char *line = file->text; *line != '\0'; line = next_line(line)) {
		const char *value = setting(line, "Environment");
		const char *end = next_line(line);

		for (const char *at = value; at != NULL && at < end; at++) {
			if ((at == value || strchr(" \t\"'", at[-1]) != NULL) &&
			    strncmp(at, found->name, length) == 0 && at[length] == '=')
				take_value(found, file->path, at + length + 1);
		}
		if (value != NULL && strcspn(value, " \t\r\n") == 0)
			found->value[0] = '\0';
	}
}

static void look_at_path(const struct host_files *files, struct found *found, const char *path)
{
	const char *text = NULL;
	int error = found->error != 0 ? found->error : host_text(files, &text, "%s", path);

	if (error == 0) {
		look_at_file(found, path, text);
	} else if (error != -ENOENT && found->error == 0) {
		found->error = error;
		set_path(found, path);
	}
}

/* EnvironmentFile=-/etc/default/irqbalance; the ones before it are forgotten after an empty one. */
static void look_at_named_files(const struct host_files *files, struct found *found,
				const struct host_file *unit)
{
	char path[IRQBALANCE_PATH_MAX];

	for (const char *line = unit->text; *line != '\0'; line = next_line(line)) {
		const char *value = setting(line, "EnvironmentFile");

		if (value == NULL)
			continue;
		value += *value == '-';
		snprintf(path, sizeof(path), "%.*s", (int)strcspn(value, "\"' \t\r\n"), value);
		if (path[0] == '/')
			look_at_path(files, found, path);
		else
			found->value[0] = '\0';
	}
}

int irqbalance_variable(const struct host_files *files, const char *name, char *ret, size_t size,
			char ret_path[IRQBALANCE_PATH_MAX])
{
	struct found found = {.name = name, .value = ret, .size = size, .path = ret_path};
	struct service service = {0};

	ret[0] = '\0';
	ret_path[0] = '\0';
	read_service(files, &service);
	for (size_t i = 0; i < service.count; i++) {
		if (service.part[i].file->error != 0) {
			set_path(&found, service.part[i].file->path);
			return -service.part[i].file->error;
		}
		look_at_environment(&found, service.part[i].file);
	}
	if (service.count == 0 || service.part[0].name[0] != '\0') {
		look_at_path(files, &found, IRQBALANCE_DEBIAN);
		look_at_path(files, &found, IRQBALANCE_FEDORA);
	}
	for (size_t i = 0; i < service.count; i++)
		look_at_named_files(files, &found, service.part[i].file);
	if (found.error != 0)
		return found.error;
	return ret[0] == '\0' ? -ENOENT : 0;
}
