// SPDX-License-Identifier: Apache-2.0
#include "core/host/live_interrupts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/sys.h"
#include "core/host/files.h"
#include "core/host/interrupts.h"

/* struct numbers - a text that grows: "0 2 36". */
struct numbers {
	char *text;
	size_t length;
	size_t room;
};

static int numbers_add(struct numbers *numbers, unsigned number)
{
	enum { DIGITS_MAX = 12 };

	if (numbers->room - numbers->length < DIGITS_MAX) {
		size_t room = numbers->room * 2 + 64;
		char *larger = realloc(numbers->text, room);

		if (larger == NULL)
			return -ENOMEM;
		numbers->text = larger;
		numbers->room = room;
	}
	numbers->length += (size_t)snprintf(numbers->text + numbers->length, DIGITS_MAX, "%s%u",
					    numbers->length == 0 ? "" : " ", number);
	return 0;
}

/* Returns 0 or -errno; an interrupt that went away is not fixed. */
static int ask(unsigned number, bool *ret_fixed)
{
	static const char no_list[] = "?";
	char path[64];

	*ret_fixed = false;
	snprintf(path, sizeof(path), "/proc/irq/%u/smp_affinity_list", number);
	_cleanup_close_ int fd = sys_open(path, O_WRONLY);
	int error = fd < 0 ? fd : sys_write_all(fd, no_list, sizeof(no_list) - 1);
	if (error == -ENOENT || error == -EINVAL)
		return 0;
	*ret_fixed = fd >= 0 && (error == -EIO || error == -EPERM);
	if (*ret_fixed)
		return 0;
	return error != 0 ? error : -ENOTSUP;
}

int live_interrupts(struct host_files *files)
{
	_cleanup_(interrupt_routes_done) struct interrupt_routes routes = {0};
	struct numbers numbers = {0};
	int error = interrupt_routes_parse(files, &routes);
	bool fixed = false;

	for (size_t i = 0; error == 0 && i < routes.count; i++) {
		error = ask(routes.route[i].number, &fixed);
		if (error == 0 && fixed)
			error = numbers_add(&numbers, routes.route[i].number);
	}
	if (error == 0)
		error = host_files_put(files, FIXED_INTERRUPTS, numbers.text == NULL ? "" : numbers.text);
	else if (error != -ENOMEM)
		error = host_files_put_error(files, FIXED_INTERRUPTS, -error);
	free(numbers.text);
	return error;
}
