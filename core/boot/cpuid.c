// SPDX-License-Identifier: Apache-2.0
#include "core/boot/cpuid.h"

#include <errno.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/cpuid_bits.h"
#include "core/boot/tsc_crystal.h"

enum {
	BASIC_LEAF_MIN = 0x16, /* the highest basic leaf we add */
	CACHE_TYPE_MASK = 0x1f,
	CACHE_LEVEL_SHIFT = 5,
	CACHE_LEVEL_MASK = 0x7,
	CACHE_SHARING_SHIFT = 14,
	CACHE_SHARING_MASK = 0xfff,
	CACHE_CORES_SHIFT = 26,
	CACHE_CORES_MASK = 0x3f,
	TOPOLOGY_THREAD = 1, /* level types of leaves 0xb and 0x1f */
	TOPOLOGY_CORE = 2,
	MWAIT_LINE_BYTES = 64,
};

#define PARAVIRTUAL_LAST (KVM_CPUID_SIGNATURE | 0xff)
#define LEAF_TIMING UINT32_C(0x40000010)

/**
 * struct builder - one table under construction.
 * @id_bits: bits of an APIC id that count CPUs within the package.
 * @full: more entries than @capacity.
 */
struct builder {
	const struct cpuid_request *want;
	struct kvm_cpuid2 *ret;
	uint32_t capacity;
	uint32_t count;
	uint32_t id_bits;
	uint32_t features;
	bool amd;
	bool modules_leaf;
	bool full;
};

static const struct kvm_cpuid_entry2 *find(const struct kvm_cpuid2 *table, uint32_t function)
{
	for (uint32_t i = 0; i < table->nent; i++) {
		if (table->entries[i].function == function && table->entries[i].index == 0)
			return &table->entries[i];
	}
	return NULL;
}

static bool vendor_is(const struct kvm_cpuid_entry2 *leaf0, const char *name)
{
	return memcmp(&leaf0->ebx, name, 4) == 0 && memcmp(&leaf0->edx, name + 4, 4) == 0 &&
	       memcmp(&leaf0->ecx, name + 8, 4) == 0;
}

