// SPDX-License-Identifier: Apache-2.0
/* Whether a vCPU that spins leaves the host's own threads on its CPU a chance. */
#pragma once

struct doctor_result;
struct doctor_subject;

/** doctor_look_starvation() - look of the check P6-starvation. */
void doctor_look_starvation(const struct doctor_subject *subject, struct doctor_result *result);
