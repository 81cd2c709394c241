// SPDX-License-Identifier: Apache-2.0
#include "core/config/schema.h"

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

/* A guest's tasks. Execution times below 1 us mean nothing beside the cost of an exit, and ratios of
 * periods beyond 10^7 would take the analysis too long. */
#define TASK_PERIOD_MIN US(10)
#define TASK_PERIOD_MAX SECONDS(100)
#define TASK_BUDGET_MIN US(1)

#define IN_MACHINE(member) \
	.offset = offsetof(struct machine_draft, member), \
	.width = sizeof(((struct machine_draft *)NULL)->member)
#define IN_DRAFT(member) \
	.offset = offsetof(struct partition_draft, member), \
	.width = sizeof(((struct partition_draft *)NULL)->member)
#define IN_PARTITION(member) IN_DRAFT(config.member)
#define IN_DEVICE(member) \
	.offset = offsetof(struct partition_device, member), \
	.width = sizeof(((struct partition_device *)NULL)->member)
#define IN_TASK(member) \
	.offset = offsetof(struct guest_task, member), \
	.width = sizeof(((struct guest_task *)NULL)->member)
#define COUNTED(member) .count_offset = offsetof(struct partition_draft, config.member)
#define PLACED(member) .place_offset = offsetof(struct partition_config, at.member)

static const struct choice host_kernels[] = {
	{"any", false, "any supported kernel"},
	{"preempt-rt", true, "a PREEMPT_RT kernel, or partitions with a real-time policy do not start"},
	{NULL, 0, NULL},
};

static const struct choice drifts[] = {
	{"report", false, "bulkhead doctor --watch says so"},
	{"repair", true, "it puts it back as well"},
	{NULL, 0, NULL},
};

static const struct choice withins[] = {
	{"cache", WITHIN_CACHE, "all under one last-level cache"},
	{"node", WITHIN_NODE, "all of one NUMA node"},
	{"machine", WITHIN_MACHINE, "anywhere"},
	{NULL, 0, NULL},
};

static const struct choice siblings[] = {
	{"own", false, "a core's other hardware threads are this partition's or unused"},
	{"shared", true, "somebody else may run on a core's other hardware threads"},
	{NULL, 0, NULL},
};

static const struct choice isolations[] = {
	{"any", ISOLATION_ANY, "by what the host offers: cpuset where it can be had"},
	{"cpuset", ISOLATION_CPUSET, "by a cgroup v2 cpuset partition, made at run time"},
	{"isolcpus", ISOLATION_ISOLCPUS, "by isolcpus=domain on the kernel's command line"},
	{"affinity", ISOLATION_AFFINITY, "not kept free: the vCPU threads are bound, others may come"},
	{NULL, 0, NULL},
};

static const struct choice task_orders[] = {
	{"fixed-priority", TASKS_FIXED_PRIORITY, "the task of the highest priority runs first"},
	{"edf", TASKS_EDF, "the task of the earliest deadline runs first"},
	{NULL, 0, NULL},
};

static const struct choice device_nodes[] = {
	{"near", false, "on a NUMA node of the partition's CPUs"},
	{"any", true, "on whichever node it is"},
	{NULL, 0, NULL},
};

