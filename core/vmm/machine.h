// SPDX-License-Identifier: Apache-2.0
/* One machine, assembled from a launch record: everything the VMM opens, in one value. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/config/partition.h"
#include "core/devices/rtc.h"
#include "core/devices/uart16550.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/memory.h"
#include "core/kvm/trap.h"
#include "core/kvm/vm.h"
#include "core/vmm/confine.h"
#include "core/vmm/populate.h"
#include "core/vmm/vcpu_thread.h"
#include "irq/line.h"

struct diag;
struct launch;
struct machine_state;

/**
 * struct machine - zeroed before machine_open(); lives as long as the process.
 * @launch: the record; const.
 * @state: the shared state page.
 * @locked: whether memory is locked.
 * @thread: @launch->vcpus of them are used.
 */
struct machine {
	const struct launch *launch;
	struct machine_state *state;
	struct vm vm;
	struct guest_memory memory;
	struct trap_table traps;
	struct doorbell doorbell;
	struct irq_line console_line;
	struct uart16550 uart;
	struct rtc rtc;
	struct populate populate;
	struct filter vcpu_filter;
	struct filter main_filter;
	int cpu_dma_latency;
	bool locked;
	struct vcpu_thread thread[PARTITION_VCPUS_MAX];
};

/**
 * machine_open() - phase 1: open, map, allocate and load everything the machine will ever need.
 * @machine: zeroed.
 * @state: mapped, state_bytes(launch->vcpus) long; kept.
 *
 * Stage: apply. Returns 0 or -errno with @why. There is no undoing: a VMM that cannot open ends.
 */
int machine_open(struct machine *machine, const struct launch *launch, struct machine_state *state,
		 struct diag *why);

/**
 * machine_confine() - phase 2: the vCPU threads exist, confined, at their gate; this thread, without
 * new privileges since the first phase, keeps only what promotion needs.
 */
int machine_confine(struct machine *machine, struct diag *why);

/**
 * machine_promote() - phase 3, the last before guest instructions run: every thread on its CPUs, the
 * vCPU threads real-time, read back; then this thread's last capability and calls go.
 */
int machine_promote(struct machine *machine, struct diag *why);

/** machine_run() - phase 4: open the gate. Returns 0 or -errno. */
int machine_run(struct machine *machine, struct diag *why);

/**
 * machine_downgrade() - what to do about @why under this machine's terms: with --best-effort it is
 * written to the state page, cleared, and 0 is returned, else @error.
 */
int machine_downgrade(struct machine *machine, int error, struct diag *why);
