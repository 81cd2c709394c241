// SPDX-License-Identifier: Apache-2.0
/*
 * The fields of /proc/PID/task/TID/stat are those of proc_pid_stat(5); flags are PF_ of the kernel's
 * include/linux/sched.h, which are no promised interface, but have not moved since Linux 3.
 */
#include "core/host/threads.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/files.h"

#define STAT "/proc/*/task/*/stat"
#define PF_WQ_WORKER 0x00000020UL
#define PF_KTHREAD 0x00200000UL
#define PF_NO_SETAFFINITY 0x04000000UL
#define CPUS_ALLOWED "\nCpus_allowed_list:"

enum {
	KTHREADD = 2,
	/* Counted from 3, the state, which is the first one after the name. */
	FIELD_STATE = 3,
	FIELD_FLAGS = 9,
	FIELD_STARTED = 22,
	FIELD_PRIORITY = 40,
	FIELD_POLICY = 41,
	LIST_MAX = 16384,
};

#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE 6
#endif

/* "12" at *@text, up to @stop. */
static int read_number(const char **text, char stop, uint64_t max, uint64_t *ret)
{
	char *end;

	if (**text < '0' || **text > '9')
		return -EINVAL;
	errno = 0;
	unsigned long long value = strtoull(*text, &end, 10);

	if (errno != 0 || *end != stop || value > max)
		return -EINVAL;
	*text = end;
	*ret = value;
	return 0;
}

static int read_unsigned(const char **text, char stop, unsigned *ret)
{
	uint64_t value = 0;
	int error = read_number(text, stop, INT32_MAX, &value);

	if (error == 0)
		*ret = (unsigned)value;
	return error;
}

static int parse_path(const char *path, struct host_thread *thread)
{
	const char *text = path + strlen("/proc/");

	/* /proc/self and /proc/thread-self are one of the others. */
	if (read_unsigned(&text, '/', &thread->pid) != 0)
		return -EINVAL;
	text += strlen("/task/");
	return read_unsigned(&text, '/', &thread->tid);
}

/* A name may hold anything, parentheses and blanks too: it ends at the last parenthesis. */
static const char *parse_name(const char *text, struct host_thread *thread)
{
	const char *open = strchr(text, '(');
	const char *close = strrchr(text, ')');
	size_t length = 0;

	if (open == NULL || close == NULL || close < open)
		return NULL;
	for (const char *c = open + 1; c < close && length + 1 < sizeof(thread->name); c++)
		thread->name[length++] = *c > ' ' - 1 && *c < 0x7f ? *c : '?';
	thread->name[length] = '\0';
	return close + 1;
}

/* One field, of those that are wanted. */
static int parse_field(int field, const char *text, struct host_thread *thread, uint64_t *ret_flags)
{
	switch (field) {
	case FIELD_FLAGS:
		return read_number(&text, ' ', UINT64_MAX, ret_flags);
	case FIELD_STARTED:
		return read_number(&text, ' ', UINT64_MAX, &thread->started);
	case FIELD_PRIORITY:
		return read_unsigned(&text, ' ', &thread->priority);
	case FIELD_POLICY:
		return read_unsigned(&text, ' ', &thread->policy);
	default:
		return 0;
	}
}

/* Gives the state's letter in @ret_state. */
static int parse_stat(const char *text, struct host_thread *thread, char *ret_state)
{
	uint64_t flags = 0;
	int error = 0;

	text = parse_name(text, thread);
	for (int field = FIELD_STATE; error == 0 && text != NULL && field <= FIELD_POLICY; field++) {
		if (*text != ' ' || text[1] == '\0' || text[1] == ' ')
			return -EINVAL;
		text++;
		if (field == FIELD_STATE)
			*ret_state = *text;
		error = parse_field(field, text, thread, &flags);
		text += strcspn(text, " ");
	}
	thread->kernel = (flags & PF_KTHREAD) != 0;
	thread->worker = (flags & PF_WQ_WORKER) != 0;
	thread->bound = (flags & PF_NO_SETAFFINITY) != 0;
	return text == NULL ? -EINVAL : error;
}

static int parse_cpus(const struct host_files *files, struct host_thread *thread)
{
	char list[LIST_MAX];
	const char *text = NULL;
	int error = host_text(files, &text, "/proc/%u/task/%u/status", thread->pid, thread->tid);

	if (error != 0)
		return error;
	text = strstr(text, CPUS_ALLOWED);
	if (text == NULL)
		return -EINVAL;
	text += strlen(CPUS_ALLOWED);
	text += strspn(text, " \t");
	size_t length = strcspn(text, "\n");

	if (length == 0 || length >= sizeof(list))
		return -EINVAL;
	memcpy(list, text, length);
	list[length] = '\0';
	return cpulist_parse_kernel(list, &thread->cpus);
}

static bool has_ended(int error)
{
	return error == ENOENT || error == ESRCH;
}

/* Returns 0, also for a thread that is left out because it has ended, which @ret_ended tells. */
static int parse_thread(const struct host_files *files, const struct host_file *file,
			struct host_thread *thread, bool *ret_ended)
{
	char state = '\0';
	int error;

	*ret_ended = true;
	if (parse_path(file->path, thread) != 0 || has_ended(file->error))
		return 0;
	*ret_ended = false;
	if (file->text == NULL)
		return -file->error;
	error = parse_stat(file->text, thread, &state);
	if (error != 0)
		return error;
	error = parse_cpus(files, thread);
	*ret_ended = state == 'Z' || state == 'X' || has_ended(-error);
	thread->error = -error;
	return 0;
}

static int add(struct host_threads *threads, const struct host_thread *thread, size_t *room)
{
	if (threads->count == *room) {
		size_t more = *room == 0 ? 256 : *room * 2;
		struct host_thread *grown = reallocarray(threads->thread, more, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		threads->thread = grown;
		*room = more;
	}
	threads->thread[threads->count++] = *thread;
	return 0;
}

static bool has_kthreadd(const struct host_threads *threads)
{
	for (size_t i = 0; i < threads->count; i++) {
		const struct host_thread *thread = &threads->thread[i];

		if (thread->tid == KTHREADD && thread->kernel && strcmp(thread->name, "kthreadd") == 0)
			return true;
	}
	return false;
}

static int parse(const struct host_files *files, struct host_threads *ret)
{
	const struct host_file *file;
	size_t at = 0;
	size_t room = 0;
	int error = 0;

	while (error == 0 && (file = host_files_next(files, STAT, &at)) != NULL) {
		struct host_thread thread = {0};
		bool ended;

		error = parse_thread(files, file, &thread, &ended);
		if (error == 0 && !ended)
			error = add(ret, &thread, &room);
	}
	if (error != 0 || has_kthreadd(ret))
		return error;
	error = host_files_told(files, STAT);
	return error != 0 ? error : -ENODATA;
}

int threads_parse(const struct host_files *files, struct host_threads *ret)
{
	struct host_threads found = {0};
	int error = parse(files, &found);

	if (error == 0)
		*ret = found;
	else
		threads_done(&found);
	return error;
}

const struct host_thread *threads_find(const struct host_threads *threads, const char *name)
{
	for (size_t i = 0; i < threads->count; i++) {
		if (strcmp(threads->thread[i].name, name) == 0)
			return &threads->thread[i];
	}
	return NULL;
}

bool thread_is_real_time(const struct host_thread *thread)
{
	return thread->policy == SCHED_FIFO || thread->policy == SCHED_RR ||
		thread->policy == SCHED_DEADLINE;
}

void threads_done(struct host_threads *threads)
{
	free(threads->thread);
	*threads = (struct host_threads){0};
}
