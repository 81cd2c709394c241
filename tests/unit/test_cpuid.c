// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>

#include "core/boot/cpuid.h"
#include "core/boot/cpuid_bits.h"
#include "core/boot/tsc_crystal.h"

void test_cpuid_register(void);

/* A kvm_cpuid2 with its entries. */
struct table {
	uint32_t nent;
	uint32_t padding;
	struct kvm_cpuid_entry2 entries[CPUID_ENTRIES_MAX];
};

static struct table host;
static struct table guest;

static struct kvm_cpuid2 *as_kvm(struct table *table)
{
	return (struct kvm_cpuid2 *)table;
}

static void add(uint32_t function, uint32_t index, uint32_t eax, uint32_t ebx, uint32_t ecx,
		uint32_t edx)
{
	host.entries[host.nent++] = (struct kvm_cpuid_entry2){ .function = function, .index = index,
		.eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx };
}

/* Leaves with every bit set, so that what is hidden shows. */
static void host_of(const char *vendor, uint32_t basic)
{
	uint32_t name[3];

	memcpy(name, vendor, sizeof(name));
	host = (struct table){ 0 };
	add(0, 0, basic, name[0], name[2], name[1]);
	add(1, 0, 0x800f12, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	add(4, 0, 0xfc1fc121, 1, 2, 3); /* level 1 data */
	add(4, 1, 0xfc1fc143, 1, 2, 3); /* level 2 */
	add(4, 2, 0xfc1fc163, 1, 2, 3); /* level 3 */
	add(4, 3, 0, 0, 0, 0);
	add(5, 0, 1, 2, 3, 4);
	add(6, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	add(7, 0, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	add(0xa, 0, 1, 2, 3, 4);
	add(0xb, 0, 1, 2, 0x100, 77);
	add(0xb, 1, 1, 2, 0x201, 77);
	add(0xd, 0, 7, 1, 2, 3);
	add(0x14, 0, 1, 2, 3, 4);
	add(0x1f, 0, 1, 2, 0x100, 77);
	add(0x40000000, 0, 0x40000001, 1, 2, 3);
	add(0x40000001, 0, UINT32_MAX, 0, 0, 0);
	add(0x80000000, 0, 0x8000001f, name[0], name[2], name[1]);
	add(0x80000001, 0, 0x800f12, 0, UINT32_MAX, UINT32_MAX);
	add(0x80000007, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	add(0x80000008, 0, 0x3030, 1, UINT32_MAX, 0);
	add(0x8000000a, 0, 1, 2, 3, 4);
	add(0x8000001d, 3, 0x3fffc163, 1, 2, 3);
	add(0x8000001e, 0, 9, 9, 9, 9);
	add(0x80000022, 0, 1, 2, 3, 4);
}

static const struct cpuid_request plain = { .vcpu = 2, .vcpus = 6, .tsc_khz = 2495998 };

static void plan(const struct cpuid_request *want)
{
	guest.nent = CPUID_ENTRIES_MAX;
	CU_ASSERT_EQUAL_FATAL(cpuid_plan(as_kvm(&host), want, as_kvm(&guest), NULL), 0);
	CU_ASSERT_TRUE(guest.nent <= CPUID_ENTRIES_MAX);
}

/* A leaf that is left out reads as zeros, as the guest sees it. */
static struct kvm_cpuid_entry2 leaf(uint32_t function, uint32_t index)
{
	struct kvm_cpuid_entry2 found = { 0 };
	unsigned count = 0;

	for (uint32_t i = 0; i < guest.nent; i++) {
		if (guest.entries[i].function != function || guest.entries[i].index != index)
			continue;
		found = guest.entries[i];
		count++;
	}
	CU_ASSERT_TRUE(count <= 1);
	return found;
}

static void gives_each_vcpu_its_ids(void)
{
	host_of("GenuineIntel", 0x1f);
	plan(&plain);
	CU_ASSERT_EQUAL(leaf(1, 0).ebx, 0x0206ffff);
	CU_ASSERT_TRUE((leaf(1, 0).edx & LEAF1_EDX_HTT) != 0);
	for (unsigned function = 0xb; function <= 0x1f; function += 0x14) {
		CU_ASSERT_EQUAL(leaf(function, 0).eax, 0);
		CU_ASSERT_EQUAL(leaf(function, 0).ebx, 1);
		CU_ASSERT_EQUAL(leaf(function, 0).ecx, 0x100);
		CU_ASSERT_EQUAL(leaf(function, 1).eax, 3);
		CU_ASSERT_EQUAL(leaf(function, 1).ebx, 6);
		CU_ASSERT_EQUAL(leaf(function, 1).ecx, 0x201);
		CU_ASSERT_EQUAL(leaf(function, 1).edx, 2);
		CU_ASSERT_EQUAL(leaf(function, 1).flags, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
		CU_ASSERT_EQUAL(leaf(function, 2).ecx, 2);
	}
	CU_ASSERT_EQUAL(leaf(4, 0).eax, 0x1c000121);
	CU_ASSERT_EQUAL(leaf(4, 1).eax, 0x1c000143);
	CU_ASSERT_EQUAL(leaf(4, 2).eax, 0x1c01c163);
	CU_ASSERT_EQUAL(leaf(4, 3).eax, 0);
	CU_ASSERT_EQUAL(leaf(0x8000001e, 0).eax, 0);
	CU_ASSERT_EQUAL(leaf(0x80000008, 0).ecx, 0);
}

static void gives_amd_ids_its_own_way(void)
{
	host_of("AuthenticAMD", 0xd);
	plan(&plain);
	CU_ASSERT_EQUAL(leaf(0, 0).eax, 0x16);
	CU_ASSERT_EQUAL(leaf(0x80000008, 0).ecx, 0x3005);
	CU_ASSERT_EQUAL(leaf(0x8000001e, 0).eax, 2);
	CU_ASSERT_EQUAL(leaf(0x8000001e, 0).ebx, 2);
	CU_ASSERT_EQUAL(leaf(0x8000001e, 0).ecx, 0);
	CU_ASSERT_EQUAL(leaf(0x8000001d, 3).eax, 0x1c163);
	CU_ASSERT_TRUE((leaf(0x80000001, 0).ecx & LEAF8_1_ECX_CMP_LEGACY) != 0);
}

static void a_single_cpu_has_no_siblings(void)
{
	const struct cpuid_request want = { .vcpu = 0, .vcpus = 1, .tsc_khz = 1000000 };

	host_of("AuthenticAMD", 0xd);
	plan(&want);
	CU_ASSERT_EQUAL(leaf(1, 0).ebx, 0x0001ffff);
	CU_ASSERT_TRUE((leaf(1, 0).edx & LEAF1_EDX_HTT) == 0);
	CU_ASSERT_TRUE((leaf(0x80000001, 0).ecx & LEAF8_1_ECX_CMP_LEGACY) == 0);
	CU_ASSERT_EQUAL(leaf(0xb, 1).eax, 0);
	CU_ASSERT_EQUAL(leaf(0xb, 1).ebx, 1);
	CU_ASSERT_EQUAL(leaf(0x80000008, 0).ecx, 0);
}

static void ids_reach_the_most_vcpus(void)
{
	const struct cpuid_request want = { .vcpu = 1023, .vcpus = 1024, .tsc_khz = 1000000 };

	host_of("AuthenticAMD", 0xd);
	plan(&want);
	CU_ASSERT_EQUAL(leaf(1, 0).ebx, 0xffffffff);
	CU_ASSERT_EQUAL(leaf(0xb, 1).eax, 10);
	CU_ASSERT_EQUAL(leaf(0xb, 1).edx, 1023);
	CU_ASSERT_EQUAL(leaf(4, 2).eax, 0xfcffc163);
	CU_ASSERT_EQUAL(leaf(0x80000008, 0).ecx, 0xa0ff);
}

static void shows_the_clock_and_the_timer(void)
{
	host_of("GenuineIntel", 0xd);
	plan(&plain);
	CU_ASSERT_TRUE((leaf(1, 0).ecx & LEAF1_ECX_X2APIC) != 0);
	CU_ASSERT_TRUE((leaf(1, 0).ecx & LEAF1_ECX_TSC_DEADLINE) != 0);
	CU_ASSERT_TRUE((leaf(1, 0).ecx & LEAF1_ECX_HYPERVISOR) != 0);
	CU_ASSERT_EQUAL(leaf(6, 0).eax, LEAF6_EAX_ARAT);
	CU_ASSERT_EQUAL(leaf(0x15, 0).ecx / 1000 * leaf(0x15, 0).ebx / leaf(0x15, 0).eax, 2495998);
	CU_ASSERT_EQUAL(leaf(0x16, 0).eax, 2496);
	CU_ASSERT_EQUAL(leaf(0x40000000, 0).eax, 0x40000010);
	CU_ASSERT_EQUAL(memcmp(&guest.entries[guest.nent - 3].ebx, "KVMKVMKVM\0\0\0", 12), 0);
	CU_ASSERT_EQUAL(leaf(0x40000010, 0).eax, 2495998);
	CU_ASSERT_EQUAL(leaf(0x40000010, 0).ebx, 1000000);
	CU_ASSERT_EQUAL(leaf(0x80000007, 0).edx, LEAF8_7_EDX_INVARIANT_TSC);
}

static void does_not_invent_an_invariant_tsc(void)
{
	host_of("AuthenticAMD", 0xd);
	for (uint32_t i = 0; i < host.nent; i++) {
		if (host.entries[i].function == 0x80000007)
			host.entries[i].edx = 0;
	}
	plan(&plain);
	CU_ASSERT_EQUAL(leaf(0x80000007, 0).edx, 0);
}

static void hides_what_disturbs(void)
{
	host_of("AuthenticAMD", 0x23);
	plan(&plain);
	CU_ASSERT_EQUAL(leaf(1, 0).ecx & (LEAF1_ECX_MONITOR | LEAF1_ECX_PDCM | LEAF1_ECX_VMX), 0);
	CU_ASSERT_EQUAL(leaf(1, 0).edx & LEAF1_EDX_DS, 0);
	CU_ASSERT_EQUAL(leaf(5, 0).edx, 0);
	CU_ASSERT_EQUAL(leaf(6, 0).ecx, 0);
	CU_ASSERT_EQUAL(leaf(0xa, 0).eax, 0);
	CU_ASSERT_EQUAL(leaf(0x14, 0).eax, 0);
	CU_ASSERT_EQUAL(leaf(7, 0).ebx & (LEAF7_EBX_INTEL_PT | LEAF7_EBX_SGX), 0);
	CU_ASSERT_EQUAL(leaf(0x80000001, 0).ecx & (LEAF8_1_ECX_SVM | LEAF8_1_ECX_PERFCTR_CORE), 0);
	CU_ASSERT_EQUAL(leaf(0x8000000a, 0).eax, 0);
	CU_ASSERT_EQUAL(leaf(0x80000022, 0).eax, 0);
	CU_ASSERT_EQUAL(leaf(0xd, 0).eax, 7); /* the rest is kept */
}

static void shows_what_is_asked_for(void)
{
	struct cpuid_request want = plain;

	want.mwait = true;
	want.nested = true;
	host_of("AuthenticAMD", 0xd);
	plan(&want);
	CU_ASSERT_TRUE((leaf(1, 0).ecx & LEAF1_ECX_MONITOR) != 0);
	CU_ASSERT_EQUAL(leaf(5, 0).eax, 64);
	CU_ASSERT_EQUAL(leaf(5, 0).edx, 0x10);
	CU_ASSERT_TRUE((leaf(1, 0).ecx & LEAF1_ECX_VMX) != 0);
	CU_ASSERT_TRUE((leaf(0x80000001, 0).ecx & LEAF8_1_ECX_SVM) != 0);
	CU_ASSERT_EQUAL(leaf(0x8000000a, 0).edx, 4);
}

static void paravirtual_features_are_few(void)
{
	struct cpuid_request want = plain;

	host_of("GenuineIntel", 0xd);
	plan(&want);
	CU_ASSERT_EQUAL(leaf(0x40000001, 0).eax, 0x42);
	CU_ASSERT_EQUAL(leaf(0x40000001, 0).edx, 0);
	want.kvmclock = true;
	want.own_cpus = true;
	plan(&want);
	CU_ASSERT_EQUAL(leaf(0x40000001, 0).eax, 0x0100004b);
	CU_ASSERT_EQUAL(leaf(0x40000001, 0).edx, 1);
}

static void refuses_bad_requests(void)
{
	struct cpuid_request want = plain;

	host_of("GenuineIntel", 0xd);
	guest.nent = CPUID_ENTRIES_MAX;
	want.vcpu = 6;
	CU_ASSERT_EQUAL(cpuid_plan(as_kvm(&host), &want, as_kvm(&guest), NULL), -EINVAL);
	want.vcpu = 0;
	want.vcpus = 0;
	CU_ASSERT_EQUAL(cpuid_plan(as_kvm(&host), &want, as_kvm(&guest), NULL), -EINVAL);
	want.vcpus = CPUID_VCPUS_MAX + 1;
	CU_ASSERT_EQUAL(cpuid_plan(as_kvm(&host), &want, as_kvm(&guest), NULL), -EINVAL);
	want = plain;
	want.tsc_khz = 0;
	CU_ASSERT_EQUAL(cpuid_plan(as_kvm(&host), &want, as_kvm(&guest), NULL), -EINVAL);
	want = plain;
	host.nent = 1;
	CU_ASSERT_EQUAL(cpuid_plan(as_kvm(&host), &want, as_kvm(&guest), NULL), -EINVAL);
	host_of("GenuineIntel", 0xd);
	plan(&want);
	guest.nent--;
	CU_ASSERT_EQUAL(cpuid_plan(as_kvm(&host), &want, as_kvm(&guest), NULL), -E2BIG);
	guest.nent = 0;
	CU_ASSERT_EQUAL(cpuid_plan(as_kvm(&host), &want, as_kvm(&guest), NULL), -E2BIG);
}

/* As Linux computes it: 32 bits, rounded down. */
static void crystal_gives_the_exact_khz(void)
{
	for (uint32_t khz = CPUID_TSC_KHZ_MIN; khz <= CPUID_TSC_KHZ_MAX; khz += 1999) {
		struct tsc_crystal crystal = tsc_crystal_find(khz);
		uint32_t product = crystal.khz * crystal.numerator;

		CU_ASSERT_TRUE_FATAL(crystal.denominator != 0);
		CU_ASSERT_EQUAL((uint64_t)crystal.khz * crystal.numerator, product);
		CU_ASSERT_EQUAL(product / crystal.denominator, khz);
		CU_ASSERT_TRUE(crystal.khz > 999000 && crystal.khz < 1001000);
	}
	CU_ASSERT_EQUAL(tsc_crystal_find(2500000).khz, 1000000);
	CU_ASSERT_EQUAL(tsc_crystal_find(1000000).khz, 1000000);
}

void test_cpuid_register(void)
{
	CU_pSuite suite = CU_add_suite("boot: CPUID", NULL, NULL);

	CU_add_test(suite, "gives each vCPU its ids", gives_each_vcpu_its_ids);
	CU_add_test(suite, "gives AMD ids its own way", gives_amd_ids_its_own_way);
	CU_add_test(suite, "a single CPU has no siblings", a_single_cpu_has_no_siblings);
	CU_add_test(suite, "ids reach the most vCPUs", ids_reach_the_most_vcpus);
	CU_add_test(suite, "shows the clock and the timer", shows_the_clock_and_the_timer);
	CU_add_test(suite, "does not invent an invariant TSC", does_not_invent_an_invariant_tsc);
	CU_add_test(suite, "hides what disturbs", hides_what_disturbs);
	CU_add_test(suite, "shows what is asked for", shows_what_is_asked_for);
	CU_add_test(suite, "paravirtual features are few", paravirtual_features_are_few);
	CU_add_test(suite, "refuses bad requests", refuses_bad_requests);
	CU_add_test(suite, "crystal gives the exact kHz", crystal_gives_the_exact_khz);
}
