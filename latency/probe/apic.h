// SPDX-License-Identifier: Apache-2.0
/* The local APIC, as x2APIC where there is one, and its timer. Intel SDM vol. 3, chapter 10. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** apic_setup() - enable this vCPU's APIC, mask what is not ours. */
void apic_setup(void);

/** apic_is_x2apic(), apic_has_tsc_deadline() - what CPUID says; valid after apic_setup(). */
bool apic_is_x2apic(void);
bool apic_has_tsc_deadline(void);

/** apic_id() - of this vCPU. */
uint32_t apic_id(void);

/** apic_eoi() - acknowledge the interrupt in service. */
void apic_eoi(void);

/** apic_send() - one fixed interrupt; stores before it are seen by who takes it. */
void apic_send(uint32_t to, uint8_t vector);

/** apic_start_others() - INIT and SIPI to all other vCPUs, to begin at AP_TRAMPOLINE. */
void apic_start_others(void);

/** apic_timer_setup() - VECTOR_TIMER by deadline, or by a measured one-shot count where there is none. */
void apic_timer_setup(void);

/** apic_timer_arm() - one interrupt at TSC @deadline; it may come early by the one-shot's limits. */
void apic_timer_arm(uint64_t deadline);
void apic_timer_stop(void);
