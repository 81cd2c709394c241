// SPDX-License-Identifier: Apache-2.0
/* Interrupts of a host: the counters of /proc/interrupts, and where /proc/irq sends each one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/cpulist.h"

struct host_files;

/** FIXED_INTERRUPTS - where a snapshot tells which interrupts user space cannot move: "0 2 36". */
#define FIXED_INTERRUPTS "/bulkhead/fixed-interrupts"

enum {
	INTERRUPT_NAME_MAX = 16,
	INTERRUPT_NONE = -1, /* @number of a row that is no device's: TLB, RES, LOC */
};

/**
 * struct interrupt_row - one line of /proc/interrupts.
 * @name: what stands before the colon: "24", "TLB".
 * @number: the device interrupt's number, or INTERRUPT_NONE.
 * @text: what stands after the colon, @length bytes, not terminated; borrowed from the text parsed.
 */
struct interrupt_row {
	char name[INTERRUPT_NAME_MAX];
	int number;
	const char *text;
	size_t length;
};

/**
 * struct interrupts - /proc/interrupts, its counters not read yet; zeros are empty.
 * @column: the CPU that each of the @columns columns counts for: the head line names those online alone.
 * @cpus: the same as a set.
 */
struct interrupts {
	unsigned *column;
	size_t columns;
	struct cpulist cpus;
	struct interrupt_row *row;
	size_t count;
};

/**
 * interrupts_parse() - read the head line and find the rows.
 * @text: contents of /proc/interrupts; borrowed until interrupts_done().
 * @ret: set on success.
 *
 * A line without a colon, or with a name longer than any of the kernel's, is no row and is left out.
 * Pure. Returns 0; -EINVAL where the head line names no CPU, one twice, or one above CPULIST_MAX; -ENOMEM.
 */
int interrupts_parse(const char *text, struct interrupts *ret);

/** interrupts_find() - a row by its name, or NULL. */
const struct interrupt_row *interrupts_find(const struct interrupts *interrupts, const char *name);

/**
 * interrupt_counts() - a row's counters.
 * @ret: one for each column, as many as @interrupts->columns.
 *
 * Returns 0; -EINVAL where the row has fewer counters than columns (ERR and MIS have one), or one that is
 * no 64 bit number.
 */
int interrupt_counts(const struct interrupts *interrupts, const struct interrupt_row *row,
		     uint64_t *ret);

/**
 * interrupt_sum() - how often a row's interrupt came on some CPUs together; CPUs without a column count 0.
 *
 * Returns as interrupt_counts(), and -ENOMEM.
 */
int interrupt_sum(const struct interrupts *interrupts, const struct interrupt_row *row,
		  const struct cpulist *cpus, uint64_t *ret);

/**
 * interrupt_label() - what follows a row's counters, its blanks one each:
 * "PCI-MSIX-0000:00:01.0 1-edge virtio1-req.0", "TLB shootdowns". Returns @buffer.
 */
char *interrupt_label(const struct interrupts *interrupts, const struct interrupt_row *row,
		      char *buffer, size_t size);

/**
 * interrupts_growth() - how often a row's interrupt came on some CPUs between two samples.
 *
 * A row or CPU that the first sample lacks counts from 0. The kernel counts in 32 bits: one that wrapped
 * is put right.
 * Pure. Returns 0; -ENOENT where the second sample has no such row; -EINVAL, -ENOMEM.
 */
int interrupts_growth(const struct interrupts *before, const struct interrupts *after,
		      const char *name, const struct cpulist *cpus, uint64_t *ret);

void interrupts_done(struct interrupts *interrupts);

/**
 * struct interrupt_route - a device interrupt's CPUs, from /proc/irq/NUMBER.
 * @requested: smp_affinity_list, where it shall go. @effective: effective_affinity_list, where it goes;
 * empty while it is shut down; equal to @requested on a kernel that does not tell.
 * @error: positive errno why they are not known; 0 where they are.
 */
struct interrupt_route {
	unsigned number;
	int error;
	struct cpulist requested;
	struct cpulist effective;
};

/** struct interrupt_routes - @count of them, in no order; zeros are empty. */
struct interrupt_routes {
	struct interrupt_route *route;
	size_t count;
};

/**
 * interrupt_routes_parse() - read those of a snapshot.
 * @ret: set on success.
 *
 * Pure. Returns 0; -ENODATA, -EACCES and others where /proc/irq is not known at all; -ENOMEM.
 */
int interrupt_routes_parse(const struct host_files *files, struct interrupt_routes *ret);

void interrupt_routes_done(struct interrupt_routes *routes);

/**
 * interrupt_fixed() - whether user space cannot set an interrupt's CPUs: managed by the kernel for its
 * driver, one CPU's own, or without a chip that could be told (IRQ 0 and 2).
 * @ret: set on success.
 *
 * Pure. Returns 0; -ENODATA, -EACCES and others where nothing tells.
 */
int interrupt_fixed(const struct host_files *files, unsigned number, bool *ret);
