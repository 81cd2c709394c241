// SPDX-License-Identifier: Apache-2.0
#include "core/config/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KIB(n) (UINT64_C(n) << 10)
#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)
#define US(n) (UINT64_C(n) * 1000)
#define SECONDS(n) (UINT64_C(n) * 1000000000)

/* The kernel's SCHED_DEADLINE bounds: sched_deadline_period_{min,max}_us as they are by default,
 * and the 1024 ns that kernel/sched/deadline.c takes as the least runtime. */
#define DEADLINE_PERIOD_MIN US(100)
#define DEADLINE_PERIOD_MAX US(4194304)
#define DEADLINE_RUNTIME_MIN UINT64_C(1024)

#define IN_MACHINE(member) \
	.offset = offsetof(struct machine_draft, member), \
	.width = sizeof(((struct machine_draft *)NULL)->member)
#define IN_DRAFT(member) \
	.offset = offsetof(struct partition_draft, member), \
	.width = sizeof(((struct partition_draft *)NULL)->member)
#define IN_PARTITION(member) IN_DRAFT(config.member)
#define PLACED(member) .place_offset = offsetof(struct partition_config, at.member)

static const struct choice host_kernels[] = {
	{"any", false, "any supported kernel"},
	{"preempt-rt", true, "a PREEMPT_RT kernel, or partitions with a real-time policy do not start"},
	{NULL, 0, NULL},
};

static const struct choice page_sizes[] = {
	{"4K", KIB(4), "ordinary pages"},
	{"2M", MIB(2), "huge pages, which the host must have reserved"},
	{"1G", GIB(1), "gigantic pages, which the host must have reserved"},
	{NULL, 0, NULL},
};

static const struct choice policies[] = {
	{"other", VCPU_POLICY_OTHER, "the host's fair scheduler; not real-time"},
	{"fifo", VCPU_POLICY_FIFO, "SCHED_FIFO: runs until it waits"},
	{"deadline", VCPU_POLICY_DEADLINE, "SCHED_DEADLINE: runtime in every period, guaranteed"},
	{NULL, 0, NULL},
};

static const struct choice exits[] = {
	{"mwait", EXITS_DISABLED_MWAIT, "MONITOR and MWAIT run in the guest"},
	{"hlt", EXITS_DISABLED_HLT, "HLT idles the CPU without leaving the guest"},
	{"pause", EXITS_DISABLED_PAUSE, "spin loops do not leave the guest"},
	{"cstate", EXITS_DISABLED_CSTATE, "the guest may read C-state residency counters"},
	{NULL, 0, NULL},
};

static const struct choice reboots[] = {
	{"exit", REBOOT_EXIT, "the partition ends"},
	{"restart", REBOOT_RESTART, "the partition starts afresh"},
	{NULL, 0, NULL},
};

static const struct section machine_sections[] = {
	{"host", false, "What is asked of the host."},
};

static const struct key machine_keys[MACHINE_KEYS] = {
	[MACHINE_NAME] = {"machine", VALUE_NAME, KEY_REQUIRED, IN_MACHINE(name),
		.help = "Name of the machine, as reports show it."},
	[MACHINE_HOUSEKEEPING] = {"host.housekeeping", VALUE_CPUS, 0, IN_MACHINE(housekeeping),
		.help = "CPUs for everything that is no vCPU; without it, all CPUs that are no "
			"partition's."},
	[MACHINE_KERNEL] = {"host.kernel", VALUE_CHOICE, 0, IN_MACHINE(require_preempt_rt),
		.choices = host_kernels, .fallback = "any",
		.help = "Kernel the host must run."},
	[MACHINE_PARTITIONS] = {"partitions", VALUE_LIST, KEY_REQUIRED, IN_MACHINE(partitions),
		.min = 1, .max = 256,
		.help = "The partitions, each a mapping of the partition keys."},
};

const struct schema machine_schema = {
	machine_keys, COUNT(machine_keys), machine_sections, COUNT(machine_sections),
};

static const struct section partition_sections[] = {
	{"memory", false, "Guest memory."},
	{"schedule", true, "How the host schedules the vCPU threads; given again, it replaces all of "
			   "the profile's."},
	{"boot", false, "What the guest starts from."},
	{"exits", false, "How often the guest may leave its CPU."},
	{"clock", false, "Clocks beside the TSC."},
	{"seal", true, "What begins the real-time phase; given again, it replaces all of the "
		       "profile's."},
	{"latency", false, "What is promised."},
};

