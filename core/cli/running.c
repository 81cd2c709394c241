// SPDX-License-Identifier: Apache-2.0
#include "core/cli/running.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"

/* JOURNAL - whose lock is apply's own. */
#define JOURNAL (&BORROW_HOST_FOLDER[sizeof(RUNNING_FOLDER)])

/* struct search - @folder: its descriptor, for names in it. */
struct search {
	int folder;
	struct running *found;
};

static int add(struct running *running, const char *name)
{
	char (*all)[PARTITION_NAME_MAX] = reallocarray(running->name, running->count + 1, sizeof(*all));

	if (all == NULL)
		return -ENOMEM;
	running->name = all;
	snprintf(all[running->count++], sizeof(*all), "%s", name);
	return 0;
}

/* What is no partition's folder has no lock in it. */
static int look(void *context, const struct sys_entry *entry)
{
	const struct search *search = context;
	char path[PARTITION_NAME_MAX + sizeof("/lock")];
	_cleanup_close_ int lock = -1;

	if (strlen(entry->name) >= PARTITION_NAME_MAX || strcmp(entry->name, JOURNAL) == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/lock", entry->name);
	lock = sys_open_at(search->folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	if (lock == -ENOENT || lock == -ENOTDIR)
		return 0;
	if (lock < 0)
		return lock;
	return sys_lock(lock, false) == -EWOULDBLOCK ? add(search->found, entry->name) : 0;
}

int running_find(const char *folder, struct running *ret, struct diag *why)
{
	_cleanup_close_ int all = sys_open(folder, O_RDONLY | O_DIRECTORY);
	struct search search = {.folder = all, .found = ret};
	int error = all;

	if (all == -ENOENT)
		return 0;
	/* Walking takes its descriptor over, so it has one of its own. */
	if (all >= 0)
		error = sys_open_at(all, ".", O_RDONLY | O_DIRECTORY);
	if (error >= 0)
		error = sys_list(error, look, &search);
	if (error == 0)
		return 0;
	diag_set(why, -error, "%s: which partitions run cannot be told: %s", folder, strerror(-error));
	diag_remedy(why, "do this as root");
	return error;
}

bool running_has(const struct running *running, const char *name)
{
	for (size_t i = 0; i < running->count; i++) {
		if (strcmp(running->name[i], name) == 0)
			return true;
	}
	return false;
}

char *running_list(const struct running *running, char *buffer, size_t size)
{
	size_t used = 0;

	buffer[0] = '\0';
	for (size_t i = 0; i < running->count && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i == 0 ? "" : ", ",
					 running->name[i]);
	return buffer;
}

void running_done(struct running *running)
{
	free(running->name);
	*running = (struct running){0};
}
