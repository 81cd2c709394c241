// SPDX-License-Identifier: Apache-2.0
/* What a partition may be asked to be: plain data, shared by the machine file and the one-off options. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"

struct diag;

enum {
	PARTITION_NAME_MAX = 32, /* letters, digits, - and _; starts with a letter */
	PARTITION_VCPUS_MAX = 64,
	PARTITION_INITRDS_MAX = 16,
	PARTITION_CMDLINE_MAX = 2048, /* bytes with the terminator; Linux x86 takes no more */
	PARTITION_DEVICES_MAX = 32,
	PARTITION_TASKS_MAX = 64,
	PARTITION_NODE_OWN = -1, /* memory from the nodes of the partition's CPUs */
	PCI_ADDRESS_MAX = 13,    /* "0000:03:00.0" and the terminator */
};

/** PARTITION_KERNEL_PROBE - the kernel that is no file but the probe guest within the program. */
#define PARTITION_KERNEL_PROBE "probe"

/** enum vcpu_policy - the scheduling class of the vCPU threads. */
enum vcpu_policy {
	VCPU_POLICY_OTHER,
	VCPU_POLICY_FIFO,
	VCPU_POLICY_DEADLINE,
};

/** struct vcpu_schedule - @priority 1 to 98 for FIFO; the CBS triple, in ns, for DEADLINE. */
struct vcpu_schedule {
	enum vcpu_policy policy;
	unsigned priority;
	uint64_t runtime_ns;
	uint64_t deadline_ns; /* equals the period where the user gave none */
	uint64_t period_ns;
};

/** enum exits_disabled - bits for KVM_CAP_X86_DISABLE_EXITS; values are KVM's own (linux/kvm.h). */
enum exits_disabled {
	EXITS_DISABLED_MWAIT = 1,
	EXITS_DISABLED_HLT = 2,
	EXITS_DISABLED_PAUSE = 4,
	EXITS_DISABLED_CSTATE = 8,
};

enum reboot_action {
	REBOOT_EXIT,
	REBOOT_RESTART,
};

/** enum seal_when - what turns a running partition into a sealed one. */
enum seal_when {
	SEAL_NEVER,
	SEAL_AFTER, /* a stated time after the first guest instruction */
	SEAL_PORT,  /* the guest writes nonzero to port 0xf5 (zero ends its real-time phase) */
};

/** enum isolation - by what the partition's CPUs are kept free of everything else. */
enum isolation {
	ISOLATION_ANY,      /* by what the host offers: cpuset where it can be had */
	ISOLATION_CPUSET,   /* a cgroup v2 cpuset partition, made at run time */
	ISOLATION_ISOLCPUS, /* isolcpus=domain of the kernel's command line */
	ISOLATION_AFFINITY, /* nothing but the affinity of the vCPU threads */
};

/** enum within - how far apart the CPUs of one partition may lie. */
enum within {
	WITHIN_CACHE,   /* all under one last-level cache */
	WITHIN_NODE,    /* all of one NUMA node */
	WITHIN_MACHINE, /* anywhere */
};

/** enum task_order - how the guest schedules its tasks on each vCPU. */
enum task_order {
	TASKS_FIXED_PRIORITY,
	TASKS_EDF,
};

/** struct text_place - where a value stands in the user's file; line 0 for a default or an option. */
struct text_place {
	unsigned line;
	unsigned column;
};

/**
 * struct partition_device - a PCI function passed through to the guest.
 * @address: "0000:03:00.0", lower case.
 * @any_node: it may be on another NUMA node than the partition.
 */
struct partition_device {
	char address[PCI_ADDRESS_MAX];
	bool any_node;
	struct text_place at;
};

/**
 * struct guest_task - a periodic or sporadic task of the guest.
 * @period_ns: least time between two releases; @deadline_ns: relative to the release, at most the period,
 * which it is where not given; @budget_ns: worst-case execution time.
 * @priority: larger is more urgent, as in Linux; only with TASKS_FIXED_PRIORITY.
 */
