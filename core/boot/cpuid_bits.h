// SPDX-License-Identifier: Apache-2.0
/*
 * The CPUID bits we decide about. Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E; Linux
 * Documentation/virt/kvm/x86/cpuid.rst.
 */
#pragma once

#include <stdint.h>

#define BIT32(n) (UINT32_C(1) << (n))

/* Leaf 1. */
#define LEAF1_ECX_DTES64 BIT32(2)
#define LEAF1_ECX_MONITOR BIT32(3)
#define LEAF1_ECX_DS_CPL BIT32(4)
#define LEAF1_ECX_VMX BIT32(5)
#define LEAF1_ECX_PDCM BIT32(15)
#define LEAF1_ECX_X2APIC BIT32(21)
#define LEAF1_ECX_TSC_DEADLINE BIT32(24)
#define LEAF1_ECX_HYPERVISOR BIT32(31)
#define LEAF1_EDX_APIC BIT32(9)
#define LEAF1_EDX_DS BIT32(21)
#define LEAF1_EDX_HTT BIT32(28)

/* Leaf 5. */
#define LEAF5_ECX_EXTENSIONS BIT32(0)
#define LEAF5_ECX_INTERRUPT_BREAK BIT32(1)

/* Leaf 6. */
#define LEAF6_EAX_ARAT BIT32(2)

/* Leaf 7, subleaf 0. */
#define LEAF7_EBX_SGX BIT32(2)
#define LEAF7_EBX_INTEL_PT BIT32(25)
#define LEAF7_ECX_SGX_LC BIT32(30)
#define LEAF7_EDX_HYBRID BIT32(15)
#define LEAF7_EDX_ARCH_LBR BIT32(19)

/* Leaf 0x80000001. */
#define LEAF8_1_ECX_CMP_LEGACY BIT32(1)
#define LEAF8_1_ECX_SVM BIT32(2)
#define LEAF8_1_ECX_IBS BIT32(10)
#define LEAF8_1_ECX_PERFCTR_CORE BIT32(23)
#define LEAF8_1_ECX_PERFCTR_NB BIT32(24)
#define LEAF8_1_ECX_PERFTSC BIT32(27)
#define LEAF8_1_ECX_PERFCTR_LLC BIT32(28)
#define LEAF8_1_ECX_MWAITX BIT32(29)

/* Leaf 0x80000007. */
#define LEAF8_7_EDX_INVARIANT_TSC BIT32(8)
