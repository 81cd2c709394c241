// SPDX-License-Identifier: Apache-2.0
/* The probe's interrupt table, and what becomes of exceptions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* When each interrupt was last taken, TSC cycles, by its stub; set to 0 by who waits for it. */
extern volatile uint64_t timer_tsc, ipi_there_tsc, ipi_back_tsc;

/** trap_setup() - fill the table and load it on this vCPU. */
void trap_setup(void);

/** trap_load() - load the table on another vCPU. */
void trap_load(void);

/**
 * trap_resume - where an exception resumes, or 0: an exception then is an error that ends the run.
 * Taking one clears it.
 */
extern volatile uint64_t trap_resume;

/** trap_timer_resumes() - let the timer's interrupt act as an exception does, or stamp its time again. */
void trap_timer_resumes(bool resumes);
