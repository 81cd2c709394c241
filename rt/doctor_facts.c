// SPDX-License-Identifier: Apache-2.0
/* What several checks ask of a host, beyond its single files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "rt/doctor_checks.h"

enum {
	VERSION_SUPPORTED = 6 << 16 | 1 << 8,
	THROTTLING_LEFT = 6 << 16 | 12 << 8, /* from here on only groups are throttled */
};

void doctor_judge_version(const struct doctor_subject *subject, struct doctor_result *result,
			  const char *otherwise)
{
	const struct host_kernel *kernel = &subject->host->kernel;

	if (kernel->version == 0) {
		doctor_say(result, DOCTOR_UNKNOWN, "the kernel's release is not known");
		return;
	}
	doctor_say(result, kernel->version < VERSION_SUPPORTED ? DOCTOR_FAIL : DOCTOR_PASS, "Linux %s",
		   kernel->release);
	if (result->verdict == DOCTOR_FAIL)
		doctor_advise(result, "apt install linux-image-rt-amd64 # or dnf install kernel-rt, of Linux 6.1 or later; "
			      "%s", otherwise);
}

int64_t doctor_root_group_runtime(const struct host_facts *host)
{
	static const char *const folder[] = {"cpu", "cpu,cpuacct"};
	int64_t runtime = 0;

	if (host->cgroup.mode != CGROUP_V1 && host->cgroup.mode != CGROUP_HYBRID)
		return 0;
	for (size_t i = 0; i < sizeof(folder) / sizeof(folder[0]); i++) {
		if (host_number(&host->files, &runtime, "/sys/fs/cgroup/%s/cpu.rt_runtime_us",
				folder[i]) == 0 && runtime > 0)
			return runtime;
	}
	return 0;
}

enum fact doctor_has_rt_groups(const struct host_facts *host)
{
	char value[16];

	if (doctor_root_group_runtime(host) > 0)
		return FACT_YES;
	if (host_config(host, "RT_GROUP_SCHED", value, sizeof(value)) != 0)
		return FACT_UNKNOWN;
	return strcmp(value, "y") == 0 ? FACT_YES : FACT_NO;
}

/*
 * The limit is of all real-time threads of a CPU together up to Linux 6.11, and from 6.12 on of groups
 * alone (CONFIG_RT_GROUP_SCHED). The root group keeps the limit that it got at boot, but for -1, which turns
 * all of them off; without groups a runtime as long as the period is none. kernel/sched/rt.c.
 */
enum fact doctor_throttles(const struct host_facts *host)
{
	const struct host_kernel *kernel = &host->kernel;

	if (!kernel->rt_runtime_us.known || !kernel->rt_period_us.known)
		return FACT_UNKNOWN;
	if (kernel->rt_runtime_us.value < 0)
		return FACT_NO;
	enum fact groups = doctor_has_rt_groups(host);

	if (groups == FACT_YES)
		return FACT_YES;
	if (kernel->version >= THROTTLING_LEFT)
		return groups;
	if (kernel->rt_runtime_us.value >= kernel->rt_period_us.value)
		return groups;
	return kernel->version == 0 ? FACT_UNKNOWN : FACT_YES;
}

/* Adds the CPUs of one group, where it is a valid partition of that kind. */
static void partition_add(const struct host_files *files, const struct host_file *file, bool isolated,
			  struct cpulist *ret)
{
	static const char name[] = "cpuset.cpus.partition";
	int folder = (int)(strlen(file->path) - (sizeof(name) - 1));
	struct cpulist cpus;

	if (file->text == NULL || (strcmp(file->text, "isolated") != 0 &&
				   (isolated || strcmp(file->text, "root") != 0)))
		return;
	if (host_cpus(files, &cpus, "%.*scpuset.cpus.effective", folder, file->path) == 0)
		cpulist_or(ret, &cpus, ret);
}

/* Since Linux 6.8 the root group tells what its isolated partitions come to. */
void doctor_partition_cpus(const struct host_facts *host, bool isolated, struct cpulist *ret)
{
	static const char *const pattern[] = {
		"/*/cpuset.cpus.partition", "/*/*/cpuset.cpus.partition",
		"/*/*/*/cpuset.cpus.partition",
	};
	char path[192];

	*ret = (struct cpulist){0};
	if (host->cgroup.mode != CGROUP_V2)
		return;
	if (host_cpus(&host->files, ret, "%s/cpuset.cpus.isolated", host->cgroup.mount) != 0)
		*ret = (struct cpulist){0};
	for (size_t i = 0; i < sizeof(pattern) / sizeof(pattern[0]); i++) {
		const struct host_file *file;
		size_t at = 0;

		snprintf(path, sizeof(path), "%s%s", host->cgroup.mount, pattern[i]);
		while ((file = host_files_next(&host->files, path, &at)) != NULL)
			partition_add(&host->files, file, isolated, ret);
	}
}

bool doctor_has_flag(const char *cpuinfo, const char *name)
{
	const char *flags = strstr(cpuinfo, "\nflags");
	const char *end = flags != NULL ? flags + 1 + strcspn(flags + 1, "\n") : NULL;
	size_t length = strlen(name);

	for (const char *at = flags; at != NULL && (at = strstr(at, name)) != NULL && at < end; at += length) {
		if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n' || at[length] == '\0'))
			return true;
	}
	return false;
}

enum fact doctor_is_virtual(const struct host_facts *host)
{
	const char *cpuinfo = NULL;

	if (host_text(&host->files, &cpuinfo, "/proc/cpuinfo") != 0 || strstr(cpuinfo, "\nflags") == NULL)
		return FACT_UNKNOWN;
	return doctor_has_flag(cpuinfo, "hypervisor") ? FACT_YES : FACT_NO;
}

const char *doctor_vendor_module(const struct host_facts *host)
{
	bool amd = strcmp(host->cpu_vendor, "AuthenticAMD") == 0 ||
		   strcmp(host->cpu_vendor, "HygonGenuine") == 0;

	return amd ? "kvm_amd" : "kvm_intel";
}

/* One that /proc/modules does not list and that has parameters all the same. */
bool doctor_is_built_in(const struct host_facts *host, const char *module)
{
	const char *text = NULL;
	size_t length = strlen(module);

	if (host_text(&host->files, &text, "/proc/modules") != 0)
		return false;
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, module, length) == 0 && line[length] == ' ')
			return false;
	}
	return true;
}

void doctor_advise_module(const struct doctor_subject *subject, struct doctor_result *result,
			  const char *module, const char *option, const char *remark)
{
	if (doctor_is_built_in(subject->host, module))
		doctor_advise(result, "add %s.%s to the kernel command line and reboot # it is part of the kernel%s%s",
			      module, option, remark[0] != '\0' ? "; " : "", remark);
	else
		doctor_advise(result, "echo options %s %s > /etc/modprobe.d/bulkhead-%.*s.conf; modprobe -r %s; "
			      "modprobe %s # with no guest running%s%s", module, option,
			      (int)strcspn(option, "="), option, module, module,
			      remark[0] != '\0' ? "; " : "", remark);
}
