// SPDX-License-Identifier: Apache-2.0
#include "sched/isolation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/cpu_parameter.h"
#include "core/host/host.h"
#include "sched/isolation_rules.h"
#include "sched/phrase.h"

enum { ISOLCPUS_TEXT = 256 };

/*
 * struct isolator - the choice in the making.
 * @cpuset: cgroup version 2 with its cpuset controller. @domain: the CPUs of isolcpus=domain.
 * @admission: the kernel tests SCHED_DEADLINE threads, their affinity too.
 * @domain_text: the list for messages. @isolcpus_asked: the first partition that states isolcpus.
 */
struct isolator {
	const struct machine_config *machine;
	const struct host_facts *host;
	struct findings *findings;
	enum fact cpuset;
	bool domain_known;
	struct cpulist domain;
	char domain_text[PHRASE_CPUS_MAX];
	enum fact admission;
	const struct partition_config *isolcpus_asked;
};

static struct diag *begin(const struct isolator *isolator, size_t index, enum finding_kind kind,
			  const char *rule)
{
	return isolation_finding(isolator->machine, isolator->findings, kind, rule, index);
}

/*
 * From the command line, since /sys/devices/system/cpu/isolated may hold isolated cpusets too; that file
 * is asked where the kernel takes nothing of what is written.
 */
static void find_domain(struct isolator *isolator)
{
	const struct host_kernel *kernel = &isolator->host->kernel;
	char value[4096] = "";
	int error = host_parameter(isolator->host, "isolcpus", value, sizeof(value));
	struct isolcpus isolcpus = host_isolcpus_parse(value);

	isolator->domain_known =
		error == -ENOENT ||
		(error == 0 && !isolcpus.ignored &&
		 (!isolcpus.domain ||
		  host_list_parse(isolator->host, isolcpus.list, &isolator->domain) == 0));
	if (!isolator->domain_known && kernel->isolated_known &&
	    (error == 0 || cpulist_empty(&kernel->isolated))) {
		isolator->domain_known = true;
		isolator->domain = kernel->isolated;
	}
	phrase_list(&isolator->domain, isolator->domain_text, sizeof(isolator->domain_text));
}

static enum fact cpuset_available(const struct host_cgroup *cgroup)
{
	switch (cgroup->mode) {
	case CGROUP_UNKNOWN:
		return FACT_UNKNOWN;
	case CGROUP_NONE:
	case CGROUP_V1:
	case CGROUP_HYBRID:
		return FACT_NO;
	case CGROUP_V2:
		break;
	}
	return cgroup->cpuset;
}

static const char *why_no_cpuset(const struct host_cgroup *cgroup)
{
	switch (cgroup->mode) {
	case CGROUP_V1:
		return "the host mounts cgroup version 1";
	case CGROUP_HYBRID:
		return "cpuset is a cgroup version 1 hierarchy's on this host";
	case CGROUP_NONE:
		return "the host mounts no cgroup";
	case CGROUP_UNKNOWN:
	case CGROUP_V2:
		break;
	}
	return "cgroup version 2 has no cpuset controller on this host";
}

static const char cgroup_remedy[] =
	"boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all, on a kernel with CONFIG_CPUSETS";

static void inquire(struct isolator *isolator)
{
	const struct machine_config *machine = isolator->machine;
	const struct fact_number *runtime = &isolator->host->kernel.rt_runtime_us;

	isolator->cpuset = cpuset_available(&isolator->host->cgroup);
	isolator->admission = !runtime->known ? FACT_UNKNOWN : runtime->value < 0 ? FACT_NO : FACT_YES;
	find_domain(isolator);
	for (size_t i = machine->partition_count; i-- > 0;) {
		if (machine->partition[i].isolation == ISOLATION_ISOLCPUS)
			isolator->isolcpus_asked = &machine->partition[i];
	}
}

static void unknown(const struct isolator *isolator, size_t index, const char *fact,
		    const char *remedy)
{
	struct diag *diag = begin(isolator, index, FINDING_UNKNOWN, "isolation-unknown");

	diag_set(diag, ENODATA, "%s", fact);
	diag_remedy(diag, "%s", remedy);
}

