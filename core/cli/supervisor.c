// SPDX-License-Identifier: Apache-2.0
#include "core/cli/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/commands.h"
#include "core/cli/life_report.h"
#include "core/cli/partition_options.h"
#include "core/cli/refusal.h"
#include "core/cli/service_notify.h"
#include "core/cli/supervisor_own.h"
#include "core/cli/terminal.h"
#include "core/cli/thread_places.h"
#include "core/vmm/state.h"

enum {
	POLL_SIGNALS,
	POLL_RUNNING,
	POLL_CONTROL,
	POLL_CONSOLE = POLL_CONTROL + CONTROL_POLLS,
	POLLS = POLL_CONSOLE + CONSOLE_POLLS,
};

enum { LOG_BYTES_MAX = 65536 };

/* The guest runs: its threads are where they stay, and whoever waits may go on. */
static void reach_running(struct supervisor *supervisor)
{
	_cleanup_(thread_places_done) struct thread_places places = {0};
	const struct launch *launch = &supervisor->run->launch;

	close(supervisor->process.running_fd);
	supervisor->process.running_fd = -1;
	thread_places_serve(supervisor->process.pid, launch);
	if (thread_places_read(supervisor->process.pid, launch, &places, NULL) == 0)
		life_report_places(&places, supervisor->process.state, launch);
	/* Whoever has stopped it does not wait for it any more. */
	if (vmm_process_told(&supervisor->process))
		return;
	supervisor_set_phase(supervisor, RUN_RUNNING);
	service_notify("READY=1");
}

/* Stopped by somebody else, it only looks alive: field 3 of proc_pid_stat(5). */
static bool is_healthy(const struct supervisor *supervisor)
{
	char path[40];
	char text[512];
	const char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)supervisor->process.pid);
	if (sys_read_file(path, text, sizeof(text)) < 0 || (end = strrchr(text, ')')) == NULL)
		return false;
	return supervisor->process.paused || strchr("TtZX", end[1] == '\0' ? 'X' : end[2]) == NULL;
}

static void feed_watchdog(struct supervisor *supervisor)
{
	uint64_t now = monotonic_ns();

	if (supervisor->watchdog_due_ns == 0 || supervisor->watchdog_due_ns > now)
		return;
	if (is_healthy(supervisor))
		service_notify("WATCHDOG=1");
	supervisor->watchdog_due_ns = now + supervisor->watchdog_ns;
}

/* The nearest of all that is due; 0: nothing is. */
static uint64_t next_due(const struct supervisor *supervisor)
{
	const uint64_t due[] = {supervisor->deadline_ns, supervisor->watchdog_due_ns,
				control_server_due_ns(&supervisor->control)};
	uint64_t next = 0;

	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++) {
		if (due[i] != 0 && (next == 0 || due[i] < next))
			next = due[i];
	}
	return next;
}

/* Returns once the VMM has ended, or the run's time has. */
static enum vmm_event serve(struct supervisor *supervisor)
{
	struct vmm_process *process = &supervisor->process;
	struct pollfd polls[POLLS] = {0};
	enum vmm_event event;

	do {
		polls[POLL_RUNNING] = (struct pollfd){.fd = process->running_fd, .events = POLLIN};
		control_server_polls(&supervisor->control, &polls[POLL_CONTROL]);
		console_server_polls(&supervisor->console, &polls[POLL_CONSOLE]);
		event = vmm_process_poll(process, &supervisor->signals, polls, POLLS, next_due(supervisor));
		/* A guest may have run, and ended, at once. */
		if (polls[POLL_RUNNING].fd >= 0 && polls[POLL_RUNNING].revents != 0)
			reach_running(supervisor);
		if (event == VMM_ENDED)
			return event;
		if (event == VMM_TOLD)
			supervisor_stopping(supervisor);
		control_server_handle(&supervisor->control, &polls[POLL_CONTROL]);
		console_server_handle(&supervisor->console, &polls[POLL_CONSOLE]);
		feed_watchdog(supervisor);
	} while (supervisor->deadline_ns == 0 || supervisor->deadline_ns > monotonic_ns());
	return VMM_TIMEOUT;
}

