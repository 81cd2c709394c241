// SPDX-License-Identifier: Apache-2.0
/*
 * The 16550 between a driver on a vCPU thread and the main thread, both real threads. The driver acts
 * as Linux' 8250 does: its handler runs until IIR says that nothing is left, and nothing but a pulse
 * runs it. A lost interrupt or a lost doorbell shows as a wait without end.
 */
#include <CUnit/CUnit.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/devices/uart16550.h"
#include "core/kvm/doorbell.h"
#include "core/kvm/trap.h"

void test_uart_driver_register(void);

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR, FCR = IIR };
enum { STREAM_BYTES = 300000, WAIT_SECONDS = 20, DRIVER_BUFFER = 4096 };

/* One machine: @pulses counts what the main thread raised, @over ends the main loop. */
static struct {
	struct uart16550 uart;
	struct doorbell doorbell;
	struct trap_table table;
	const struct trap *trap;
	atomic_uint pulses;
	atomic_bool over;
	atomic_bool stuck;
} machine;

static uint8_t in(unsigned reg)
{
	return (uint8_t)machine.trap->read(machine.trap->device, reg, 1);
}

static void out(unsigned reg, uint8_t value)
{
	(void)machine.trap->write(machine.trap->device, reg, 1, value);
}

static uint8_t pattern(unsigned index)
{
	return (uint8_t)(index * 31 + index / 251);
}

/* The vCPU halts until the next pulse. */
static bool wait_for_pulse(unsigned *seen)
{
	time_t deadline = time(NULL) + WAIT_SECONDS;

	while (atomic_load(&machine.pulses) == *seen) {
		sched_yield();
		if (time(NULL) > deadline) {
			atomic_store(&machine.stuck, true);
			return false;
		}
	}
	*seen = atomic_load(&machine.pulses);
	return true;
}

/* A driver's buffer between its receive and transmit halves. */
struct echo {
	uint8_t byte[DRIVER_BUFFER];
	unsigned head;
	unsigned tail;
	unsigned total;
};

static void transmit(struct echo *echo)
{
	for (unsigned i = 0; i < UART16550_FIFO_BYTES && echo->tail != echo->head; i++)
		out(DATA, echo->byte[echo->tail++ % DRIVER_BUFFER]);
	if (echo->tail == echo->head)
		out(IER, 0x01);
}

static void receive(struct echo *echo)
{
	while ((in(LSR) & 0x01) != 0 && echo->head - echo->tail < DRIVER_BUFFER) {
		echo->byte[echo->head++ % DRIVER_BUFFER] = in(DATA);
		echo->total++;
	}
	if (echo->head != echo->tail)
		out(IER, 0x03);
}

static void handle_interrupt(struct echo *echo)
{
	while ((in(IIR) & 0x01) == 0) {
		receive(echo);
		if ((in(LSR) & 0x20) != 0)
			transmit(echo);
	}
}

static void *echo_driver(void *argument)
{
	static struct echo echo;
	unsigned seen = 0;

	(void)argument;
	memset(&echo, 0, sizeof(echo));
	out(IER, 0x01);
	while ((echo.total < STREAM_BYTES || echo.head != echo.tail) && wait_for_pulse(&seen))
		handle_interrupt(&echo);
	atomic_store(&machine.over, true);
	doorbell_ring(&machine.doorbell);
	return NULL;
}

/* Sends with THRE interrupts only, 16 bytes for each, and never looks at IIR. */
static void *sending_driver(void *argument)
{
	unsigned seen = 0;
	unsigned sent = 0;

	(void)argument;
	out(IER, 0x02);
	while (sent < STREAM_BYTES && wait_for_pulse(&seen))
		for (unsigned i = 0; i < UART16550_FIFO_BYTES && sent < STREAM_BYTES; i++)
			out(DATA, pattern(sent++));
	atomic_store(&machine.over, true);
	doorbell_ring(&machine.doorbell);
	return NULL;
}

static void *polling_driver(void *argument)
{
	atomic_uint *running = argument;
	time_t deadline = time(NULL) + WAIT_SECONDS;

	for (unsigned sent = 0; sent < STREAM_BYTES;) {
		if ((in(LSR) & 0x20) != 0) {
			out(DATA, pattern(sent++));
		} else if (time(NULL) > deadline) {
			atomic_store(&machine.stuck, true);
			break;
		}
	}
	if (atomic_fetch_sub(running, 1) == 1) {
		atomic_store(&machine.over, true);
		doorbell_ring(&machine.doorbell);
	}
	return NULL;
}

/* What the main thread saw. */
struct flow {
	unsigned to_send;
	unsigned sent;
	unsigned received;
	unsigned wrong;
};

