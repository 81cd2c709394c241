// SPDX-License-Identifier: Apache-2.0
#include "core/cli/life_report.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "core/cli/thread_places.h"
#include "core/vmm/launch.h"
#include "core/vmm/state.h"

void life_report_downgrades(const struct machine_state *state)
{
	uint_fast32_t count = atomic_load(&state->downgrades);

	for (uint_fast32_t i = 0; i < count && i < STATE_DOWNGRADES_MAX; i++)
		fprintf(stderr, "bulkhead: best effort: %.*s\n", STATE_TEXT_MAX, state->downgrade[i]);
}

void life_report_over_budget(const struct machine_state *state, const struct launch *launch)
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

void life_report_places(const struct thread_places *places, const struct machine_state *state,
			const struct launch *launch)
{
	if (launch->best_effort && atomic_load(&state->downgrades) > 0)
		return;
	for (size_t i = 0; i < places->count; i++) {
		const struct thread_place *place = &places->item[i];

		if (place->wrong[0] != '\0')
			fprintf(stderr, "bulkhead: %s: thread %s (%d) %s\n", launch->name, place->name,
				(int)place->tid, place->wrong);
	}
}