static void cgroup_unknown(const struct isolator *isolator, size_t index)
{
	unknown(isolator, index, "whether this host has cgroup version 2 with cpuset could not be read "
		"(/proc/mounts, cgroup.controllers)",
		"mount cgroup version 2, or capture the host again with its /proc and /sys/fs/cgroup");
}

static void domain_unknown(const struct isolator *isolator, size_t index)
{
	unknown(isolator, index, "which CPUs isolcpus= isolates could not be read (/proc/cmdline, "
		"/sys/devices/system/cpu/isolated)",
		"let both be read, or capture the host again with them");
}

/* Whether it would work where the mode is left open: a pinned SCHED_DEADLINE vCPU needs its cpuset. */
static bool could_leave_open(const struct isolator *isolator, size_t index)
{
	return isolator->machine->partition[index].schedule.policy != VCPU_POLICY_DEADLINE ||
	       isolator->admission == FACT_NO;
}

/* A cpuset partition of its own, beside isolcpus=domain anywhere, is invalid or worse. */
static void cpuset_refuse_domain(const struct isolator *isolator, size_t index)
{
	const struct partition_config *partition = &isolator->machine->partition[index];
	struct cpulist shared;
	const char *open = could_leave_open(isolator, index) ? ", or state isolation: any" : "";
	struct diag *diag;
	char text[PHRASE_CPUS_MAX];

	cpulist_and(&partition->cpus, &isolator->domain, &shared);
	if (!cpulist_empty(&shared)) {
		diag = begin(isolator, index, FINDING_REFUSED, "isolation-isolcpus-conflict");
		diag_set(diag, EINVAL, "the kernel takes CPUs of isolcpus=domain,%s into no cpuset "
			 "partition, and this one has %s", isolator->domain_text,
			 phrase_cpus(&shared, text, sizeof(text)));
		diag_remedy(diag, "boot without domain in isolcpus=%s", open);
		return;
	}
	diag = begin(isolator, index, FINDING_REFUSED, "isolation-mixed");
	if (cpulist_empty(&isolator->domain) && isolator->isolcpus_asked != NULL) {
		diag_set(diag, EINVAL, "a cpuset partition beside partition %s (line %u), which is "
			 "isolated by isolcpus=domain: the two together can crash the kernel",
			 isolator->isolcpus_asked->name, isolator->isolcpus_asked->at.isolation.line);
		diag_remedy(diag, "state isolation: cpuset in both");
		return;
	}
	diag_set(diag, EINVAL, "a cpuset partition on a host that booted with isolcpus=domain,%s: the two "
		 "together can crash the kernel", isolator->domain_text);
	diag_remedy(diag, "boot without domain in isolcpus=%s", open);
}

static void cpuset_check(const struct isolator *isolator, size_t index)
{
	struct diag *diag;

	if (isolator->cpuset == FACT_NO) {
		diag = begin(isolator, index, FINDING_REFUSED, "isolation-cgroup");
		diag_set(diag, ENOTSUP, "no cpuset partition can be made: %s",
			 why_no_cpuset(&isolator->host->cgroup));
		diag_remedy(diag, "%s; or state isolation: any", cgroup_remedy);
	} else if (isolator->cpuset == FACT_UNKNOWN) {
		cgroup_unknown(isolator, index);
	}
	if (!isolator->domain_known)
		domain_unknown(isolator, index);
	else if (!cpulist_empty(&isolator->domain) || isolator->isolcpus_asked != NULL)
		cpuset_refuse_domain(isolator, index);
}

