// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/state.h"

#include <stddef.h>

const char *machine_state_name(const struct machine_state *state)
{
	static const char *const names[] = {
		[PHASE_OPENING] = "opening", [PHASE_CONFINED] = "confined",
		[PHASE_PROMOTED] = "promoted", [PHASE_RUNNING] = "running",
		[PHASE_ENDED] = "ended",
	};
	uint_fast32_t phase = atomic_load(&state->phase);

	if (phase == PHASE_RUNNING && atomic_load(&state->seal.sealed))
		return "sealed";
	return phase < sizeof(names) / sizeof(names[0]) ? names[phase] : "unknown";
}

const char *machine_end_name(unsigned end)
{
	static const char *const names[] = {
		[MACHINE_NOT_ENDED] = "not ended", [MACHINE_REFUSED] = "refused",
		[MACHINE_POWER_OFF] = "power-off", [MACHINE_RESET] = "reset",
		[MACHINE_EXIT_PORT] = "exit port", [MACHINE_CRASHED] = "crashed",
		[MACHINE_LEFT] = "left", [MACHINE_STOPPED] = "stopped",
	};

	return end < sizeof(names) / sizeof(names[0]) ? names[end] : "unknown";
}
