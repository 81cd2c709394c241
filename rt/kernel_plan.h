// SPDX-License-Identifier: Apache-2.0
/* What the file asks of the host's kernel. */
#pragma once

struct findings;
struct host_facts;
struct machine_config;

/**
 * kernel_plan() - hold host.kernel against the running kernel.
 * @findings: rules kernel-preempt-rt, kernel-unknown, kernel-old (before Linux 6.1).
 *
 * Pure. Stage: plan. Returns 0 or -ENOMEM.
 */
int kernel_plan(const struct machine_config *machine, const struct host_facts *host,
		struct findings *findings);
