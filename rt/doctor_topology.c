// SPDX-License-Identifier: Apache-2.0
/* The CPUs themselves: there, online, alone on their cores, near their memory, left alone by firmware. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_samples.h"
#include "rt/doctor_words.h"

#define SMI_COUNT "/bulkhead/msr/0x34"

static void look_cpus_online(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_topology *topology = &subject->host->topology;
	struct cpulist missing;
	struct doctor_cpu_text text;

	doctor_expect(result, "all of CPU %s", doctor_cpu_text(&subject->rt_cpus, &text));
	if (cpulist_empty(&subject->rt_cpus) && doctor_no_cpus(subject, result))
		return;
	if (cpulist_empty(&topology->online)) {
		doctor_say(result, DOCTOR_UNKNOWN, "the host's CPUs are not known");
		return;
	}
	cpulist_minus(&subject->rt_cpus, &topology->present, &missing);
	if (!cpulist_empty(&missing) && !cpulist_empty(&topology->present)) {
		doctor_say(result, DOCTOR_FAIL, "the host has no CPU %s", doctor_cpu_text(&missing, &text));
		doctor_advise(result, "bulkhead discover # writes a file for the CPUs there are, %s",
			      doctor_cpu_text(&topology->present, &text));
		return;
	}
	cpulist_minus(&subject->rt_cpus, &topology->online, &missing);
	if (!cpulist_empty(&missing)) {
		doctor_say(result, DOCTOR_FAIL, "CPU %s is offline", doctor_cpu_text(&missing, &text));
		doctor_advise(result, "chcpu -e %s", text.text);
		return;
	}
	doctor_say(result, DOCTOR_PASS, "all online");
}

static void look_cpus_allowed(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_topology *topology = &subject->host->topology;
	struct cpulist missing;
	struct cpulist partitions;
	struct doctor_cpu_text text;

	doctor_expect(result, "every real-time CPU that is not isolated");
	if (doctor_no_cpus(subject, result))
		return;
	if (cpulist_empty(&topology->allowed)) {
		doctor_say(result, DOCTOR_UNKNOWN, "the CPUs this process may use are not known");
		return;
	}
	/* Nobody is on isolated CPUs who did not ask for them. */
	cpulist_and(&subject->rt_cpus, &topology->online, &missing);
	cpulist_minus(&missing, &topology->allowed, &missing);
	cpulist_minus(&missing, &subject->host->kernel.isolated, &missing);
	doctor_partition_cpus(subject->host, false, &partitions);
	cpulist_minus(&missing, &partitions, &missing);
	bool all = cpulist_empty(&missing);

	doctor_say(result, all ? DOCTOR_PASS : DOCTOR_WARN, "CPU %s",
		   doctor_cpu_text(&topology->allowed, &text));
	if (!all)
		doctor_advise(result, "taskset -pc %s $$ # where that fails a cpuset keeps this shell off them: cat "
			      "/proc/self/cgroup", doctor_cpu_text(&subject->rt_cpus, &text));
}

/* CPUs of one owner that share a core with CPUs of others. */
static void find_shared_cores(const struct doctor_subject *subject, const struct cpulist *own,
			      struct cpulist *shared)
{
	const struct host_topology *topology = &subject->host->topology;

	for (unsigned cpu = 0; (cpu = cpulist_next(own, cpu)) < CPULIST_MAX; cpu++) {
		struct cpulist siblings;

		topology_siblings(topology, cpu, &siblings);
		cpulist_and(&siblings, &topology->online, &siblings);
		cpulist_minus(&siblings, own, &siblings);
		if (!cpulist_empty(&siblings))
			cpulist_add(shared, cpu);
	}
}

static void find_all_shared_cores(const struct doctor_subject *subject, struct cpulist *shared)
{
	const struct machine_config *machine = subject->machine;

	if (machine == NULL) {
		find_shared_cores(subject, &subject->rt_cpus, shared);
		return;
	}
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (partition->schedule.policy != VCPU_POLICY_OTHER && !partition->share_cores)
			find_shared_cores(subject, &partition->cpus, shared);
	}
}

/* Whether it is told of each real-time CPU that is online which core it belongs to. */
static bool cores_are_told(const struct doctor_subject *subject)
{
	const struct host_topology *topology = &subject->host->topology;

	for (unsigned cpu = 0; (cpu = cpulist_next(&subject->rt_cpus, cpu)) < CPULIST_MAX; cpu++) {
		if (cpulist_has(&topology->online, cpu) &&
		    (cpu >= topology->cpu_count || topology->cpu[cpu].core == TOPOLOGY_UNKNOWN))
			return false;
	}
	return true;
}

