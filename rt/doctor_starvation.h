// SPDX-License-Identifier: Apache-2.0
/* Whether a vCPU that spins leaves the host's own threads on its CPU a chance. */
#pragma once

#include <stdbool.h>

struct doctor_result;
struct doctor_subject;
struct host_thread;

/**
 * doctor_served_cpu() - the CPU that a thread which everything else waits for serves: ksoftirqd, ktimers or
 * rcuc, by its name; -1 for any other thread.
 */
int doctor_served_cpu(const struct host_thread *thread);

/** doctor_serves_rcu() - whether it is RCU's: rcuc, or rcub, which lends its priority to readers. */
bool doctor_serves_rcu(const struct host_thread *thread);

/** doctor_boosts_readers() - whether it is one of rcub. */
bool doctor_boosts_readers(const struct host_thread *thread);

/** doctor_look_starvation() - look of the check P6-starvation. */
void doctor_look_starvation(const struct doctor_subject *subject, struct doctor_result *result);

/** doctor_look_rcu_boost() - look of the check P6-rcu-boost. */
void doctor_look_rcu_boost(const struct doctor_subject *subject, struct doctor_result *result);
