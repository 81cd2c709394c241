// SPDX-License-Identifier: Apache-2.0
/* Hugepages: whether the pools hold what the partitions take, node by node. */
#pragma once

struct doctor_result;
struct doctor_subject;

/** doctor_look_hugepages() - look of the check M1-hugepages. */
void doctor_look_hugepages(const struct doctor_subject *subject, struct doctor_result *result);
