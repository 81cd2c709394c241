// SPDX-License-Identifier: Apache-2.0
#include "core/devices/uart16550.h"

#include <string.h>

#include "core/devices/uart16550_line.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/trap.h"

/* Register offsets; the first three mean the divisor or change with the direction of access. */
enum {
	REG_DATA = 0, /* RBR, THR; with DLAB the divisor's low byte */
	REG_IER = 1,  /* with DLAB the divisor's high byte */
	REG_IIR = 2,  /* written: FCR */
	REG_LCR = 3,
	REG_MCR = 4,
	REG_LSR = 5,
	REG_MSR = 6,
	REG_SCRATCH = 7,
	REG_COUNT = 8,
};

enum {
	IER_RECEIVE = 0x01,
	IER_TRANSMIT = 0x02,
	IER_LINE_STATUS = 0x04,
	IER_MODEM_STATUS = 0x08,
	IER_WRITABLE = 0x0f,

	IIR_MODEM_STATUS = 0x00,
	IIR_NONE = 0x01,
	IIR_TRANSMIT = 0x02,
	IIR_RECEIVE = 0x04,
	IIR_LINE_STATUS = 0x06,
	IIR_TIMEOUT = 0x0c,
	IIR_FIFO_ENABLED = 0xc0,

	FCR_ENABLE = 0x01,
	FCR_CLEAR_RECEIVE = 0x02,
	FCR_TRIGGER_SHIFT = 6,
	FCR_KEPT = 0xc9, /* the clear bits clear themselves, bits 4 and 5 do not exist */

	LCR_BREAK = 0x40,
	LCR_DLAB = 0x80,

	MCR_DTR = 0x01,
	MCR_RTS = 0x02,
	MCR_OUT1 = 0x04,
	MCR_OUT2 = 0x08,
	MCR_LOOP = 0x10,
	MCR_WRITABLE = 0x1f,

	LSR_DATA_READY = 0x01,
	LSR_OVERRUN = 0x02,
	LSR_BREAK = 0x10,
	LSR_THR_EMPTY = 0x20,
	LSR_TRANSMITTER_EMPTY = 0x40,
	LSR_FIFO_ERROR = 0x80,

	MSR_DELTA_RI = 0x04, /* only the trailing edge sets it */
	MSR_CTS = 0x10,
	MSR_DSR = 0x20,
	MSR_RI = 0x40,
	MSR_DCD = 0x80,
	MSR_DELTA_SHIFT = 4, /* from a line's bit to its delta bit */
};

enum { WIRE_LOOKS = 64 };

static bool looped_back(const struct uart16550 *uart)
{
	return (uart->mcr & MCR_LOOP) != 0;
}

/*
 * A byte takes its time on the wire. There is no clock here, so that time is told in looks at LSR:
 * none where the guest waits for an interrupt, and few enough that one who polls is not kept waiting.
 */
static bool input_has_arrived(const struct uart16550 *uart)
{
	return !looped_back(uart) && (uart->on_the_wire == 0 || (uart->ier & IER_RECEIVE) != 0);
}

/* Bytes the receiver holds; what the loop left comes before what the far end sent. */
static size_t received(const struct uart16550 *uart)
{
	return uart->loop_count + (input_has_arrived(uart) ? ring_used(&uart->input) : 0);
}

static uint64_t line_conditions(const struct uart16550 *uart)
{
	uint64_t line = 0;

	if (((uart->ier & IER_LINE_STATUS) != 0 && uart->line_errors != 0) ||
	    ((uart->ier & IER_MODEM_STATUS) != 0 && uart->msr_delta != 0) ||
	    ((uart->ier & IER_RECEIVE) != 0 && uart->loop_count > 0))
		line |= LINE_NOW;
	if ((uart->ier & IER_RECEIVE) != 0 && !looped_back(uart))
		line |= LINE_INPUT;
	if ((uart->ier & IER_TRANSMIT) != 0 && uart->transmit == TRANSMIT_WHEN_ROOM)
		line |= LINE_ROOM;
	if ((uart->ier & IER_TRANSMIT) != 0 && uart->transmit == TRANSMIT_WHEN_EMPTY)
		line |= LINE_EMPTY;
	return line;
}

/*
 * After each register access, under the lock. @fell: it lowered the line, if only for a moment. On a PC
 * OUT2 lets the interrupt through to its line. Drivers count on it: while Linux tests the transmitter's
 * interrupt (8250 THRE test) OUT2 is off, lest its handler acknowledge what the test is waiting for.
 */
static void settle(struct uart16550 *uart, bool fell)
{
	uint64_t conditions = (uart->mcr & MCR_OUT2) != 0 ? line_conditions(uart) : 0;

	uart16550_line_publish(uart, conditions, fell);
}

/* The receiver takes a byte from the loop; with the FIFO off it holds one. */
static void loop_put(struct uart16550 *uart, uint8_t byte)
{
	unsigned depth = (uart->fcr & FCR_ENABLE) != 0 ? UART16550_FIFO_BYTES : 1;

	if (uart->loop_count >= depth) {
		uart->line_errors |= LSR_OVERRUN;
		return;
	}
	uart->loop_byte[(uart->loop_first + uart->loop_count) % UART16550_FIFO_BYTES] = byte;
	uart->loop_count++;
}

