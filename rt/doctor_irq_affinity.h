// SPDX-License-Identifier: Apache-2.0
/* Where the interrupts of devices go, and where they were asked to. */
#pragma once

struct doctor_result;
struct doctor_subject;

/** doctor_look_irq_affinity() - look of the check P12-irq-affinity. */
void doctor_look_irq_affinity(const struct doctor_subject *subject, struct doctor_result *result);

/** doctor_look_irq_pending() - look of the check P12-irq-pending. */
void doctor_look_irq_pending(const struct doctor_subject *subject, struct doctor_result *result);
