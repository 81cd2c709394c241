// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/idle_limit.h"
#include "core/cli/partition_options.h"
#include "core/cli/supervisor.h"
#include "core/cli/supervisor_own.h"
#include "rt/thread_policy.h"

static int open_log(const struct run_folder *folder, struct diag *why)
{
	_cleanup_close_ int fd = openat(folder->fd, "log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW |
					O_CLOEXEC, 0640);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		return diag_set(why, errno, "the log cannot be made (%s)", strerror(errno));
	return 0;
}

/* Who runs one in the foreground and may not make the folder runs it unnamed. */
static bool may_be_unnamed(const struct supervision *terms, int error)
{
	return !terms->console_socket && !terms->log &&
	       (error == -EACCES || error == -EPERM || error == -EROFS || error == -ENOENT);
}

static int open_folder(struct supervisor *supervisor, struct diag *why)
{
	const struct supervision *terms = supervisor->terms;
	const char *name = supervisor->run->launch.name;
	char path[RUN_PATH_MAX];
	int error = run_folder_take(name, &supervisor->folder, why);

	if (error != 0 && may_be_unnamed(terms, error)) {
		*why = (struct diag){0};
		return 0;
	}
	if (error == 0 && terms->log)
		error = open_log(&supervisor->folder, why);
	if (error == 0)
		error = control_server_open(&supervisor->control, run_path(name, "control", path), why);
	if (error == 0 && terms->console_socket)
		error = console_server_open(&supervisor->console, run_path(name, "console", path), why);
	if (error == 0)
		idle_limit_hold(supervisor->run, &supervisor->folder, &supervisor->idle_held);
	return error;
}

static void describe(struct supervisor *supervisor)
{
	const struct launch *launch = &supervisor->run->launch;
	struct run_state *state = &supervisor->state;

	state->pid = getpid();
	snprintf(state->name, sizeof(state->name), "%s", launch->name);
	if (supervisor->terms->file[0] != '\0' && realpath(supervisor->terms->file, state->file) == NULL)
		snprintf(state->file, sizeof(state->file), "%s", supervisor->terms->file);
	for (unsigned i = 0; i < launch->vcpus; i++) {
		if (launch->vcpu_cpu[i] >= 0)
			cpulist_add(&state->cpus, (unsigned)launch->vcpu_cpu[i]);
	}
}

static void open_console(struct supervisor *supervisor)
{
	struct launch *launch = &supervisor->run->launch;

	launch->console_input = STDIN_FILENO;
	launch->console_output = STDOUT_FILENO;
	launch->escape = !supervisor->terms->console_socket && isatty(STDIN_FILENO);
}

int supervisor_open(struct supervisor *supervisor, struct diag *why)
{
	const struct launch *launch = &supervisor->run->launch;
	int error;

	supervisor->control.answer = supervisor_answer;
	supervisor->control.context = supervisor;
	local_server_closed(&supervisor->control.local);
	local_server_closed(&supervisor->console.local);
	supervisor->console.guest = -1;
	/* A partition does not end because nobody reads what there is to say of it. */
	signal(SIGPIPE, SIG_IGN);
	describe(supervisor);
	open_console(supervisor);
	error = vmm_signals_open(&supervisor->signals, why);

	if (error == 0 && supervisor->terms->named)
		error = open_folder(supervisor, why);
	if (error == 0)
		error = vmm_groups_open(supervisor->run, &supervisor->groups, why);
	/* Who looks after a partition keeps off its CPUs; a VMM would go by itself. */
	if (error == 0 && launch->own_cpus && !cpulist_empty(&launch->other_cpus))
		thread_affinity_set(0, &launch->other_cpus, NULL);
	return error;
}

/* A partition in the background that crashed leaves word of it. */
void supervisor_close(struct supervisor *supervisor)
{
	bool keep = supervisor->terms->console_socket && supervisor->state.phase == RUN_CRASHED;

	if (keep)
		supervisor_set_phase(supervisor, RUN_CRASHED);
	vmm_groups_done(&supervisor->groups);
	if (supervisor->idle_held)
		idle_limit_return(&supervisor->folder);
	run_folder_leave(&supervisor->folder, keep);
	control_server_done(&supervisor->control);
	console_server_done(&supervisor->console);
	vmm_signals_done(&supervisor->signals);
}