struct guest_task {
	char name[PARTITION_NAME_MAX];
	uint64_t period_ns;
	uint64_t deadline_ns;
	uint64_t budget_ns;
	unsigned priority;
	unsigned vcpu;
	struct text_place at;
};

/**
 * struct guest_tasks - what the guest must get done; @count 0 where it does not say.
 * @exit_cost_ns: time lost in each period of the reservation to entering and leaving the guest.
 */
struct guest_tasks {
	enum task_order order;
	uint64_t exit_cost_ns;
	struct guest_task *task;
	size_t count;
};

/** struct cache_request - @l3_ways, @l2_ways: of its own, 0 none; @bandwidth_percent: at most, 0 no limit. */
struct cache_request {
	unsigned l3_ways;
	unsigned l2_ways;
	unsigned bandwidth_percent;
};

/**
 * struct partition_config - one partition as asked for. Strings are owned; const after load.
 * @profile: NULL where none was named.
 * @kernel: as written; PARTITION_KERNEL_PROBE is the built-in probe guest, no file.
 * @cmdline: "" where none was given.
 * @cpus: one vCPU per CPU, ascending; empty where only @vcpus was given (one-off runs).
 * @vcpus: number of vCPUs; equals the count of @cpus where those are given.
 * @page_bytes: 4096, 2 MiB or 1 GiB.
 * @memory_node: a NUMA node's number, or PARTITION_NODE_OWN.
 * @share_cores: its CPUs may be SMT siblings of CPUs that are not its own.
 * @schedule: for DEADLINE with @tasks the runtime, or runtime and period, may be 0: the plan derives them.
 * @posted_interrupts: interrupts must reach the guest without leaving it.
 */
struct partition_config {
	char name[PARTITION_NAME_MAX];
	char *profile;
	struct cpulist cpus;
	unsigned vcpus;
	uint64_t memory_bytes;
	uint64_t page_bytes;
	int memory_node;
	uint64_t memory_max_bytes; /* of the whole VMM; 0: no limit */
	unsigned cpu_weight;       /* of its control group; 0: the kernel's own */
	unsigned io_weight;
	enum within within;
	bool share_cores;
	enum isolation isolation;
	struct cache_request cache;
	struct partition_device *device;
	size_t device_count;
	bool posted_interrupts;
	struct guest_tasks tasks;
	struct vcpu_schedule schedule;
	char *kernel;
	char *initrd[PARTITION_INITRDS_MAX];
	size_t initrd_count;
	char *cmdline;
	unsigned exits_disabled;  /* enum exits_disabled bits */
	bool kvmclock;
	bool lock_memory;         /* mlockall; false only for best-effort partitions */
	bool hold_cpu_dma_latency;
	bool require_preempt_rt;
	bool exit_port;
	enum reboot_action reboot;
	bool restart_on_crash;
	bool autostart;           /* at power-on, once bulkhead boot has installed it */
	enum seal_when seal;
	uint64_t seal_after_ns;
	uint64_t exit_budget;     /* userspace exits a sealed vCPU may make */
	uint64_t latency_budget_ns; /* 0: none stated */
	struct {
		struct text_place self, cpus, memory, pages, schedule, kernel, initrd, profile;
		struct text_place node, within, isolation, cache, posted, tasks;
	} at;
};

/**
 * partition_default() - what a partition is where nothing is said: the fallbacks of the schema.
 * @ret: set on success, with empty name and no kernel or memory size; the caller ends it with
 * partition_done().
 *
 * Pure. Returns 0 or -ENOMEM.
 */
int partition_default(struct partition_config *ret);

/**
 * partition_check() - hold a partition made from options against all rules a file's must keep:
 * ranges, values that are missing, values that contradict each other.
 * @why: the key that is wrong, the reason, the legal values and the remedy.
 *
 * Pure. Returns 0, -EINVAL or -ERANGE.
 */
int partition_check(const struct partition_config *partition, struct diag *why);

/** partition_done() - release what a partition owns; zeros are accepted. */
void partition_done(struct partition_config *partition);
