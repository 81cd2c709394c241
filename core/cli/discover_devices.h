// SPDX-License-Identifier: Apache-2.0
/* Which PCI functions could be passed through to a partition, by IOMMU group. */
#pragma once

#include <stddef.h>

struct host_facts;
struct host_pci;

/** struct passthrough_device - @mates: how many of its group go with it. */
struct passthrough_device {
	const struct host_pci *pci;
	size_t mates;
};

/**
 * struct passthrough - @device: @count of them, by group and address, the host's.
 * @shared: how many others share a group with something that the host keeps.
 */
struct passthrough {
	struct passthrough_device *device;
	size_t count;
	size_t shared;
};

/**
 * passthrough_find() - find them; what is not a device a guest would want (bridges, memory controllers)
 * is left out, and so is an address that no machine file could name.
 * @ret: ended with passthrough_done(). Pure. Returns 0 or -ENOMEM.
 */
int passthrough_find(const struct host_facts *host, struct passthrough *ret);

void passthrough_done(struct passthrough *passthrough);

/** passthrough_class() - "Ethernet", "NVMe"; NULL for what no guest wants. @class: 24 bits. */
const char *passthrough_class(unsigned class);
