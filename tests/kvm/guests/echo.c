// SPDX-License-Identifier: Apache-2.0
/*
 * Prints "echo ready", then sends back each byte of serial input, driven by interrupts alone in both
 * directions, until a 'q'; then prints "echoed bytes=N interrupts=N" and powers off.
 */
#include "interrupts.h"
#include "runtime.h"
#include "start_info.h"
#include "tables.h"

enum { COM1 = 0x3f8, IER = 1, IIR = 2, FCR = 2, MCR = 4, LSR = 5, GSI = 4, VECTOR = 0x44 };
/* More than any test sends: input may come faster than the reader of the output takes it. */
enum { BUFFER = 1 << 20 };

static uint8_t buffer[BUFFER];
static volatile uint32_t head, tail;
static volatile uint32_t interrupts;
static volatile bool quit;

static void receive(void)
{
	while ((port_in8(COM1 + LSR) & 0x01) != 0) {
		uint8_t byte = port_in8(COM1);

		if (byte == 'q')
			quit = true;
		else if (!quit)
			buffer[head++ % BUFFER] = byte;
	}
}

static void transmit(void)
{
	for (unsigned i = 0; i < 16 && tail != head; i++)
		port_out8(COM1, buffer[tail++ % BUFFER]);
}

static __attribute__((interrupt)) void serial_interrupt(struct interrupt_frame *frame)
{
	uint8_t cause;

	(void)frame;
	interrupts++;
	while (((cause = port_in8(COM1 + IIR)) & 0x01) == 0) {
		receive();
		if ((cause & 0x0e) == 0x02)
			transmit();
		/* Enabling it again raises it once more, if there is something to send. */
		port_out8(COM1 + IER, 0x01);
		if (tail != head)
			port_out8(COM1 + IER, 0x03);
		if ((cause & 0x0e) == 0x02)
			break;
	}
	interrupt_end();
}

void guest_main(const struct start_info *info)
{
	static struct machine machine;

	machine_find(info, &machine);
	interrupts_set_up();
	interrupts_handle(VECTOR, serial_interrupt);
	ioapic_route(machine.ioapic != 0 ? machine.ioapic : 0xfec00000,
		     GSI - machine.ioapic_first_gsi, VECTOR, (uint32_t)msr_read(MSR_X2APIC_ID));
	print("echo ready\n");
	port_out8(COM1 + FCR, 0x01);
	port_out8(COM1 + MCR, 0x0b);
	port_out8(COM1 + IER, 0x01);
	while (!quit || tail != head)
		interrupt_wait();
	port_out8(COM1 + IER, 0);
	print("\nechoed");
	print_count("bytes", head);
	print_count("interrupts", interrupts);
	print("\n");
}
