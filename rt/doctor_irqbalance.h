// SPDX-License-Identifier: Apache-2.0
/* irqbalance: whether it runs, and which CPUs it stays away from. */
#pragma once

struct doctor_result;
struct doctor_subject;

/** doctor_look_irqbalance() - look of the check P12-irqbalance. */
void doctor_look_irqbalance(const struct doctor_subject *subject, struct doctor_result *result);