/* Everything to do with one life before its VMM is waited for. */
static int begin_life(struct supervisor *supervisor, struct diag *why)
{
	_cleanup_close_ int console = -1;
	struct stat log;
	struct vmm_places places = {
		.input = STDIN_FILENO, .output = STDOUT_FILENO, .group = supervisor->groups.process,
		.on_terminal = supervisor->run->launch.escape,
	};
	int error = 0;

	/* A guest that restarts for ever says so for ever. */
	if (supervisor->terms->log && fstat(STDERR_FILENO, &log) == 0 && log.st_size > LOG_BYTES_MAX &&
	    ftruncate(STDERR_FILENO, 0) != 0)
		return diag_set(why, errno, "the log cannot be cut (%s)", strerror(errno));
	if (supervisor->terms->console_socket)
		error = console_server_connect(&supervisor->console, &console, why);
	if (console >= 0)
		places.input = places.output = console;
	if (error == 0)
		error = vmm_process_start(&supervisor->run->launch, &places, &supervisor->process, why);
	if (error == 0)
		supervisor_set_phase(supervisor, RUN_STARTING);
	return error;
}

/* A service that is stopped as asked has not failed; a person's run that was stopped has not come to its end. */
static bool stopped_in_order(const struct supervisor *supervisor)
{
	return service_managed() && (supervisor->stop_asked || vmm_process_told(&supervisor->process));
}

static enum run_phase phase_of_end(const struct supervisor *supervisor, int status)
{
	switch ((enum machine_end)atomic_load(&supervisor->process.state->ended)) {
	case MACHINE_POWER_OFF:
	case MACHINE_RESET:
	case MACHINE_EXIT_PORT:
	case MACHINE_LEFT:
	case MACHINE_STOPPED:
		return RUN_ENDED;
	case MACHINE_NOT_ENDED:
	case MACHINE_REFUSED:
	case MACHINE_CRASHED:
		break;
	}
	return status == COMMAND_HELD || supervisor->stop_asked ? RUN_ENDED : RUN_CRASHED;
}

/* What became of the life that just ended. @again is set when the partition asks for another. */
static int end_life(struct supervisor *supervisor, bool *again)
{
	struct vmm_process *process = &supervisor->process;
	const struct launch *launch = &supervisor->run->launch;
	struct diag why = {0};
	int status = vmm_process_status(process, &why);
	bool reset = atomic_load(&process->state->ended) == MACHINE_RESET &&
		     supervisor->run->partition->reboot == REBOOT_RESTART;

	life_report_downgrades(process->state);
	life_report_over_budget(process->state, launch);
	if (stopped_in_order(supervisor))
		return COMMAND_HELD;
	if (why.error != 0)
		return refusal_print(&why);
	if (!reset)
		return status;
	/* A signal that came while the VMM was already ending stops the run, which has no other life. */
	if (vmm_process_told(process)) {
		fprintf(stderr, "bulkhead: %s: stopped by a signal while the guest rebooted\n", launch->name);
		return COMMAND_UNKNOWN;
	}
	*again = true;
	return status;
}

/* One life of the partition. */
static int live(struct supervisor *supervisor, bool *again)
{
	struct diag why = {0};
	int status;

	*again = false;
	if (begin_life(supervisor, &why) != 0) {
		supervisor->state.phase = RUN_CRASHED;
		return refusal_print(&why);
	}
	if (serve(supervisor) == VMM_TIMEOUT) {
		vmm_process_stop(&supervisor->process, &supervisor->signals);
		fprintf(stderr, "bulkhead: %s: ended by --timeout\n", supervisor->run->launch.name);
		status = COMMAND_UNKNOWN;
		supervisor->state.phase = RUN_ENDED;
	} else {
		status = end_life(supervisor, again);
		supervisor->state.phase = phase_of_end(supervisor, status);
	}
	console_server_disconnect(&supervisor->console);
	vmm_process_done(&supervisor->process);
	return status;
}

int supervise(const struct supervision *supervision)
{
	static struct supervisor supervisor;
	struct terminal terminal;
	struct diag why = {0};
	int status = COMMAND_UNKNOWN;
	bool again = true;

	supervisor.terms = supervision;
	supervisor.run = supervision->run;
	supervisor.watchdog_ns = service_watchdog_ns();
	if (supervisor.watchdog_ns != 0)
		supervisor.watchdog_due_ns = monotonic_ns() + supervisor.watchdog_ns;
	if (supervision->timeout_ns != 0)
		supervisor.deadline_ns = monotonic_ns() + supervision->timeout_ns;
	terminal_save(&terminal);
	if (supervisor_open(&supervisor, &why) != 0) {
		supervisor.state.phase = RUN_CRASHED;
		refusal_print(&why);
		again = false;
	}
	while (again)
		status = live(&supervisor, &again);
	terminal_restore(&terminal);
	supervisor_close(&supervisor);
	return status;
}
