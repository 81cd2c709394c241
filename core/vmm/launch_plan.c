// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/launch_plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/config/partition.h"
#include "core/host/host.h"
#include "core/vmm/launch.h"

/* struct draft - a plan in the making. */
struct draft {
	const struct partition_config *partition;
	const struct launch_terms *terms;
	const struct host_facts *host;
	struct launch *launch;
	struct launch_notes *notes;
	struct diag *why;
};

static void note(const struct draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void note(const struct draft *draft, const char *format, ...)
{
	struct launch_notes *notes = draft->notes;
	va_list arguments;

	if (notes->count == LAUNCH_NOTES_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(notes->text[notes->count++], LAUNCH_NOTE_BYTES, format, arguments);
	va_end(arguments);
}

/* Says where the value stands: a key in the file, or an option. */
static void place(const struct draft *draft, const struct text_place *at, const char *key,
		  const char *option)
{
	if (draft->terms->file != NULL)
		diag_at(draft->why, draft->terms->file, at->line, at->column);
	diag_key(draft->why, "%s", draft->terms->file != NULL ? key : option);
}

static int refuse_cpu(const struct draft *draft, unsigned cpu)
{
	const struct host_facts *host = draft->host;
	char text[128];

	place(draft, &draft->partition->at.cpus, "cpus", "--cpus");
	if (!cpulist_has(&host->topology.present, cpu)) {
		diag_set(draft->why, ENODEV, "CPU %u does not exist on this host", cpu);
		diag_allowed(draft->why, "%s", cpulist_format(&host->topology.present, text, sizeof(text)));
		diag_remedy(draft->why, "choose CPUs the host has (lscpu -e)");
	} else if (!cpulist_has(&host->topology.online, cpu)) {
		diag_set(draft->why, ENODEV, "CPU %u is offline", cpu);
		diag_remedy(draft->why, "bring it online (echo 1 > "
			    "/sys/devices/system/cpu/cpu%u/online) or choose another", cpu);
	} else {
		diag_set(draft->why, ENODEV, "CPU %u is not among those this process may use", cpu);
		diag_allowed(draft->why, "%s", cpulist_format(&host->topology.allowed, text, sizeof(text)));
		diag_remedy(draft->why, "start bulkhead outside the cpuset that confines it "
			    "(Cpus_allowed_list in /proc/self/status)");
	}
	return -ENODEV;
}

static int plan_stated_cpus(struct draft *draft)
{
	const struct partition_config *partition = draft->partition;
	unsigned vcpu = 0;

	for (unsigned cpu = cpulist_next(&partition->cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(&partition->cpus, cpu + 1)) {
		if (!cpulist_has(&draft->host->topology.online, cpu) ||
		    (!cpulist_has(&draft->host->topology.allowed, cpu) &&
		     !cpulist_has(&draft->terms->granted, cpu)))
			return refuse_cpu(draft, cpu);
		draft->launch->vcpu_cpu[vcpu++] = (int)cpu;
	}
	draft->launch->own_cpus = true;
	return 0;
}

/* The highest free CPUs, as CPU 0 has the most of the kernel's own work. */
static bool choose_cpus(struct draft *draft)
{
	const struct launch_terms *terms = draft->terms;
	struct launch *launch = draft->launch;
	struct cpulist free;
	struct cpulist kept;
	struct cpulist chosen = {0};
	unsigned needed = launch->vcpus;

	cpulist_minus(&draft->host->topology.allowed, &terms->taken, &free);
	cpulist_minus(&free, &terms->housekeeping, &free);
	cpulist_and(&draft->host->topology.allowed, &terms->housekeeping, &kept);
	/* One CPU more than vCPUs, for the other threads, unless those have CPUs of their own. */
	if (cpulist_count(&free) < needed + (cpulist_empty(&kept) ? 1 : 0))
		return false;
	for (unsigned cpu = CPULIST_MAX; cpu-- > 0 && needed > 0;) {
		if (cpulist_has(&free, cpu)) {
			cpulist_add(&chosen, cpu);
			needed--;
		}
	}
	for (unsigned cpu = cpulist_next(&chosen, 0), vcpu = 0; cpu < CPULIST_MAX;
	     cpu = cpulist_next(&chosen, cpu + 1))
		launch->vcpu_cpu[vcpu++] = (int)cpu;
	launch->own_cpus = true;
	return true;
}

static void let_float(struct draft *draft)
{
	struct launch *launch = draft->launch;

	for (unsigned i = 0; i < launch->vcpus; i++)
		launch->vcpu_cpu[i] = LAUNCH_CPU_ANY;
	launch->own_cpus = false;
}

static bool floats_for_deadline(const struct draft *draft)
{
	return draft->partition->schedule.policy == VCPU_POLICY_DEADLINE &&
	       draft->terms->policy_stated && cpulist_empty(&draft->partition->cpus);
}

static int plan_cpus(struct draft *draft)
{
	const struct partition_config *partition = draft->partition;
	unsigned cpus = cpulist_count(&draft->host->topology.allowed);

	draft->launch->vcpus = partition->vcpus;
	if (!cpulist_empty(&partition->cpus))
		return plan_stated_cpus(draft);
	if (floats_for_deadline(draft)) {
		let_float(draft);
		note(draft, "the vCPUs are not pinned: the kernel admits no pinned "
		     "SCHED_DEADLINE thread outside a one-CPU root partition");
	} else if (!choose_cpus(draft)) {
		let_float(draft);
		note(draft, "%u vCPU%s and %u CPU%s: none is left to isolate, so vCPUs run unpinned "
		     "among all other work", partition->vcpus, partition->vcpus == 1 ? "" : "s", cpus,
		     cpus == 1 ? "" : "s");
	}
	return 0;
}

/* All CPUs but those of vCPUs, of this partition and of its neighbours. */
static int plan_other_cpus(struct draft *draft)
{
	struct launch *launch = draft->launch;
	struct cpulist others = draft->terms->housekeeping;

	/*
	 * All threads float together then, but not onto the neighbours' CPUs; a DEADLINE thread is
	 * admitted for its whole root domain or not at all.
	 */
	if (launch->vcpu_cpu[0] == LAUNCH_CPU_ANY) {
		if (!cpulist_empty(&draft->terms->taken) && !floats_for_deadline(draft))
			cpulist_minus(&draft->host->topology.allowed, &draft->terms->taken, &launch->other_cpus);
		return 0;
	}
	if (cpulist_empty(&others))
		cpulist_minus(&draft->host->topology.allowed, &draft->terms->taken, &others);
	cpulist_and(&others, &draft->host->topology.allowed, &others);
	for (unsigned i = 0; i < launch->vcpus; i++)
		cpulist_remove(&others, (unsigned)launch->vcpu_cpu[i]);
	launch->other_cpus = others;
	if (!cpulist_empty(&others))
		return 0;
	launch->own_cpus = false;
	if (draft->terms->file == NULL || draft->terms->best_effort) {
		note(draft, "no CPU is left for the VMM's other threads: they share the vCPUs' CPUs");
		return 0;
	}
	place(draft, &draft->partition->at.cpus, "cpus", "--cpus");
	diag_set(draft->why, ENODEV, "no CPU is left for the VMM's other threads");
	diag_remedy(draft->why, "leave at least one CPU for housekeeping, or add --best-effort");
	return -ENODEV;
}

static void plan_policy(struct draft *draft)
{
	const struct vcpu_schedule *schedule = draft->terms->schedule != NULL ?
		draft->terms->schedule : &draft->partition->schedule;
	struct launch *launch = draft->launch;

	memset(&launch->policy, 0, sizeof(launch->policy));
	if (!draft->terms->policy_stated && !launch->own_cpus)
		return;
	switch (schedule->policy) {
	case VCPU_POLICY_OTHER:
		launch->policy.class = THREAD_OTHER;
		break;
	case VCPU_POLICY_FIFO:
		launch->policy.class = THREAD_FIFO;
		launch->policy.priority = schedule->priority;
		break;
	case VCPU_POLICY_DEADLINE:
		launch->policy.class = THREAD_DEADLINE;
		launch->policy.runtime_ns = schedule->runtime_ns;
		launch->policy.deadline_ns = schedule->deadline_ns;
		launch->policy.period_ns = schedule->period_ns;
		break;
	}
}

static int refuse_hugepages(const struct draft *draft, uint64_t needed, const struct host_pool *pool)
{
	bool large = draft->partition->page_bytes == UINT64_C(1) << 30;
	const char *size = large ? "1048576" : "2048";

	place(draft, &draft->partition->at.pages, "memory.pages", "--pages");
	if (!pool->known) {
		diag_set(draft->why, ENODATA, "this host's free hugepages of %s cannot be read",
			 large ? "1G" : "2M");
		diag_remedy(draft->why, "see /sys/kernel/mm/hugepages/hugepages-%skB, or use smaller "
			    "pages", size);
		return -ENODATA;
	}
	diag_set(draft->why, ENOMEM, "%" PRIu64 " hugepages of %s are needed and %" PRIu64
		 " are free on this host", needed, large ? "1G" : "2M", pool->free);
	diag_remedy(draft->why, "echo %" PRIu64 " > /sys/kernel/mm/hugepages/hugepages-%skB/nr_hugepages"
		    ", or use smaller pages", needed, size);
	return -ENOMEM;
}

static int plan_hugepages(const struct draft *draft)
{
	const struct partition_config *partition = draft->partition;
	uint64_t needed = partition->memory_bytes / partition->page_bytes;
	bool large = partition->page_bytes == UINT64_C(1) << 30;
	const struct host_pool *pool = &draft->host->memory.pool[large ? 1 : 0];

	return pool->known && needed <= pool->free ? 0 : refuse_hugepages(draft, needed, pool);
}

static int plan_memory(struct draft *draft)
{
	const struct partition_config *partition = draft->partition;
	const struct host_memory *memory = &draft->host->memory;
	char size[32];

	draft->launch->memory_bytes = partition->memory_bytes;
	draft->launch->page_bytes = partition->page_bytes;
	if (partition->page_bytes > 4096)
		return plan_hugepages(draft);
	if (memory->available_bytes.known &&
	    partition->memory_bytes <= (uint64_t)memory->available_bytes.value)
		return 0;
	place(draft, &partition->at.memory, "memory.size", "--memory");
	if (!memory->available_bytes.known || !memory->total_bytes.known) {
		diag_set(draft->why, ENODATA, "this host's memory cannot be read");
		diag_remedy(draft->why, "mount /proc, and see /proc/meminfo");
		return -ENODATA;
	}
	diag_set(draft->why, ENOMEM, "%s of guest memory is more than this host can give: %" PRId64
		 "M are available of %" PRId64 "M", size_format(partition->memory_bytes, size,
		 sizeof(size)), memory->available_bytes.value >> 20, memory->total_bytes.value >> 20);
	diag_remedy(draft->why, "give the partition less memory");
	return -ENOMEM;
}

static int plan_kernel(const struct draft *draft)
{
	enum fact preempt_rt = draft->host->kernel.preempt_rt;

	if (!draft->partition->require_preempt_rt || preempt_rt == FACT_YES)
		return 0;
	if (draft->terms->best_effort) {
		note(draft, "the host kernel is not %sPREEMPT_RT, which the file requires",
		     preempt_rt == FACT_UNKNOWN ? "known to be " : "");
		return 0;
	}
	place(draft, &draft->partition->at.self, "host.kernel", "host.kernel");
	diag_set(draft->why, ENOTSUP, preempt_rt == FACT_UNKNOWN ?
		 "whether this host's kernel is PREEMPT_RT cannot be read" :
		 "this host's kernel is not PREEMPT_RT");
	diag_remedy(draft->why, "boot a PREEMPT_RT kernel (Debian: linux-image-rt-amd64), or state "
		    "kernel: any, or add --best-effort");
	return -ENOTSUP;
}

static int plan_devices(const struct draft *draft)
{
	const struct partition_config *partition = draft->partition;

	if (partition->device_count == 0)
		return 0;
	if (draft->terms->best_effort) {
		note(draft, "the guest runs without its %zu device%s: bulkhead-vmm passes none through",
		     partition->device_count, partition->device_count == 1 ? "" : "s");
		return 0;
	}
	place(draft, &partition->device[0].at, "devices", "devices");
	diag_set(draft->why, ENOTSUP, "bulkhead-vmm passes no device through");
	diag_got(draft->why, partition->device[0].address, strlen(partition->device[0].address));
	diag_remedy(draft->why, "add --best-effort to run without it");
	return -ENOTSUP;
}

static int copy_text(const struct draft *draft)
{
	const struct partition_config *partition = draft->partition;
	struct launch *launch = draft->launch;

	snprintf(launch->name, sizeof(launch->name), "%s", partition->name);
	launch->kernel = strdup(partition->kernel);
	launch->cmdline = strdup(partition->cmdline == NULL ? "" : partition->cmdline);
	for (size_t i = 0; i < partition->initrd_count; i++) {
		launch->initrd[i] = strdup(partition->initrd[i]);
		if (launch->initrd[i] == NULL)
			return diag_set(draft->why, ENOMEM, "out of memory");
	}
	launch->initrd_count = partition->initrd_count;
	if (launch->kernel == NULL || launch->cmdline == NULL)
		return diag_set(draft->why, ENOMEM, "out of memory");
	return 0;
}

static void copy_choices(const struct draft *draft)
{
	const struct partition_config *partition = draft->partition;
	struct launch *launch = draft->launch;

	launch->exits_disabled = partition->exits_disabled;
	launch->kvmclock = partition->kvmclock;
	launch->lock_memory = partition->lock_memory;
	launch->hold_cpu_dma_latency = partition->hold_cpu_dma_latency;
	launch->best_effort = draft->terms->best_effort;
	launch->exit_port = partition->exit_port;
	launch->seal = partition->seal;
	launch->seal_after_ns = partition->seal_after_ns;
	launch->exit_budget = partition->exit_budget;
	launch->console_input = launch->console_output = -1;
	launch->state_fd = launch->running_fd = -1;
	for (unsigned i = 0; i < PARTITION_VCPUS_MAX; i++)
		launch->vcpu_group[i] = -1;
}

int launch_plan(const struct partition_config *partition, const struct launch_terms *terms,
		const struct host_facts *host, struct launch *ret, struct launch_notes *notes,
		struct diag *why)
{
	struct launch launch = {0};
	struct draft draft = {partition, terms, host, &launch, notes, why};
	int error = plan_kernel(&draft);

	if (error == 0)
		error = plan_cpus(&draft);
	if (error == 0)
		error = plan_other_cpus(&draft);
	if (error == 0)
		error = plan_memory(&draft);
	if (error == 0)
		error = plan_devices(&draft);
	if (error == 0)
		error = copy_text(&draft);
	if (error != 0) {
		launch_done(&launch);
		return error;
	}
	plan_policy(&draft);
	copy_choices(&draft);
	*ret = launch;
	return 0;
}
