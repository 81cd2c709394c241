// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/cli/commands.h"
#include "core/cli/latency_evidence.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/cli/vmm_groups.h"
#include "core/cli/vmm_process.h"
#include "core/config/embedded.h"
#include "core/vmm/state.h"
#include "latency/probe_log.h"

static const char help[] =
	"Usage: bulkhead latency [OPTIONS] [FILE [NAME]]\n"
	"Run the probe guest in a partition and show the distribution of what its vCPUs get: a\n"
	"partition of a machine file, one made of options, or, with neither, the built-in one.\n"
	"\n"
	"      --duration TIME    how long to measure (10s)\n"
	"      --budget TIME      the longest delay that holds; else the file's latency.budget\n"
	"      --modes LIST       of timer, spin, ipi, pio, mmio, cpuid, hypercall, idle, each\n"
	"                         perhaps with :SAMPLES\n"
	"      --period TIME      from one timer wake-up to the next (1ms)\n"
	"      --json FILE        write the report as JSON\n"
	"      --html FILE        write the report as one page\n"
	"      --emulated         the host is emulated: mark the report, give no verdict\n"
	PARTITION_OPTIONS_HELP
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 measured, and within the budget where there is one; 1 over the budget;\n"
	"2 could not tell.\n";

enum latency_option {
	OPTION_DURATION = OPTION_PARTITION_END,
	OPTION_BUDGET,
	OPTION_MODES,
	OPTION_PERIOD,
	OPTION_JSON,
	OPTION_HTML,
	OPTION_EMULATED,
};

static const struct option options[] = {
	PARTITION_OPTIONS,
	{"duration", required_argument, NULL, OPTION_DURATION},
	{"budget", required_argument, NULL, OPTION_BUDGET},
	{"modes", required_argument, NULL, OPTION_MODES},
	{"period", required_argument, NULL, OPTION_PERIOD},
	{"json", required_argument, NULL, OPTION_JSON},
	{"html", required_argument, NULL, OPTION_HTML},
	{"emulated", no_argument, NULL, OPTION_EMULATED},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* Beyond what was asked for: start, exits measured by count, and the guest's printing. */
#define GRACE_NS UINT64_C(60000000000)
enum { PROGRESS_MS = 250 };

static const char default_modes[] = "timer,pio:2000,mmio:2000,cpuid:2000,hypercall:2000";

/* The TSC's frequency to one part in a thousand, which is enough to say how long to measure. */
static uint64_t estimate_tsc_khz(void)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	uint64_t ns = monotonic_ns();
	uint64_t cycles = __rdtsc();

	nanosleep(&pause, NULL);
	cycles = __rdtsc() - cycles;
	ns = monotonic_ns() - ns;
	return cycles * 1000000 / ns;
}

/* How many of the modes are bounded by time, and so share it: those without a number of samples. */
static unsigned count_timed(const char *modes)
{
	unsigned timed = 0;

	for (const char *mode = modes; mode != NULL; mode = strchr(mode, ',')) {
		mode += *mode == ',';
		timed += memchr(mode, ':', strcspn(mode, ",")) == NULL;
	}
	return timed;
}

static int set_cmdline(const struct latency_request *request, struct launch *launch,
		       struct diag *why)
{
	uint64_t khz = estimate_tsc_khz();
	unsigned timed = count_timed(request->modes);
	uint64_t each_ns = request->duration_ns / (timed == 0 ? 1 : timed);
	char *text = NULL;

	if (asprintf(&text, "modes=%s samples=0 duration_cycles=%" PRIu64 " period_cycles=%" PRIu64
		     " seal=1", request->modes, (uint64_t)((unsigned __int128)each_ns * khz / 1000000),
		     (uint64_t)((unsigned __int128)request->period_ns * khz / 1000000)) < 0)
		return diag_set(why, ENOMEM, "out of memory");
	free(launch->cmdline);
	launch->cmdline = text;
	return 0;
}

/* The partition as planned, but with the probe in place of its own guest. */
static int set_probe(const struct latency_request *request, struct launch *launch, struct diag *why)
{
	for (size_t i = 0; i < launch->initrd_count; i++) {
		free(launch->initrd[i]);
		launch->initrd[i] = NULL;
	}
	launch->initrd_count = 0;
	free(launch->kernel);
	launch->kernel = strdup(PARTITION_KERNEL_PROBE);
	if (launch->kernel == NULL)
		return diag_set(why, ENOMEM, "out of memory");
	launch->seal = SEAL_PORT;
	launch->exit_port = false;
	launch->escape = false;
	launch->console_input = -1;
	launch->console_output = STDOUT_FILENO;
	return set_cmdline(request, launch, why);
}

static void show_progress(const struct latency_request *request, const struct probe_log *log,
			  uint64_t started_ns)
{
	int mode = probe_log_started(log);

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%s: %s, %.0f s of about %.0f s", request->title,
		mode < 0 ? "starting" : probe_measurement_name((enum probe_measurement)mode),
		(double)(monotonic_ns() - started_ns) / 1e9, (double)request->duration_ns / 1e9);
	fflush(stderr);
}

