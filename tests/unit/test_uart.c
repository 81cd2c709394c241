// SPDX-License-Identifier: Apache-2.0
/* The 16550's registers, one access at a time. Its drivers and threads are in test_uart_driver.c. */
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <string.h>

#include "core/devices/uart16550.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/trap.h"

void test_uart_register(void);

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR, FCR = IIR };
enum { OUT2 = 0x08 };

static struct doorbell doorbell;
static struct uart16550 uart;
static struct trap_table table;

static void reset(void)
{
	memset(&table, 0, sizeof(table));
	doorbell.fd = -1;
	uart16550_init(&uart, &doorbell);
	CU_ASSERT_EQUAL_FATAL(uart16550_add(&uart, &table, UART16550_COM1_PORT, NULL), 0);
}

static uint32_t in_wide(unsigned reg, unsigned length)
{
	uint64_t address = UART16550_COM1_PORT + reg;
	const struct trap *trap = trap_find(&table, TRAP_PIO, address, length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(trap);
	return (uint32_t)trap->read(trap->device, address - trap->first, length);
}

static void out_wide(unsigned reg, unsigned length, uint32_t value)
{
	uint64_t address = UART16550_COM1_PORT + reg;
	const struct trap *trap = trap_find(&table, TRAP_PIO, address, length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(trap);
	CU_ASSERT_EQUAL(trap->write(trap->device, address - trap->first, length, value),
			TRAP_RESUME);
}

static uint8_t in(unsigned reg)
{
	return (uint8_t)in_wide(reg, 1);
}

static void out(unsigned reg, uint8_t value)
{
	out_wide(reg, 1, value);
}

static void send(const char *text)
{
	CU_ASSERT_EQUAL(uart16550_input(&uart, (const uint8_t *)text, strlen(text)), strlen(text));
}

/* Does the doorbell ring for one access while the main thread sleeps? */
static bool rings(unsigned reg, uint8_t value)
{
	uint64_t before = atomic_load(&doorbell.rung);

	doorbell_arm(&doorbell);
	out(reg, value);
	return atomic_load(&doorbell.rung) != before;
}

static void linux_finds_a_16550a(void)
{
	reset();
	/* The steps of 8250_port.c: autoconfig(), autoconfig_16550a(). */
	out(IER, 0);
	CU_ASSERT_EQUAL(in(IER), 0);
	out(IER, 0x0f);
	CU_ASSERT_EQUAL(in(IER), 0x0f);
	out(IER, 0xff);
	CU_ASSERT_EQUAL(in(IER), 0x0f);
	out(IER, 0);
	out(MCR, 0x1a);
	CU_ASSERT_EQUAL(in(MSR) & 0xf0, 0x90);
	out(MCR, 0);
	out(LCR, 0xbf);
	out(FCR, 0);
	out(LCR, 0);
	CU_ASSERT_EQUAL(in(IIR) >> 6, 0);
	out(FCR, 0x01);
	CU_ASSERT_EQUAL(in(IIR) >> 6, 3);
	out(LCR, 0x80);
	CU_ASSERT_NOT_EQUAL(in(IIR), 0);
	out(LCR, 0xbf);
	CU_ASSERT_NOT_EQUAL(in(IIR), 0);
	out(LCR, 0);
	/* No 64-byte FIFO, with and without DLAB. */
	out(FCR, 0x21);
	CU_ASSERT_EQUAL(in(IIR) & 0xe0, 0xc0);
	out(LCR, 0x80);
	out(FCR, 0x21);
	CU_ASSERT_EQUAL(in(IIR) & 0xe0, 0xc0);
	out(LCR, 0);
	out(SCR, 0xa5);
	CU_ASSERT_EQUAL(in(SCR), 0xa5);
	out(SCR, 0x5a);
	CU_ASSERT_EQUAL(in(SCR), 0x5a);
}

static void it_reasserts_its_transmitter(void)
{
	reset();
	/* serial8250_do_startup(): THRE must come back each time it is enabled. */
	out(IER, 0x02);
	CU_ASSERT_EQUAL(in(IIR), 0x02);
	out(IER, 0);
	CU_ASSERT_EQUAL(in(IIR), 0x01);
	out(IER, 0x02);
	CU_ASSERT_EQUAL(in(IIR), 0x02);
	CU_ASSERT_EQUAL(in(IIR), 0x01);
	out(IER, 0x02);
	CU_ASSERT_EQUAL(in(IIR), 0x01);
}

static void the_divisor_is_kept(void)
{
	reset();
	out(LCR, 0x83);
	CU_ASSERT_EQUAL(in(DATA), 1);
	out(DATA, 0x0c);
	out(IER, 0x34);
	CU_ASSERT_EQUAL(in(DATA), 0x0c);
	CU_ASSERT_EQUAL(in(IER), 0x34);
	out(LCR, 0x03);
	CU_ASSERT_EQUAL(in(IER), 0);
	CU_ASSERT_EQUAL(in(LCR), 0x03);
	CU_ASSERT_EQUAL(ring_used(&uart.output), 0);
}

static void a_polled_byte_comes_out(void)
{
	uint8_t byte[4];

	reset();
	CU_ASSERT_EQUAL(in(LSR), 0x60);
	CU_ASSERT_TRUE(rings(DATA, 'x'));
	CU_ASSERT_EQUAL(uart16550_output(&uart, byte, sizeof(byte)), 1);
	CU_ASSERT_EQUAL(byte[0], 'x');
	CU_ASSERT_EQUAL(uart16550_output(&uart, byte, sizeof(byte)), 0);
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
}

/* A guest that looks at THRE before each 16 bytes loses none; one that does not is counted. */
static void a_full_transmitter_says_so(void)
{
	static uint8_t bytes[RING_BYTES];
	unsigned written = 0;

	reset();
	while ((in(LSR) & 0x20) != 0)
		for (unsigned i = 0; i < 16; i++, written++)
			out(DATA, (uint8_t)written);
	CU_ASSERT_EQUAL(written, RING_BYTES);
	CU_ASSERT_EQUAL(atomic_load(&uart.dropped), 0);
	CU_ASSERT_EQUAL(in(LSR), 0);
	out(DATA, 0xff);
	CU_ASSERT_EQUAL(atomic_load(&uart.dropped), 1);
	CU_ASSERT_EQUAL(uart16550_output(&uart, bytes, 15), 15);
	CU_ASSERT_EQUAL(in(LSR), 0);
	CU_ASSERT_EQUAL(uart16550_output(&uart, bytes, 1), 1);
	CU_ASSERT_EQUAL(in(LSR), 0x60);
	CU_ASSERT_EQUAL(uart16550_output(&uart, bytes, sizeof(bytes)), RING_BYTES - 16);
	CU_ASSERT_EQUAL(bytes[0], 16);
}

static void received_bytes_wait_to_be_read(void)
{
	reset();
	CU_ASSERT_EQUAL(in(LSR) & 1, 0);
	CU_ASSERT_EQUAL(in(DATA), 0);
	send("ab");
	CU_ASSERT_EQUAL(in(LSR) & 1, 1);
	CU_ASSERT_EQUAL(in(DATA), 'a');
	CU_ASSERT_EQUAL(in(DATA), 'b');
	CU_ASSERT_EQUAL(in(LSR) & 1, 0);
}

static void below_the_trigger_it_is_a_timeout(void)
{
	static const unsigned level[4] = { 1, 4, 8, 14 };

	for (uint8_t trigger = 0; trigger < 4; trigger++) {
		reset();
		out(FCR, (uint8_t)(trigger << 6 | 1));
		out(IER, 0x01);
		for (unsigned i = 1; i < level[trigger]; i++) {
			send("x");
			CU_ASSERT_EQUAL(in(IIR), 0xcc);
		}
		send("x");
		CU_ASSERT_EQUAL(in(IIR), 0xc4);
	}
	reset();
	out(IER, 0x01);
	send("x");
	CU_ASSERT_EQUAL(in(IIR), 0x04);
}

static void one_pulse_for_each_rise(void)
{
	reset();
	out(MCR, OUT2);
	out(FCR, 0x01);
	send("ab");
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_TRUE(rings(IER, 0x01));
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	send("c");
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_EQUAL(in(DATA), 'a');
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	(void)in(DATA);
	(void)in(DATA);
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	send("d");
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_FALSE(rings(IER, 0));
	send("e");
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
}

static void without_fifo_each_byte_is_a_rise(void)
{
	reset();
	out(MCR, OUT2);
	out(IER, 0x01);
	send("abc");
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(uart16550_interrupt(&uart));
		CU_ASSERT_FALSE(uart16550_interrupt(&uart));
		CU_ASSERT_EQUAL(in(DATA), 'a' + i);
	}
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
}

static void the_transmitter_interrupts_once_drained(void)
{
	uint8_t bytes[8];

	reset();
	out(MCR, OUT2);
	CU_ASSERT_TRUE(rings(IER, 0x02));
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
	CU_ASSERT_EQUAL(in(IIR), 0x02);
	out(DATA, 'a');
	out(DATA, 'b');
	CU_ASSERT_EQUAL(in(IIR), 0x01);
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_EQUAL(uart16550_output(&uart, bytes, 1), 1);
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_EQUAL(uart16550_output(&uart, bytes, 1), 1);
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
	/* A driver that writes without reading IIR lowers the line as well. */
	out(DATA, 'c');
	CU_ASSERT_EQUAL(uart16550_output(&uart, bytes, 1), 1);
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
	CU_ASSERT_EQUAL(in(IIR), 0x02);
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
}

/* Linux' test of the transmitter enables its interrupt while OUT2 is off, and reads IIR itself. */
static void out2_lets_interrupts_through(void)
{
	reset();
	CU_ASSERT_FALSE(rings(IER, 0x03));
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	send("a");
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_EQUAL(in(IIR), 0x04);
	CU_ASSERT_TRUE(rings(MCR, OUT2));
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_FALSE(rings(MCR, 0));
	CU_ASSERT_FALSE(uart16550_interrupt(&uart));
	CU_ASSERT_TRUE(rings(MCR, OUT2));
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
}

static void causes_have_their_priorities(void)
{
	reset();
	out(MCR, 0x10);
	out(IER, 0x0f);
	out(DATA, 'a');
	out(DATA, 'b'); /* overrun: the FIFO is off */
	CU_ASSERT_EQUAL(in(IIR), 0x06);
	CU_ASSERT_EQUAL(in(LSR), 0x63);
	CU_ASSERT_EQUAL(in(LSR), 0x61);
	CU_ASSERT_EQUAL(in(IIR), 0x04);
	CU_ASSERT_EQUAL(in(DATA), 'a');
	CU_ASSERT_EQUAL(in(IIR), 0x02);
	CU_ASSERT_EQUAL(in(IIR), 0x00);
	CU_ASSERT_NOT_EQUAL(in(MSR) & 0x0f, 0);
	CU_ASSERT_EQUAL(in(IIR), 0x01);
}

static void the_loop_brings_bytes_back(void)
{
	reset();
	out(FCR, 0x01);
	out(MCR, 0x10);
	send("far");
	for (uint8_t i = 0; i < 17; i++)
		out(DATA, i);
	CU_ASSERT_EQUAL(in(LSR), 0x63);
	for (uint8_t i = 0; i < 16; i++)
		CU_ASSERT_EQUAL(in(DATA), i);
	CU_ASSERT_EQUAL(in(LSR), 0x60);
	CU_ASSERT_EQUAL(ring_used(&uart.output), 0);
	out(MCR, 0);
	out(IER, 0x01);
	CU_ASSERT_EQUAL(in(DATA), 'f');
}

static void the_loop_carries_a_break(void)
{
	reset();
	out(FCR, 0x01);
	out(LCR, 0x43);
	out(LCR, 0x03);
	CU_ASSERT_EQUAL(in(LSR), 0x60);
	out(MCR, 0x10);
	out(LCR, 0x43);
	CU_ASSERT_EQUAL(in(LCR), 0x43);
	CU_ASSERT_EQUAL(in(LSR), 0xf1);
	CU_ASSERT_EQUAL(in(LSR), 0x61);
	CU_ASSERT_EQUAL(in(DATA), 0);
}

static void modem_lines_follow_the_loop(void)
{
	reset();
	CU_ASSERT_EQUAL(in(MSR), 0xb0);
	out(MCR, 0x1f);
	CU_ASSERT_EQUAL(in(MSR), 0xf0);
	out(MCR, 0x10);
	CU_ASSERT_EQUAL(in(MSR), 0x0f);
	out(MCR, 0x14);
	CU_ASSERT_EQUAL(in(MSR), 0x40); /* a rising RI has no delta */
	out(MCR, 0xe0);
	CU_ASSERT_EQUAL(in(MCR), 0);
	CU_ASSERT_EQUAL(in(MSR), 0xbf);
	CU_ASSERT_EQUAL(in(MSR), 0xb0);
}

/* What Linux does while it opens a port, with input already there: clear, look, read for luck. */
static void clearing_the_fifo_drops_no_input(void)
{
	unsigned looks = 1;

	reset();
	out(MCR, OUT2);
	send("0123456789abcdefghij");
	for (int again = 0; again < 2; again++) {
		out(FCR, 0x01);
		out(FCR, 0x07);
		out(FCR, 0x00);
		CU_ASSERT_EQUAL(in(LSR) & 1, 0);
		CU_ASSERT_EQUAL(in(DATA), 0);
	}
	out(FCR, 0x01);
	CU_ASSERT_EQUAL(ring_used(&uart.input), 20);
	/* A guest that polls has the first byte after a bounded number of looks. */
	while ((in(LSR) & 1) == 0 && looks < 1000)
		looks++;
	CU_ASSERT_TRUE(looks <= 64);
	CU_ASSERT_EQUAL(in(DATA), '0');
	CU_ASSERT_EQUAL(in(DATA), '1');
	/* One that asks for the interrupt has it at once. */
	out(FCR, 0x07);
	CU_ASSERT_EQUAL(in(DATA), 0);
	out(IER, 0x01);
	CU_ASSERT_TRUE(uart16550_interrupt(&uart));
	CU_ASSERT_EQUAL(in(LSR) & 1, 1);
	CU_ASSERT_EQUAL(in(DATA), '2');
}

static void clearing_the_fifo_keeps_the_output(void)
{
	uint8_t byte[2];

	reset();
	out(FCR, 0x06); /* the other bits do nothing without the first */
	out(DATA, 'x');
	out(FCR, 0x05);
	CU_ASSERT_EQUAL(uart16550_output(&uart, byte, 2), 1);
	CU_ASSERT_EQUAL(byte[0], 'x');
}

static void full_input_is_announced_when_half_is_read(void)
{
	static uint8_t bytes[RING_BYTES + 10];
	uint64_t before;

	reset();
	CU_ASSERT_EQUAL(uart16550_input_space(&uart), RING_BYTES);
	CU_ASSERT_EQUAL(uart16550_input(&uart, bytes, sizeof(bytes)), RING_BYTES);
	CU_ASSERT_EQUAL(uart16550_input_space(&uart), 0);
	doorbell_arm(&doorbell);
	before = atomic_load(&doorbell.rung);
	for (unsigned i = 0; i < RING_BYTES / 2 - 1; i++)
		(void)in(DATA);
	CU_ASSERT_EQUAL(atomic_load(&doorbell.rung), before);
	(void)in(DATA);
	CU_ASSERT_EQUAL(atomic_load(&doorbell.rung), before + 1);
	CU_ASSERT_EQUAL(uart16550_input_space(&uart), RING_BYTES / 2);
}

static void wide_accesses_are_split(void)
{
	uint8_t byte[2];

	reset();
	out_wide(DATA, 2, 0x0341);
	CU_ASSERT_EQUAL(in(IER), 0x03);
	CU_ASSERT_EQUAL(uart16550_output(&uart, byte, 2), 1);
	CU_ASSERT_EQUAL(byte[0], 'A');
	out(SCR, 0x77);
	CU_ASSERT_EQUAL(in_wide(MCR, 4), 0x77b06000);
	CU_ASSERT_PTR_NULL(trap_find(&table, TRAP_PIO, UART16550_COM1_PORT + SCR, 2));
	/* What only the factory writes. */
	out(LSR, 0xff);
	out(MSR, 0xff);
	CU_ASSERT_EQUAL(in(LSR), 0x60);
	CU_ASSERT_EQUAL(in(MSR), 0xb0);
}

void test_uart_register(void)
{
	CU_pSuite suite = CU_add_suite("test_uart", NULL, NULL);

	CU_ADD_TEST(suite, linux_finds_a_16550a);
	CU_ADD_TEST(suite, it_reasserts_its_transmitter);
	CU_ADD_TEST(suite, the_divisor_is_kept);
	CU_ADD_TEST(suite, a_polled_byte_comes_out);
	CU_ADD_TEST(suite, a_full_transmitter_says_so);
	CU_ADD_TEST(suite, received_bytes_wait_to_be_read);
	CU_ADD_TEST(suite, below_the_trigger_it_is_a_timeout);
	CU_ADD_TEST(suite, one_pulse_for_each_rise);
	CU_ADD_TEST(suite, without_fifo_each_byte_is_a_rise);
	CU_ADD_TEST(suite, the_transmitter_interrupts_once_drained);
	CU_ADD_TEST(suite, out2_lets_interrupts_through);
	CU_ADD_TEST(suite, causes_have_their_priorities);
	CU_ADD_TEST(suite, the_loop_brings_bytes_back);
	CU_ADD_TEST(suite, the_loop_carries_a_break);
	CU_ADD_TEST(suite, modem_lines_follow_the_loop);
	CU_ADD_TEST(suite, clearing_the_fifo_drops_no_input);
	CU_ADD_TEST(suite, clearing_the_fifo_keeps_the_output);
	CU_ADD_TEST(suite, full_input_is_announced_when_half_is_read);
	CU_ADD_TEST(suite, wide_accesses_are_split);
}
