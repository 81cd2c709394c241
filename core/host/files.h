// SPDX-License-Identifier: Apache-2.0
/*
 * The host's own words: a snapshot of the files of /proc and /sys that facts are read from, with the
 * reason wherever one could not be read.
 *
 * The live host, a captured one and a test's are the same snapshot once read. What is no file on a
 * host (CPUID, MSRs, KVM's capabilities, the kernel log) has a path under /bulkhead/, which a capture
 * stores as a file like the others:
 *
 *   /bulkhead/allowed-cpus      CPU list this process may use
 *   /bulkhead/cpuid             lines "LEAF SUBLEAF EAX EBX ECX EDX", hexadecimal with 0x, of one CPU
 *   /bulkhead/msr/0x34          lines "CPU VALUE": SMI count, read on one housekeeping CPU
 *   /bulkhead/kvm-capabilities  lines "NAME VALUE", "X86_DISABLE_EXITS 3": what KVM_CHECK_EXTENSION on
 *                               /dev/kvm returns
 *   /bulkhead/kernel-config     /proc/config.gz, unpacked
 *   /bulkhead/kernel-log        those lines of the kernel log that checks look for; its first line, "Linux
 *                               version", too: where that is missing, the beginning has been overwritten
 *   /bulkhead/window-ns         time between the two samples
 *   /bulkhead/later/PATH        PATH again, at the end of the window
 *   /bulkhead/fixed-interrupts  numbers of interrupts whose CPUs user space cannot set, "0 2 36"
 *   /bulkhead/cpu-dma-latency   the wake-up latency that all holders of /dev/cpu_dma_latency ask for, us
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpulist;
struct diag;

/** enum host_group - which facts to read: reading all of a large host takes a second or two. */
enum host_group {
	HOST_TOPOLOGY = 1,  /* CPUs, caches, NUMA nodes (and hwloc's topology) */
	HOST_MEMORY = 2,    /* meminfo, hugepage pools, by node too; KSM, THP, vm sysctls */
	HOST_KERNEL = 4,    /* release, command line, config, scheduler sysctls, debugfs scheduler files,
			     * LSMs, clocksource, cgroup and mounts, resctrl, modules, CPUID */
	HOST_KVM = 8,       /* parameters of the KVM modules, capabilities, vulnerabilities */
	HOST_DEVICES = 16,  /* PCI devices, IOMMUs and their groups */
	HOST_INTERRUPTS = 32, /* /proc/interrupts, /proc/irq */
	HOST_IDLE = 64,     /* cpuidle, cpufreq, pm_qos of each CPU */
	HOST_THREADS = 128, /* every thread's name, policy, priority, CPUs */
	HOST_LOG = 256,     /* kernel log, MSRs */
	HOST_WINDOW = 512,  /* the second sample; takes HOST_WINDOW_MS of waiting on a live host */
	HOST_PLAN = HOST_TOPOLOGY | HOST_MEMORY | HOST_KERNEL | HOST_KVM | HOST_DEVICES,
	HOST_ALL = 1023,
	HOST_CACHES = 1024, /* each CPU's own topology and cache files: hwloc reads them itself */
	HOST_CAPTURE = HOST_ALL | HOST_CACHES,
	HOST_AGAIN = 2048,   /* with others: leave out what host_facts_again() takes from an earlier look */
};

enum { HOST_WINDOW_MS = 500 };

/**
 * struct host_file - one of them.
 * @path: absolute, as on the host.
 * @text: contents, terminated, the last newline removed; a symbolic link's target; NULL after an error.
 * @error: positive errno why there is no text; 0 where there is.
 */
struct host_file {
	char *path;
	char *text;
	size_t length;
	int error;
};

/**
 * struct host_files - a snapshot; sorted by path, no path twice. Zeros are empty and incomplete.
 * @complete: a file that is not in it is not on the host; else nothing is known about it.
 * @cover: patterns of the files that were looked for; nothing is known of others. Without any, all were.
 */
struct host_files {
	struct host_file *file;
	size_t count;
	size_t room;
	char **cover;
	size_t cover_count;
	bool complete;
	bool sorted;
};

/** host_files_put(), host_files_put_error() - add or replace one file. Return 0 or -ENOMEM. */
int host_files_put(struct host_files *files, const char *path, const char *text);
int host_files_put_bytes(struct host_files *files, const char *path, const void *bytes, size_t length);
int host_files_put_error(struct host_files *files, const char *path, int error);

/** host_files_remove() - as if it were not on the host. */
void host_files_remove(struct host_files *files, const char *path);

/** host_files_cover() - say that files of this pattern were looked for. Returns 0 or -ENOMEM. */
int host_files_cover(struct host_files *files, const char *pattern);

/** host_files_sort() - after the last put, before the first question. */
void host_files_sort(struct host_files *files);

/**
 * host_text() - a file's text by its path (a printf format).
 * @ret: set on success; borrowed.
 *
 * Returns 0; -ENOENT the host has no such file; -ENODATA the snapshot does not say; else what kept it
 * from being read, -EACCES or -EPERM among others; an unreadable directory speaks for all in it.
 */
int host_text(const struct host_files *files, const char **ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** host_number() - as host_text(), a whole number, decimal or 0x; -EINVAL for any other text. */
int host_number(const struct host_files *files, int64_t *ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** host_truth() - as host_text(), Y, y, 1, N, n or 0; -EINVAL for any other text. */
int host_truth(const struct host_files *files, bool *ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** host_cpus() - as host_text(), a CPU list as the kernel writes them; -EINVAL for any other text. */
int host_cpus(const struct host_files *files, struct cpulist *ret, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * host_files_next() - walk over the files that match a pattern (fnmatch(3), * does not match /).
 * @at: 0 before the first call.
 *
 * Returns the next one, also one with an error, or NULL after the last.
 */
const struct host_file *host_files_next(const struct host_files *files, const char *pattern,
					size_t *at);

/**
 * host_files_told() - whether a walk over @pattern sees all that the host has.
 *
 * Returns 0; -ENODATA nobody looked for such files, or not for all; else why a directory on the way to
 * them could not be read. A walk that finds nothing proves something only after a 0.
 */
int host_files_told(const struct host_files *files, const char *pattern);

/**
 * host_unknown() - why a fact is unknown, in words, from what host_text() and its kin returned:
 * "permission denied", "not told", "no such file".
 */
const char *host_unknown(int error);

void host_files_done(struct host_files *files);
