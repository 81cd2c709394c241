// SPDX-License-Identifier: Apache-2.0
#include "interrupts.h"

#include "runtime.h"

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t attributes;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

static struct gate idt[256];

/* The processor's own frame, without an error code. */
struct interrupt_frame {
	uint64_t rip, cs, rflags, rsp, ss;
};

void interrupts_handle(unsigned vector, interrupt_handler *handler)
{
	uint64_t address = (uint64_t)handler;

	idt[vector] = (struct gate){
		.offset_low = (uint16_t)address,
		.selector = 0x08,
		.attributes = 0x8e00, /* present, interrupt gate */
		.offset_middle = (uint16_t)(address >> 16),
		.offset_high = (uint32_t)(address >> 32),
	};
}

static void die(const char *what, const struct interrupt_frame *frame)
{
	print("exception:");
	print(what);
	print_field("rip", frame->rip);
	print("\n");
	power_off();
}

#define EXCEPTION(name) \
	static __attribute__((interrupt)) void name(struct interrupt_frame *frame) \
	{ \
		die(#name, frame); \
	}
#define EXCEPTION_WITH_CODE(name) \
	static __attribute__((interrupt)) void name(struct interrupt_frame *frame, uint64_t code) \
	{ \
		print_field("code", code); \
		die(#name, frame); \
	}

EXCEPTION(divide_error)
EXCEPTION(undefined_opcode)
EXCEPTION(other_exception)
EXCEPTION_WITH_CODE(double_fault)
EXCEPTION_WITH_CODE(general_protection)
EXCEPTION_WITH_CODE(page_fault)

static __attribute__((interrupt)) void ignore(struct interrupt_frame *frame)
{
	(void)frame;
}

void interrupts_set_up(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (uint64_t)idt };

	for (unsigned vector = 0; vector < 32; vector++)
		interrupts_handle(vector, other_exception);
	interrupts_handle(0, divide_error);
	interrupts_handle(2, ignore); /* NMI */
	interrupts_handle(6, undefined_opcode);
	interrupts_handle(8, (interrupt_handler *)(uint64_t)double_fault);
	interrupts_handle(13, (interrupt_handler *)(uint64_t)general_protection);
	interrupts_handle(14, (interrupt_handler *)(uint64_t)page_fault);
	for (unsigned vector = 32; vector < 256; vector++)
		interrupts_handle(vector, ignore);
	__asm__ volatile("lidt %0" : : "m"(pointer));
	msr_write(MSR_APIC_BASE, msr_read(MSR_APIC_BASE) | 0xc00); /* on, x2APIC */
	msr_write(MSR_X2APIC_SPURIOUS, 0x1ff);
}

/* Edge-triggered, active high, unmasked. */
void ioapic_route(uint64_t ioapic, unsigned pin, unsigned vector, uint32_t apic_id)
{
	volatile uint32_t *select = (volatile uint32_t *)ioapic;
	volatile uint32_t *window = (volatile uint32_t *)(ioapic + 0x10);

	*select = 0x11 + 2 * pin;
	*window = apic_id << 24;
	*select = 0x10 + 2 * pin;
	*window = vector;
}

uint64_t tsc_khz(void)
{
	struct cpuid crystal = cpuid_read(0x15, 0);
	struct cpuid hypervisor = cpuid_read(0x40000010, 0);

	if (cpuid_read(0, 0).eax >= 0x15 && crystal.eax != 0 && crystal.ebx != 0 && crystal.ecx != 0)
		return (uint64_t)crystal.ecx * crystal.ebx / crystal.eax / 1000;
	if (cpuid_read(0x40000000, 0).eax >= 0x40000010 && hypervisor.eax != 0)
		return hypervisor.eax;
	return 2000000;
}
