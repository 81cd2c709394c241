// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/cli/commands.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/cli/vmm_process.h"
#include "core/vmm/state.h"

static const char help[] =
	"Usage: bulkhead run [OPTIONS] FILE [NAME]\n"
	"       bulkhead run [OPTIONS] --kernel IMAGE\n"
	"Run one partition in the foreground: of a machine file, or made of options. Its serial\n"
	"port is standard input and output; on a terminal, Ctrl-A x leaves.\n"
	"\n"
	"      --kernel IMAGE     a Linux bzImage, a PVH ELF, a Multiboot image, or probe\n"
	"      --initrd FILE      for Linux; each one is a module for PVH and Multiboot\n"
	"      --cmdline TEXT     the guest's command line\n"
	PARTITION_OPTIONS_HELP
	"      --exit-port        a guest's write of V to port 0xf4 ends with status (V<<1)|1\n"
	"      --reboot ACTION    when the guest reboots: exit (the default) or restart\n"
	"      --timeout TIME     end after this long, with status 2\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 the guest powered off or rebooted, or was left by Ctrl-A x; 1 it crashed;\n"
	"2 it could not be started, was stopped, or ran into the timeout; with --exit-port as\n"
	"said there.\n";

enum { OPTION_TIMEOUT = OPTION_PARTITION_END };

static const struct option options[] = {
	PARTITION_OPTIONS,
	{"kernel", required_argument, NULL, OPTION_KERNEL},
	{"initrd", required_argument, NULL, OPTION_INITRD},
	{"cmdline", required_argument, NULL, OPTION_CMDLINE},
	{"exit-port", no_argument, NULL, OPTION_EXIT_PORT},
	{"reboot", required_argument, NULL, OPTION_REBOOT},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* The terminal as it was, put back whatever became of the VMM that changed it. */
struct terminal {
	bool saved;
	struct termios modes;
};

static void terminal_save(struct terminal *terminal)
{
	terminal->saved = tcgetattr(STDIN_FILENO, &terminal->modes) == 0;
}

static void terminal_restore(const struct terminal *terminal)
{
	sigset_t background;

	if (!terminal->saved)
		return;
	/* Out of the foreground, the change itself would stop this process. */
	sigemptyset(&background);
	sigaddset(&background, SIGTTOU);
	sigprocmask(SIG_BLOCK, &background, NULL);
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal->modes);
}

static void print_downgrades(const struct machine_state *state)
{
	uint_fast32_t count = atomic_load(&state->downgrades);

	for (uint_fast32_t i = 0; i < count && i < STATE_DOWNGRADES_MAX; i++)
		fprintf(stderr, "bulkhead: best effort: %.*s\n", STATE_TEXT_MAX, state->downgrade[i]);
}

/* The contract's fifth clause: exits of the sealed phase, and who began it. */
static void print_over_budget(const struct machine_state *state, const struct launch *launch)
{
	for (unsigned i = 0; i < launch->vcpus; i++) {
		const struct vcpu_statistics *vcpu = &state->vcpu[i];
		uint32_t reason = (uint32_t)atomic_load(&vcpu->over_budget.reason);
		uint64_t key = atomic_load(&vcpu->over_budget.key);

		if (atomic_load(&vcpu->sealed_exits) <= launch->exit_budget || reason == UINT32_MAX)
			continue;
		fprintf(stderr, "bulkhead: %s: vCPU %u made %" PRIu64 " exits to the VMM while sealed, "
			"%" PRIu64 " allowed; the first too many: ", launch->name, i,
			(uint64_t)atomic_load(&vcpu->sealed_exits), launch->exit_budget);
		if (key != 0)
			fprintf(stderr, "%s 0x%" PRIx64 "\n", access_kind_name(access_key_kind(key)),
				access_key_address(key));
		else
			fprintf(stderr, "%s (%" PRIu32 ")\n", exit_reason_name(reason), reason);
	}
}

/* One life of the partition. @again is set when it asks for another. */
static int run_once(struct partition_run *run, uint64_t deadline_ns,
		    const struct vmm_signals *signals, bool *again)
{
	_cleanup_(vmm_process_done) struct vmm_process process = {0};
	struct diag why = {0};

	*again = false;
	if (vmm_process_start(&run->launch, STDOUT_FILENO, &process, &why) != 0)
		return refusal_print(&why);
	if (vmm_process_wait(&process, signals, deadline_ns) == VMM_TIMEOUT) {
		vmm_process_stop(&process, signals);
		fprintf(stderr, "bulkhead: %s: ended by --timeout\n", run->launch.name);
		return COMMAND_UNKNOWN;
	}
	print_downgrades(process.state);
	print_over_budget(process.state, &run->launch);
	int status = vmm_process_status(&process, &why);
	if (why.error != 0)
		return refusal_print(&why);
	if (atomic_load(&process.state->ended) != MACHINE_RESET ||
	    run->partition->reboot != REBOOT_RESTART)
		return status;
	/* A signal that came while the VMM was already ending stops the run, which has no other life. */
	if (vmm_process_told(&process)) {
		fprintf(stderr, "bulkhead: %s: stopped by a signal while the guest rebooted\n",
			run->launch.name);
		return COMMAND_UNKNOWN;
	}
	*again = true;
	return status;
}

static int run_partition(struct partition_run *run, uint64_t timeout_ns)
{
	struct vmm_signals signals;
	struct terminal terminal;
	uint64_t deadline_ns = timeout_ns == 0 ? 0 : monotonic_ns() + timeout_ns;
	bool again;
	int status;

	run->launch.console_input = STDIN_FILENO;
	run->launch.console_output = STDOUT_FILENO;
	run->launch.escape = isatty(STDIN_FILENO);
	vmm_signals_block(&signals);
	terminal_save(&terminal);
	do {
		status = run_once(run, deadline_ns, &signals, &again);
	} while (again);
	terminal_restore(&terminal);
	return status;
}

static int take_option(void *timeout_ns, int option, const char *value, struct diag *why)
{
	return option == OPTION_TIMEOUT ? duration_parse(value, timeout_ns, why) : -EINVAL;
}

int command_run(int argc, char **argv)
{
	static const struct partition_command command = {help, options, take_option};
	_cleanup_(partition_request_done) struct partition_request request = {0};
	_cleanup_(partition_run_done) struct partition_run run = {0};
	struct diag why = {0};
	uint64_t timeout_ns = 0;
	int status;

	if (partition_request_init(&request, &why) != 0)
		return refusal_print(&why);
	status = partition_command_parse(&command, argc, argv, &timeout_ns, &request);
	if (status != PARSE_DONE)
		return status;
	if (partition_run_plan(&request, &run, &why) != 0)
		return refusal_print(&why);
	return run_partition(&run, timeout_ns);
}
