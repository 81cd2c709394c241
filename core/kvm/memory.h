// SPDX-License-Identifier: Apache-2.0
/* Guest physical memory: where it lies, and the one bounded way to reach it from the host. */
#pragma once

#include <stdint.h>

struct diag;

/*
 * The x86 hole: no RAM from 3 GiB to 4 GiB, where the I/O APIC, the local APICs, PCI windows and the
 * firmware's own pages live. RAM past GUEST_LOW_MAX_BYTES continues at GUEST_HIGH_BASE.
 */
#define GUEST_LOW_MAX_BYTES UINT64_C(0xc0000000)
#define GUEST_HIGH_BASE UINT64_C(0x100000000)

/** struct memory_region - one run of guest RAM. @host is NULL in a plan, mapped once applied. */
struct memory_region {
	uint64_t gpa;
	uint64_t bytes;
	uint8_t *host;
};

/** struct guest_memory - all RAM of a guest, ascending; region 1 exists only above 3 GiB of RAM. */
struct guest_memory {
	struct memory_region region[2];
	unsigned count;
	uint64_t bytes;
	uint64_t page_bytes; /* 4096, 2 MiB or 1 GiB: what backs it */
	int fd;              /* the memfd; -1 where it is not mapped from one */
};

/**
 * guest_memory_plan() - split @bytes of RAM around the hole.
 * @page_bytes: 4096, 2 MiB or 1 GiB; @bytes must be a multiple.
 *
 * Pure. Returns 0 or -EINVAL with @why.
 */
int guest_memory_plan(uint64_t bytes, uint64_t page_bytes, struct guest_memory *ret,
		      struct diag *why);

/**
 * guest_memory_map() - allocate a planned memory; its pages come with guest_memory_populate(). The
 * caller owns it and ends it with guest_memory_done().
 *
 * Stage: apply. Returns 0; -EAGAIN where it would be locked past RLIMIT_MEMLOCK; -ENOMEM with @why
 * naming how much can be had.
 */
int guest_memory_map(struct guest_memory *memory, struct diag *why);

/**
 * guest_memory_populate() - make every page resident, in steps, so that other threads' page faults
 * are never held up for long. Makes no call but madvise(2); may run in a thread of its own while a
 * guest already runs, but not on a vCPU thread.
 *
 * Returns 0, -ENOMEM, or -EFAULT for broken memory.
 */
int guest_memory_populate(const struct guest_memory *memory);
void guest_memory_done(struct guest_memory *memory);

/**
 * guest_memory_at() - the host address of @length guest bytes at @gpa.
 *
 * Pure, may run on a vCPU thread. Returns NULL unless all of them lie inside one region; a length
 * of 0 is never inside. Everything that touches guest memory goes through here.
 */
void *guest_memory_at(const struct guest_memory *memory, uint64_t gpa, uint64_t length);