static const struct choice posteds[] = {
	{"wanted", false, "used where the host has them"},
	{"required", true, "a host without them is refused"},
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

static const struct choice crashes[] = {
	{"stop", false, "the partition stays down"},
	{"restart", true, "it is started afresh, by systemd"},
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
	[MACHINE_DRIFT] = {"host.drift", VALUE_CHOICE, 0, IN_MACHINE(repair_drift),
		.choices = drifts, .fallback = "report",
		.help = "What is done when something else undoes what bulkhead apply did."},
	[MACHINE_PARTITIONS] = {"partitions", VALUE_LIST, KEY_REQUIRED, IN_MACHINE(partitions),
		.min = 1, .max = 256, .items = &partition_schema,
		.help = "The partitions, each a mapping of the partition keys."},
};

const struct schema machine_schema = {
	machine_keys, COUNT(machine_keys), machine_sections, COUNT(machine_sections),
	.help = "A machine cut into partitions.",
};

static const struct key device_keys[] = {
	{"vfio", VALUE_ADDRESS, KEY_REQUIRED, IN_DEVICE(address),
		.example = "vfio: \"0000:03:00.0\"",
		.help = "PCI function the guest gets as its own."},
	{"node", VALUE_CHOICE, 0, IN_DEVICE(any_node), .choices = device_nodes, .fallback = "near",
		.help = "Where the function may be, seen from the partition's CPUs."},
};

static const struct schema device_schema = {
	device_keys, COUNT(device_keys),
	.help = "One device that is passed through.",
	.size = sizeof(struct partition_device),
	.place_offset = offsetof(struct partition_device, at),
};

static const struct key task_keys[] = {
	{"name", VALUE_NAME, KEY_REQUIRED, IN_TASK(name), .example = "name: control-loop",
		.help = "Name of the task, unlike any other of the partition."},
	{"period", VALUE_DURATION, KEY_REQUIRED, IN_TASK(period_ns), .min = TASK_PERIOD_MIN,
		.max = TASK_PERIOD_MAX, .example = "period: 10ms",
		.help = "Least time between two releases of the task."},
	{"budget", VALUE_DURATION, KEY_REQUIRED, IN_TASK(budget_ns), .min = TASK_BUDGET_MIN,
		.max = TASK_PERIOD_MAX, .example = "budget: 300us",
		.help = "CPU time it takes each time at worst; at most the deadline."},
	{"deadline", VALUE_DURATION, 0, IN_TASK(deadline_ns), .min = TASK_BUDGET_MIN,
		.max = TASK_PERIOD_MAX,
		.help = "By when after its release it must be done; at most the period, which it is "
			"where not stated."},
	{"priority", VALUE_NUMBER, 0, IN_TASK(priority), .min = 1, .max = 255,
		.help = "Priority within the guest, larger is more urgent; with order fixed-priority, "
			"which needs it."},
	{"vcpu", VALUE_NUMBER, 0, IN_TASK(vcpu), .min = 0, .max = PARTITION_VCPUS_MAX - 1,
		.fallback = "0",
		.help = "vCPU the guest runs it on, counted from 0."},
};

static const struct schema task_schema = {
	task_keys, COUNT(task_keys),
	.help = "One periodic or sporadic task of the guest.",
	.size = sizeof(struct guest_task),
	.place_offset = offsetof(struct guest_task, at),
};

_Static_assert(COUNT(device_keys) <= ITEM_KEYS_MAX && COUNT(task_keys) <= ITEM_KEYS_MAX,
	       "an item is read with ITEM_KEYS_MAX places");

static const struct section partition_sections[] = {
	{"placement", false, "Which host CPUs go together."},
	{"memory", false, "Guest memory."},
	{"weight", false, "Shares of what several want at once, by control groups."},
	{"schedule", true, "How the host schedules the vCPU threads; given again, it replaces all of "
			   "the profile's."},
	{"tasks", true, "What the guest must get done, which its reservation has to suffice for; given "
			"again, it replaces all of the profile's."},
	{"cache", false, "Shares of the caches and of the memory's bandwidth, by resctrl."},
	{"boot", false, "What the guest starts from."},
	{"interrupts", false, "How interrupts reach the guest."},
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
		.help = "Host CPUs; one vCPU on each, ascending, at most 64. They are this partition's "
			"alone; only partitions of policy deadline may share a CPU, among themselves."},
	[PARTITION_VCPUS] = {"vcpus", VALUE_NUMBER, KEY_NOT_IN_PROFILE, IN_PARTITION(vcpus),
		PLACED(cpus), .min = 1, .max = PARTITION_VCPUS_MAX, .fallback = "1",
		.help = "Number of vCPUs where cpus is not given; Bulkhead chooses the host CPUs."},
	[PARTITION_PLACEMENT_WITHIN] = {"placement.within", VALUE_CHOICE, 0, IN_PARTITION(within),
		PLACED(within), .choices = withins, .fallback = "cache",
		.help = "How far apart the CPUs of cpus may lie."},
	[PARTITION_PLACEMENT_SIBLINGS] = {"placement.siblings", VALUE_CHOICE, 0,
		IN_PARTITION(share_cores), .choices = siblings, .fallback = "own",
		.help = "Who may run beside them on their cores, where a core has several hardware "
			"threads."},
	[PARTITION_ISOLATION] = {"isolation", VALUE_CHOICE, 0, IN_PARTITION(isolation),
		PLACED(isolation), .choices = isolations, .fallback = "any",
		.help = "By what the CPUs are kept free of everything else."},
	[PARTITION_MEMORY_SIZE] = {"memory.size", VALUE_SIZE, KEY_REQUIRED,
		IN_PARTITION(memory_bytes), PLACED(memory), .min = MIB(16), .max = GIB(16384),
		.help = "Memory the guest sees, a multiple of memory.pages."},
	[PARTITION_MEMORY_PAGES] = {"memory.pages", VALUE_CHOICE, 0, IN_PARTITION(page_bytes),
		PLACED(pages), .choices = page_sizes, .fallback = "4K",
		.help = "Size of the host pages behind it."},
	[PARTITION_MEMORY_NODE] = {"memory.node", VALUE_NUMBER, 0, IN_PARTITION(memory_node),
		PLACED(node), .max = 1023, .unset = (uint64_t)PARTITION_NODE_OWN,
		.help = "NUMA node the memory is taken from; without it, those of the partition's CPUs."},
	[PARTITION_MEMORY_MAX] = {"memory.max", VALUE_SIZE, 0, IN_PARTITION(memory_max_bytes),
		PLACED(memory), .min = MIB(16), .max = GIB(16384),
		.help = "Memory the partition's process may use in all, its own beside the guest's; "
			"only without a cpuset of its own. Without it there is no limit."},
	[PARTITION_WEIGHT_CPU] = {"weight.cpu", VALUE_NUMBER, 0, IN_PARTITION(cpu_weight),
		.min = 1, .max = 10000,
		.help = "Share of CPU time among those that want it, 100 being everybody's; with policy "
			"other."},
	[PARTITION_WEIGHT_IO] = {"weight.io", VALUE_NUMBER, 0, IN_PARTITION(io_weight),
		.min = 1, .max = 10000,
		.help = "Share of disk bandwidth among those that want it, 100 being everybody's; with "
			"policy other."},
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
			"deadline, which needs it or tasks to derive it from."},
	[PARTITION_SCHEDULE_DEADLINE] = {"schedule.deadline", VALUE_DURATION, 0,
		IN_PARTITION(schedule.deadline_ns), .min = DEADLINE_RUNTIME_MIN,
		.max = DEADLINE_PERIOD_MAX,
		.help = "By when after the start of a period the runtime has been given, at most the "
			"period, which it is where not stated; with policy deadline."},
	[PARTITION_SCHEDULE_PERIOD] = {"schedule.period", VALUE_DURATION, 0,
		IN_PARTITION(schedule.period_ns), .min = DEADLINE_PERIOD_MIN,
		.max = DEADLINE_PERIOD_MAX,
		.help = "How often the runtime is given; with policy deadline, which needs it or tasks to "
			"derive it from."},
	[PARTITION_TASKS_ORDER] = {"tasks.order", VALUE_CHOICE, 0, IN_PARTITION(tasks.order),
		.choices = task_orders, .fallback = "fixed-priority",
		.help = "How the guest schedules its tasks on each vCPU."},
	[PARTITION_TASKS_EXIT_COST] = {"tasks.exit-cost", VALUE_DURATION, 0,
		IN_PARTITION(tasks.exit_cost_ns), .max = US(1000), .fallback = "10us",
		.help = "CPU time lost in each period of the reservation to leaving and entering the "
			"guest."},
	[PARTITION_TASKS_SET] = {"tasks.set", VALUE_ITEMS, 0, IN_PARTITION(tasks.task),
		COUNTED(tasks.count), PLACED(tasks), .min = 1, .max = PARTITION_TASKS_MAX,
		.items = &task_schema,
		.help = "The tasks; with policy deadline, whose reservation is held against them or, "
			"where it is not stated, derived from them."},
	[PARTITION_CACHE_L3_WAYS] = {"cache.l3-ways", VALUE_NUMBER, 0, IN_PARTITION(cache.l3_ways),
		PLACED(cache), .min = 1, .max = 64,
		.help = "Ways of the L3 cache that are this partition's alone; without it, none are."},
	[PARTITION_CACHE_L2_WAYS] = {"cache.l2-ways", VALUE_NUMBER, 0, IN_PARTITION(cache.l2_ways),
		PLACED(cache), .min = 1, .max = 64,
		.help = "Ways of the L2 cache that are this partition's alone; without it, none are."},
	[PARTITION_CACHE_MEMORY_BANDWIDTH] = {"cache.memory-bandwidth", VALUE_NUMBER, 0,
		IN_PARTITION(cache.bandwidth_percent), PLACED(cache), .min = 1, .max = 100,
		.help = "Memory bandwidth its CPUs may take at most, in percent; without it, there is "
			"no limit."},
	[PARTITION_BOOT_KERNEL] = {"boot.kernel", VALUE_TEXT, KEY_REQUIRED, IN_PARTITION(kernel),
		PLACED(kernel), .min = 1, .max = 4095,
		.help = "Image file: Linux bzImage, PVH ELF or Multiboot ELF; the word probe is the "
			"built-in probe guest (write ./probe for a file of that name)."},
	[PARTITION_BOOT_INITRD] = {"boot.initrd", VALUE_TEXTS, 0, IN_PARTITION(initrd),
		COUNTED(initrd_count), PLACED(initrd), .min = 1, .max = 4095,
		.help = "File or list of files: Linux's initrd, or Multiboot modules; at most 16."},
	[PARTITION_BOOT_CMDLINE] = {"boot.cmdline", VALUE_TEXT, 0, IN_PARTITION(cmdline),
		.max = PARTITION_CMDLINE_MAX - 1, .fallback = "",
		.help = "Command line the guest is given."},
	[PARTITION_DEVICES] = {"devices", VALUE_ITEMS, KEY_NOT_IN_PROFILE, IN_PARTITION(device),
		COUNTED(device_count), .min = 0, .max = PARTITION_DEVICES_MAX,
		.items = &device_schema,
		.help = "Devices of the host that the guest gets as its own."},
	[PARTITION_INTERRUPTS_POSTED] = {"interrupts.posted", VALUE_CHOICE, 0,
		IN_PARTITION(posted_interrupts), PLACED(posted), .choices = posteds,
		.fallback = "wanted",
		.help = "Whether interrupts, of devices, timers and other vCPUs, must reach the guest "
			"without leaving it."},
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
	[PARTITION_ON_CRASH] = {"on-crash", VALUE_CHOICE, 0, IN_PARTITION(restart_on_crash),
		.choices = crashes, .fallback = "stop",
		.help = "What follows a crash of the guest or of its VMM, where systemd runs the "
			"partition."},
	[PARTITION_AUTOSTART] = {"autostart", VALUE_TRUTH, 0, IN_PARTITION(autostart),
		.fallback = "true",
		.help = "Whether the partition starts with the host, once bulkhead boot has installed "
			"it."},
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
	.help = "One partition.",
	.profiles = true,
};
