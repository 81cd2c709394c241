// SPDX-License-Identifier: Apache-2.0
#include "core/config/rules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/base/units.h"
#include "core/config/item_rules.h"
#include "core/config/value.h"

/* Whether the plan is to derive the runtime from the tasks. */
static bool reservation_is_open(const struct partition_config *partition)
{
	return partition->tasks.count != 0 && partition->schedule.runtime_ns == 0;
}

bool partition_key_applies(const struct partition_config *partition, enum partition_key key)
{
	switch ((int)key) {
	case PARTITION_PROFILE:
	case PARTITION_INHERITS:
		return false; /* what they gave stands in the other keys */
	case PARTITION_CPUS:
	case PARTITION_PLACEMENT_WITHIN:
	case PARTITION_PLACEMENT_SIBLINGS:
		return !cpulist_empty(&partition->cpus);
	case PARTITION_VCPUS:
		return cpulist_empty(&partition->cpus);
	case PARTITION_MEMORY_NODE:
		return partition->memory_node != PARTITION_NODE_OWN;
	case PARTITION_MEMORY_MAX:
		return partition->memory_max_bytes != 0;
	case PARTITION_WEIGHT_CPU:
		return partition->cpu_weight != 0;
	case PARTITION_WEIGHT_IO:
		return partition->io_weight != 0;
	case PARTITION_SCHEDULE_PRIORITY:
		return partition->schedule.policy == VCPU_POLICY_FIFO;
	case PARTITION_SCHEDULE_RUNTIME:
	case PARTITION_SCHEDULE_DEADLINE: /* of a runtime that is derived, so is the deadline */
		return partition->schedule.policy == VCPU_POLICY_DEADLINE &&
		       !reservation_is_open(partition);
	case PARTITION_SCHEDULE_PERIOD:
		return partition->schedule.policy == VCPU_POLICY_DEADLINE &&
		       (!reservation_is_open(partition) || partition->schedule.period_ns != 0);
	case PARTITION_TASKS_ORDER:
	case PARTITION_TASKS_EXIT_COST:
	case PARTITION_TASKS_SET:
		return partition->tasks.count != 0;
	case PARTITION_CACHE_L3_WAYS:
		return partition->cache.l3_ways != 0;
	case PARTITION_CACHE_L2_WAYS:
		return partition->cache.l2_ways != 0;
	case PARTITION_CACHE_MEMORY_BANDWIDTH:
		return partition->cache.bandwidth_percent != 0;
	case PARTITION_DEVICES:
		return partition->device_count != 0;
	case PARTITION_BOOT_INITRD:
		return partition->initrd_count != 0;
	case PARTITION_BOOT_CMDLINE:
		return partition->cmdline != NULL && *partition->cmdline != '\0';
	case PARTITION_SEAL_AFTER:
		return partition->seal == SEAL_AFTER;
	case PARTITION_SEAL_PORT:
		return partition->seal != SEAL_AFTER;
	case PARTITION_LATENCY_BUDGET:
		return partition->latency_budget_ns != 0;
	default:
		return true;
	}
}

static int broken(struct violation *ret, enum partition_key key, enum partition_key other)
{
	*ret = (struct violation){.key = key, .other = other};
	return -EINVAL;
}

static int missing(struct violation *ret, enum partition_key key, enum partition_key because,
		   const char *example, struct diag *why)
{
	diag_set(why, EINVAL, "missing");
	diag_remedy(why, "add it, like %s", example);
	return broken(ret, key, because);
}

static int required_check(const struct partition_config *partition, struct violation *ret,
			  struct diag *why)
{
	if (partition->name[0] == '\0')
		return missing(ret, PARTITION_NAME, PARTITION_NAME, "name: plc", why);
	if (partition->memory_bytes == 0)
		return missing(ret, PARTITION_MEMORY_SIZE, PARTITION_MEMORY_SIZE,
			       "memory: {size: 512M}", why);
	if (partition->kernel == NULL)
		return missing(ret, PARTITION_BOOT_KERNEL, PARTITION_BOOT_KERNEL,
			       "boot: {kernel: /boot/vmlinuz}", why);
	return 0;
}

/* Each running partition has a folder of its name in /run/bulkhead, where the host has one as well. */
static int name_check(const struct partition_config *partition, struct violation *ret,
		      struct diag *why)
{
	static const char reserved[] = "host";

	if (strcmp(partition->name, reserved) != 0)
		return 0;
	diag_set(why, EINVAL, "a name that stands for the host itself");
	diag_got(why, reserved, strlen(reserved));
	diag_remedy(why, "choose another");
	return broken(ret, PARTITION_NAME, PARTITION_NAME);
}

static int range_check(const struct partition_config *partition, struct violation *ret,
		       struct diag *why)
{
	struct partition_draft draft = {.config = *partition};