static void isolcpus_check(const struct isolator *isolator, size_t index)
{
	const struct partition_config *partition = &isolator->machine->partition[index];
	struct cpulist missing;
	struct cpulist all = isolator->domain;
	struct diag *diag;
	char cpus[ISOLCPUS_TEXT];
	char text[PHRASE_CPUS_MAX];
	const char *verb;

	if (!isolator->domain_known) {
		domain_unknown(isolator, index);
		return;
	}
	cpulist_minus(&partition->cpus, &isolator->domain, &missing);
	if (cpulist_empty(&missing))
		return;
	diag = begin(isolator, index, FINDING_REFUSED, "isolation-isolcpus-missing");
	phrase_cpus(&missing, text, sizeof(text));
	verb = cpulist_count(&missing) == 1 ? "is" : "are";
	if (cpulist_empty(&isolator->domain))
		diag_set(diag, ENODEV, "%s %s not isolated: the kernel booted without isolcpus=domain",
			 text, verb);
	else
		diag_set(diag, ENODEV, "%s %s not isolated: the kernel booted with isolcpus=domain,%s",
			 text, verb, isolator->domain_text);
	/* What would do for all that ask for it. */
	for (size_t i = 0; i < isolator->machine->partition_count; i++) {
		if (isolator->machine->partition[i].isolation == ISOLATION_ISOLCPUS)
			cpulist_or(&all, &isolator->machine->partition[i].cpus, &all);
	}
	diag_remedy(diag, "boot with isolcpus=managed_irq,domain,%s, or state isolation: any",
		    phrase_list(&all, cpus, sizeof(cpus)));
}

/*
 * A thread with SCHED_DEADLINE must be allowed on all CPUs of its root domain, so one that is pinned needs
 * a root domain of one CPU: a cpuset partition. Without admission (sched_rt_runtime_us -1) nothing is
 * tested.
 */
static bool deadline_check(const struct isolator *isolator, size_t index, enum isolation stated)
{
	unsigned online = cpulist_count(&isolator->host->topology.online);
	struct diag *diag;

	if (isolator->admission == FACT_NO)
		return true;
	if (isolator->admission == FACT_UNKNOWN && stated == ISOLATION_ANY) {
		unknown(isolator, index, "whether the kernel admits a pinned SCHED_DEADLINE vCPU here "
			"could not be read (/proc/sys/kernel/sched_rt_runtime_us)",
			"let it be read, or capture the host again with it");
		return false;
	}
	diag = begin(isolator, index, FINDING_REFUSED, "isolation-deadline");
	if (stated == ISOLATION_ANY)
		diag_set(diag, ENOTSUP, "a SCHED_DEADLINE vCPU pinned to one of %u CPUs needs a one-CPU "
			 "cpuset partition (else the kernel says EPERM), and %s",
			 online, why_no_cpuset(&isolator->host->cgroup));
	else
		diag_set(diag, EINVAL, "a SCHED_DEADLINE vCPU pinned to one of %u CPUs needs a one-CPU "
			 "cpuset partition: %s does not carry it (the kernel says EPERM)",
			 online, stated == ISOLATION_ISOLCPUS ? "isolcpus" : "affinity");
	if (stated == ISOLATION_ANY)
		diag_remedy(diag, "%s; or give vcpus in place of cpus, or policy: fifo", cgroup_remedy);
	else
		diag_remedy(diag, "state isolation: cpuset, or policy: fifo");
	return false;
}

static void note_affinity(const struct isolator *isolator, size_t index)
{
	const struct partition_config *partition = &isolator->machine->partition[index];
	struct diag *diag = begin(isolator, index, FINDING_NOTE, "isolation-affinity");
	const char *why = "part of the machine is isolated by isolcpus=domain, and these CPUs are not all "
			  "of it";
	char text[PHRASE_CPUS_MAX];

	if (isolator->cpuset == FACT_NO)
		why = why_no_cpuset(&isolator->host->cgroup);
	else if (isolator->cpuset == FACT_UNKNOWN)
		why = "whether the host has cgroup version 2 could not be read";
	else if (!isolator->domain_known)
		why = "which CPUs isolcpus= isolates could not be read";
	diag_set(diag, 0, "%s %s not kept free of other work, but for what the affinity of each thread "
		 "does: %s", phrase_cpus(&partition->cpus, text, sizeof(text)),
		 cpulist_count(&partition->cpus) == 1 ? "is" : "are", why);
	diag_remedy(diag, isolator->cpuset == FACT_YES ? "boot without isolcpus=domain, or with all CPUs "
		    "of the partitions in it" : cgroup_remedy);
}

