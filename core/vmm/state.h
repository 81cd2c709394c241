// SPDX-License-Identifier: Apache-2.0
/*
 * The state page: what a VMM says of itself, in memory shared with whoever launched it. Written by
 * the VMM alone, read by anyone at any time without waking it. A reader trusts nothing in it but its
 * own bounds: a broken VMM may have written it.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "core/kvm/statistics.h"
#include "core/kvm/vcpu_run.h"

enum {
	STATE_MAGIC = 0x424b4844, /* "BKHD" */
	STATE_VERSION = 1,
	STATE_DOWNGRADES_MAX = 8,
	STATE_TEXT_MAX = 512,
};

/** enum machine_phase - where a VMM stands; only ever grows. A running one may be sealed: @seal. */
enum machine_phase {
	PHASE_OPENING,   /* everything is opened, mapped, loaded */
	PHASE_CONFINED,  /* no privileges left to gain, system calls filtered */
	PHASE_PROMOTED,  /* vCPU threads are real-time */
	PHASE_RUNNING,   /* guest instructions run */
	PHASE_ENDED,
};

/** enum machine_end - why the machine is no more. */
enum machine_end {
	MACHINE_NOT_ENDED,
	MACHINE_REFUSED,    /* bring-up failed; text says why */
	MACHINE_POWER_OFF,
	MACHINE_RESET,
	MACHINE_EXIT_PORT,  /* value: what the guest wrote */
	MACHINE_CRASHED,    /* triple fault, internal error, failed entry; text says which */
	MACHINE_LEFT,       /* Ctrl-A x */
	MACHINE_STOPPED,    /* value: the signal */
};

/**
 * struct machine_state - the page; its size is state_bytes(vcpus).
 * @tsc_khz: of host and guest.
 * @ended: enum machine_end, written before @phase becomes PHASE_ENDED.
 * @first_run_tsc: just before the first guest instruction.
 * @seal: whether the real-time contract holds now, and since when.
 * @doorbells: write(2)s by vCPU threads to wake the main thread.
 * @console_dropped: bytes the guest wrote to a serial port that said it was full.
 * @downgrade: what --best-effort let pass, one sentence each.
 */
struct machine_state {
	uint32_t magic;
	uint32_t version;
	uint32_t vcpus;
	uint32_t tsc_khz;
	atomic_uint_fast32_t phase;
	atomic_uint_fast32_t ended;
	atomic_uint_fast64_t end_value;
	atomic_uint_fast64_t first_run_tsc;
	struct seal seal;
	atomic_uint_fast64_t doorbells;
	atomic_uint_fast64_t console_dropped;
	atomic_uint_fast32_t downgrades;
	char downgrade[STATE_DOWNGRADES_MAX][STATE_TEXT_MAX];
	char text[STATE_TEXT_MAX];
	struct vcpu_statistics vcpu[];
};

/** state_bytes() - size of the page for @vcpus vCPUs. */
static inline uint64_t state_bytes(unsigned vcpus)
{
	return sizeof(struct machine_state) + (uint64_t)vcpus * sizeof(struct vcpu_statistics);
}

/** machine_state_name() - "opening" to "ended", with "sealed" for a running partition that is; static. */
const char *machine_state_name(const struct machine_state *state);

/** machine_end_name() - for people and JSON; static. */
const char *machine_end_name(unsigned end);
