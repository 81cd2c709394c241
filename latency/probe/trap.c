// SPDX-License-Identifier: Apache-2.0
#include "latency/probe/trap.h"

#include "latency/probe/finish.h"
#include "latency/probe/layout.h"
#include "latency/probe/serial.h"

enum { GATE_INTERRUPT = 0x8e00 }; /* present, ring 0, 64-bit interrupt gate */

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* struct exception_frame - as the stubs and the processor push it. */
struct exception_frame {
	uint64_t vector;
	uint64_t error;
	uint64_t rip;
};

extern const uint64_t exception_stubs[EXCEPTION_COUNT];
void timer_stub(void);
void timer_resume_stub(void);
void ipi_there_stub(void);
void ipi_back_stub(void);
void spurious_stub(void);
void exception_handle(struct exception_frame *frame);

/* Apart, so that no vCPU's stamp pulls at another's cache line. */
_Alignas(64) volatile uint64_t timer_tsc;
_Alignas(64) volatile uint64_t ipi_there_tsc;
_Alignas(64) volatile uint64_t ipi_back_tsc;
_Alignas(64) volatile uint64_t trap_resume;

static struct gate gates[VECTOR_COUNT];

static void gate_set(unsigned vector, uint64_t handler)
{
	gates[vector] = (struct gate){
		.offset_low = (uint16_t)handler,
		.selector = SELECTOR_CODE64,
		.type = GATE_INTERRUPT,
		.offset_middle = (uint16_t)(handler >> 16),
		.offset_high = (uint32_t)(handler >> 32),
	};
}

void trap_load(void)
{
	struct table_pointer pointer = {sizeof(gates) - 1, (uint64_t)gates};

	__asm__ volatile("lidt %0" : : "m"(pointer));
}

void trap_setup(void)
{
	for (unsigned i = 0; i < EXCEPTION_COUNT; i++)
		gate_set(i, exception_stubs[i]);
	gate_set(VECTOR_TIMER, (uint64_t)timer_stub);
	gate_set(VECTOR_IPI_THERE, (uint64_t)ipi_there_stub);
	gate_set(VECTOR_IPI_BACK, (uint64_t)ipi_back_stub);
	gate_set(VECTOR_SPURIOUS, (uint64_t)spurious_stub);
	trap_load();
}

void trap_timer_resumes(bool resumes)
{
	gate_set(VECTOR_TIMER, resumes ? (uint64_t)timer_resume_stub : (uint64_t)timer_stub);
}

/* Called by the stubs with their frame, which the return goes by. */
void exception_handle(struct exception_frame *frame)
{
	if (trap_resume != 0) {
		frame->rip = trap_resume;
		trap_resume = 0;
		return;
	}
	serial_text("error exception ");
	serial_number(frame->vector);
	serial_text(" at ");
	serial_hexadecimal(frame->rip);
	serial_text(" code ");
	serial_hexadecimal(frame->error);
	serial_text("\n");
	finish(FINISH_FAILED);
}