	for (enum partition_key i = 0; i < PARTITION_KEYS; i++) {
		const struct key *key = &partition_schema.keys[i];

		if (key->type != VALUE_NUMBER && key->type != VALUE_SIZE &&
		    key->type != VALUE_DURATION)
			continue;
		if (!partition_key_applies(partition, i))
			continue;
		if (value_check_range(key, value_number(key, &draft), NULL, why) != 0) {
			broken(ret, i, i);
			return -ERANGE;
		}
	}
	return 0;
}

static int vcpus_check(const struct partition_config *partition, struct violation *ret,
		       struct diag *why)
{
	unsigned count = cpulist_count(&partition->cpus);
	char got[16];

	if (count > PARTITION_VCPUS_MAX) {
		snprintf(got, sizeof(got), "%u CPUs", count);
		diag_set(why, ERANGE, "more CPUs than a partition can have vCPUs");
		diag_got(why, got, strlen(got));
		diag_allowed(why, "at most %d", PARTITION_VCPUS_MAX);
		broken(ret, PARTITION_CPUS, PARTITION_CPUS);
		return -ERANGE;
	}
	if (count != 0 && count != partition->vcpus) {
		diag_set(why, EINVAL, "%u CPUs for %u vCPUs", count, partition->vcpus);
		diag_remedy(why, "give as many CPUs as vCPUs, or one of the two");
		return broken(ret, PARTITION_CPUS, PARTITION_VCPUS);
	}
	return 0;
}

static int memory_check(const struct partition_config *partition, struct violation *ret,
			struct diag *why)
{
	char size[32];
	char page[32];

	size_format(partition->memory_bytes, size, sizeof(size));
	size_format(partition->page_bytes, page, sizeof(page));
	if (partition->page_bytes == 0 || partition->memory_bytes % partition->page_bytes != 0) {
		diag_set(why, EINVAL, "not a multiple of memory.pages, which is %s", page);
		diag_got(why, size, strlen(size));
		diag_remedy(why, "give a multiple of %s, or smaller pages", page);
		return broken(ret, PARTITION_MEMORY_SIZE, PARTITION_MEMORY_PAGES);
	}
	if (partition->schedule.policy != VCPU_POLICY_OTHER && !partition->lock_memory) {
		diag_set(why, EINVAL, "a real-time policy with memory that is not locked");
		diag_remedy(why, "say lock-memory: true, or schedule: {policy: other}");
		return broken(ret, PARTITION_LOCK_MEMORY, PARTITION_SCHEDULE_POLICY);
	}
	return 0;
}

/* Refuses @key, of value @got_ns, for passing @limit, of value @limit_ns. */
static int exceeds(enum partition_key key, uint64_t got_ns, enum partition_key limit,
		   uint64_t limit_ns, struct violation *ret, struct diag *why)
{
	char got[32];
	char most[32];

	if (got_ns <= limit_ns)
		return 0;
	duration_format(got_ns, got, sizeof(got));
	duration_format(limit_ns, most, sizeof(most));
	diag_set(why, EINVAL, "longer than %s", partition_schema.keys[limit].path);
	diag_got(why, got, strlen(got));
	diag_allowed(why, "at most %s", most);
	diag_remedy(why, "keep runtime <= deadline <= period");
	return broken(ret, key, limit);
}

/* The runtime is open and with it the deadline; a period may be stated all the same. */
static int open_check(const struct vcpu_schedule *schedule, struct violation *ret, struct diag *why)
{
	char got[32];

	if (schedule->deadline_ns == schedule->period_ns)
		return 0;
	duration_format(schedule->deadline_ns, got, sizeof(got));
	diag_set(why, EINVAL, "a deadline for a runtime that is yet to be derived from tasks");
	diag_got(why, got, strlen(got));
	diag_remedy(why, "remove it, or give runtime and period as well");
	return broken(ret, PARTITION_SCHEDULE_DEADLINE, PARTITION_TASKS_SET);
}

static int reservation_check(const struct partition_config *partition, struct violation *ret,
			     struct diag *why)
{
	static const char example[] = "schedule: {policy: deadline, runtime: 400us, period: 1ms}";
	const struct vcpu_schedule *schedule = &partition->schedule;

	if (reservation_is_open(partition))
		return open_check(schedule, ret, why);
	if (schedule->runtime_ns == 0)
		return missing(ret, PARTITION_SCHEDULE_RUNTIME, PARTITION_SCHEDULE_POLICY, example,
			       why);
	if (schedule->period_ns == 0)
		return missing(ret, PARTITION_SCHEDULE_PERIOD, PARTITION_SCHEDULE_POLICY, example,
			       why);
	int error = exceeds(PARTITION_SCHEDULE_DEADLINE, schedule->deadline_ns,
			    PARTITION_SCHEDULE_PERIOD, schedule->period_ns, ret, why);
	if (error == 0)
		error = exceeds(PARTITION_SCHEDULE_RUNTIME, schedule->runtime_ns,
				PARTITION_SCHEDULE_DEADLINE, schedule->deadline_ns, ret, why);
	return error;
}

static int schedule_check(const struct partition_config *partition, struct violation *ret,
			  struct diag *why)
{
	const struct vcpu_schedule *schedule = &partition->schedule;

