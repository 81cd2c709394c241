// SPDX-License-Identifier: Apache-2.0
#include "core/cli/boot_machine.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "rt/host_changes.h"

enum { GIGABYTE_SHIFT = 30 };

static const uint64_t gigabyte = UINT64_C(1) << GIGABYTE_SHIFT;

static bool asks_for_isolcpus(const struct machine_config *machine)
{
	for (size_t i = 0; i < machine->partition_count; i++) {
		if (machine->partition[i].isolation == ISOLATION_ISOLCPUS)
			return true;
	}
	return false;
}

/* The pages of 1 GiB of the plan, by node; at most as many as it has shares. */
static size_t sum_pools(const struct memory_plan *memory, struct boot_pool *pool)
{
	size_t count = 0;

	for (size_t i = 0; i < memory->count; i++) {
		const struct memory_share *share = &memory->share[i];
		size_t at = 0;

		if (share->page_bytes != gigabyte)
			continue;
		while (at < count && pool[at].node != share->node)
			at++;
		if (at == count)
			pool[count++] = (struct boot_pool){.node = share->node};
		pool[at].pages += share->bytes >> GIGABYTE_SHIFT;
	}
	return count;
}

/* One node is no choice: its number is left out, as people write it. */
static void forget_only_node(const struct host_facts *host, struct boot_pool *pool, size_t count)
{
	if (count == 1 && host->topology.node_count <= 1)
		pool[0].node = -1;
}

static int plan_boot(struct boot_machine *boot)
{
	size_t shares = boot->plan.memory.count;
	_cleanup_free_ struct boot_pool *pool = calloc(shares + 1, sizeof(*pool));

	if (pool == NULL)
		return -ENOMEM;
	const struct boot_request request = {
		.machine = &boot->machine,
		.host = &boot->host,
		.cpus = &boot->cpus,
		.isolcpus = asks_for_isolcpus(&boot->machine),
		.pool = pool,
		.pool_count = sum_pools(&boot->plan.memory, pool),
	};

	forget_only_node(&boot->host, pool, request.pool_count);
	return boot_plan(&request, &boot->boot, &boot->findings);
}

/* struct cure - a refusal, and the parameter that lifts it at the next boot. */
struct cure {
	const char *rule;
	const char *parameter;
};

static const struct cure cures[] = {
	{"isolation-isolcpus-missing", "isolcpus=managed_irq,domain,"},
	{"isolation-cgroup", "systemd.unified_cgroup_hierarchy="},
	{"isolation-deadline", "systemd.unified_cgroup_hierarchy="},
	{"device-no-iommu", "intel_iommu="},
	{"memory-pool", "hugepagesz=1G "},
};

static bool is_coming(const struct boot_plan *boot, const char *prefix)
{
	for (size_t i = 0; i < boot->count; i++) {
		const struct boot_parameter *parameter = &boot->parameter[i];

		if (!parameter->live && strncmp(parameter->text, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

/* What no parameter lifts, whatever the rule's name: stated affinity, or a pool of another size. */
static bool stays(const struct boot_machine *boot, const struct finding *finding)
{
	const struct partition_config *partition;

	if (finding->partition < 0)
		return true;
	partition = &boot->machine.partition[finding->partition];
	if (strcmp(finding->rule, "isolation-deadline") == 0)
		return partition->isolation != ISOLATION_ANY;
	return strcmp(finding->rule, "memory-pool") == 0 && partition->page_bytes != gigabyte;
}

static void lift_refusals(struct boot_machine *boot)
{
	for (size_t i = 0; i < boot->findings.count; i++) {
		struct finding *finding = &boot->findings.item[i];

		for (size_t k = 0; k < sizeof(cures) / sizeof(cures[0]); k++) {
			if (finding->kind != FINDING_REFUSED || strcmp(finding->rule, cures[k].rule) != 0 ||
			    stays(boot, finding) || !is_coming(&boot->boot, cures[k].parameter))
				continue;
			finding->kind = FINDING_NOTE;
			diag_remedy(&finding->diag, "install this boot and reboot");
		}
	}
}

/* Settings beside /proc/sys are apply's business, and so is what cannot be told of them. */
static int plan_settings(struct boot_machine *boot)
{
	_cleanup_(findings_done) struct findings ignored = {0};

	return setting_changes(&boot->machine, &boot->host, &boot->cpus, &boot->settings, &ignored);
}

static int find_paths(const char *file, struct boot_machine *boot, struct diag *why)
{
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (length < 0)
		return diag_set(why, errno, "where this program is could not be read (/proc/self/exe)");
	program[length] = '\0';
	boot->program = strdup(program);
	boot->path = realpath(file, NULL);
	if (boot->program == NULL || boot->path == NULL) {
		diag_at(why, file, 0, 0);
		return diag_set(why, errno, "its path could not be told: %s", strerror(errno));
	}
	return 0;
}

static int plan_files(struct boot_machine *boot, struct diag *why)
{
	const struct boot_files_request request = {
		.machine = &boot->machine,
		.host = &boot->host,
		.cpus = &boot->cpus,
		.boot = &boot->boot,
		.settings = &boot->settings,
		.program = boot->program,
		.file = boot->path,
	};

	return boot_files(&request, &boot->files, &boot->findings, why);
}

int boot_machine_make(const char *file, const struct host_source *source, unsigned groups,
		      struct boot_machine *ret, struct diag *why)
{
	int error = machine_load(file, &ret->machine, why);

	if (error != 0)
		return error;
	*why = (struct diag){0};
	error = find_paths(file, ret, why);
	if (error != 0)
		return error;
	error = host_facts_read(source, HOST_PLAN | HOST_INTERRUPTS | HOST_THREADS | HOST_IDLE | groups,
				&ret->host, why);
	if (error != 0)
		return error;
	error = flow_plan(&ret->machine, &ret->host, &ret->plan, &ret->findings);
	flow_division(&ret->machine, &ret->host, &ret->cpus);
	if (error == 0)
		error = plan_boot(ret);
	if (error == 0)
		error = plan_settings(ret);
	if (error != 0)
		return diag_set(why, -error, "not enough memory to plan the machine");
	lift_refusals(ret);
	return plan_files(ret, why);
}

void boot_machine_done(struct boot_machine *boot)
{
	findings_done(&boot->findings);
	changes_done(&boot->files);
	changes_done(&boot->settings);
	boot_plan_done(&boot->boot);
	machine_plan_done(&boot->plan);
	host_facts_done(&boot->host);
	machine_done(&boot->machine);
	free(boot->path);
	free(boot->program);
	*boot = (struct boot_machine){0};
}
