// SPDX-License-Identifier: Apache-2.0
/*
 * Starts every other CPU of the MADT by INIT and SIPI; each adds one to a counter and halts. Prints
 * "smp cpus=N started=N", both with the boot CPU, and powers off. Waits 10 s (option: seconds=N).
 */
#include "interrupts.h"
#include "runtime.h"
#include "start_info.h"
#include "tables.h"

enum { TRAMPOLINE = 0x8000, ICR_INIT = 0x4500, ICR_STARTUP = 0x4600 };

static volatile uint32_t started = 1;

/* 16-bit code, copied to TRAMPOLINE: real mode, straight into long mode with the boot CPU's tables. */
extern const uint8_t ap_code[], ap_code_end[];
__asm__(".pushsection .rodata\n"
	".code16\n"
	"ap_code:\n"
	"	cli\n"
	"	movw %cs, %ax\n"
	"	movw %ax, %ds\n"
	"	lgdtl ap_gdt_pointer - ap_code\n"
	"	movl %cr4, %eax\n"
	"	orl $0x20, %eax\n"
	"	movl %eax, %cr4\n"
	"	movl $page_table_root, %eax\n"
	"	movl %eax, %cr3\n"
	"	movl $0xc0000080, %ecx\n"
	"	rdmsr\n"
	"	orl $0x100, %eax\n"
	"	wrmsr\n"
	"	movl %cr0, %eax\n"
	"	andl $0x9fffffff, %eax\n" /* caches on: INIT leaves them off */
	"	orl $0x80000001, %eax\n"
	"	movl %eax, %cr0\n"
	"	ljmpl $0x08, $ap_started\n"
	".balign 8\n"
	"ap_gdt_pointer:\n"
	"	.word 23\n"
	"	.long gdt_copy\n"
	"ap_code_end:\n"
	".code64\n"
	".popsection\n"
	".pushsection .text\n"
	"ap_started:\n"
	"	lock incl started\n"
	"1:	cli\n"
	"	hlt\n"
	"	jmp 1b\n"
	".popsection\n");

extern const uint64_t gdt_copy[3];
const uint64_t gdt_copy[3] = { 0, 0x00af9b000000ffff, 0x00cf93000000ffff };

static void start_cpu(uint32_t apic_id)
{
	msr_write(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | ICR_INIT);
	msr_write(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | ICR_STARTUP | TRAMPOLINE >> 12);
	msr_write(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | ICR_STARTUP | TRAMPOLINE >> 12);
}

void guest_main(const struct start_info *info)
{
	static struct machine machine;
	uint32_t self;
	uint64_t deadline;

	machine_find(info, &machine);
	if (machine.broken != NULL) {
		print("acpi broken: ");
		print(machine.broken);
		print("\n");
		return;
	}
	interrupts_set_up();
	self = (uint32_t)msr_read(MSR_X2APIC_ID);
	for (const uint8_t *at = ap_code; at < ap_code_end; at++)
		((volatile uint8_t *)TRAMPOLINE)[at - ap_code] = *at;
	for (unsigned i = 0; i < machine.cpus; i++)
		if (machine.apic_id[i] != self)
			start_cpu(machine.apic_id[i]);
	deadline = tsc_read() + tsc_khz() * 1000 * option_number("seconds", 10);
	while (started < machine.cpus && tsc_read() < deadline)
		__asm__ volatile("pause");
	print("smp");
	print_count("cpus", machine.cpus);
	print_count("started", started);
	print("\n");
}
