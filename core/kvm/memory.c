// SPDX-License-Identifier: Apache-2.0
#include "core/kvm/memory.h"

#include <errno.h>
#include <linux/memfd.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/units.h"

int guest_memory_plan(uint64_t bytes, uint64_t page_bytes, struct guest_memory *ret,
		      struct diag *why)
{
	char page[24];

	if (page_bytes != 4096 && page_bytes != UINT64_C(1) << 21 && page_bytes != UINT64_C(1) << 30)
		return diag_set(why, EINVAL, "guest page size is not 4K, 2M or 1G");
	if (bytes == 0 || bytes % page_bytes != 0)
		return diag_set(why, EINVAL, "guest memory is not a multiple of its %s pages",
				size_format(page_bytes, page, sizeof(page)));
	*ret = (struct guest_memory){.bytes = bytes, .page_bytes = page_bytes, .fd = -1};
	ret->count = 1;
	ret->region[0].bytes = bytes;
	if (bytes > GUEST_LOW_MAX_BYTES) {
		ret->count = 2;
		ret->region[0].bytes = GUEST_LOW_MAX_BYTES;
		ret->region[1].gpa = GUEST_HIGH_BASE;
		ret->region[1].bytes = bytes - GUEST_LOW_MAX_BYTES;
	}
	return 0;
}

/* Whoever maps memory meanwhile waits for a whole step, so it is short; a hugepage is one anyway. */
#define POPULATE_STEP_BYTES (UINT64_C(128) << 10)

static unsigned memfd_flags(uint64_t page_bytes)
{
	if (page_bytes == UINT64_C(1) << 21)
		return MFD_HUGETLB | MFD_HUGE_2MB;
	if (page_bytes == UINT64_C(1) << 30)
		return MFD_HUGETLB | MFD_HUGE_1GB;
	return 0;
}

static int refuse(const struct guest_memory *memory, int error, struct diag *why)
{
	char size[32];
	char page[32];

	size_format(memory->bytes, size, sizeof(size));
	if (memory->page_bytes == 4096) {
		diag_set(why, ENOMEM, "%s of guest memory cannot be had (%s)", size, strerror(-error));
		diag_remedy(why, "give the partition less memory, or free some on the host");
		return -ENOMEM;
	}
	size_format(memory->page_bytes, page, sizeof(page));
	diag_set(why, ENOMEM, "%s of guest memory in %s pages cannot be had (%s)", size, page,
		 strerror(-error));
	diag_remedy(why, "reserve %llu hugepages of %s in "
		    "/sys/kernel/mm/hugepages/hugepages-%llukB/nr_hugepages",
		    (unsigned long long)(memory->bytes / memory->page_bytes), page,
		    (unsigned long long)(memory->page_bytes / 1024));
	return -ENOMEM;
}

int guest_memory_map(struct guest_memory *memory, struct diag *why)
{
	uint64_t offset = 0;
	int error = sys_memfd("guest-memory", memory->bytes, memfd_flags(memory->page_bytes));

	if (error < 0)
		return refuse(memory, error, why);
	memory->fd = error;
	for (unsigned i = 0; i < memory->count; i++) {
		struct memory_region *region = &memory->region[i];
		void *host = NULL;

		error = sys_map(memory->fd, offset, region->bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
				&host);
		region->host = host;
		if (error != 0) {
			refuse(memory, error, why);
			guest_memory_done(memory);
			return error == -EAGAIN ? error : -ENOMEM;
		}
		offset += region->bytes;
	}
	return 0;
}

int guest_memory_populate(const struct guest_memory *memory)
{
	uint64_t step = memory->page_bytes > POPULATE_STEP_BYTES ? memory->page_bytes
								 : POPULATE_STEP_BYTES;

	for (unsigned i = 0; i < memory->count; i++) {
		const struct memory_region *region = &memory->region[i];

		for (uint64_t done = 0; done < region->bytes; done += step) {
			uint64_t rest = region->bytes - done;
			int result;

			/* Unlike MAP_POPULATE, it reports that pages ran out (Linux 5.14). */
			do {
				result = madvise(region->host + done, rest < step ? rest : step,
						 MADV_POPULATE_WRITE);
			} while (result < 0 && errno == EINTR);
			if (result < 0)
				return -errno;
		}
	}
	return 0;
}

void guest_memory_done(struct guest_memory *memory)
{
	for (unsigned i = 0; i < memory->count; i++) {
		if (memory->region[i].host != NULL)
			munmap(memory->region[i].host, memory->region[i].bytes);
		memory->region[i].host = NULL;
	}
	if (memory->fd > 0)
		close(memory->fd);
	memory->fd = -1;
}

void *guest_memory_at(const struct guest_memory *memory, uint64_t gpa, uint64_t length)
{
	for (unsigned i = 0; i < memory->count; i++) {
		const struct memory_region *region = &memory->region[i];

		if (gpa < region->gpa || length == 0)
			continue;
		uint64_t offset = gpa - region->gpa;
		if (offset < region->bytes && length <= region->bytes - offset)
			return region->host + offset;
	}
	return NULL;
}
