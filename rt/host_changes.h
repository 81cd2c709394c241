// SPDX-License-Identifier: Apache-2.0
/* What apply changes of the host's kernel for real-time partitions: settings, and threads of the kernel. */
#pragma once

struct changes;
struct cpu_division;
struct findings;
struct host_facts;
struct machine_config;

/**
 * setting_changes() - scheduler and timer settings, watchdogs, memory management, the fair server of
 * partition CPUs, workqueues.
 * @machine: NULL where no file is given.
 * @cpus: @cpus->partitions are the CPUs of real-time partitions.
 * @findings: setting-unknown (a file that could not be read, so that it cannot be put back).
 *
 * Pure. Stage: plan. Returns 0 or -ENOMEM.
 */
int setting_changes(const struct machine_config *machine, const struct host_facts *host,
		    const struct cpu_division *cpus, struct changes *ret, struct findings *findings);

/**
 * thread_changes() - kernel threads: those that can move, off partition CPUs; those that partition CPUs
 * cannot do without (ktimers, ksoftirqd, rcuc, and rcub, which lends its priority to RCU readers), above every
 * vCPU's priority.
 *
 * Left alone: threads of one CPU; workers, which follow their workqueues' masks; threads of interrupts, which
 * follow the interrupt; and all threads of processes, vhost's too where they are the process's own (from
 * Linux 6.4 on). Those are kept off by the cpuset partition that the CPUs are closed with: where isolation is by
 * isolcpus=domain, affinity or control groups of version 1, they stay where they are.
 * Kernel threads made later begin where the kernel puts them, kthreadd's affinity is not passed on.
 *
 * As setting_changes(). @findings: thread-unknown; notes thread-bound (threads that stay, with the reason).
 */
int thread_changes(const struct machine_config *machine, const struct host_facts *host,
		   const struct cpu_division *cpus, struct changes *ret, struct findings *findings);
