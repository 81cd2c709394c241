// SPDX-License-Identifier: Apache-2.0
/* The tables of checks, one per subject and file; rt/doctor.c puts them in order. */
#pragma once

#include <stdint.h>

#include "core/host/host.h"
#include "rt/doctor.h"

/** struct doctor_table - @count checks. */
struct doctor_table {
	const struct doctor_check *check;
	size_t count;
};

extern const struct doctor_table doctor_kvm, doctor_timers, doctor_interrupts, doctor_threads,
	doctor_deadline, doctor_cgroup, doctor_memory, doctor_idle, doctor_cmdline, doctor_lint,
	doctor_kernel, doctor_topology, doctor_devices;

/** doctor_say() - set verdict and value; doctor_expect(), doctor_advise() - the other fields. */
void doctor_say(struct doctor_result *result, enum doctor_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_expect(struct doctor_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_advise(struct doctor_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** doctor_unknown() - unknown, because @fact (a path, mostly) could not be read for @error. */
void doctor_unknown(struct doctor_result *result, const char *fact, int error);

/**
 * doctor_text(), doctor_number(), doctor_cpus() - a file of the host by its path.
 *
 * Return whether @ret was set. Where not, @result says unknown and why, and the check is done; a check
 * to which an absent file tells something asks host_text() and its kin itself.
 */
bool doctor_text(const struct doctor_subject *subject, struct doctor_result *result,
		 const char **ret, const char *format, ...) __attribute__((format(printf, 4, 5)));
bool doctor_number(const struct doctor_subject *subject, struct doctor_result *result, int64_t *ret,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));
bool doctor_cpus(const struct doctor_subject *subject, struct doctor_result *result,
		 struct cpulist *ret, const char *format, ...) __attribute__((format(printf, 4, 5)));

/**
 * doctor_parameter() - a parameter of a kernel module.
 * @ret: set on success; borrowed.
 *
 * Returns 0; -ENOENT the module is loaded and has no such parameter; else @result says unknown, also
 * where the module is not loaded.
 */
int doctor_parameter(const struct doctor_subject *subject, struct doctor_result *result,
		     const char **ret, const char *module, const char *name);

/** doctor_kvm_module() - "kvm_intel" or "kvm_amd", whichever is loaded, or NULL. */
const char *doctor_kvm_module(const struct doctor_subject *subject);

/**
 * doctor_shell_cpus() - what a shell's "for c in" takes for a list: "2 3 $(seq 8 15)"; dots at its end
 * where it does not fit. Returns @buffer.
 */
char *doctor_shell_cpus(const struct cpulist *cpus, char *buffer, size_t size);

/**
 * doctor_list() - a CPU list for a command, cut with dots at a comma where it does not fit, so that no
 * command takes its beginning for the whole; "none" for none. Returns @buffer.
 */
char *doctor_list(const struct cpulist *cpus, char *buffer, size_t size);

/**
 * doctor_root_group_runtime() - real-time runtime of the root group of cgroup v1, us; 0 where no group
 * has one, or none can be read. A kernel without CONFIG_RT_GROUP_SCHED has none.
 */
int64_t doctor_root_group_runtime(const struct host_facts *host);

/**
 * doctor_judge_version() - whether the kernel is one that Bulkhead supports, Linux 6.1 or later.
 * @otherwise: what else there is to do than to install one, or what to do then.
 */
void doctor_judge_version(const struct doctor_subject *subject, struct doctor_result *result,
			  const char *otherwise);

/** doctor_has_rt_groups() - whether the kernel has CONFIG_RT_GROUP_SCHED. */
enum fact doctor_has_rt_groups(const struct host_facts *host);

/** doctor_throttles() - whether a SCHED_FIFO thread that does not sleep is taken off its CPU now and then. */
enum fact doctor_throttles(const struct host_facts *host);

/** doctor_fifo_cpus() - those that are online and on which a SCHED_FIFO vCPU runs. */
void doctor_fifo_cpus(const struct doctor_subject *subject, struct cpulist *ret);

/**
 * doctor_partition_cpus() - CPUs of the cpuset partitions that are valid now, as far as they are told.
 * @isolated: only of those whose CPUs are not balanced.
 */
void doctor_partition_cpus(const struct host_facts *host, bool isolated, struct cpulist *ret);

/** doctor_has_flag() - whether /proc/cpuinfo gives the first CPU that flag. */
bool doctor_has_flag(const char *cpuinfo, const char *name);

/** doctor_is_virtual() - whether the host is itself a virtual machine. */
enum fact doctor_is_virtual(const struct host_facts *host);

/** doctor_vendor_module() - "kvm_amd" on AMD's and Hygon's CPUs, else "kvm_intel". */
const char *doctor_vendor_module(const struct host_facts *host);

/** doctor_is_built_in() - whether a module that has parameters is part of the kernel. */
bool doctor_is_built_in(const struct host_facts *host, const char *module);

/**
 * doctor_advise_module() - how to load a module with another option, "ple_gap=0".
 * @remark: what else to say, or "".
 */
void doctor_advise_module(const struct doctor_subject *subject, struct doctor_result *result,
			  const char *module, const char *option, const char *remark);

/**
 * doctor_no_cpus() - says so, and returns true, where there is nothing to look at: no real-time CPU, none
 * that is online, or no CPU that is known.
 */
bool doctor_no_cpus(const struct doctor_subject *subject, struct doctor_result *result);
