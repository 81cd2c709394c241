// SPDX-License-Identifier: Apache-2.0
/* What the supervisor does as it is told over the control socket. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/partition_options.h"
#include "core/cli/service_notify.h"
#include "core/cli/status_report.h"
#include "core/cli/supervisor_own.h"

/* How long a VMM that is told to stop has, where nobody says. */
#define STOP_NS UINT64_C(2000000000)

/* "running on CPU 2-3, VMM 812" */
static void notify_phase(const struct run_state *state)
{
	char cpus[CPULIST_TEXT_MAX];
	bool has_cpus = !cpulist_empty(&state->cpus);

	if (state->vmm == 0 || state->phase == RUN_STARTING)
		service_notify("STATUS=%s", run_phase_name(state->phase));
	else
		service_notify("STATUS=%s%s%s, VMM %d", run_phase_name(state->phase), has_cpus ? " on CPU " : "",
			       has_cpus ? cpulist_format(&state->cpus, cpus, sizeof(cpus)) : "", (int)state->vmm);
}

void supervisor_set_phase(struct supervisor *supervisor, enum run_phase phase)
{
	_cleanup_free_ char *text = NULL;

	supervisor->state.phase = phase;
	supervisor->state.vmm = supervisor->process.ended ? 0 : supervisor->process.pid;
	supervisor->state.since_s = (int64_t)time(NULL);
	notify_phase(&supervisor->state);
	if (supervisor->folder.name[0] == '\0')
		return;
	text = run_state_format(&supervisor->state);
	if (text == NULL || run_folder_write(&supervisor->folder, "state", text) != 0)
		fprintf(stderr, "bulkhead: note: the state of %s could not be written\n",
			supervisor->state.name);
}

static int pause_vmm(struct supervisor *supervisor, bool pause, struct diag *why)
{
	enum run_phase from = pause ? RUN_RUNNING : RUN_PAUSED;
	int error;

	if (supervisor->state.phase != from)
		return diag_set(why, EINVAL, "this partition is %s", run_phase_name(supervisor->state.phase));
	error = vmm_process_pause(&supervisor->process, pause);
	if (error != 0)
		return diag_set(why, -error, "the VMM cannot be %s (%s)", pause ? "stopped" : "continued",
				strerror(-error));
	supervisor_set_phase(supervisor, pause ? RUN_PAUSED : RUN_RUNNING);
	return 0;
}

void supervisor_stopping(struct supervisor *supervisor)
{
	service_notify("STOPPING=1");
	supervisor_set_phase(supervisor, RUN_STOPPING);
}

static void stop_vmm(struct supervisor *supervisor, uint64_t patience_ns)
{
	supervisor->stop_asked = true;
	vmm_process_tell(&supervisor->process, SIGTERM, patience_ns == 0 ? STOP_NS : patience_ns);
	supervisor_stopping(supervisor);
}

char *supervisor_answer(void *context, const struct control_request *request)
{
	struct supervisor *supervisor = context;
	struct diag why = {0};
	json_t *body = NULL;

	switch (request->command) {
	case CONTROL_STATUS:
		body = json_pack("{s:o}", "status", status_report(&supervisor->state, &supervisor->process,
								  &supervisor->run->launch));
		break;
	case CONTROL_STOP:
		stop_vmm(supervisor, request->timeout_ns);
		break;
	case CONTROL_PAUSE:
	case CONTROL_RESUME:
		pause_vmm(supervisor, request->command == CONTROL_PAUSE, &why);
		break;
	}
	return control_reply_format(body, why.error != 0 ? &why : NULL);
}
