// SPDX-License-Identifier: Apache-2.0
/* What a host must be booted with: the kernel's command line, and the options of its modules. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu_division;
struct findings;
struct host_facts;
struct machine_config;

/** BOOT_GRUB_FILE - where the parameters are written; what stands in it is ours and nobody else's. */
#define BOOT_GRUB_FILE "/etc/default/grub.d/50-bulkhead.cfg"

/** struct boot_pool - pages of 1 GiB that partitions take from a node; @node -1: from any. */
struct boot_pool {
	int node;
	uint64_t pages;
};

/**
 * struct boot_request - what is planned for; all borrowed.
 * @cpus: of the real-time partitions, and the others.
 * @isolcpus: the file asks for isolation by isolcpus=domain, and isolation_plan() refuses no partition for it.
 * @pool: no node twice.
 */
struct boot_request {
	const struct machine_config *machine;
	const struct host_facts *host;
	const struct cpu_division *cpus;
	bool isolcpus;
	const struct boot_pool *pool;
	size_t pool_count;
};

/**
 * struct boot_parameter - a parameter, "nohz_full=2-3", or several that belong together, "hugepagesz=1G
 * hugepages=4"; why; and whether the running kernel was booted with it.
 */
struct boot_parameter {
	char *text;
	char reason[256];
	bool live;
};

/**
 * struct boot_option - an option of a kernel module: "kvm", "halt_poll_ns", "0"; all static.
 * @built_in: the module is part of the kernel, so that a parameter of the plan says it.
 * @live: the loaded module has it so.
 */
struct boot_option {
	const char *module;
	const char *name;
	const char *value;
	const char *reason;
	bool built_in;
	bool live;
};

/** struct boot_plan - in the order in which they are written; zeros are empty. */
struct boot_plan {
	struct boot_parameter *parameter;
	size_t count;
	struct boot_option *option;
	size_t option_count;
};

/**
 * boot_plan() - parameters and options for a machine on a host; only those that the running kernel knows.
 * @ret: ended with boot_plan_done(), also after a failure.
 * @findings: unknown boot-release (which kernel runs is not known); notes boot-old and boot-config (the
 * kernel's release, or its configuration, does not know a parameter), boot-elsewhere (it has another value
 * now, which is not ours), boot-module (a module is not loaded: its options are not known); refused
 * boot-long (a command line longer than the kernel takes).
 *
 * The plan on a host that was booted with it is the same again. Pure. Stage: plan. Returns 0 or -ENOMEM.
 * Source: Documentation/admin-guide/kernel-parameters.txt.
 */
int boot_plan(const struct boot_request *request, struct boot_plan *ret, struct findings *findings);

void boot_plan_done(struct boot_plan *plan);
