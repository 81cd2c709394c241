// SPDX-License-Identifier: Apache-2.0
#include "core/vmm/machine.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/boot/acpi.h"
#include "core/boot/bios_remains.h"
#include "core/boot/boot.h"
#include "core/boot/cpuid.h"
#include "core/boot/image.h"
#include "core/boot/memory_map.h"
#include "core/devices/platform_ports.h"
#include "core/vmm/launch.h"
#include "core/vmm/state.h"
#include "core/vmm/thread_group.h"
#include "irq/route.h"
#include "rt/cpu_dma_latency.h"
#include "rt/memory_lock.h"
#include "rt/thread_policy.h"

int machine_downgrade(struct machine *machine, int error, struct diag *why)
{
	struct machine_state *state = machine->state;
	uint_fast32_t count = atomic_load(&state->downgrades);

	if (error == 0 || !machine->launch->best_effort)
		return error;
	/* Every vCPU may be refused the same thing: it is said once. */
	bool said = false;
	for (uint_fast32_t i = 0; i < count; i++)
		said = said || strcmp(state->downgrade[i], why->text) == 0;
	if (!said && count < STATE_DOWNGRADES_MAX) {
		snprintf(state->downgrade[count], STATE_TEXT_MAX, "%s", why->text);
		atomic_store(&state->downgrades, count + 1);
	}
	*why = (struct diag){0};
	return 0;
}

static int open_devices(struct machine *machine, struct diag *why)
{
	const struct launch *launch = machine->launch;
	struct timespec now;
	int error;

	clock_gettime(CLOCK_REALTIME, &now);
	uart16550_init(&machine->uart, &machine->doorbell);
	rtc_init(&machine->rtc, (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, __rdtsc(),
		 machine->state->tsc_khz, NULL);
	error = uart16550_add(&machine->uart, &machine->traps, UART16550_COM1_PORT, why);
	if (error == 0)
		error = rtc_add(&machine->rtc, &machine->traps, why);
	if (error == 0)
		error = platform_ports_add(&machine->traps, why);
	if (error == 0)
		error = guest_ports_add(&machine->traps, launch->exit_port, launch->seal == SEAL_PORT,
					why);
	if (error == 0)
		error = route_apply(&machine->vm, why);
	if (error == 0)
		error = irq_line_open(&machine->vm, UART16550_COM1_GSI, &machine->console_line, why);
	return error;
}

/* Room for KVM's variable-length table. */
struct cpuid_table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entry[CPUID_ENTRIES_MAX];
};

static int open_vcpu(struct machine *machine, unsigned index, const struct cpuid_table *supported,
		     struct diag *why)
{
	const struct launch *launch = machine->launch;
	struct vcpu_thread *thread = &machine->thread[index];
	struct cpuid_table cpuid = {.head.nent = CPUID_ENTRIES_MAX};
	struct cpuid_request want = {
		.vcpu = index,
		.vcpus = launch->vcpus,
		.kvmclock = launch->kvmclock,
		.own_cpus = launch->own_cpus,
		.mwait = (launch->exits_disabled & EXITS_DISABLED_MWAIT) != 0,
	};
	int error = vcpu_open(&machine->vm, index, &thread->vcpu, why);

	if (error == 0)
		error = vcpu_tsc_khz(&thread->vcpu, &want.tsc_khz, why);
	if (error == 0)
		error = cpuid_plan(&supported->head, &want, &cpuid.head, why);
	if (error == 0)
		error = vcpu_set_cpuid(&thread->vcpu, &cpuid.head, why);
	if (error != 0)
		return error;
	machine->state->tsc_khz = want.tsc_khz;
	thread->doorbell = &machine->doorbell;
	thread->filter = &machine->vcpu_filter;
	thread->vcpu.runner.traps = &machine->traps;
	thread->vcpu.runner.statistics = &machine->state->vcpu[index];
	thread->vcpu.runner.seal = &machine->state->seal;
	atomic_store(&machine->state->vcpu[index].over_budget.reason, UINT32_MAX);
	return 0;
}

static int open_vcpus(struct machine *machine, struct diag *why)
{
	struct cpuid_table supported = {.head.nent = CPUID_ENTRIES_MAX};
	unsigned vcpus = machine->launch->vcpus;
	int error;

	if (vcpus > machine->vm.vcpus_max) {
		diag_set(why, ERANGE, "this host's KVM gives a machine %u vCPUs, not %u",
			 machine->vm.vcpus_max, vcpus);
		diag_remedy(why, "give the partition fewer CPUs");
		return -ERANGE;
	}
	error = vm_supported_cpuid(&machine->vm, &supported.head, why);
	for (unsigned i = 0; i < vcpus && error == 0; i++)
		error = open_vcpu(machine, i, &supported, why);
	return error;
}

