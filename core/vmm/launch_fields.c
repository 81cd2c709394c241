// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/launch_fields.h"

#include <limits.h>

#include "core/vmm/launch.h"

static const char *const class_names[] = {"other", "fifo", "deadline", NULL};
static const char *const seal_names[] = {"never", "after", "port", NULL};

#define AT(member) offsetof(struct launch, member)
#define DAY_NS (INT64_C(86400) * 1000000000)

const struct launch_field launch_fields[LAUNCH_FIELDS] = {
	{"version", FIELD_VERSION, 0, LAUNCH_VERSION, LAUNCH_VERSION, NULL},
	{"name", FIELD_NAME, AT(name), 1, PARTITION_NAME_MAX - 1, NULL},
	{"kernel", FIELD_TEXT, AT(kernel), 1, PATH_MAX - 1, NULL},
	{"initrd", FIELD_TEXTS, AT(initrd), 0, PARTITION_INITRDS_MAX, NULL},
	{"cmdline", FIELD_TEXT, AT(cmdline), 0, PARTITION_CMDLINE_MAX - 1, NULL},
	{"memory_bytes", FIELD_U64, AT(memory_bytes), 1 << 20, INT64_C(1) << 46, NULL},
	{"page_bytes", FIELD_U64, AT(page_bytes), 4096, 1 << 30, NULL},
	{"vcpu_cpus", FIELD_CPUS, 0, LAUNCH_CPU_ANY, CPULIST_MAX - 1, NULL},
	{"vcpu_groups", FIELD_GROUPS, 0, -1, 1023, NULL},
	{"own_cpus", FIELD_BOOL, AT(own_cpus), 0, 0, NULL},
	{"other_cpus", FIELD_CPULIST, AT(other_cpus), 0, 0, NULL},
	{"policy", FIELD_CHOICE, AT(policy.class), 0, 0, class_names},
	{"priority", FIELD_UNSIGNED, AT(policy.priority), 0, 98, NULL},
	{"runtime_ns", FIELD_U64, AT(policy.runtime_ns), 0, DAY_NS, NULL},
	{"deadline_ns", FIELD_U64, AT(policy.deadline_ns), 0, DAY_NS, NULL},
	{"period_ns", FIELD_U64, AT(policy.period_ns), 0, DAY_NS, NULL},
	{"exits_disabled", FIELD_UNSIGNED, AT(exits_disabled), 0, 15, NULL},
	{"kvmclock", FIELD_BOOL, AT(kvmclock), 0, 0, NULL},
	{"lock_memory", FIELD_BOOL, AT(lock_memory), 0, 0, NULL},
	{"hold_cpu_dma_latency", FIELD_BOOL, AT(hold_cpu_dma_latency), 0, 0, NULL},
	{"best_effort", FIELD_BOOL, AT(best_effort), 0, 0, NULL},
	{"exit_port", FIELD_BOOL, AT(exit_port), 0, 0, NULL},
	{"seal", FIELD_CHOICE, AT(seal), 0, 0, seal_names},
	{"seal_after_ns", FIELD_U64, AT(seal_after_ns), 0, 365 * DAY_NS, NULL},
	{"exit_budget", FIELD_U64, AT(exit_budget), 0, INT64_MAX, NULL},
	{"console_input_fd", FIELD_INT, AT(console_input), -1, 1023, NULL},
	{"console_output_fd", FIELD_INT, AT(console_output), -1, 1023, NULL},
	{"escape", FIELD_BOOL, AT(escape), 0, 0, NULL},
	{"state_fd", FIELD_INT, AT(state_fd), -1, 1023, NULL},
	{"running_fd", FIELD_INT, AT(running_fd), -1, 1023, NULL},
};
