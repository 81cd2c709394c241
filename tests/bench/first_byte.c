// SPDX-License-Identifier: Apache-2.0
/*
 * first_byte: start a program and say how long it took to its first byte on standard output.
 *
 * usage: first_byte OUTPUT COMMAND [ARGUMENT]...
 *
 * Everything the command prints goes to the file OUTPUT; the nanoseconds from just before exec() to
 * the arrival of the first byte go to standard output, CLOCK_MONOTONIC. The status is the command's
 * own, 128 + N when signal N ended it, 2 when there was no byte.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static _Noreturn void become(char **command, int output, uint64_t *start_ns)
{
	if (dup2(output, STDOUT_FILENO) < 0)
		err(126, "dup2");
	*start_ns = now_ns();
	execvp(command[0], command);
	err(127, "%s", command[0]);
}

/* Copies until the end of the stream; returns when its first byte came, 0 for none. */
static uint64_t drain(int from, int to)
{
	char buffer[65536];
	uint64_t first_ns = 0;

	for (;;) {
		ssize_t got = read(from, buffer, sizeof(buffer));

		if (got <= 0)
			return first_ns;
		if (first_ns == 0)
			first_ns = now_ns();
		if (write(to, buffer, (size_t)got) != got)
			err(2, "write");
	}
}

int main(int argc, char **argv)
{
	int ends[2];
	int status;

	if (argc < 3)
		errx(2, "usage: first_byte OUTPUT COMMAND [ARGUMENT]...");
	int output = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output < 0 || pipe2(ends, O_CLOEXEC) < 0)
		err(2, "%s", argv[1]);
	uint64_t *start_ns = mmap(NULL, sizeof(*start_ns), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (start_ns == MAP_FAILED)
		err(2, "mmap");
	*start_ns = 0; /* populated here: no page fault between the stamp and exec() */
	pid_t child = fork();
	if (child < 0)
		err(2, "fork");
	if (child == 0)
		become(argv + 2, ends[1], start_ns);
	close(ends[1]);
	uint64_t first_ns = drain(ends[0], output);
	if (waitpid(child, &status, 0) < 0)
		err(2, "waitpid");
	if (first_ns == 0)
		errx(2, "%s printed nothing", argv[2]);
	printf("%llu\n", (unsigned long long)(first_ns - *start_ns));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