/*
 * Writing first withdraws the transmitter's interrupt, in a step of its own: were the byte taken
 * before the line is looked at, a fall and a new rise would go unseen.
 */
static void write_thr(struct uart16550 *uart, uint8_t byte)
{
	if ((uart->ier & IER_TRANSMIT) != 0 && uart->transmit != TRANSMIT_QUIET) {
		uart->transmit = TRANSMIT_QUIET;
		settle(uart, false);
	}
	if (looped_back(uart)) {
		loop_put(uart, byte);
		uart->transmit = TRANSMIT_WHEN_ROOM;
		return;
	}
	if (ring_put(&uart->output, &byte, 1) == 0)
		atomic_fetch_add_explicit(&uart->dropped, 1, memory_order_relaxed);
	uart->transmit = TRANSMIT_WHEN_EMPTY;
	doorbell_ring(uart->doorbell);
}

static uint8_t read_rbr(struct uart16550 *uart)
{
	uint8_t byte = 0;

	if (uart->loop_count > 0) {
		byte = uart->loop_byte[uart->loop_first];
		uart->loop_first = (uart->loop_first + 1) % UART16550_FIFO_BYTES;
		uart->loop_count--;
	} else if (input_has_arrived(uart) && ring_get(&uart->input, &byte, 1) > 0) {
		uart16550_input_taken(uart);
	}
	return byte;
}

static void write_ier(struct uart16550 *uart, uint8_t value)
{
	uint8_t enabled = value & (uint8_t)~uart->ier;

	uart->ier = value & IER_WRITABLE;
	/* The chip asserts this on enabling; Linux tests for UARTs that do not (8250 THRE test). */
	if ((enabled & IER_TRANSMIT) != 0)
		uart->transmit = TRANSMIT_WHEN_ROOM;
}

/*
 * Clearing the receiver drops nothing that the far end sent: all of it counts as still on the wire,
 * for input piped in before the guest opened its port must not vanish. Linux clears, and then reads
 * the data register for luck, several times while it opens a port. What was transmitted has left.
 */
static void write_fcr(struct uart16550 *uart, uint8_t value)
{
	bool toggled = ((value ^ uart->fcr) & FCR_ENABLE) != 0;

	uart->fcr = (value & FCR_ENABLE) != 0 ? value & FCR_KEPT : 0;
	if (!toggled && (value & (FCR_ENABLE | FCR_CLEAR_RECEIVE)) != (FCR_ENABLE | FCR_CLEAR_RECEIVE))
		return;
	uart->loop_count = 0;
	uart->on_the_wire = WIRE_LOOKS;
}

/* The modem lines: a ready far end, or our own outputs while looped back. */
static uint8_t modem_lines(const struct uart16550 *uart)
{
	if (!looped_back(uart))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	return (uint8_t)(((uart->mcr & MCR_RTS) != 0 ? MSR_CTS : 0) |
			 ((uart->mcr & MCR_DTR) != 0 ? MSR_DSR : 0) |
			 ((uart->mcr & MCR_OUT1) != 0 ? MSR_RI : 0) |
			 ((uart->mcr & MCR_OUT2) != 0 ? MSR_DCD : 0));
}

static void write_mcr(struct uart16550 *uart, uint8_t value)
{
	uint8_t before = modem_lines(uart);

	uart->mcr = value & MCR_WRITABLE;

	uint8_t after = modem_lines(uart);
	uint8_t changed = (uint8_t)((before ^ after) >> MSR_DELTA_SHIFT);

	if ((after & MSR_RI) != 0)
		changed &= (uint8_t)~MSR_DELTA_RI;
	uart->msr_delta |= changed;
}

static void write_lcr(struct uart16550 *uart, uint8_t value)
{
	bool begins = (value & (uint8_t)~uart->lcr & LCR_BREAK) != 0;

	uart->lcr = value;
	/* A break has no meaning to a ring of bytes, but the loop carries it: a zero byte, marked. */
	if (begins && looped_back(uart)) {
		loop_put(uart, 0);
		uart->line_errors |= LSR_BREAK;
	}
}

/* The most urgent cause; reading it is what acknowledges the transmitter's. */
static uint8_t read_iir(struct uart16550 *uart)
{
	static const uint8_t trigger[4] = {1, 4, 8, 14};
	bool fifo = (uart->fcr & FCR_ENABLE) != 0;
	uint8_t iir = fifo ? IIR_FIFO_ENABLED : 0;
	uint64_t transmitter = line_conditions(uart) & (LINE_ROOM | LINE_EMPTY);

	if ((uart->ier & IER_LINE_STATUS) != 0 && uart->line_errors != 0)
		return iir | IIR_LINE_STATUS;
	if ((uart->ier & IER_RECEIVE) != 0 && received(uart) > 0) {
		if (fifo && received(uart) < trigger[uart->fcr >> FCR_TRIGGER_SHIFT])
			return iir | IIR_TIMEOUT;
		return iir | IIR_RECEIVE;
	}
	if (uart16550_line_is_high(uart, transmitter)) {
		uart->transmit = TRANSMIT_QUIET;
		return iir | IIR_TRANSMIT;
	}
	if ((uart->ier & IER_MODEM_STATUS) != 0 && uart->msr_delta != 0)
		return iir | IIR_MODEM_STATUS;
	return iir | IIR_NONE;
}

