// SPDX-License-Identifier: Apache-2.0
/*
 * The launch record: one partition with every choice already made. `bulkhead` writes it, and
 * bulkhead-vmm, which has no policy of its own, does what it says or refuses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"
#include "core/config/partition.h"
#include "rt/thread_policy.h"

struct diag;

enum {
	LAUNCH_VERSION = 2,
	LAUNCH_BYTES_MAX = 65536, /* of the JSON text */
	LAUNCH_CPU_ANY = -1,      /* a vCPU that is not pinned */
};

/**
 * struct launch - a partition ready to start; owns its strings.
 * @vcpu_cpu: the host CPU of each vCPU, or LAUNCH_CPU_ANY.
 * @vcpu_group: inherited descriptor of the cgroup.threads file that each vCPU's thread goes into, -1: it
 * stays with the process; several may share one.
 * @own_cpus: no two vCPUs share a CPU and none is shared with other threads of the VMM.
 * @other_cpus: where all threads run that are no vCPU, and vCPUs that are not pinned; empty: left as
 * they are.
 * @best_effort: what cannot be had of locking, policy and latency is reported, not refused.
 * @console_input, @console_output: inherited descriptors; -1 for none.
 * @escape: Ctrl-A x on the console ends the machine.
 * @state_fd: inherited descriptor of the shared state page; -1: the VMM makes one for itself.
 * @running_fd: inherited eventfd that is written once guest instructions run; -1: none.
 */
struct launch {
	char name[PARTITION_NAME_MAX];
	char *kernel;
	char *initrd[PARTITION_INITRDS_MAX];
	size_t initrd_count;
	char *cmdline;
	uint64_t memory_bytes;
	uint64_t page_bytes;
	unsigned vcpus;
	int vcpu_cpu[PARTITION_VCPUS_MAX];
	int vcpu_group[PARTITION_VCPUS_MAX];
	bool own_cpus;
	struct cpulist other_cpus;
	struct thread_policy policy;
	unsigned exits_disabled;
	bool kvmclock;
	bool lock_memory;
	bool hold_cpu_dma_latency;
	bool best_effort;
	bool exit_port;
	enum seal_when seal;
	uint64_t seal_after_ns;
	uint64_t exit_budget;
	int console_input;
	int console_output;
	bool escape;
	int state_fd;
	int running_fd;
};

/**
 * launch_decode() - read a record. Every key is required, none may be unknown, every value is
 * checked against its range: the record may come from anyone.
 * @ret: set on success only; ended with launch_done().
 * @why: line and column of bad JSON; key, got and allowed of a bad value.
 *
 * Returns 0, -EINVAL, -ENOTSUP for another version, -E2BIG past LAUNCH_BYTES_MAX, -ENOMEM.
 */
int launch_decode(const char *text, size_t length, struct launch *ret, struct diag *why);

/** launch_encode() - the record as indented JSON, which launch_decode() reads back; to be freed. NULL: no memory. */
char *launch_encode(const struct launch *launch);

void launch_done(struct launch *launch);