/* Reads all that the guest prints until it ends. */
static int follow(const struct latency_request *request, int fd, struct vmm_process *process,
		  const struct vmm_signals *signals, struct probe_log *log, struct diag *why)
{
	uint64_t started_ns = monotonic_ns();
	uint64_t limit_ns = started_ns + request->duration_ns + GRACE_NS;
	char buffer[4096];
	ssize_t got = 1;
	int error = 0;

	while (error == 0 && got != 0 && monotonic_ns() < limit_ns) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};

		show_progress(request, log, started_ns);
		/* Signals that end the run are passed on; the VMM's end closes the pipe. */
		vmm_process_wait(process, signals, monotonic_ns());
		if (poll(&poller, 1, PROGRESS_MS) <= 0)
			continue;
		got = read(fd, buffer, sizeof(buffer));
		if (got > 0)
			error = probe_log_feed(log, buffer, (size_t)got, why);
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (error == 0 && got != 0)
		error = diag_set(why, ETIMEDOUT, "the probe guest did not end in time");
	if (error != 0)
		vmm_process_stop(process, signals);
	else
		vmm_process_wait(process, signals, 0);
	return error;
}

static int check_end(const struct vmm_process *process, struct diag *why)
{
	uint_fast32_t ended = atomic_load(&process->state->ended);
	int status = vmm_process_status(process, why);

	if (why->error != 0)
		return -why->error;
	if (status == COMMAND_HELD)
		return 0;
	return diag_set(why, ECANCELED, "nothing was measured: the partition was %s",
			machine_end_name((unsigned)ended));
}

static int measure(struct latency_request *request, struct partition_run *run, struct probe_log *log)
{
	_cleanup_(vmm_process_done) struct vmm_process process = {0};
	_cleanup_(vmm_groups_done) struct vmm_groups groups = {0};
	_cleanup_(vmm_signals_done) struct vmm_signals signals = {0};
	struct diag why = {0};
	uint64_t started_ns = monotonic_ns();
	int pipes[2];
	int error;

	if (vmm_signals_open(&signals, &why) != 0 || vmm_groups_open(run, &groups, &why) != 0)
		return refusal_print(&why);
	if (pipe2(pipes, O_CLOEXEC) != 0) {
		diag_set(&why, errno, "no pipe can be had (%s)", strerror(errno));
		return refusal_print(&why);
	}
	time(&request->started);
	error = vmm_process_start(&run->launch, &(struct vmm_places){
		.input = STDIN_FILENO, .output = pipes[1], .group = groups.process}, &process, &why);
	close(pipes[1]);
	if (error == 0)
		error = follow(request, pipes[0], &process, &signals, log, &why);
	close(pipes[0]);
	if (error == 0)
		error = check_end(&process, &why);
	if (error != 0)
		return refusal_print(&why);
	request->duration_ns = monotonic_ns() - started_ns;
	return latency_report(request, run, process.state, log);
}

static int parse_positive(const char *value, uint64_t *ret_ns, struct diag *why)
{
	int error = duration_parse(value, ret_ns, why);

	if (error != 0 || *ret_ns != 0)
		return error;
	diag_set(why, ERANGE, "nothing can be measured in no time");
	diag_remedy(why, "write a duration above zero, like 10s");
	return -ERANGE;
}

static int take_option(void *own_request, int option, const char *value, struct diag *why)
{
	struct latency_request *request = own_request;

	switch ((enum latency_option)option) {
	case OPTION_DURATION:
		return parse_positive(value, &request->duration_ns, why);
	case OPTION_BUDGET:
		return parse_positive(value, &request->budget_ns, why);
	case OPTION_PERIOD:
		return parse_positive(value, &request->period_ns, why);
	case OPTION_MODES:
		request->modes = value;
		return 0;
	case OPTION_JSON:
		request->json = value;
		return 0;
	case OPTION_HTML:
		request->html = value;
		return 0;
	case OPTION_EMULATED:
		request->emulated = true;
		return 0;
	}
	return -EINVAL;
}

/* Where neither a file nor an option says which partition, the built-in machine's. */
static void choose_default(struct partition_request *partition)
{
	if (partition->file == NULL && partition->option_given == NULL) {
		partition->file = QUICKSTART_NAME;
		partition->text = quickstart_yaml;
		partition->text_length = (uintptr_t)quickstart_yaml_end - (uintptr_t)quickstart_yaml;
	}
}

static int prepare(struct latency_request *request, struct partition_request *partition,
		   struct partition_run *run, struct diag *why)
{
	int error;

	diag_key(why, "--modes");
	error = probe_modes_parse(request->modes, &request->asked, why);
	choose_default(partition);
	if (error == 0 && partition->file == NULL)
		error = partition_request_option(partition, OPTION_KERNEL, "kernel",
						 PARTITION_KERNEL_PROBE, why);
	if (error == 0)
		error = partition_run_plan(partition, run, why);
	if (error != 0)
		return error;
	request->title = run->launch.name;
	if (request->budget_ns == 0)
		request->budget_ns = run->partition->latency_budget_ns;
	return set_probe(request, &run->launch, why);
}

int command_latency(int argc, char **argv)
{
	static const struct partition_command command = {help, options, take_option};
	_cleanup_(partition_request_done) struct partition_request partition = {0};
	_cleanup_(partition_run_done) struct partition_run run = {0};
	struct latency_request request = {
		.modes = default_modes,
		.duration_ns = UINT64_C(10000000000),
		.period_ns = 1000000,
	};
	struct diag why = {0};
	int status;

	if (partition_request_init(&partition, &why) != 0)
		return refusal_print(&why);
	status = partition_command_parse(&command, argc, argv, &request, &partition);
	if (status != PARSE_DONE)
		return status;
	if (prepare(&request, &partition, &run, &why) != 0)
		return refusal_print(&why);
	_cleanup_free_ struct probe_log *log = calloc(1, sizeof(*log));
	if (log == NULL) {
		diag_set(&why, ENOMEM, "out of memory");
		return refusal_print(&why);
	}
	return measure(&request, &run, log);
}
