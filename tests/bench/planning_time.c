// SPDX-License-Identifier: Apache-2.0
/*
 * planning_time: run a command several times and say what it took.
 *
 * usage: planning_time TIMES COMMAND [ARGUMENT]...
 *
 * Prints the medians, in microseconds: of the time between start and end, and of the processor time,
 * user and system together, of the command and all it waited for; then the command's status, which
 * must be the same each time. What the command prints is dropped. Ends with 0, or 2 where the command
 * cannot be run, is killed, or changes its mind.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMES_MAX = 1000 };

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t time_us(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

static _Noreturn void become(char **command)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		_exit(127);
	execvp(command[0], command);
	_exit(127);
}

/* One run. Returns the command's status. */
static int run(char **command, uint64_t *wall_us, uint64_t *processor_us)
{
	struct rusage used;
	uint64_t start_us = now_us();
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (pid == 0)
		become(command);
	if (wait4(pid, &status, 0, &used) < 0)
		err(2, "wait4");
	*wall_us = now_us() - start_us;
	*processor_us = time_us(&used.ru_utime) + time_us(&used.ru_stime);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 125)
		errx(2, "%s cannot be run, or was killed", command[0]);
	return WEXITSTATUS(status);
}

static int ascending(const void *left, const void *right)
{
	const uint64_t *a = left;
	const uint64_t *b = right;

	return (*a > *b) - (*a < *b);
}

static uint64_t median(uint64_t *values, size_t count)
{
	qsort(values, count, sizeof(values[0]), ascending);
	return values[count / 2];
}

int main(int argc, char **argv)
{
	static uint64_t wall_us[TIMES_MAX];
	static uint64_t processor_us[TIMES_MAX];
	char *end = NULL;
	unsigned long times = argc < 3 ? 0 : strtoul(argv[1], &end, 10);
	int first = 0;

	if (times == 0 || times > TIMES_MAX || *end != '\0')
		errx(2, "usage: planning_time TIMES COMMAND [ARGUMENT]...");
	for (unsigned long i = 0; i < times; i++) {
		int status = run(argv + 2, &wall_us[i], &processor_us[i]);

		if (i > 0 && status != first)
			errx(2, "%s ended with %d, then with %d", argv[2], first, status);
		first = status;
	}
	printf("%" PRIu64 " %" PRIu64 " %d\n", median(wall_us, times), median(processor_us, times), first);
	return 0;
}
