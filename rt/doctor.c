// SPDX-License-Identifier: Apache-2.0
#include "rt/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"

/* Every table there is; doctor_check_at() gives their checks by number, not by table. */
static const struct doctor_table *const tables[] = {
	&doctor_kvm, &doctor_timers, &doctor_interrupts, &doctor_threads, &doctor_deadline, &doctor_cgroup,
	&doctor_memory, &doctor_idle, &doctor_cmdline, &doctor_lint, &doctor_kernel, &doctor_topology,
	&doctor_devices,
};

enum { TABLES = sizeof(tables) / sizeof(tables[0]), CHECKS_MAX = 256 };

static bool is_real_time(const struct partition_config *partition)
{
	return partition->schedule.policy != VCPU_POLICY_OTHER;
}

static void subject_from_file(struct doctor_subject *subject, const struct machine_config *machine)
{
	subject->rt_cpus_from = "the file";
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		subject->needs_devices |= partition->device_count > 0;
		subject->needs_hugepages |= partition->page_bytes > 4096;
		if (!is_real_time(partition))
			continue;
		cpulist_or(&subject->rt_cpus, &partition->cpus, &subject->rt_cpus);
		subject->needs_exits_disabled |= partition->exits_disabled != 0;
		if (partition->schedule.policy == VCPU_POLICY_DEADLINE)
			subject->needs_deadline = true;
		else if (partition->schedule.priority > subject->fifo_priority)
			subject->fifo_priority = partition->schedule.priority;
	}
}

static void subject_in_general(struct doctor_subject *subject, const struct host_facts *host)
{
	const struct host_topology *topology = &host->topology;
	struct cpulist boot = {0};
	struct cpulist partitions;

	subject->needs_deadline = subject->needs_devices = subject->needs_hugepages = true;
	subject->needs_exits_disabled = true;
	subject->fifo_priority = 1;
	cpulist_or(&host->kernel.isolated, &host->kernel.nohz_full, &subject->rt_cpus);
	doctor_partition_cpus(host, true, &partitions);
	cpulist_or(&subject->rt_cpus, &partitions, &subject->rt_cpus);
	cpulist_and(&subject->rt_cpus, &topology->online, &subject->rt_cpus);
	subject->rt_cpus_from = "isolcpus, nohz_full and isolated cpuset partitions";
	if (!cpulist_empty(&subject->rt_cpus))
		return;
	subject->rt_cpus_from = "all but the boot CPU's core";
	if (cpulist_empty(&topology->online))
		return;
	topology_siblings(topology, cpulist_next(&topology->online, 0), &boot);
	cpulist_minus(&topology->online, &boot, &subject->rt_cpus);
}

void doctor_subject_init(struct doctor_subject *subject, const struct host_facts *host,
			 const struct machine_config *machine)
{
	*subject = (struct doctor_subject){.host = host, .machine = machine};
	if (machine != NULL)
		subject_from_file(subject, machine);
	else
		subject_in_general(subject, host);
	cpulist_minus(&host->topology.online, &subject->rt_cpus, &subject->housekeeping);
}

/* The pains of the field, P, come first; the other letters follow, each by its numbers. */
static unsigned long rank(const struct doctor_check *check)
{
	unsigned long series = check->id[0] == 'P' ? 0 : (unsigned char)check->id[0];

	return series << 16 | (strtoul(check->id + 1, NULL, 10) & 0xffff);
}

/* Put in order once, by the first who asks; commands ask from one thread. */
struct order {
	const struct doctor_check *check[CHECKS_MAX];
	size_t count;
};

/* Those of one number stay as their table has them. */
static void order_insert(struct order *order, const struct doctor_check *check)
{
	size_t at = order->count;

	if (order->count == CHECKS_MAX)
		return;
	for (; at > 0 && rank(order->check[at - 1]) > rank(check); at--)
		order->check[at] = order->check[at - 1];
	order->check[at] = check;
	order->count++;
}

static void order_build(struct order *order)
{
	for (size_t i = 0; i < TABLES; i++) {
		for (size_t j = 0; j < tables[i]->count; j++)
			order_insert(order, &tables[i]->check[j]);
	}
}

const struct doctor_check *doctor_check_at(size_t index)
{
	static struct order order;

	if (order.count == 0)
		order_build(&order);
	return index < order.count ? order.check[index] : NULL;
}

const char *doctor_verdict_name(enum doctor_verdict verdict)
{
	static const char *const name[DOCTOR_VERDICTS] = {
		[DOCTOR_FAIL] = "fail",
		[DOCTOR_WARN] = "warn",
		[DOCTOR_UNKNOWN] = "unknown",
		[DOCTOR_PASS] = "pass",
		[DOCTOR_NOT_APPLICABLE] = "not-applicable",
	};

	return name[verdict];
}

const char *doctor_severity_name(enum doctor_severity severity)
{
	static const char *const name[] = {
		[DOCTOR_BREAKS] = "breaks",
		[DOCTOR_STALLS] = "stalls",
		[DOCTOR_JITTER] = "jitter",
		[DOCTOR_CARE] = "care",
	};

	return name[severity];
}
