// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/group_changes.h"
#include "sched/memory_plan.h"
#include "sched/memory_sites.h"

/* struct pooling - a plan in the making. */
struct pooling {
	const struct machine_config *machine;
	const struct host_facts *host;
	struct changes *changes;
	struct findings *findings;
};

/* Kernels without NUMA have the pools of their one node as the host's alone. */
static int pool_read(const struct host_files *files, int node, unsigned kilobytes, char *path, size_t size,
		     const char **ret)
{
	int error;

	snprintf(path, size, "/sys/devices/system/node/node%d/hugepages/hugepages-%ukB/nr_hugepages", node,
		 kilobytes);
	error = host_text(files, ret, "%s", path);
	if (error != -ENOENT)
		return error;
	snprintf(path, size, "/sys/kernel/mm/hugepages/hugepages-%ukB/nr_hugepages", kilobytes);
	return host_text(files, ret, "%s", path);
}

static void pool_change(const struct pooling *pooling, const struct memory_site *site, size_t kind)
{
	uint64_t page_bytes = memory_page_bytes(kind);
	const char *old = NULL;
	char path[128];
	int error = pool_read(&pooling->host->files, site->node, (unsigned)(page_bytes / 1024), path,
			      sizeof(path), &old);
	struct change *change;

	if (error == -ENOENT)
		return;
	if (error != 0) {
		struct diag *why = findings_add(pooling->findings, FINDING_UNKNOWN, "hugepage-unknown",
						FINDING_MACHINE);

		diag_at(why, pooling->machine->file, 0, 0);
		diag_set(why, -error, "%s could not be read (%s), so that it could not be put back", path,
			 host_unknown(error));
		diag_remedy(why, "run as root, or capture the host again");
		return;
	}
	change = changes_add(pooling->changes, CHANGE_TEXT, "hugepages", "%s", path);
	change_text(pooling->changes, change, COMPARE_NUMBER, old, "%" PRIu64,
		    site->stock[kind].bytes / page_bytes);
	change_reason(change, "the partitions' memory is made of these pages, on the node of their CPUs");
	change->check = "M1-hugepages";
}

/* Each pool that any partition may take from, also one that is large enough: the list is the same once it is. */
static bool is_asked(const struct memory_sites *sites, const struct memory_plan *plan, size_t nth, size_t kind)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct memory_share *share = &plan->share[i];

		if (memory_kind(share->page_bytes) == kind &&
		    (share->node < 0 || share->node == sites->node[nth].node))
			return sites->node[nth].stock[kind].known;
	}
	return false;
}

int hugepage_changes(const struct machine_config *machine, const struct host_facts *host,
		     const struct memory_plan *memory, struct changes *ret, struct findings *findings)
{
	_cleanup_(memory_sites_done) struct memory_sites sites = {0};
	struct pooling pooling = {machine, host, ret, findings};
	int error = memory_sites_find(host, &sites);

	if (error != 0)
		return error;
	memory_sites_grow(&sites, memory);
	for (size_t i = 0; i < sites.count; i++) {
		for (size_t kind = 0; kind < HOST_POOLS; kind++) {
			if (is_asked(&sites, memory, i, kind))
				pool_change(&pooling, &sites.node[i], kind);
		}
	}
	return ret->lost ? -ENOMEM : 0;
}