static const struct key partition_keys[PARTITION_KEYS] = {
	[PARTITION_NAME] = {"name", VALUE_NAME, KEY_REQUIRED | KEY_NOT_IN_PROFILE,
		IN_PARTITION(name), PLACED(self),
		.help = "Name of the partition, unlike any other of the machine."},
	[PARTITION_PROFILE] = {"profile", VALUE_TEXT, KEY_NOT_IN_PROFILE, IN_PARTITION(profile),
		PLACED(profile), .min = 1, .max = 4095,
		.help = "Profile with the values this partition does not give itself: industrial, nfv, "
			"best-effort, or a file with a / in its path, relative to this file."},
	[PARTITION_INHERITS] = {"inherits", VALUE_TEXT, KEY_ONLY_IN_PROFILE, IN_DRAFT(inherits),
		.min = 1, .max = 4095,
		.help = "Profile with the values this profile does not give itself, written as "
			"profile is."},
	[PARTITION_CPUS] = {"cpus", VALUE_CPUS, KEY_NOT_IN_PROFILE, IN_PARTITION(cpus),
		PLACED(cpus),
		.help = "Host CPUs, of this partition alone; one vCPU on each, ascending, at most 64."},
	[PARTITION_VCPUS] = {"vcpus", VALUE_NUMBER, KEY_NOT_IN_PROFILE, IN_PARTITION(vcpus),
		PLACED(cpus), .min = 1, .max = PARTITION_VCPUS_MAX, .fallback = "1",
		.help = "Number of vCPUs where cpus is not given; Bulkhead chooses the host CPUs."},
	[PARTITION_MEMORY_SIZE] = {"memory.size", VALUE_SIZE, KEY_REQUIRED,
		IN_PARTITION(memory_bytes), PLACED(memory), .min = MIB(16), .max = GIB(16384),
		.help = "Memory the guest sees, a multiple of memory.pages."},
	[PARTITION_MEMORY_PAGES] = {"memory.pages", VALUE_CHOICE, 0, IN_PARTITION(page_bytes),
		PLACED(pages), .choices = page_sizes, .fallback = "4K",
		.help = "Size of the host pages behind it."},
	[PARTITION_SCHEDULE_POLICY] = {"schedule.policy", VALUE_CHOICE, 0,
		IN_PARTITION(schedule.policy), PLACED(schedule), .choices = policies,
		.fallback = "other",
		.help = "Scheduling policy of the vCPU threads."},
	[PARTITION_SCHEDULE_PRIORITY] = {"schedule.priority", VALUE_NUMBER, 0,
		IN_PARTITION(schedule.priority), .min = 1, .max = 98,
		.help = "Priority; with policy fifo, which needs it."},
	[PARTITION_SCHEDULE_RUNTIME] = {"schedule.runtime", VALUE_DURATION, 0,
		IN_PARTITION(schedule.runtime_ns), .min = DEADLINE_RUNTIME_MIN,
		.max = DEADLINE_PERIOD_MAX,
		.help = "CPU time of each vCPU in every period, at most the deadline; with policy "
			"deadline, which needs it."},
	[PARTITION_SCHEDULE_DEADLINE] = {"schedule.deadline", VALUE_DURATION, 0,
		IN_PARTITION(schedule.deadline_ns), .min = DEADLINE_RUNTIME_MIN,
		.max = DEADLINE_PERIOD_MAX,
		.help = "By when after the start of a period the runtime has been given, at most the "
			"period, which it is where not stated; with policy deadline."},
	[PARTITION_SCHEDULE_PERIOD] = {"schedule.period", VALUE_DURATION, 0,
		IN_PARTITION(schedule.period_ns), .min = DEADLINE_PERIOD_MIN,
		.max = DEADLINE_PERIOD_MAX,
		.help = "How often the runtime is given; with policy deadline, which needs it."},
	[PARTITION_BOOT_KERNEL] = {"boot.kernel", VALUE_TEXT, KEY_REQUIRED, IN_PARTITION(kernel),
		PLACED(kernel), .min = 1, .max = 4095,
		.help = "Image file: Linux bzImage, PVH ELF or Multiboot ELF; the word probe is the "
			"built-in probe guest (write ./probe for a file of that name)."},
	[PARTITION_BOOT_INITRD] = {"boot.initrd", VALUE_TEXTS, 0, IN_PARTITION(initrd),
		.count_offset = offsetof(struct partition_draft, config.initrd_count),
		PLACED(initrd), .min = 1, .max = 4095,
		.help = "File or list of files: Linux's initrd, or Multiboot modules; at most 16."},
	[PARTITION_BOOT_CMDLINE] = {"boot.cmdline", VALUE_TEXT, 0, IN_PARTITION(cmdline),
		.max = PARTITION_CMDLINE_MAX - 1, .fallback = "",
		.help = "Command line the guest is given."},
	[PARTITION_EXITS_DISABLE] = {"exits.disable", VALUE_SET, 0, IN_PARTITION(exits_disabled),
		.choices = exits,
		.help = "Instructions that do not leave the guest; the CPU then looks busy to the host."},
	[PARTITION_EXITS_BUDGET] = {"exits.budget", VALUE_NUMBER, 0, IN_PARTITION(exit_budget),
		.min = 0, .max = INT64_MAX, .fallback = "0",
		.help = "Exits to user space that each sealed vCPU may make before the run has failed."},
	[PARTITION_CLOCK_KVMCLOCK] = {"clock.kvmclock", VALUE_TRUTH, 0, IN_PARTITION(kvmclock),
		.fallback = "true",
		.help = "Whether the guest is offered kvmclock, from which Linux also learns its TSC's rate."},
	[PARTITION_SEAL_AFTER] = {"seal.after", VALUE_DURATION, 0, IN_PARTITION(seal_after_ns),
		.min = 1, .max = SECONDS(86400),
		.help = "Seal this long after the guest's first instruction."},
	[PARTITION_SEAL_PORT] = {"seal.port", VALUE_TRUTH, 0, IN_DRAFT(seal_port),
		.fallback = "false",
		.help = "Seal when the guest writes a nonzero byte to port 0xf5; zero ends the phase."},
	[PARTITION_LATENCY_BUDGET] = {"latency.budget", VALUE_DURATION, 0,
		IN_PARTITION(latency_budget_ns), .min = US(1), .max = SECONDS(10),
		.help = "Longest wake-up latency that still holds; without it none is judged."},
	[PARTITION_ON_REBOOT] = {"on-reboot", VALUE_CHOICE, 0, IN_PARTITION(reboot),
		.choices = reboots, .fallback = "exit",
		.help = "What happens when the guest reboots."},
	[PARTITION_EXIT_PORT] = {"exit-port", VALUE_TRUTH, 0, IN_PARTITION(exit_port),
		.fallback = "false",
		.help = "Whether a guest's write of v to port 0xf4 ends the run with status "
			"(v << 1) | 1."},
	[PARTITION_LOCK_MEMORY] = {"lock-memory", VALUE_TRUTH, 0, IN_PARTITION(lock_memory),
		.fallback = "true",
		.help = "Whether the partition's memory is locked; a real-time policy needs it."},
	[PARTITION_HOLD_CPU_DMA_LATENCY] = {"hold-cpu-dma-latency", VALUE_TRUTH, 0,
		IN_PARTITION(hold_cpu_dma_latency), .fallback = "false",
		.help = "Whether /dev/cpu_dma_latency is held at 0, so that no CPU sleeps deeply."},
};