/* Whether CPUs may be taken offline: nothing of the file runs on them, and others are left for the rest. */
static bool can_do_without(const struct doctor_subject *subject, const struct cpulist *cpus)
{
	const struct machine_config *machine = subject->machine;
	struct cpulist left;

	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		if (doctor_cpus_meet(cpus, &machine->partition[i].cpus))
			return false;
	}
	cpulist_minus(&subject->housekeeping, cpus, &left);
	return !cpulist_empty(&left) && !cpulist_has(cpus, 0) && !doctor_cpus_meet(cpus, &subject->rt_cpus);
}

static void look_siblings(const struct doctor_subject *subject, struct doctor_result *result)
{
	struct cpulist shared = {0};
	struct cpulist cores;
	struct doctor_cpu_text text;
	struct doctor_cpu_text others;

	doctor_expect(result, "no other's CPU on the core of a real-time CPU");
	if (doctor_no_cpus(subject, result))
		return;
	if (!cores_are_told(subject)) {
		doctor_say(result, DOCTOR_UNKNOWN, "the cores of CPU %s are not known",
			   doctor_cpu_text(&subject->rt_cpus, &text));
		return;
	}
	find_all_shared_cores(subject, &shared);
	if (cpulist_empty(&shared)) {
		doctor_say(result, DOCTOR_PASS, "none");
		return;
	}
	topology_cores_of(&subject->host->topology, &shared, &cores);
	cpulist_minus(&cores, &shared, &cores);
	doctor_say(result, DOCTOR_FAIL, "CPU %s shares its core with %s", doctor_cpu_text(&shared, &text),
		   cpulist_empty(&cores) ? "another partition" : doctor_cpu_text(&cores, &others));
	if (cpulist_empty(&cores) || !can_do_without(subject, &cores))
		doctor_advise(result, "lscpu -e=CPU,CORE # give each partition whole cores, or boot with nosmt");
	else
		doctor_advise(result, "chcpu -d %s # to keep it so, boot with nosmt", others.text);
}

/* A value of "CPU VALUE" lines: the first one's, with its CPU. */
static int parse_count(const char *text, unsigned *ret_cpu, uint64_t *ret)
{
	char *end;

	if (strspn(text, "0123456789") == 0)
		return -EINVAL;
	errno = 0;
	unsigned long cpu = strtoul(text, &end, 10);

	if (errno != 0 || *end != ' ' || cpu >= CPULIST_MAX || strspn(end + 1, "0123456789") == 0)
		return -EINVAL;
	*ret = strtoull(end + 1, &end, 0);
	*ret_cpu = (unsigned)cpu;
	return errno != 0 || (*end != '\0' && *end != '\n') ? -EINVAL : 0;
}

static bool read_smi_count(const struct doctor_subject *subject, struct doctor_result *result,
			   const char *path, unsigned *ret_cpu, uint64_t *ret)
{
	const char *text = NULL;
	int error = host_text(&subject->host->files, &text, "%s", path);

	if (error == 0)
		error = parse_count(text, ret_cpu, ret);
	if (error == 0)
		return true;
	doctor_unknown(result, path, error);
	if (error == -ENOENT || error == -ENXIO || error == -ENODEV)
		doctor_advise(result, "modprobe msr # then run as root");
	return false;
}

static void look_smi(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *vendor = subject->host->cpu_vendor;
	uint64_t before = 0;
	uint64_t after = 0;
	unsigned cpu = 0;
	unsigned cpu_after = 0;
	int64_t window_ns = 0;

	doctor_expect(result, "none");
	if (vendor[0] != '\0' && strcmp(vendor, "GenuineIntel") != 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "%s CPUs do not count them", vendor);
		return;
	}
	if (vendor[0] == '\0') {
		doctor_say(result, DOCTOR_UNKNOWN, "the CPU's vendor is not known");
		return;
	}
	if (!read_smi_count(subject, result, SMI_COUNT, &cpu, &before) ||
	    !read_smi_count(subject, result, "/bulkhead/later" SMI_COUNT, &cpu_after, &after) ||
	    !doctor_number(subject, result, &window_ns, "/bulkhead/window-ns") ||
	    !doctor_window_is_enough(result, window_ns))
		return;
	/* The counter has 32 bits, and each CPU its own. */
	uint64_t more = (after - before) & UINT32_MAX;

	if (cpu != cpu_after) {
		doctor_unknown(result, "/bulkhead/later" SMI_COUNT, EINVAL);
		return;
	}
	doctor_say(result, more > 0 ? DOCTOR_FAIL : DOCTOR_PASS, "%" PRIu64 " in %" PRId64 " ms, %" PRIu64
		   " since power-on", more, window_ns / 1000000, after);
	if (more == 0 && doctor_is_virtual(subject->host) != FACT_NO)
		doctor_say(result, DOCTOR_UNKNOWN, "none that this virtual machine was given; those of the hardware "
			   "below count elsewhere");
	if (more > 0)
		doctor_advise(result, "turbostat -s SMI -i 10 # watch it, after having turned off in the firmware USB "
			      "legacy support, C1E, and what else the vendor names for low latency");
}