static int load_images(struct machine *machine, struct image *kernel, struct image *initrd,
		       struct boot_entry *ret, struct diag *why)
{
	const struct launch *launch = machine->launch;
	struct memory_map map;
	struct boot_request request = {
		.kernel = kernel, .initrd = initrd, .cmdline = launch->cmdline, .map = &map,
	};
	int error = image_open(launch->kernel, kernel, why);

	while (error == 0 && request.initrd_count < launch->initrd_count) {
		size_t i = request.initrd_count++;

		error = image_open(launch->initrd[i], &initrd[i], why);
	}
	if (error == 0)
		error = memory_map_plan(&machine->memory, &map, why);
	if (error == 0)
		error = acpi_build(&machine->memory, launch->vcpus, &request.rsdp_gpa, why);
	if (error == 0)
		error = bios_remains_write(&machine->memory, why);
	if (error == 0)
		error = boot_load(&machine->memory, &request, ret, why);
	return error;
}

static int load_guest(struct machine *machine, struct diag *why)
{
	struct image kernel = {0};
	struct image initrd[PARTITION_INITRDS_MAX] = {0};
	struct boot_entry entry;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	const struct vcpu *vcpu = &machine->thread[0].vcpu;
	int error = load_images(machine, &kernel, initrd, &entry, why);

	image_done(&kernel);
	for (size_t i = 0; i < machine->launch->initrd_count; i++)
		image_done(&initrd[i]);
	if (error == 0)
		error = vcpu_get_sregs(vcpu, &sregs, why);
	if (error == 0) {
		boot_entry_registers(&entry, &regs, &sregs);
		error = vcpu_set_entry(vcpu, &regs, &sregs, why);
	}
	return error;
}

static int open_latency(struct machine *machine, struct diag *why)
{
	int fd;

	machine->cpu_dma_latency = -1;
	if (!machine->launch->hold_cpu_dma_latency)
		return 0;
	fd = cpu_dma_latency_hold(why);
	machine->cpu_dma_latency = fd;
	return machine_downgrade(machine, fd < 0 ? fd : 0, why);
}

/* Away from the vCPUs' CPUs and ordinary, whoever started us; what is created from here inherits it. */
static int place_self(struct machine *machine, struct diag *why)
{
	const struct thread_policy ordinary = {.class = THREAD_OTHER};
	struct thread_policy own = {.class = THREAD_FIFO};
	int error = thread_policy_get(0, &own);

	/* Not without need: it would reset a nice value, which takes a privilege of its own. */
	if (error != 0 || own.class != THREAD_OTHER)
		error = thread_policy_set(0, &ordinary, why);
	if (error == 0 && !cpulist_empty(&machine->launch->other_cpus))
		error = thread_affinity_set(0, &machine->launch->other_cpus, why);
	return machine_downgrade(machine, error, why);
}

static int lock_memory(struct machine *machine, struct diag *why)
{
	int error = memory_lock(why);

	machine->locked = error == 0;
	return machine_downgrade(machine, error, why);
}

/* Guest memory is locked page by page as the populating thread gets to it, not all at once here. */
static int map_memory(struct machine *machine, struct diag *why)
{
	int error;

	if (!machine->locked)
		return guest_memory_map(&machine->memory, why);
	memory_lock_future(FUTURE_LOCK_ON_TOUCH);
	error = guest_memory_map(&machine->memory, why);
	memory_lock_future(FUTURE_LOCK_AT_ONCE);
	if (error != -EAGAIN)
		return error;
	error = machine_downgrade(machine, memory_lock_refused(EAGAIN, why), why);
	if (error != 0)
		return error;
	memory_unlock();
	machine->locked = false;
	return guest_memory_map(&machine->memory, why);
}

static int open_memory(struct machine *machine, struct diag *why)
{
	const struct launch *launch = machine->launch;
	int error = guest_memory_plan(launch->memory_bytes, launch->page_bytes, &machine->memory, why);

	if (error == 0 && launch->lock_memory)
		error = lock_memory(machine, why);
	if (error == 0)
		error = map_memory(machine, why);
	machine->populate = (struct populate){
		.memory = &machine->memory, .doorbell = &machine->doorbell,
		.seal = &machine->state->seal,
	};
	if (launch->own_cpus)
		machine->populate.cpus = launch->other_cpus;
	/* Where the vCPUs have a control group of their own, this process may not use their CPUs. */
	for (unsigned i = 0; i < launch->vcpus && launch->own_cpus && launch->vcpu_group[i] < 0; i++)
		cpulist_add(&machine->populate.cpus, (unsigned)launch->vcpu_cpu[i]);
	return error == 0 ? populate_start(&machine->populate, why) : error;
}

int machine_open(struct machine *machine, const struct launch *launch, struct machine_state *state,
		 struct diag *why)
{
	int error;

