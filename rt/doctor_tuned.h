// SPDX-License-Identifier: Apache-2.0
/* tuned: whether it runs with a profile that moves threads off isolated cores. */
#pragma once

struct doctor_result;
struct doctor_subject;

/** doctor_look_tuned() - look of the check P27-tuned. */
void doctor_look_tuned(const struct doctor_subject *subject, struct doctor_result *result);
