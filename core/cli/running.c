// SPDX-License-Identifier: Apache-2.0
#include "core/cli/running.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/run_folder.h"

static int add(struct running *running, const char *name)
{
	char (*all)[PARTITION_NAME_MAX] = reallocarray(running->name, running->count + 1, sizeof(*all));

	if (all == NULL)
		return -ENOMEM;
	running->name = all;
	snprintf(all[running->count++], sizeof(*all), "%s", name);
	return 0;
}

static int look(void *context, const char *name)
{
	int runs = run_folder_runs(name);

	return runs == 1 ? add(context, name) : runs;
}

int running_find(struct running *ret, struct diag *why)
{
	int error = run_folder_walk(look, ret);

	if (error == 0)
		return 0;
	diag_set(why, -error, "which partitions run cannot be told: %s", strerror(-error));
	diag_remedy(why, "run as root, who may read " RUNNING_FOLDER);
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