	machine->launch = launch;
	machine->state = state;
	state->seal.exit_budget = launch->exit_budget;
	error = doorbell_open(&machine->doorbell);
	if (error != 0)
		return diag_set(why, -error, "no eventfd can be had (%s)", strerror(-error));
	error = place_self(machine, why);
	if (error == 0)
		error = confine_no_new_privileges(why);
	if (error == 0)
		error = vm_open(launch->exits_disabled, &machine->vm, why);
	if (error == 0)
		error = open_memory(machine, why);
	if (error == 0)
		error = vm_set_memory(&machine->vm, &machine->memory, why);
	if (error == 0)
		error = open_vcpus(machine, why);
	if (error == 0)
		error = open_devices(machine, why);
	if (error == 0)
		error = load_guest(machine, why);
	if (error == 0)
		error = open_latency(machine, why);
	if (error == 0)
		error = filter_vcpu(machine->doorbell.fd, &machine->vcpu_filter, why);
	if (error == 0)
		error = filter_main(&machine->main_filter, why);
	return error;
}

int machine_confine(struct machine *machine, struct diag *why)
{
	int error = 0;

	for (unsigned i = 0; i < machine->launch->vcpus && error == 0; i++)
		error = vcpu_thread_start(&machine->thread[i], why);
	/* Where vCPUs could keep the populating thread from its CPU, they do not start before it ends. */
	if (error == 0 && !machine->launch->own_cpus)
		error = populate_wait(&machine->populate, why);
	if (error == 0)
		error = confine_capabilities(KEEP_SYS_NICE);
	if (error != 0)
		return why->error != 0 ? error : diag_set(why, -error, "confinement failed (%s)",
							  strerror(-error));
	atomic_store(&machine->state->phase, PHASE_CONFINED);
	return 0;
}

/*
 * SCHED_DEADLINE is admitted to the CPUs that the thread last ran on, so it is made to run in its group
 * first, where it waits at its gate and would not by itself.
 */
static int enter_group(struct machine *machine, unsigned index, struct diag *why)
{
	const struct launch *launch = machine->launch;
	pid_t tid = machine->thread[index].tid;
	int error = thread_group_enter(launch->vcpu_group[index], tid, why);

	if (error != 0 || launch->policy.class != THREAD_DEADLINE)
		return error;
	doorbell_stir(&machine->doorbell);
	return thread_group_wait(tid, why);
}

/*
 * A vCPU's group first, which gives it other CPUs (before Linux 6.2 all of the group's, whatever it had);
 * then its CPU; its class last, for a DEADLINE thread's affinity cannot be changed.
 */
static int promote_vcpu(struct machine *machine, unsigned index, struct diag *why)
{
	const struct launch *launch = machine->launch;
	pid_t tid = machine->thread[index].tid;
	struct cpulist cpu = {0};
	int error = 0;

	if (launch->vcpu_group[index] >= 0)
		error = machine_downgrade(machine, enter_group(machine, index, why), why);
	if (error == 0 && launch->vcpu_cpu[index] != LAUNCH_CPU_ANY) {
		cpulist_add(&cpu, (unsigned)launch->vcpu_cpu[index]);
		error = machine_downgrade(machine, thread_affinity_set(tid, &cpu, why), why);
	}
	if (error == 0 && launch->policy.class != THREAD_OTHER)
		error = machine_downgrade(machine, thread_policy_set(tid, &launch->policy, why), why);
	return error;
}

/* Neighbours may share one. */
static void close_groups(const struct launch *launch)
{
	for (unsigned i = 0; i < launch->vcpus; i++) {
		if (launch->vcpu_group[i] >= 0 &&
		    (i == 0 || launch->vcpu_group[i] != launch->vcpu_group[i - 1]))
			close(launch->vcpu_group[i]);
	}
}

int machine_promote(struct machine *machine, struct diag *why)
{
	int error = populate_move(&machine->populate, &machine->launch->other_cpus, why);

	for (unsigned i = 0; i < machine->launch->vcpus && error == 0; i++)
		error = promote_vcpu(machine, i, why);
	close_groups(machine->launch);
	if (error == 0)
		error = confine_capabilities(KEEP_NOTHING);
	if (error == 0)
		error = vcpu_enter_once(&machine->thread[0].vcpu, why);
	if (error == 0)
		error = filter_install(&machine->main_filter);
	if (error != 0)
		return why->error != 0 ? error : diag_set(why, -error, "confinement failed (%s)",
							  strerror(-error));
	atomic_store(&machine->state->phase, PHASE_PROMOTED);
	return 0;
}

/* Whoever listened may be gone: that is their affair. */
static void tell_running(const struct launch *launch)
{
	const uint64_t one = 1;

	if (launch->running_fd >= 0 && sys_write_all(launch->running_fd, &one, sizeof(one)) == 0)
		close(launch->running_fd);
}

int machine_run(struct machine *machine, struct diag *why)
{
	struct machine_state *state = machine->state;
	int error;

	atomic_store(&state->first_run_tsc, __rdtsc());
	atomic_store(&state->phase, PHASE_RUNNING);
	error = doorbell_release(&machine->doorbell);
	if (error != 0)
		return diag_set(why, -error, "the vCPU threads cannot be started");
	tell_running(machine->launch);
	return 0;
}
