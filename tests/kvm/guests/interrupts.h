// SPDX-License-Identifier: Apache-2.0
/* Interrupts, the local APIC in x2APIC mode, the I/O APIC, and the TSC's frequency. */
#pragma once

#include <stdint.h>

struct interrupt_frame;
typedef void interrupt_handler(struct interrupt_frame *frame);

enum {
	MSR_APIC_BASE = 0x1b,
	MSR_TSC_DEADLINE = 0x6e0,
	MSR_X2APIC_ID = 0x802,
	MSR_X2APIC_EOI = 0x80b,
	MSR_X2APIC_SPURIOUS = 0x80f,
	MSR_X2APIC_ICR = 0x830,
	MSR_X2APIC_TIMER = 0x832,
};

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

/** interrupts_set_up() - an IDT whose exceptions print and power off, and the local APIC on. */
void interrupts_set_up(void);
void interrupts_handle(unsigned vector, interrupt_handler *handler);
void ioapic_route(uint64_t ioapic, unsigned pin, unsigned vector, uint32_t apic_id);

static inline void interrupt_end(void)
{
	msr_write(MSR_X2APIC_EOI, 0);
}

/** interrupt_wait() - `sti; hlt; cli`: where interrupts are let in. */
static inline void interrupt_wait(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid_read(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid ret;

	__asm__ volatile("cpuid"
			 : "=a"(ret.eax), "=b"(ret.ebx), "=c"(ret.ecx), "=d"(ret.edx)
			 : "a"(leaf), "c"(subleaf));
	return ret;
}

/** tsc_khz() - from leaf 0x15, else the hypervisor's 0x40000010, else a guess of 2 GHz. */
uint64_t tsc_khz(void);
