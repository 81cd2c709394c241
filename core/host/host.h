// SPDX-License-Identifier: Apache-2.0
/* What a host is: every fact that a plan or a check stands on, read through one door. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/host/files.h"
#include "core/host/source.h"
#include "core/host/topology.h"

struct diag;

/** enum fact - a yes-or-no fact; zero is unknown. */
enum fact {
	FACT_UNKNOWN,
	FACT_NO,
	FACT_YES,
};

/** struct fact_number - a number; @error is the positive errno why it is not @known. */
struct fact_number {
	bool known;
	int error;
	int64_t value;
};

/**
 * struct host_memory - of the whole host.
 * @total_bytes: MemTotal; @available_bytes: MemAvailable.
 * @pool: 2 MiB, then 1 GiB.
 */
struct host_memory {
	struct fact_number total_bytes;
	struct fact_number available_bytes;
	struct host_pool pool[HOST_POOLS];
};

/**
 * struct host_kernel - the running kernel.
 * @release: like "6.1.0-37-rt-amd64"; "" unknown. @version: KERNEL_VERSION(major, minor, 0) of it, 0 unknown.
 * @preempt_rt: /sys/kernel/realtime, or PREEMPT_RT in /proc/version, which every such kernel says.
 * @rt_runtime_us, @rt_period_us: sched_rt_{runtime,period}_us; -1 is no limit and no admission.
 * @deadline_period_min_us, @deadline_period_max_us: sched_deadline_period_{min,max}_us.
 * @has_fair_server: the kernel gives the fair class a deadline server on each CPU (Linux 6.12).
 * @isolated: /sys/devices/system/cpu/isolated, CPUs of isolcpus=domain and of isolated cpusets.
 * @nohz_full: /sys/devices/system/cpu/nohz_full.
 */
struct host_kernel {
	char release[128];
	unsigned version;
	enum fact preempt_rt;
	struct fact_number rt_runtime_us;
	struct fact_number rt_period_us;
	struct fact_number deadline_period_min_us;
	struct fact_number deadline_period_max_us;
	enum fact has_fair_server;
	bool isolated_known;
	struct cpulist isolated;
	bool nohz_full_known;
	struct cpulist nohz_full;
};

enum cgroup_mode {
	CGROUP_UNKNOWN,
	CGROUP_NONE,
	CGROUP_V1,
	CGROUP_HYBRID, /* version 2 is mounted, cpuset is a version 1 hierarchy's */
	CGROUP_V2,
};

/** struct host_cgroup - @mount: where version 2 is mounted, "" where it is not. @cpuset: whether it has that controller. */
struct host_cgroup {
	enum cgroup_mode mode;
	enum fact cpuset;
	char mount[128];
};

/**
 * struct host_resctrl - one cache level's allocation (L2 or L3), or memory bandwidth.
 * @supported: by the CPU (CPUID leaf 0x10) or by a mounted resctrl.
 * @closids: classes of service, the default one counted. @ways: bits in the mask; @ways_min: the fewest
 * consecutive ones a mask may have; all 0 where not told.
 */
struct host_resctrl {
	enum fact supported;
	unsigned closids;
	unsigned ways;
	unsigned ways_min;
};

/** struct host_pci - a PCI function. @node, @group: -1 where there is none. */
struct host_pci {
	char address[16]; /* "0000:03:00.0" */
	unsigned class;   /* 24 bits */
	unsigned vendor;
	unsigned device;
	int node;
	int group;
	bool bridge;      /* PCI bridges may stand in a group that is passed through */
	char driver[32];  /* "" none */
};

/**
 * struct host_facts - all of it; const after it was read.
 * @groups: what was read of it; the fields of other groups are unknown.
 * @live: the running host, not a captured one.
 * @l2, @l3, @bandwidth: cache allocation of each level, and memory bandwidth allocation.
 * @interrupts_remapped: the kernel has the IOMMU remap interrupts, which the firmware can keep it from.
 * @posted_interrupts: IOMMU and KVM can post device interrupts to a running vCPU (VT-d capability
 * bit 59 and enable_apicv; AMD's GA mode and avic).
 * @iommu: an IOMMU is in use: devices have groups.
 */
struct host_facts {
	unsigned groups;
	bool live;
	struct host_files files;
	struct host_topology topology;
	struct host_memory memory;
	struct host_kernel kernel;
	struct host_cgroup cgroup;
	struct host_resctrl l2, l3, bandwidth;
	struct host_pci *pci;
	size_t pci_count;
	enum fact iommu;
	enum fact interrupts_remapped;
	enum fact posted_interrupts;
	char cpu_model[128];
	char cpu_vendor[16]; /* "GenuineIntel", "AuthenticAMD"; "" unknown */
};

/**
 * host_facts_read() - read them.
 * @groups: enum host_group bits; HOST_TOPOLOGY is always read.
 * @ret: set on success; ended with host_facts_done().
 *
 * Returns 0; -errno with @why where the CPUs cannot be told, since nothing can be planned then. Any other
 * fact that cannot be read is unknown.
 */
int host_facts_read(const struct host_source *source, unsigned groups, struct host_facts *ret,
		    struct diag *why);

/**
 * host_facts_again() - look at the running host again, without hwloc and without what takes long to read.
 * @before: of host_facts_read(): the topology and what stays while the kernel runs are taken from it. Read only.
 * @groups: HOST_LOG and HOST_WINDOW are not for this.
 * @ret: set on success; ended with host_facts_done().
 *
 * Where other CPUs are online than @before says, its topology is no longer true, and -ESTALE is returned.
 * Returns 0; -ESTALE; -ENOMEM and others with @why.
 */
int host_facts_again(const struct host_facts *before, unsigned groups, struct host_facts *ret,
		     struct diag *why);

/**
 * host_facts_parse() - fill all that follows from @facts->files and @facts->topology; what host_facts_read()
 * does after reading, for tests that make a host of their own. Pure. Returns 0 or -ENOMEM.
 */
int host_facts_parse(struct host_facts *facts);

/** host_pci_find() - a function by its address, or NULL. */
const struct host_pci *host_pci_find(const struct host_facts *facts, const char *address);

/**
 * host_parameter() - a parameter of the kernel's command line, the last where it stands twice.
 * @name: as written, like "isolcpus"; - and _ are the same in it.
 * @ret: its value, "" where it has none; @size bytes.
 *
 * Returns 0; -ENOENT not on the command line; -ENODATA or another -errno: the command line is unknown;
 * -E2BIG where @ret is too small.
 */
int host_parameter(const struct host_facts *facts, const char *name, char *ret, size_t size);

/** host_config() - CONFIG_NAME of the kernel: "y", "m", a value, or "n". Returns as host_parameter(). */
int host_config(const struct host_facts *facts, const char *name, char *ret, size_t size);

/**
 * host_fair_server() - runtime and period of a CPU's fair server, ns; 0 where it has none or it is off.
 *
 * Returns 0; -EACCES, -ENODATA and others where it exists and could not be read.
 */
int host_fair_server(const struct host_facts *facts, unsigned cpu, uint64_t *ret_runtime_ns,
		     uint64_t *ret_period_ns);

void host_facts_done(struct host_facts *facts);
