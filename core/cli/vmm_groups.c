// SPDX-License-Identifier: Apache-2.0
#include "core/cli/vmm_groups.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/cli/partition_options.h"
#include "core/cli/vmm_process.h"
#include "core/host/files.h"
#include "sched/group_layout.h"

static size_t index_of(const struct partition_run *run)
{
	return (size_t)(run->partition - run->machine.partition);
}

/* Returns a descriptor, which @groups owns, or -errno. */
static int open_group(struct vmm_groups *groups, const char *group, const char *file, struct diag *why)
{
	char path[GROUP_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", group, file);
	_cleanup_close_ int fd = sys_open(path, O_WRONLY);
	int raised = fd < 0 ? fd : vmm_process_raise(fd);

	if (raised >= 0) {
		groups->fd[groups->count++] = raised;
		return raised;
	}
	diag_set(why, -raised, "%s cannot be opened (%s)", path, strerror(-raised));
	if (raised == -EACCES || raised == -EPERM)
		diag_remedy(why, "run as root, or add --best-effort");
	return raised;
}

static int open_vcpus(struct partition_run *run, struct vmm_groups *groups, struct diag *why)
{
	struct launch *launch = &run->launch;
	char last[GROUP_PATH_MAX] = "";
	char path[GROUP_PATH_MAX];
	int fd = -1;

	for (unsigned i = 0; i < launch->vcpus; i++) {
		if (launch->vcpu_cpu[i] == LAUNCH_CPU_ANY)
			continue;
		group_of_vcpu(&run->machine, &run->plan.isolation, index_of(run),
			      (unsigned)launch->vcpu_cpu[i], path);
		if (path[0] == '\0')
			continue;
		if (strcmp(path, last) != 0)
			fd = open_group(groups, path, "cgroup.threads", why);
		if (fd < 0)
			return fd;
		launch->vcpu_group[i] = fd;
		memcpy(last, path, sizeof(last));
	}
	return 0;
}

static void forget(struct partition_run *run, struct vmm_groups *groups)
{
	vmm_groups_done(groups);
	for (unsigned i = 0; i < PARTITION_VCPUS_MAX; i++)
		run->launch.vcpu_group[i] = -1;
}

int vmm_groups_open(struct partition_run *run, struct vmm_groups *ret, struct diag *why)
{
	char path[GROUP_PATH_MAX];
	int error;

	*ret = (struct vmm_groups){.process = -1};
	if (run->plan.isolation.mode == NULL)
		return 0;
	group_of_process(&run->machine, &run->plan.isolation, index_of(run), path);
	ret->process = open_group(ret, path, "cgroup.procs", why);
	error = ret->process < 0 ? ret->process : open_vcpus(run, ret, why);
	if (error == 0)
		return 0;
	forget(run, ret);
	if (error != -ENOENT && !run->launch.best_effort)
		return error;
	*why = (struct diag){0};
	if (run->plan.isolation.mode[index_of(run)] == ISOLATION_CPUSET)
		fprintf(stderr, "bulkhead: note: the host is not cut for %s, whose CPUs nothing but affinity "
			"keeps: bulkhead apply %s\n", run->launch.name, run->machine.file);
	return 0;
}

void vmm_groups_done(struct vmm_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		close(groups->fd[i]);
	*groups = (struct vmm_groups){.process = -1};
}

void vmm_groups_granted(const struct partition_run *run, struct cpulist *ret)
{
	const struct cpulist *cpus = &run->partition->cpus;
	char path[GROUP_PATH_MAX];
	struct cpulist group;

	*ret = (struct cpulist){0};
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX; cpu = cpulist_next(cpus, cpu + 1)) {
		group_of_vcpu(&run->machine, &run->plan.isolation, index_of(run), cpu, path);
		if (path[0] != '\0' &&
		    host_cpus(&run->host.files, &group, "%s/cpuset.cpus.effective", path) == 0 &&
		    cpulist_has(&group, cpu))
			cpulist_add(ret, cpu);
	}
}
