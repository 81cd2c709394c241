// SPDX-License-Identifier: Apache-2.0
#include "core/host/host.h"

#include <stdlib.h>

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

static int read_all(const struct host_source *source, struct host_facts *facts, struct diag *why)
{
	int error = host_files_read(source, facts->groups, &facts->files, why);

	if (error == 0)
		error = topology_read(source, &facts->files, &facts->topology, why);
	if (error != 0)
		return error;
	error = host_facts_parse(facts);
	return error == 0 ? 0 : diag_set(why, -error, "no memory left");
}

int host_facts_read(const struct host_source *source, unsigned groups, struct host_facts *ret,
		    struct diag *why)
{
	struct host_facts facts = {
		.groups = groups | HOST_TOPOLOGY,
		.live = source->tree == NULL,
	};
	int error = read_all(source, &facts, why);

	if (error != 0)
		host_facts_done(&facts);
	else
		*ret = facts;
	return error;
}

void host_facts_done(struct host_facts *facts)
{
	host_files_done(&facts->files);
	topology_done(&facts->topology);
	free(facts->pci);
	*facts = (struct host_facts){0};
}