/* The nodes that a partition's CPUs belong to, as a set. */
static bool find_nodes(const struct host_topology *topology, const struct cpulist *cpus,
		       struct cpulist *ret)
{
	*ret = (struct cpulist){0};
	for (unsigned cpu = 0; (cpu = cpulist_next(cpus, cpu)) < CPULIST_MAX; cpu++) {
		if (cpu >= topology->cpu_count || topology->cpu[cpu].node == TOPOLOGY_UNKNOWN)
			return false;
		cpulist_add(ret, (unsigned)topology->cpu[cpu].node);
	}
	return true;
}

/* Partitions whose CPUs and memory are not all of one node. */
static void find_spread(const struct doctor_subject *subject, struct doctor_items *items, bool *known)
{
	const struct machine_config *machine = subject->machine;

	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];
		struct doctor_cpu_text text;
		struct cpulist nodes;

		if (partition->schedule.policy == VCPU_POLICY_OTHER)
			continue;
		if (!find_nodes(&subject->host->topology, &partition->cpus, &nodes)) {
			*known = false;
			continue;
		}
		if (partition->memory_node >= 0)
			cpulist_add(&nodes, (unsigned)partition->memory_node);
		if (cpulist_count(&nodes) > 1)
			doctor_items_add(items, "%s on nodes %s", partition->name,
					 doctor_cpu_text(&nodes, &text));
	}
}

static void look_nodes(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_topology *topology = &subject->host->topology;
	struct doctor_items items = {0};
	bool known = true;

	doctor_expect(result, "CPUs and memory of a real-time partition on one node");
	if (topology->node_count == 0) {
		doctor_say(result, DOCTOR_UNKNOWN, "the host's NUMA nodes are not known");
		return;
	}
	if (topology->node_count == 1 || subject->machine == NULL) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "%s", topology->node_count == 1 ?
			   "the host has one node" : "no file says which CPUs belong together");
		return;
	}
	find_spread(subject, &items, &known);
	if (items.count > 0) {
		doctor_say(result, DOCTOR_WARN, "%s", doctor_items_end(&items));
		doctor_advise(result, "lscpu -e=CPU,NODE # give the partition CPUs of one node, and leave memory.node "
			      "out, to follow them");
	} else if (!known) {
		doctor_say(result, DOCTOR_UNKNOWN, "the node of a partition's CPU is not known");
	} else {
		doctor_say(result, DOCTOR_PASS, "so it is");
	}
}

static const struct doctor_check checks[] = {
	{"P21-smi", DOCTOR_STALLS, "system management interrupts",
	 "The firmware stops all CPUs for tens to hundreds of microseconds, and no operating system sees it.",
	 look_smi},
	{"S1-cpus-online", DOCTOR_BREAKS, "real-time CPUs",
	 "A partition on a CPU that is absent or offline does not start.", look_cpus_online},
	{"S2-siblings", DOCTOR_JITTER, "neighbours on the same core",
	 "SMT siblings share a core's execution units and first caches, so whatever runs on one slows the other.",
	 look_siblings},
	{"S3-nodes", DOCTOR_JITTER, "NUMA nodes of partitions",
	 "Memory of another node is slower, and is reached over a link that others load.", look_nodes},
	{"S4-cpus-allowed", DOCTOR_BREAKS, "CPUs this process may use",
	 "A cpuset or a container that leaves a CPU out keeps partitions off it.", look_cpus_allowed},
};

const struct doctor_table doctor_topology = {checks, sizeof(checks) / sizeof(checks[0])};