const struct schema partition_schema = {
	partition_keys, COUNT(partition_keys), partition_sections, COUNT(partition_sections),
};

const struct key *schema_find(const struct schema *schema, const char *path)
{
	for (size_t i = 0; i < schema->key_count; i++) {
		if (strcmp(schema->keys[i].path, path) == 0)
			return &schema->keys[i];
	}
	return NULL;
}

const struct section *schema_section(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->section_count; i++) {
		if (strcmp(schema->sections[i].name, name) == 0)
			return &schema->sections[i];
	}
	return NULL;
}

size_t key_section(const struct key *key)
{
	const char *dot = strchr(key->path, '.');

	return dot != NULL ? (size_t)(dot - key->path) : 0;
}

const char *key_name(const struct key *key)
{
	size_t section = key_section(key);

	return section != 0 ? key->path + section + 1 : key->path;
}

static char *choices_format(const struct choice *choices, const char *before, char *buffer,
			    size_t size)
{
	size_t used = (size_t)snprintf(buffer, size, "%s", before);

	for (const struct choice *choice = choices; choice->word != NULL && used < size; choice++) {
		const char *joint = choice[1].word == NULL ? " or " : ", ";

		used += (size_t)snprintf(buffer + used, size - used, "%s%s",
					 choice == choices ? "" : joint, choice->word);
	}
	return buffer;
}

static char *range_format(const struct key *key, char *(*format)(uint64_t, char *, size_t),
			  char *buffer, size_t size)
{
	char least[32];
	char most[32];

	snprintf(buffer, size, "%s to %s", format(key->min, least, sizeof(least)),
		 format(key->max, most, sizeof(most)));
	return buffer;
}

static char *number_format(uint64_t number, char *buffer, size_t size)
{
	snprintf(buffer, size, "%" PRIu64, number);
	return buffer;
}

char *key_allowed(const struct key *key, char *buffer, size_t size)
{
	switch (key->type) {
	case VALUE_NAME:
		snprintf(buffer, size, "a letter, then letters, digits, - and _, at most %zu in all",
			 key->width - 1);
		break;
	case VALUE_TEXT:
		snprintf(buffer, size, "text of %" PRIu64 " to %" PRIu64 " bytes", key->min, key->max);
		break;
	case VALUE_TEXTS:
		snprintf(buffer, size, "a text or a list of at most %zu", key->width / sizeof(char *));
		break;
	case VALUE_NUMBER:
		return range_format(key, number_format, buffer, size);
	case VALUE_SIZE:
		return range_format(key, size_format, buffer, size);
	case VALUE_DURATION:
		return range_format(key, duration_format, buffer, size);
	case VALUE_CHOICE:
		return choices_format(key->choices, "", buffer, size);
	case VALUE_SET:
		return choices_format(key->choices, "a list of ", buffer, size);
	case VALUE_TRUTH:
		snprintf(buffer, size, "true or false");
		break;
	case VALUE_CPUS:
		snprintf(buffer, size, "CPU numbers and ascending ranges like 2-5,8, below %d",
			 CPULIST_MAX);
		break;
	case VALUE_LIST:
		snprintf(buffer, size, "a list of %" PRIu64 " to %" PRIu64, key->min, key->max);
		break;
	}
	return buffer;
}