static uint32_t bits_for(uint32_t count)
{
	uint32_t bits = 0;

	while (UINT32_C(1) << bits < count)
		bits++;
	return bits;
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static void emit(struct builder *builder, const struct kvm_cpuid_entry2 *entry)
{
	if (builder->count == builder->capacity) {
		builder->full = true;
		return;
	}
	builder->ret->entries[builder->count++] = *entry;
}

static void shape_leaf1(const struct builder *builder, struct kvm_cpuid_entry2 *entry)
{
	const struct cpuid_request *want = builder->want;

	entry->ebx = (entry->ebx & 0xffff) | at_most(want->vcpus, 0xff) << 16 |
		     (want->vcpu & 0xff) << 24;
	entry->ecx |= LEAF1_ECX_X2APIC | LEAF1_ECX_TSC_DEADLINE | LEAF1_ECX_HYPERVISOR;
	/* Performance counters and what samples through them interrupt at will. */
	entry->ecx &= ~(LEAF1_ECX_PDCM | LEAF1_ECX_DTES64 | LEAF1_ECX_DS_CPL);
	entry->edx |= LEAF1_EDX_APIC;
	entry->edx &= ~(LEAF1_EDX_DS | LEAF1_EDX_HTT);
	if (want->vcpus > 1)
		entry->edx |= LEAF1_EDX_HTT;
	/* MWAIT that exits is a no-operation in KVM: an idle loop on it would spin. */
	entry->ecx &= ~LEAF1_ECX_MONITOR;
	if (want->mwait)
		entry->ecx |= LEAF1_ECX_MONITOR;
	if (!want->nested)
		entry->ecx &= ~LEAF1_ECX_VMX;
}

/*
 * Leaves 4 and 0x8000001d, the same in both but for the count of cores, which AMD gives elsewhere:
 * first and second level caches are a core's own, deeper ones the package's.
 */
static void shape_cache(const struct builder *builder, struct kvm_cpuid_entry2 *entry)
{
	uint32_t cpus = UINT32_C(1) << builder->id_bits;
	uint32_t sharing = (entry->eax >> CACHE_LEVEL_SHIFT & CACHE_LEVEL_MASK) > 2 ? cpus - 1 : 0;

	if ((entry->eax & CACHE_TYPE_MASK) == 0)
		return;
	entry->eax &= (UINT32_C(1) << CACHE_SHARING_SHIFT) - 1;
	entry->eax |= at_most(sharing, CACHE_SHARING_MASK) << CACHE_SHARING_SHIFT;
	if (entry->function == 4)
		entry->eax |= at_most(cpus - 1, CACHE_CORES_MASK) << CACHE_CORES_SHIFT;
}

/* C1 alone: what is deeper takes longer to leave than a deadline allows. */
static void shape_mwait(const struct builder *builder, struct kvm_cpuid_entry2 *entry)
{
	entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
	if (!builder->want->mwait)
		return;
	entry->eax = entry->ebx = MWAIT_LINE_BYTES;
	entry->ecx = LEAF5_ECX_EXTENSIONS | LEAF5_ECX_INTERRUPT_BREAK;
	entry->edx = 1 << 4; /* one C1 sub-state */
}

/* The timer runs in every C-state; no thermal sensors, no APERF and MPERF, no performance bias. */
static void shape_power(struct kvm_cpuid_entry2 *entry)
{
	entry->eax = LEAF6_EAX_ARAT;
	entry->ebx = entry->ecx = entry->edx = 0;
}

static void shape_leaf7(struct kvm_cpuid_entry2 *entry)
{
	if (entry->index != 0)
		return;
	entry->ebx &= ~(LEAF7_EBX_SGX | LEAF7_EBX_INTEL_PT);
	entry->ecx &= ~LEAF7_ECX_SGX_LC;
	entry->edx &= ~(LEAF7_EDX_ARCH_LBR | LEAF7_EDX_HYBRID);
}

/* Returns whether the guest gets the leaf; one left out within the range reads as zeros. */
static bool shape_basic(struct builder *builder, struct kvm_cpuid_entry2 *entry)
{
	switch (entry->function) {
	case 0:
		if (entry->eax < BASIC_LEAF_MIN)
			entry->eax = BASIC_LEAF_MIN;
		return true;
	case 1:
		shape_leaf1(builder, entry);
		return true;
	case 4:
		shape_cache(builder, entry);
		return true;
	case 5:
		shape_mwait(builder, entry);
		return true;
	case 6:
		shape_power(entry);
		return true;
	case 7:
		shape_leaf7(entry);
		return true;
	case 0x1f:
		builder->modules_leaf = true; /* the guest gets ours */
		return false;
	case 0xa: /* performance counters */
	case 0xb:
	case 0x12: /* SGX: there is no enclave memory */
	case 0x14: /* processor trace */
	case 0x15:
	case 0x16:
	case 0x1a: /* hybrid: all vCPUs are alike */
	case 0x1c: /* last branch records */
	case 0x23: /* performance counters, extended */
		return false;
	default:
		return true;
	}
}

static void shape_leaf8_1(const struct builder *builder, struct kvm_cpuid_entry2 *entry)
{
	entry->ecx &= ~(LEAF8_1_ECX_IBS | LEAF8_1_ECX_PERFCTR_CORE | LEAF8_1_ECX_PERFCTR_NB |
			LEAF8_1_ECX_PERFTSC | LEAF8_1_ECX_PERFCTR_LLC | LEAF8_1_ECX_CMP_LEGACY |
			LEAF8_1_ECX_MWAITX);
	if (!builder->want->nested)
		entry->ecx &= ~LEAF8_1_ECX_SVM;
	/* Several CPUs in one package are cores, not threads. */
	if (builder->amd && builder->want->vcpus > 1)
		entry->ecx |= LEAF8_1_ECX_CMP_LEGACY;
}

static bool shape_extended(const struct builder *builder, struct kvm_cpuid_entry2 *entry)
{
	switch (entry->function) {
	case 0x80000001:
		shape_leaf8_1(builder, entry);
		return true;
	case 0x80000007:
		entry->eax = entry->ebx = entry->ecx = 0;
		entry->edx &= LEAF8_7_EDX_INVARIANT_TSC;
		return true;
	case 0x80000008:
		entry->ecx = 0;
		if (builder->amd)
			entry->ecx = builder->id_bits << 12 | at_most(builder->want->vcpus - 1, 0xff);
		return true;
	case 0x8000000a: /* SVM */
		return builder->want->nested;
	case 0x8000001d:
		shape_cache(builder, entry);
		return true;
	case 0x8000001e:
		/* One thread for each core, one node. */
		entry->eax = builder->want->vcpu;
		entry->ebx = builder->want->vcpu & 0xff;
		entry->ecx = entry->edx = 0;
		return builder->amd;
	case 0x8000001b: /* instruction-based sampling */
	case 0x8000001f: /* memory encryption */
	case 0x80000022: /* performance counters, extended */
		return false;
	default:
		return true;
	}
}

static bool shape(struct builder *builder, struct kvm_cpuid_entry2 *entry)
{
	if (entry->function >= KVM_CPUID_SIGNATURE && entry->function <= PARAVIRTUAL_LAST)
		return false; /* emit_paravirtual() */
	if (entry->function >= 0x80000000)
		return shape_extended(builder, entry);
	return shape_basic(builder, entry);
}

/*
 * A level: how many low bits of the id to drop for the next level's id, how many CPUs there are in
 * it, which level it is.
 */
static void emit_topology(struct builder *builder, uint32_t function)
{
	const struct cpuid_request *want = builder->want;
	struct kvm_cpuid_entry2 entry = {
		.function = function,
		.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		.ebx = 1,
		.ecx = TOPOLOGY_THREAD << 8,
		.edx = want->vcpu,
	};

	emit(builder, &entry);
	entry.index = 1;
	entry.eax = builder->id_bits;
	entry.ebx = want->vcpus;
	entry.ecx = entry.index | TOPOLOGY_CORE << 8;
	emit(builder, &entry);
	entry.index = 2;
	entry.eax = entry.ebx = 0;
	entry.ecx = entry.index;
	emit(builder, &entry);
}

/* 0x16 in MHz: base and maximum are the TSC's own; there is no bus to speak of. */
static void emit_frequency(struct builder *builder)
{
	struct tsc_crystal found = tsc_crystal_find(builder->want->tsc_khz);
	uint32_t mhz = at_most((builder->want->tsc_khz + 500) / 1000, 0xffff);
	const struct kvm_cpuid_entry2 crystal = {
		.function = 0x15,
		.eax = found.denominator,
		.ebx = found.numerator,
		.ecx = found.khz * 1000,
	};
	const struct kvm_cpuid_entry2 base = { .function = 0x16, .eax = mhz, .ebx = mhz };

	emit(builder, &crystal);
	emit(builder, &base);
}

/*
 * Which of KVM's paravirtual features a guest with deadlines may have.
 *
 * Kept: NOP_IO_DELAY, which spares the exits of writes to port 0x80; PV_EOI, which spares the exit
 * at each end of interrupt where the hardware has no APIC virtualization, for one store to locked
 * memory.
 * Kept when asked for: kvmclock, three bits. The host then updates a page of each vCPU, and every
 * 300 s kicks all vCPUs out to do it.
 * Dropped: steal time (a write and a page lookup at each entry after a preemption, and what
 * PV_TLB_FLUSH and PV_SCHED_YIELD stand on); asynchronous page faults (guest memory is locked, there
 * are none); PV_UNHALT (a lock holder wakes the waiter through the host, an exit and a host wake-up
 * in each contended lock); PV_SEND_IPI (one exit whose length grows with the number of targets, in
 * place of several bounded ones); POLL_CONTROL (how long the host polls is the host's policy);
 * everything younger.
 */
static uint32_t paravirtual_features(uint32_t supported, bool kvmclock)
{
	uint32_t allowed = BIT32(KVM_FEATURE_NOP_IO_DELAY) | BIT32(KVM_FEATURE_PV_EOI);

	if (kvmclock)
		allowed |= BIT32(KVM_FEATURE_CLOCKSOURCE) | BIT32(KVM_FEATURE_CLOCKSOURCE2) |
			   BIT32(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT);
	return supported & allowed;
}

/* Guests go x2APIC only under a hypervisor they know, so KVM's signature is always there. */
static void emit_paravirtual(struct builder *builder)
{
	const struct cpuid_request *want = builder->want;
	struct kvm_cpuid_entry2 signature = { .function = KVM_CPUID_SIGNATURE, .eax = LEAF_TIMING };
	const struct kvm_cpuid_entry2 features = {
		.function = KVM_CPUID_FEATURES,
		.eax = paravirtual_features(builder->features, want->kvmclock),
		.edx = want->own_cpus ? BIT32(KVM_HINTS_REALTIME) : 0,
	};
	const struct kvm_cpuid_entry2 timing = {
		.function = LEAF_TIMING,
		.eax = want->tsc_khz,
		.ebx = CPUID_LAPIC_KHZ,
	};

	memcpy(&signature.ebx, "KVMK", 4);
	memcpy(&signature.ecx, "VMKV", 4);
	memcpy(&signature.edx, "M\0\0\0", 4);
	emit(builder, &signature);
	emit(builder, &features);
	emit(builder, &timing);
}

static int check_request(const struct cpuid_request *want, struct diag *why)
{
	if (want->vcpus == 0 || want->vcpus > CPUID_VCPUS_MAX || want->vcpu >= want->vcpus)
		return diag_set(why, EINVAL, "there is no vCPU %u of %u (most: %d)", want->vcpu,
				want->vcpus, CPUID_VCPUS_MAX);
	if (want->tsc_khz < CPUID_TSC_KHZ_MIN || want->tsc_khz > CPUID_TSC_KHZ_MAX)
		return diag_set(why, EINVAL, "the TSC cannot run at %u kHz", want->tsc_khz);
	return 0;
}

static void emit_synthetic(struct builder *builder)
{
	emit_topology(builder, 0xb);
	if (builder->modules_leaf)
		emit_topology(builder, 0x1f);
	emit_frequency(builder);
	emit_paravirtual(builder);
}

int cpuid_plan(const struct kvm_cpuid2 *supported, const struct cpuid_request *want,
	       struct kvm_cpuid2 *ret, struct diag *why)
{
	const struct kvm_cpuid_entry2 *leaf0 = find(supported, 0);
	const struct kvm_cpuid_entry2 *features = find(supported, KVM_CPUID_FEATURES);
	struct builder builder = { .want = want, .ret = ret, .capacity = ret->nent };
	int error = check_request(want, why);

	if (error != 0)
		return error;
	if (leaf0 == NULL || find(supported, 1) == NULL)
		return diag_set(why, EINVAL, "KVM supports no CPUID leaf 0 or 1");
	builder.amd = vendor_is(leaf0, "AuthenticAMD") || vendor_is(leaf0, "HygonGenuine");
	builder.id_bits = bits_for(want->vcpus);
	builder.features = features != NULL ? features->eax : 0;
	for (uint32_t i = 0; i < supported->nent; i++) {
		struct kvm_cpuid_entry2 entry = supported->entries[i];

		if (shape(&builder, &entry))
			emit(&builder, &entry);
	}
	emit_synthetic(&builder);
	if (builder.full)
		return diag_set(why, E2BIG, "the CPUID table has no room for all entries");
	ret->nent = builder.count;
	ret->padding = 0;
	return 0;
}