/* One turn of the main thread; false when nothing was left to do. */
static bool main_turn(struct flow *flow)
{
	uint8_t bytes[1000];
	size_t got = uart16550_output(&machine.uart, bytes, sizeof(bytes));
	size_t space = uart16550_input_space(&machine.uart);
	size_t count = 0;

	for (size_t i = 0; i < got; i++)
		flow->wrong += bytes[i] != pattern(flow->received++);
	while (count < space && count < sizeof(bytes) && flow->sent + count < flow->to_send) {
		bytes[count] = pattern(flow->sent + (unsigned)count);
		count++;
	}
	CU_ASSERT_EQUAL(uart16550_input(&machine.uart, bytes, count), count);
	flow->sent += (unsigned)count;
	if (uart16550_interrupt(&machine.uart))
		atomic_fetch_add(&machine.pulses, 1);
	return got > 0 || count > 0;
}

static void main_loop(struct flow *flow)
{
	struct pollfd wait = { .fd = machine.doorbell.fd, .events = POLLIN };

	for (;;) {
		uint64_t count;
		bool over = atomic_load(&machine.over);

		doorbell_arm(&machine.doorbell);
		if (main_turn(flow))
			continue;
		if (over)
			return;
		if (poll(&wait, 1, WAIT_SECONDS * 1000) != 1) {
			atomic_store(&machine.stuck, true);
			return;
		}
		CU_ASSERT_EQUAL(read(wait.fd, &count, sizeof(count)), (ssize_t)sizeof(count));
	}
}

static void power_on(void)
{
	memset(&machine, 0, sizeof(machine));
	machine.doorbell.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	uart16550_init(&machine.uart, &machine.doorbell);
	CU_ASSERT_EQUAL_FATAL(uart16550_add(&machine.uart, &machine.table, 0x2f8, NULL), 0);
	machine.trap = trap_find(&machine.table, TRAP_PIO, 0x2f8, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(machine.trap);
	out(MCR, 0x08); /* OUT2 lets interrupts through to the line */
	/* Before there is input, as enabling the FIFO clears it. */
	out(FCR, 0x01);
}

static void power_off(void)
{
	CU_ASSERT_FALSE(atomic_load(&machine.stuck));
	CU_ASSERT_EQUAL(atomic_load(&machine.uart.dropped), 0);
	close(machine.doorbell.fd);
}

static void an_echoing_driver_loses_nothing(void)
{
	struct flow flow = { .to_send = STREAM_BYTES };
	pthread_t vcpu;

	power_on();
	CU_ASSERT_EQUAL_FATAL(pthread_create(&vcpu, NULL, echo_driver, NULL), 0);
	main_loop(&flow);
	pthread_join(vcpu, NULL);
	while (main_turn(&flow))
		;
	CU_ASSERT_EQUAL(flow.received, STREAM_BYTES);
	CU_ASSERT_EQUAL(flow.wrong, 0);
	/* No storm: not more pulses than bytes in both directions. */
	CU_ASSERT_TRUE(atomic_load(&machine.pulses) <= 2 * STREAM_BYTES);
	power_off();
}

static void a_sending_driver_is_interrupted_for_each_fifo(void)
{
	struct flow flow = { .to_send = 0 };
	pthread_t vcpu;

	power_on();
	CU_ASSERT_EQUAL_FATAL(pthread_create(&vcpu, NULL, sending_driver, NULL), 0);
	main_loop(&flow);
	pthread_join(vcpu, NULL);
	while (main_turn(&flow))
		;
	CU_ASSERT_EQUAL(flow.received, STREAM_BYTES);
	CU_ASSERT_EQUAL(flow.wrong, 0);
	power_off();
}

/* Two vCPUs write at once: their bytes mix, and none is lost. */
static void two_polling_drivers_share_the_port(void)
{
	struct flow flow = { .to_send = 0 };
	atomic_uint running = 2;
	pthread_t vcpu[2];

	power_on();
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&vcpu[i], NULL, polling_driver, &running), 0);
	main_loop(&flow);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(vcpu[i], NULL);
	while (main_turn(&flow))
		;
	CU_ASSERT_EQUAL(flow.received, 2 * STREAM_BYTES);
	power_off();
}

void test_uart_driver_register(void)
{
	CU_pSuite suite = CU_add_suite("test_uart_driver", NULL, NULL);

	CU_ADD_TEST(suite, an_echoing_driver_loses_nothing);
	CU_ADD_TEST(suite, a_sending_driver_is_interrupted_for_each_fifo);
	CU_ADD_TEST(suite, two_polling_drivers_share_the_port);
}
