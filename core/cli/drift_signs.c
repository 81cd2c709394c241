// SPDX-License-Identifier: Apache-2.0
#include "core/cli/drift_signs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/sys.h"
#include "core/base/sys_host.h"

enum { PF_KTHREAD = 0x00200000 }; /* include/linux/sched.h */

/* struct numbers - names of a folder that are numbers. */
struct numbers {
	unsigned *number;
	size_t count;
	size_t room;
};

static int numbers_add(void *context, const struct sys_entry *entry)
{
	struct numbers *numbers = context;
	char *end;
	unsigned long number = strtoul(entry->name, &end, 10);

	if (end == entry->name || *end != '\0' || number > INT32_MAX)
		return 0;
	if (numbers->count == numbers->room) {
		size_t room = numbers->room == 0 ? 256 : 2 * numbers->room;
		unsigned *larger = reallocarray(numbers->number, room, sizeof(*larger));

		if (larger == NULL)
			return -ENOMEM;
		numbers->number = larger;
		numbers->room = room;
	}
	numbers->number[numbers->count++] = (unsigned)number;
	return 0;
}

static int compare(const void *a, const void *b)
{
	unsigned left = *(const unsigned *)a;
	unsigned right = *(const unsigned *)b;

	return (left > right) - (left < right);
}

static int list(const char *folder, struct numbers *ret)
{
	int fd = sys_open(folder, O_RDONLY | O_DIRECTORY);
	int error = fd < 0 ? fd : sys_list(fd, numbers_add, ret);

	if (error == 0 && ret->count > 0)
		qsort(ret->number, ret->count, sizeof(*ret->number), compare);
	return error;
}

/* The first field behind the name, which may hold anything and ends at the last parenthesis, is the third. */
uint64_t drift_stat_field(const char *stat, unsigned field)
{
	const char *text = strrchr(stat, ')');

	for (unsigned at = 3; at <= field && text != NULL; at++)
		text = strchr(text + 1, ' ');
	return text == NULL ? 0 : strtoull(text, NULL, 10);
}

/* One that has ended already is none; nor do workers count, which come and go, and follow their workqueues. */
static bool is_kernel_thread(unsigned pid)
{
	char path[32];
	char text[512];

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	if (sys_read_file(path, text, sizeof(text)) < 0)
		return false;
	const char *name = strchr(text, '(');

	if (name != NULL && strncmp(name, "(kworker/", 9) == 0)
		return false;
	return (drift_stat_field(text, DRIFT_STAT_FLAGS) & PF_KTHREAD) != 0;
}

/* Both are in rising order. */
static bool has_new_kernel_thread(const struct drift_signs *before, const struct numbers *now)
{
	size_t at = 0;

	for (size_t i = 0; i < now->count; i++) {
		while (at < before->count && before->pid[at] < now->number[i])
			at++;
		bool known = at < before->count && before->pid[at] == now->number[i];

		if (!known && is_kernel_thread(now->number[i]))
			return true;
	}
	return false;
}

/* A handler has a folder in its interrupt's own, which counts as a link to that. */
static int sum_interrupts(uint64_t *ret)
{
	struct numbers numbers = {0};
	int error = list("/proc/irq", &numbers);

	*ret = 0;
	for (size_t i = 0; error == 0 && i < numbers.count; i++) {
		struct stat status = {0};
		char path[32];

		snprintf(path, sizeof(path), "/proc/irq/%u", numbers.number[i]);
		if (stat(path, &status) == 0)
			*ret = *ret * 31 + numbers.number[i] * UINT64_C(16) + status.st_nlink;
	}
	free(numbers.number);
	return error;
}

static int read_online(struct cpulist *ret)
{
	char text[CPULIST_TEXT_MAX];
	ssize_t length = sys_read_file("/sys/devices/system/cpu/online", text, sizeof(text));

	return length < 0 ? (int)length : cpulist_parse_kernel(text, ret);
}

int drift_signs_read(struct drift_signs *signs, bool *ret_new)
{
	struct numbers numbers = {0};
	struct cpulist online;
	uint64_t interrupts = 0;
	int error = read_online(&online);

	if (error == 0)
		error = sum_interrupts(&interrupts);
	if (error == 0)
		error = list("/proc", &numbers);
	if (error != 0) {
		free(numbers.number);
		return error;
	}
	*ret_new = interrupts != signs->interrupts ||
		   memcmp(&online, &signs->online, sizeof(online)) != 0 ||
		   has_new_kernel_thread(signs, &numbers);
	free(signs->pid);
	*signs = (struct drift_signs){
		.pid = numbers.number, .count = numbers.count, .interrupts = interrupts, .online = online,
	};
	return 0;
}

void drift_signs_done(struct drift_signs *signs)
{
	free(signs->pid);
	*signs = (struct drift_signs){0};
}
