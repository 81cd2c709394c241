// SPDX-License-Identifier: Apache-2.0
/* bulkhead-vmm: one launch record in, one machine run, one status out. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/vmm/console.h"
#include "core/vmm/launch.h"
#include "core/vmm/loop.h"
#include "core/vmm/machine.h"
#include "core/vmm/state.h"

enum { STATUS_HELD = 0, STATUS_CRASHED = 1, STATUS_COULD_NOT_TELL = 2 };

static struct machine machine;
static struct console console;

static const char usage[] =
	"usage: bulkhead-vmm --launch-fd N\n"
	"Run the partition that a launch record describes. Usually started by bulkhead; by hand:\n"
	"  bulkhead show --launch FILE NAME >record.json\n"
	"  bulkhead-vmm --launch-fd 3 3<record.json\n"
	"  --launch-fd N  read the record from descriptor N\n"
	"  --version      print the version\n"
	"  --help         print this\n";

/* One line to standard error by write(2): after confinement stdio's buffers are out of reach. */
static void say(const char *name, const char *text)
{
	char line[1600];
	int length = snprintf(line, sizeof(line), "bulkhead-vmm: %s%s%s\n", name,
			      *name == '\0' ? "" : ": ", text);

	if (length > 0)
		sys_write_all(STDERR_FILENO, line,
			      (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

static int read_launch(int fd, struct launch *ret, struct diag *why)
{
	_cleanup_free_ char *text = malloc(LAUNCH_BYTES_MAX + 1);
	size_t used = 0;

	if (text == NULL)
		return diag_set(why, ENOMEM, "out of memory");
	while (used <= LAUNCH_BYTES_MAX) {
		ssize_t got = read(fd, text + used, LAUNCH_BYTES_MAX + 1 - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return diag_set(why, errno, "the launch record cannot be read (%s)",
					strerror(errno));
		if (got == 0)
			break;
		used += (size_t)got;
	}
	close(fd);
	return launch_decode(text, used, ret, why);
}

static int check_descriptor(int fd, struct diag *why)
{
	if (fd < 0 || sys_is_open(fd))
		return 0;
	return diag_set(why, EBADF, "the launch record names descriptor %d, which is not open", fd);
}

/* Before anything is opened that could take the number of a descriptor which was never handed over. */
static int check_descriptors(const struct launch *launch, struct diag *why)
{
	const int named[] = {launch->console_input, launch->console_output, launch->state_fd,
			     launch->running_fd};
	int error = 0;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]) && error == 0; i++)
		error = check_descriptor(named[i], why);
	for (unsigned i = 0; i < launch->vcpus && error == 0; i++)
		error = check_descriptor(launch->vcpu_group[i], why);
	return error;
}

static int map_state(const struct launch *launch, struct machine_state **ret, struct diag *why)
{
	uint64_t bytes = state_bytes(launch->vcpus);
	struct stat status = {0};
	void *address = NULL;
	int flags = launch->state_fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	int error = 0;

	if (launch->state_fd >= 0 && fstat(launch->state_fd, &status) < 0)
		error = -errno;
	else if (launch->state_fd >= 0 && (uint64_t)status.st_size < bytes)
		error = -EINVAL;
	if (error == 0)
		error = sys_map(launch->state_fd, 0, bytes, PROT_READ | PROT_WRITE, flags, &address);
	if (error != 0)
		return diag_set(why, -error, "descriptor %d is no state page of %llu bytes (%s)",
				launch->state_fd, (unsigned long long)bytes, strerror(-error));
	*ret = address;
	(*ret)->magic = STATE_MAGIC;
	(*ret)->version = STATE_VERSION;
	(*ret)->vcpus = launch->vcpus;
	return 0;
}

static int status_of(const struct outcome *outcome)
{
	switch (outcome->end) {
	case MACHINE_POWER_OFF:
	case MACHINE_RESET:
	case MACHINE_LEFT:
		return STATUS_HELD;
	case MACHINE_EXIT_PORT:
		return (int)((outcome->value << 1 | 1) & 0xff);
	case MACHINE_CRASHED:
		return STATUS_CRASHED;
	case MACHINE_NOT_ENDED:
	case MACHINE_REFUSED:
	case MACHINE_STOPPED:
		break;
	}
	return STATUS_COULD_NOT_TELL;
}

static void report_end(struct machine_state *state, const struct outcome *outcome)
{
	snprintf(state->text, sizeof(state->text), "%s", outcome->text);
	atomic_store(&state->end_value, outcome->value);
	atomic_store(&state->ended, outcome->end);
	atomic_store(&state->phase, PHASE_ENDED);
}

/* The order a machine comes up in, whole: whatever fails before RUNNING has run no guest code. */
static int run(const struct launch *launch, struct machine_state *state, struct outcome *outcome,
	       struct diag *why)
{
	static struct loop loop;
	int error = machine_open(&machine, launch, state, why);

	if (error == 0)
		error = loop_open(&loop, &machine, &console, why);
	if (error == 0)
		error = machine_confine(&machine, why);
	if (error == 0) {
		console_open(&console, &machine.uart, &machine.console_line, launch->console_input,
			     launch->console_output, launch->escape);
		error = machine_promote(&machine, why);
	}
	if (error == 0)
		error = machine_run(&machine, why);
	if (error == 0)
		loop_run(&loop, outcome);
	console_done(&console);
	return error;
}

static int run_record(int fd)
{
	static struct launch launch;
	struct diag why = {0};
	struct outcome outcome = {.end = MACHINE_REFUSED};
	struct machine_state *state = NULL;
	char line[1500];
	int error = read_launch(fd, &launch, &why);

	if (error == 0)
		error = check_descriptors(&launch, &why);
	if (error == 0)
		error = map_state(&launch, &state, &why);
	if (error == 0)
		error = run(&launch, state, &outcome, &why);
	if (error != 0)
		snprintf(outcome.text, sizeof(outcome.text), "%s",
			 diag_format(&why, line, sizeof(line)));
	if (state != NULL)
		report_end(state, &outcome);
	say(launch.name, error != 0 ? line : outcome.text);
	return status_of(&outcome);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"launch-fd", required_argument, NULL, 'l'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;
	char *end = NULL;
	long fd = -1;

	sys_standard_streams();
	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (option == 'V') {
			puts("bulkhead-vmm " BULKHEAD_VERSION);
			return STATUS_HELD;
		}
		if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_HELD;
		}
		if (option != 'l')
			break;
		fd = strtol(optarg, &end, 10);
		if (*optarg == '\0' || *end != '\0' || fd > 1023)
			fd = -1;
	}
	if (option != -1 || optind != argc || fd < 0) {
		fputs(usage, stderr);
		return STATUS_COULD_NOT_TELL;
	}
	/* Threads stand wherever they are; _exit() ends them all at once. */
	_exit(run_record((int)fd));
}