static enum isolation choose_for_deadline(const struct isolator *isolator, size_t index)
{
	bool beside_domain = !isolator->domain_known || !cpulist_empty(&isolator->domain);

	if (isolator->cpuset == FACT_YES && !(beside_domain && isolator->admission == FACT_NO)) {
		cpuset_check(isolator, index);
		return ISOLATION_CPUSET;
	}
	if (isolator->cpuset == FACT_UNKNOWN && isolator->admission != FACT_NO)
		cgroup_unknown(isolator, index);
	else if (deadline_check(isolator, index, ISOLATION_ANY))
		note_affinity(isolator, index);
	return ISOLATION_AFFINITY;
}

static enum isolation choose(const struct isolator *isolator, size_t index)
{
	const struct partition_config *partition = &isolator->machine->partition[index];
	struct cpulist outside;

	if (partition->schedule.policy == VCPU_POLICY_DEADLINE)
		return choose_for_deadline(isolator, index);
	cpulist_minus(&partition->cpus, &isolator->domain, &outside);
	if (isolator->domain_known && cpulist_empty(&outside))
		return ISOLATION_ISOLCPUS;
	if (isolator->domain_known && cpulist_empty(&isolator->domain) &&
	    isolator->cpuset == FACT_YES)
		return ISOLATION_CPUSET;
	note_affinity(isolator, index);
	return ISOLATION_AFFINITY;
}

/* Without CPUs of its own there is nothing to isolate. */
static enum isolation plan_floating(const struct isolator *isolator, size_t index)
{
	enum isolation stated = isolator->machine->partition[index].isolation;
	struct diag *diag;

	if (stated == ISOLATION_CPUSET || stated == ISOLATION_ISOLCPUS) {
		diag = begin(isolator, index, FINDING_REFUSED, "isolation-cpus");
		diag_set(diag, EINVAL, "isolated CPUs are asked for, and none is stated");
		diag_remedy(diag, "state cpus, or isolation: any");
	}
	return ISOLATION_AFFINITY;
}

static enum isolation plan_one(const struct isolator *isolator, size_t index)
{
	const struct partition_config *partition = &isolator->machine->partition[index];
	bool deadline = partition->schedule.policy == VCPU_POLICY_DEADLINE;

	if (cpulist_empty(&partition->cpus))
		return plan_floating(isolator, index);
	switch (partition->isolation) {
	case ISOLATION_ANY:
		return choose(isolator, index);
	case ISOLATION_CPUSET:
		cpuset_check(isolator, index);
		break;
	case ISOLATION_ISOLCPUS:
		if (!deadline || deadline_check(isolator, index, ISOLATION_ISOLCPUS))
			isolcpus_check(isolator, index);
		break;
	case ISOLATION_AFFINITY:
		if (deadline)
			deadline_check(isolator, index, ISOLATION_AFFINITY);
		break;
	}
	return partition->isolation;
}

int isolation_plan(const struct machine_config *machine, const struct host_facts *host,
		   struct isolation_plan *ret, struct findings *findings)
{
	struct isolator isolator = {.machine = machine, .host = host, .findings = findings};
	enum isolation *mode = calloc(machine->partition_count + 1, sizeof(*mode));

	if (mode == NULL)
		return -ENOMEM;
	inquire(&isolator);
	for (size_t i = 0; i < machine->partition_count; i++)
		mode[i] = plan_one(&isolator, i);
	isolation_shared(machine, mode, findings);
	if (isolator.admission == FACT_YES)
		isolation_floating(machine, mode, &isolator.domain, findings);
	*ret = (struct isolation_plan){mode, machine->partition_count};
	return 0;
}

void isolation_plan_done(struct isolation_plan *plan)
{
	free(plan->mode);
	*plan = (struct isolation_plan){0};
}
