// SPDX-License-Identifier: Apache-2.0
#include "core/host/host.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/host/host_parse.h"

int host_facts_parse(struct host_facts *facts)
{
	int error;

	host_files_sort(&facts->files);
	host_memory_parse(facts);
	host_kernel_parse(facts);
	host_processor_parse(facts);
	host_cgroup_parse(facts);
	host_resctrl_parse(facts);
	error = host_pci_parse(facts);
	if (error != 0)
		return error;
	host_posted_parse(facts);
	return 0;
}

int host_facts_read(const struct host_source *source, unsigned groups, struct host_facts *ret,
		    struct diag *why)
{
	_cleanup_(host_facts_done) struct host_facts facts = {
		.groups = groups | HOST_TOPOLOGY,
		.live = source->tree == NULL,
	};
	int error = host_files_read(source, facts.groups, &facts.files, why);

	if (error != 0)
		return error;
	error = topology_read(source, &facts.files, &facts.topology, why);
	if (error != 0)
		return error;
	error = host_facts_parse(&facts);
	if (error != 0)
		return diag_set(why, -error, "no memory left");
	*ret = facts;
	facts = (struct host_facts){0};
	return 0;
}

void host_facts_done(struct host_facts *facts)
{
	host_files_done(&facts->files);
	topology_done(&facts->topology);
	free(facts->pci);
	*facts = (struct host_facts){0};
}
