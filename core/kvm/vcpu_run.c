// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/vcpu_run.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

#include "core/kvm/statistics.h"
#include "core/kvm/trap.h"

/* The vCPU thread is the only writer of its counters: a plain increment that readers never see torn. */
static inline void count(atomic_uint_fast64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static inline bool is_sealed(const struct vcpu_runner *vcpu)
{
	return atomic_load_explicit(&vcpu->seal->sealed, memory_order_relaxed);
}

static void count_access(struct vcpu_statistics *statistics, uint64_t key)
{
	/* Fibonacci hashing; four probes keep the cost flat however many ports a guest touches. */
	uint64_t slot = key * UINT64_C(0x9e3779b97f4a7c15) >> 58;

	for (unsigned probe = 0; probe < 4; probe++) {
		struct access_count *entry = &statistics->access[(slot + probe) % STATISTICS_ACCESSES];
		uint64_t held = atomic_load_explicit(&entry->key, memory_order_relaxed);

		if (held == 0)
			atomic_store_explicit(&entry->key, key, memory_order_release);
		if (held == 0 || held == key) {
			count(&entry->count);
			return;
		}
	}
	count(&statistics->access_other);
}

/* The exit's access as a statistics key, or 0 when it is neither PIO nor MMIO. */
static uint64_t exit_key(const struct kvm_run *run)
{
	if (run->exit_reason == KVM_EXIT_IO)
		return access_key(run->io.direction == KVM_EXIT_IO_OUT ? ACCESS_PIO_WRITE : ACCESS_PIO_READ,
				  run->io.port);
	if (run->exit_reason == KVM_EXIT_MMIO)
		return access_key(run->mmio.is_write ? ACCESS_MMIO_WRITE : ACCESS_MMIO_READ,
				  run->mmio.phys_addr);
	return 0;
}

static void count_sealed(const struct vcpu_runner *vcpu, uint64_t key)
{
	struct vcpu_statistics *statistics = vcpu->statistics;

	count(&statistics->sealed_exits);
	if (atomic_load_explicit(&statistics->sealed_exits, memory_order_relaxed) !=
	    vcpu->seal->exit_budget + 1)
		return;
	atomic_store_explicit(&statistics->over_budget.tsc, __rdtsc(), memory_order_relaxed);
	atomic_store_explicit(&statistics->over_budget.key, key, memory_order_relaxed);
	atomic_store_explicit(&statistics->over_budget.reason, vcpu->run->exit_reason,
			      memory_order_release);
}

static void count_exit(const struct vcpu_runner *vcpu, uint64_t key)
{
	struct vcpu_statistics *statistics = vcpu->statistics;

	count(&statistics->exits);
	count(&statistics->by_reason[vcpu->run->exit_reason % STATISTICS_REASONS]);
	if (key != 0)
		count_access(statistics, key);
}

/* A signal or a tracer took the thread out of KVM_RUN: not the guest's doing, so not an exit. */
static void count_interrupt(const struct vcpu_runner *vcpu)
{
	count(&vcpu->statistics->by_reason[KVM_EXIT_INTR]);
	if (is_sealed(vcpu))
		count(&vcpu->statistics->sealed_interrupts);
}

/* Does what a write asked for; what remains for the machine is returned. */
static enum vcpu_end act(struct vcpu_runner *vcpu, enum trap_action action, uint64_t value)
{
	switch (action) {
	case TRAP_RESUME:
		return VCPU_RUNNING;
	case TRAP_SEAL:
		/* A guest that is ready before its memory is waits here: its write seals, or it lies. */
		while (!atomic_load_explicit(&vcpu->seal->ready, memory_order_acquire))
			_mm_pause();
		atomic_store_explicit(&vcpu->seal->tsc, __rdtsc(), memory_order_relaxed);
		atomic_store_explicit(&vcpu->seal->sealed, true, memory_order_release);
		return VCPU_RUNNING;
	case TRAP_UNSEAL:
		atomic_store_explicit(&vcpu->seal->sealed, false, memory_order_release);
		return VCPU_RUNNING;
	case TRAP_POWER_OFF:
		return VCPU_END_POWER_OFF;
	case TRAP_RESET:
		return VCPU_END_RESET;
	case TRAP_EXIT:
		vcpu->end_value = value & 0xff;
		return VCPU_END_EXIT_PORT;
	}
	return VCPU_RUNNING;
}

/* KVM hands over accesses of 1, 2, 4 and 8 bytes, little-endian, at any alignment. */
static inline uint64_t load(const uint8_t *data, unsigned length)
{
	uint64_t value = data[0];

	for (unsigned i = 1; i < length; i++)
		value |= (uint64_t)data[i] << (8 * i);
	return value;
}

static inline void store(uint8_t *data, unsigned length, uint64_t value)
{
	for (unsigned i = 0; i < length; i++)
		data[i] = (uint8_t)(value >> (8 * i));
}

/* The table is const, so what answered once answers again: the search is most of what is ours here. */
static inline const struct trap *find(struct vcpu_runner *vcpu, enum trap_space space,
				      uint64_t address, unsigned length)
{
	const struct trap *last = vcpu->last_trap;

	if (last != NULL && last->space == space && address >= last->first &&
	    address <= last->last && (uint64_t)length - 1 <= last->last - address)
		return last;
	vcpu->last_trap = trap_find(vcpu->traps, space, address, length);
	return vcpu->last_trap;
}

static enum vcpu_end answer(struct vcpu_runner *vcpu, enum trap_space space, uint64_t address,
			    unsigned length, bool write, uint8_t *data)
{
	const struct trap *trap = find(vcpu, space, address, length);

	/* Nobody home: a write is lost and a read finds the bus floating high, as on a PC. */
	if (!write) {
		store(data, length, trap == NULL ? UINT64_MAX :
		      trap->read(trap->device, address - trap->first, length));
		return VCPU_RUNNING;
	}
	if (trap == NULL)
		return VCPU_RUNNING;
	uint64_t value = load(data, length);
	return act(vcpu, trap->write(trap->device, address - trap->first, length, value), value);
}

/* A string instruction arrives as @io.count accesses of one port, its data in the kvm_run page. */
static enum vcpu_end answer_io(struct vcpu_runner *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	bool write = run->io.direction == KVM_EXIT_IO_OUT;
	enum vcpu_end end = VCPU_RUNNING;

	for (uint32_t i = 0; i < run->io.count && end == VCPU_RUNNING; i++) {
		end = answer(vcpu, TRAP_PIO, run->io.port, run->io.size, write, data);
		data += run->io.size;
	}
	return end;
}

static enum vcpu_end end_with(struct vcpu_runner *vcpu, enum vcpu_end end, uint64_t value)
{
	vcpu->end_value = value;
	return end;
}

static enum vcpu_end answer_reason(struct vcpu_runner *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		return answer_io(vcpu);
	case KVM_EXIT_MMIO:
		return answer(vcpu, TRAP_MMIO, run->mmio.phys_addr, run->mmio.len, run->mmio.is_write,
			      run->mmio.data);
	case KVM_EXIT_INTR:
		return VCPU_RUNNING;
	case KVM_EXIT_SHUTDOWN:
		return end_with(vcpu, VCPU_END_TRIPLE_FAULT, 0);
	case KVM_EXIT_INTERNAL_ERROR:
		return end_with(vcpu, VCPU_END_INTERNAL_ERROR, run->internal.suberror);
	case KVM_EXIT_FAIL_ENTRY:
		return end_with(vcpu, VCPU_END_FAIL_ENTRY,
				run->fail_entry.hardware_entry_failure_reason);
	default:
		return end_with(vcpu, VCPU_END_UNKNOWN_EXIT, run->exit_reason);
	}
}

static enum vcpu_end answer_exit(struct vcpu_runner *vcpu)
{
	bool was_sealed = is_sealed(vcpu);
	uint64_t key = exit_key(vcpu->run);
	enum vcpu_end end;

	count_exit(vcpu, key);
	end = answer_reason(vcpu);
	/* The write that seals, unseals or ends the partition is no exit of the sealed phase. */
	if (was_sealed && end == VCPU_RUNNING && is_sealed(vcpu))
		count_sealed(vcpu, key);
	return end;
}

enum vcpu_end vcpu_run(struct vcpu_runner *vcpu)
{
	enum vcpu_end end = VCPU_RUNNING;

	while (end == VCPU_RUNNING) {
		if (ioctl(vcpu->fd, KVM_RUN, 0) == 0) {
			end = answer_exit(vcpu);
		} else if (errno == EINTR || errno == EAGAIN) {
			count_interrupt(vcpu);
		} else {
			end = end_with(vcpu, VCPU_END_RUN_FAILED, (uint64_t)errno);
		}
	}
	return end;
}
