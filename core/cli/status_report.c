// SPDX-License-Identifier: Apache-2.0
#include "core/cli/status_report.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/base/cpulist.h"
#include "core/base/diag.h"
#include "core/cli/exit_rows.h"
#include "core/cli/json_text.h"
#include "core/cli/run_state.h"
#include "core/cli/thread_places.h"
#include "core/cli/vmm_process.h"
#include "core/vmm/launch.h"
#include "core/vmm/state.h"

static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *cpus_text(const struct cpulist *cpus)
{
	_cleanup_free_ char *text = malloc(CPULIST_TEXT_MAX);

	return text == NULL ? NULL : json_string(cpulist_format(cpus, text, CPULIST_TEXT_MAX));
}

/* The first exit past the budget, or null. */
static json_t *over_budget(const struct vcpu_statistics *vcpu, const struct launch *launch)
{
	uint32_t reason = (uint32_t)atomic_load(&vcpu->over_budget.reason);
	uint64_t key = atomic_load(&vcpu->over_budget.key);
	char text[64];

	if (atomic_load(&vcpu->sealed_exits) <= launch->exit_budget || reason == UINT32_MAX)
		return json_null();
	if (key != 0)
		snprintf(text, sizeof(text), "%s 0x%" PRIx64, access_kind_name(access_key_kind(key)),
			 access_key_address(key));
	else
		snprintf(text, sizeof(text), "%s (%" PRIu32 ")", exit_reason_name(reason), reason);
	return json_string(text);
}

static json_t *vcpus_json(const struct machine_state *state, const struct launch *launch, bool *held)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < launch->vcpus; i++) {
		const struct vcpu_statistics *vcpu = &state->vcpu[i];
		json_t *over = over_budget(vcpu, launch);

		*held = *held && json_is_null(over);
		json_array_append_new(list, json_pack(
			"{s:i, s:i, s:o, s:o, s:o, s:o}", "cpu", launch->vcpu_cpu[i], "thread",
			(int)atomic_load(&vcpu->thread), "exits", number(atomic_load(&vcpu->exits)),
			"sealed_exits", number(atomic_load(&vcpu->sealed_exits)), "sealed_interrupts",
			number(atomic_load(&vcpu->sealed_interrupts)), "over_budget", over));
	}
	return list;
}

static json_t *exits_json(const struct machine_state *state, const struct launch *launch)
{
	_cleanup_free_ struct exit_rows *rows = malloc(sizeof(*rows));
	json_t *list = json_array();

	if (rows == NULL)
		return list;
	exit_rows_collect(state, launch->vcpus, rows);
	for (size_t i = 0; i < rows->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "cause", rows->row[i].name, "count",
						      number(rows->row[i].count)));
	return list;
}

static json_t *downgrades_json(const struct machine_state *state)
{
	uint_fast32_t count = atomic_load(&state->downgrades);
	json_t *list = json_array();

	for (uint_fast32_t i = 0; i < count && i < STATE_DOWNGRADES_MAX; i++) {
		char text[STATE_TEXT_MAX + 1];

		snprintf(text, sizeof(text), "%.*s", STATE_TEXT_MAX, state->downgrade[i]);
		json_array_append_new(list, json_text(text));
	}
	return list;
}

static json_t *thread_json(const struct thread_place *place)
{
	json_t *object = json_pack("{s:i, s:o, s:b, s:o, s:s, s:o}", "tid", (int)place->tid, "name",
				   json_text(place->name), "kernel", place->kernel, "cpus",
				   cpus_text(&place->cpus), "policy", thread_class_name(place->policy.class),
				   "group", json_text(place->group));

	if (place->policy.class == THREAD_FIFO)
		json_object_set_new(object, "priority", json_integer(place->policy.priority));
	if (place->policy.class == THREAD_DEADLINE) {
		json_object_set_new(object, "runtime_ns", number(place->policy.runtime_ns));
		json_object_set_new(object, "period_ns", number(place->policy.period_ns));
	}
	if (place->wrong[0] != '\0')
		json_object_set_new(object, "wrong", json_text(place->wrong));
	return object;
}

/* Threads that cannot be read are no threads in their place. */
static json_t *threads_json(const struct vmm_process *process, const struct launch *launch, bool *held)
{
	_cleanup_(thread_places_done) struct thread_places places = {0};
	json_t *list = json_array();

	if (thread_places_read(process->pid, launch, &places, NULL) != 0 || places.wrong > 0)
		*held = false;
	for (size_t i = 0; i < places.count; i++)
		json_array_append_new(list, thread_json(&places.item[i]));
	return list;
}

json_t *status_report(const struct run_state *state, const struct vmm_process *process,
		      const struct launch *launch)
{
	bool held = state->phase == RUN_RUNNING;
	bool sealed = atomic_load(&process->state->seal.sealed);
	json_t *report = json_pack(
		"{s:s, s:o, s:s, s:b, s:i, s:i, s:I, s:o, s:o}", "name", state->name, "file",
		json_text(state->file), "phase", run_phase_name(state->phase), "sealed", sealed, "pid",
		(int)state->pid, "vmm", (int)process->pid, "since", (json_int_t)state->since_s, "cpus",
		cpus_text(&state->cpus), "exit_budget", number(launch->exit_budget));

	json_object_set_new(report, "vcpus", vcpus_json(process->state, launch, &held));
	json_object_set_new(report, "exits", exits_json(process->state, launch));
	json_object_set_new(report, "downgrades", downgrades_json(process->state));
	json_object_set_new(report, "threads", threads_json(process, launch, &held));
	json_object_set_new(report, "held", json_boolean(held));
	return report;
}