/*
 * THR_EMPTY promises room for a whole FIFO, as drivers write 16 bytes for each look at it. The
 * transmitter counts as empty along with it: a byte in the ring cannot be lost any more, and Linux'
 * console would poll here until the main thread has run, once for each line.
 */
static uint8_t read_lsr(struct uart16550 *uart)
{
	uint8_t lsr = uart->line_errors;

	if ((lsr & LSR_BREAK) != 0 && (uart->fcr & FCR_ENABLE) != 0)
		lsr |= LSR_FIFO_ERROR;
	uart->line_errors = 0;
	if (uart->on_the_wire > 0)
		uart->on_the_wire--;
	if (received(uart) > 0)
		lsr |= LSR_DATA_READY;
	if (looped_back(uart) || uart16550_output_has_room(uart))
		lsr |= LSR_THR_EMPTY | LSR_TRANSMITTER_EMPTY;
	return lsr;
}

static uint8_t read_msr(struct uart16550 *uart)
{
	uint8_t msr = modem_lines(uart) | uart->msr_delta;

	uart->msr_delta = 0;
	return msr;
}

static uint8_t read_register(struct uart16550 *uart, uint64_t reg)
{
	bool divisor = (uart->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case REG_DATA:
		return divisor ? uart->divisor_low : read_rbr(uart);
	case REG_IER:
		return divisor ? uart->divisor_high : uart->ier;
	case REG_IIR:
		return read_iir(uart);
	case REG_LCR:
		return uart->lcr;
	case REG_MCR:
		return uart->mcr;
	case REG_LSR:
		return read_lsr(uart);
	case REG_MSR:
		return read_msr(uart);
	case REG_SCRATCH:
		return uart->scratch;
	default:
		return UINT8_MAX;
	}
}

static void write_register(struct uart16550 *uart, uint64_t reg, uint8_t value)
{
	bool divisor = (uart->lcr & LCR_DLAB) != 0;

	if (divisor && reg == REG_DATA)
		uart->divisor_low = value;
	else if (divisor && reg == REG_IER)
		uart->divisor_high = value;
	else if (reg == REG_DATA)
		write_thr(uart, value);
	else if (reg == REG_IER)
		write_ier(uart, value);
	else if (reg == REG_IIR)
		write_fcr(uart, value);
	else if (reg == REG_LCR)
		write_lcr(uart, value);
	else if (reg == REG_MCR)
		write_mcr(uart, value);
	else if (reg == REG_SCRATCH)
		uart->scratch = value;
	/* LSR and MSR: writing them is for the factory's test. */
}

/*
 * With the FIFO off the receiver holds one byte: reading it lowers the line, and the next byte's
 * arrival raises it. A driver made for the 16450 reads one byte per interrupt and relies on that.
 */
static bool lowers_line(const struct uart16550 *uart, uint64_t reg)
{
	return reg == REG_DATA && (uart->fcr & FCR_ENABLE) == 0 && (uart->lcr & LCR_DLAB) == 0;
}

/* A wide access to an 8-bit device is one access after the other, as the bus splits it. */
static uint64_t port_read(void *device, uint64_t offset, unsigned length)
{
	struct uart16550 *uart = device;
	uint64_t value = 0;

	vcpu_lock(&uart->lock);
	for (unsigned i = 0; i < length; i++) {
		value |= (uint64_t)read_register(uart, offset + i) << (8 * i);
		settle(uart, lowers_line(uart, offset + i));
	}
	vcpu_unlock(&uart->lock);
	return value;
}

static enum trap_action port_write(void *device, uint64_t offset, unsigned length, uint64_t value)
{
	struct uart16550 *uart = device;

	vcpu_lock(&uart->lock);
	for (unsigned i = 0; i < length; i++) {
		write_register(uart, offset + i, (uint8_t)(value >> (8 * i)));
		settle(uart, false);
	}
	vcpu_unlock(&uart->lock);
	return TRAP_RESUME;
}

void uart16550_init(struct uart16550 *uart, struct doorbell *doorbell)
{
	memset(uart, 0, sizeof(*uart));
	uart->transmit = TRANSMIT_WHEN_ROOM;
	uart->divisor_low = 1; /* 115200 baud */
	uart->doorbell = doorbell;
}

int uart16550_add(struct uart16550 *uart, struct trap_table *table, uint16_t port, struct diag *why)
{
	const struct trap trap = {
		.space = TRAP_PIO,
		.first = port,
		.last = (uint64_t)port + REG_COUNT - 1,
		.read = port_read,
		.write = port_write,
		.device = uart,
		.name = "16550",
	};

	return trap_add(table, &trap, why);
}
