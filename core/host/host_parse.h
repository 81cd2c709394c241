// SPDX-License-Identifier: Apache-2.0
/* The parts of host_facts_parse(): each fills its fields from the files and sets no other. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct host_facts;
struct host_files;
struct host_pool;
struct fact_number;

/** host_memory_parse() - /proc/meminfo and the whole host's pools. */
void host_memory_parse(struct host_facts *facts);

/** host_kernel_parse() - release, PREEMPT_RT, scheduler sysctls, fair server, isolated CPUs. */
void host_kernel_parse(struct host_facts *facts);

/** host_processor_parse() - vendor and model. */
void host_processor_parse(struct host_facts *facts);

/** host_cgroup_parse() - which hierarchies are mounted, by /proc/mounts. */
void host_cgroup_parse(struct host_facts *facts);

/** host_resctrl_parse() - by the mounted resctrl, else by CPUID. */
void host_resctrl_parse(struct host_facts *facts);

/** host_pci_parse() - the functions, sorted by address, and whether they have groups. Returns 0 or -ENOMEM. */
int host_pci_parse(struct host_facts *facts);

/** host_posted_parse() - posted interrupts: by each IOMMU's capabilities and the KVM module's parameter. */
void host_posted_parse(struct host_facts *facts);

/**
 * host_pools_read() - hugepages of each size on one node or, by @node -1, on the whole host. A size that
 * the kernel does not offer is known, and 0.
 */
void host_pools_read(const struct host_files *files, int node, struct host_pool *pool);

/** host_meminfo_bytes() - "FIELD: N kB" of a meminfo's text, in bytes. Returns 0 or -EINVAL. */
int host_meminfo_bytes(const char *text, const char *field, uint64_t *ret);

/** host_make_plain() - replace what is no printable ASCII: a stored host's texts are anybody's. */
void host_make_plain(char *text);

/** host_fact_number() - keep what host_number() said. */
void host_fact_number(const struct host_files *files, const char *path, struct fact_number *ret);
