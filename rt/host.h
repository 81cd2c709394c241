// SPDX-License-Identifier: Apache-2.0
/* What the host is, as far as starting a partition on it needs to know. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/base/cpulist.h"

struct diag;

/**
 * struct host_facts - read once, const afterwards.
 * @present, @online: CPUs of the machine; @allowed: those this process may use.
 * @preempt_rt: /sys/kernel/realtime reads 1.
 * @memory_available_bytes: MemAvailable; @memory_total_bytes: MemTotal.
 * @free_2m, @free_1g: free hugepages of each size; unknown sizes are 0.
 * @kernel, @cpu_model: for people.
 */
struct host_facts {
	struct cpulist present;
	struct cpulist online;
	struct cpulist allowed;
	bool preempt_rt;
	uint64_t memory_total_bytes;
	uint64_t memory_available_bytes;
	uint64_t free_2m;
	uint64_t free_1g;
	char kernel[128];
	char cpu_model[128];
};

/**
 * host_facts_read() - read them from the running kernel.
 * @root: prefix for /proc and /sys, "" for the live host.
 *
 * Returns 0; -errno with @why where the CPUs or the memory cannot be told, since nothing can be
 * planned then; a fact that only informs is left empty.
 */
int host_facts_read(const char *root, struct host_facts *ret, struct diag *why);