	if (schedule->policy == VCPU_POLICY_FIFO && schedule->priority == 0)
		return missing(ret, PARTITION_SCHEDULE_PRIORITY, PARTITION_SCHEDULE_POLICY,
			       "schedule: {policy: fifo, priority: 1}", why);
	if (schedule->policy == VCPU_POLICY_DEADLINE)
		return reservation_check(partition, ret, why);
	if (partition->tasks.count != 0) {
		diag_set(why, EINVAL, "tasks without a reservation that serves them");
		diag_remedy(why, "say schedule: {policy: deadline}, or remove tasks");
		return broken(ret, PARTITION_TASKS_SET, PARTITION_SCHEDULE_POLICY);
	}
	return 0;
}

/* A SCHED_DEADLINE thread is admitted only where its affinity spans its root domain; the CPUs of
 * isolcpus=domain lie in the one of all the host (kernel/sched/core.c, __sched_setscheduler()). */
static int isolation_check(const struct partition_config *partition, struct violation *ret,
			   struct diag *why)
{
	bool named = partition->isolation == ISOLATION_CPUSET ||
		     partition->isolation == ISOLATION_ISOLCPUS;

	if (named && cpulist_empty(&partition->cpus)) {
		diag_set(why, EINVAL, "isolation of CPUs that are not stated");
		diag_remedy(why, "give cpus, or say isolation: any");
		return broken(ret, PARTITION_ISOLATION, PARTITION_CPUS);
	}
	if (partition->isolation == ISOLATION_ISOLCPUS &&
	    partition->schedule.policy == VCPU_POLICY_DEADLINE) {
		diag_set(why, EINVAL, "the kernel admits no SCHED_DEADLINE thread bound to a CPU of "
				      "isolcpus");
		diag_remedy(why, "say isolation: cpuset, or schedule: {policy: fifo, priority: 1}");
		return broken(ret, PARTITION_ISOLATION, PARTITION_SCHEDULE_POLICY);
	}
	return 0;
}

/* Weights and limits are those of a control group that a real-time vCPU is not in. */
static int share_check(const struct partition_config *partition, struct violation *ret,
		       struct diag *why)
{
	static const enum partition_key keys[] = {PARTITION_MEMORY_MAX, PARTITION_WEIGHT_CPU,
						  PARTITION_WEIGHT_IO};
	char size[32];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (partition->schedule.policy == VCPU_POLICY_OTHER ||
		    !partition_key_applies(partition, keys[i]))
			continue;
		diag_set(why, EINVAL, "a share of what is left, for a partition with a real-time policy");
		diag_remedy(why, "remove it, or say schedule: {policy: other}");
		return broken(ret, keys[i], PARTITION_SCHEDULE_POLICY);
	}
	if (partition->memory_max_bytes != 0 && partition->memory_max_bytes < partition->memory_bytes) {
		size_format(partition->memory_max_bytes, size, sizeof(size));
		diag_set(why, EINVAL, "less than the guest's own memory");
		diag_got(why, size, strlen(size));
		diag_allowed(why, "at least memory.size, which is %s",
			     size_format(partition->memory_bytes, size, sizeof(size)));
		return broken(ret, PARTITION_MEMORY_MAX, PARTITION_MEMORY_SIZE);
	}
	return 0;
}

static int texts_check(const struct partition_config *partition, struct violation *ret,
		       struct diag *why)
{
	char got[32];
	size_t length = partition->cmdline != NULL ? strlen(partition->cmdline) : 0;

	if (length >= PARTITION_CMDLINE_MAX) {
		snprintf(got, sizeof(got), "%zu bytes", length);
		diag_set(why, EINVAL, "command line too long");
		diag_got(why, got, strlen(got));
		diag_allowed(why, "at most %d bytes", PARTITION_CMDLINE_MAX - 1);
		return broken(ret, PARTITION_BOOT_CMDLINE, PARTITION_BOOT_CMDLINE);
	}
	if (strcmp(partition->kernel, PARTITION_KERNEL_PROBE) == 0 && partition->initrd_count != 0) {
		diag_set(why, EINVAL, "the built-in probe guest takes no initrd");
		diag_remedy(why, "remove boot.initrd, or write ./probe for a file of that name");
		return broken(ret, PARTITION_BOOT_INITRD, PARTITION_BOOT_KERNEL);
	}
	return 0;
}

int rules_check(const struct partition_config *partition, struct violation *ret, struct diag *why)
{
	int error = required_check(partition, ret, why);

	if (error == 0)
		error = name_check(partition, ret, why);
	if (error == 0)
		error = schedule_check(partition, ret, why);
	if (error == 0)
		error = vcpus_check(partition, ret, why);
	if (error == 0)
		error = isolation_check(partition, ret, why);
	if (error == 0)
		error = range_check(partition, ret, why);
	if (error == 0)
		error = memory_check(partition, ret, why);
	if (error == 0)
		error = share_check(partition, ret, why);
	if (error == 0)
		error = texts_check(partition, ret, why);
	if (error == 0)
		error = item_rules_check(partition, ret, why);
	return error;
}
