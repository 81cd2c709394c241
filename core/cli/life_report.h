// SPDX-License-Identifier: Apache-2.0
/* What there is to say on standard error about one life of a VMM. */
#pragma once

struct launch;
struct machine_state;
struct thread_places;

/** life_report_downgrades() - what best effort let pass. */
void life_report_downgrades(const struct machine_state *state);

/** life_report_over_budget() - the contract's fifth clause: exits of the sealed phase, and who began it. */
void life_report_over_budget(const struct machine_state *state, const struct launch *launch);

/** life_report_places() - threads that are not where they belong, but for what best effort let pass. */
void life_report_places(const struct thread_places *places, const struct machine_state *state,
			const struct launch *launch);
