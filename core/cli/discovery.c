// SPDX-License-Identifier: Apache-2.0
/* What there is to discover: the proposal, the devices, and what could not be told. */
#include <errno.h>

#include "core/cli/discover.h"
#include "core/host/host.h"

static void unknown_add(struct discovery *discovery, bool unknown, const char *what)
{
	if (unknown && discovery->unknown_count < DISCOVER_UNKNOWN_MAX)
		discovery->unknown[discovery->unknown_count++] = what;
}

static void unknown_find(const struct host_facts *host, struct discovery *ret)
{
	const char *text = NULL;
	bool memory = false;
	bool pools = false;

	for (size_t i = 0; i < host->topology.node_count; i++) {
		const struct host_node *node = &host->topology.node[i];

		memory |= !node->memory_known;
		pools |= !node->pool[0].known || !node->pool[1].known;
	}
	unknown_add(ret, memory || host->topology.node_count == 0, "memory of each NUMA node");
	unknown_add(ret, pools, "hugepage pools of each NUMA node");
	unknown_add(ret, host->kernel.version == 0, "the kernel's version");
	unknown_add(ret, host->kernel.preempt_rt == FACT_UNKNOWN, "whether the kernel is PREEMPT_RT");
	unknown_add(ret, !host->kernel.isolated_known, "which CPUs the kernel isolates");
	unknown_add(ret, host->cgroup.mode == CGROUP_UNKNOWN, "the version of cgroup");
	unknown_add(ret, host->l3.supported == FACT_UNKNOWN, "cache allocation");
	unknown_add(ret, host_text(&host->files, &text, "/bulkhead/kvm-capabilities") != 0,
		    "what KVM can do (/dev/kvm)");
	unknown_add(ret, host->iommu == FACT_UNKNOWN, "IOMMU groups");
	unknown_add(ret, host->posted_interrupts == FACT_UNKNOWN, "whether interrupts can be posted");
}

int discover(const struct host_facts *host, struct discovery *ret)
{
	int error;

	*ret = (struct discovery){.host = host};
	error = candidates_choose(host, &ret->candidates);
	if (error == 0)
		error = passthrough_find(host, &ret->passthrough);
	if (error != 0)
		discovery_done(ret);
	else
		unknown_find(host, ret);
	return error;
}

void discovery_done(struct discovery *discovery)
{
	passthrough_done(&discovery->passthrough);
	candidates_done(&discovery->candidates);
	*discovery = (struct discovery){0};
}
