// SPDX-License-Identifier: Apache-2.0
#include "irq/device_plan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/host.h"

enum {
	NOBODY = -1,
	CLASS_HOST_BRIDGE = 0x0600,
	CLASS_ISA_BRIDGE = 0x0601,
	LIST_TEXT = 160, /* of what a message names; a longer list is cut */
};

/* struct wanted - one device of the file, and the function it is on the host, NULL where there is none. */
struct wanted {
	size_t partition;
	size_t index; /* in the partition's devices */
	const struct partition_device *device;
	const struct host_pci *pci;
};

/*
 * struct devices - all of them, in the order of the file.
 * @owner: by the host's PCI function, the first partition that has it, or NOBODY.
 */
struct devices {
	const struct machine_config *machine;
	const struct host_facts *host;
	struct findings *findings;
	struct wanted *wanted;
	size_t count;
	int *owner;
};

static struct diag *begin(const struct devices *devices, const struct wanted *wanted,
			  enum finding_kind kind, const char *rule)
{
	struct diag *diag = findings_add(devices->findings, kind, rule, (int)wanted->partition);

	diag_at(diag, devices->machine->file, wanted->device->at.line, wanted->device->at.column);
	diag_key(diag, "partitions[%zu].devices[%zu].vfio", wanted->partition, wanted->index);
	return diag;
}

static void unknown(const struct devices *devices, const struct wanted *wanted, const char *fact)
{
	struct diag *diag = begin(devices, wanted, FINDING_UNKNOWN, "device-unknown");

	diag_set(diag, ENODATA, "%s of %s could not be read", fact, wanted->device->address);
	diag_remedy(diag, "let /sys/bus/pci/devices be read, or capture the host again with it");
}

/* Appends to a list in @text with ", " between; what does not fit becomes "...". */
static void list_add(char *text, const char *item)
{
	size_t used = strlen(text);
	size_t needed = strlen(item) + (used == 0 ? 0 : 2);

	if (used + needed + sizeof(", ...") <= LIST_TEXT)
		snprintf(text + used, LIST_TEXT - used, "%s%s", used == 0 ? "" : ", ", item);
	else if (used < 3 || strcmp(text + used - 3, "...") != 0)
		snprintf(text + used, LIST_TEXT - used, ", ...");
}

static void check_twice(const struct devices *devices, const struct wanted *wanted,
			const struct wanted *first)
{
	const struct partition_config *partition = &devices->machine->partition[first->partition];
	struct diag *diag = begin(devices, wanted, FINDING_REFUSED, "device-twice");

	diag_set(diag, EINVAL, "partition %s has %s already, in line %u", partition->name,
		 first->device->address, first->device->at.line);
	diag_remedy(diag, "pass each device to one partition, once");
}

static void check_absent(const struct devices *devices, const struct wanted *wanted)
{
	const struct host_facts *host = devices->host;
	const char *address = wanted->device->address;
	const char *text = NULL;
	struct diag *diag;

	if (host_text(&host->files, &text, "/sys/bus/pci/devices/%s/class", address) != -ENOENT) {
		unknown(devices, wanted, "the class");
		return;
	}
	diag = begin(devices, wanted, FINDING_REFUSED, "device-absent");
	diag_set(diag, ENODEV, "no PCI function %s on this host, which has %zu", address,
		 host->pci_count);
	diag_remedy(diag, "choose one that the host has (lspci -D, bulkhead discover)");
}

/* VFIO takes a group whose other members are bridges or have no driver that uses them. */
static bool harmless(const struct host_pci *pci)
{
	return pci->bridge || pci->driver[0] == '\0' || strcmp(pci->driver, "vfio-pci") == 0 ||
	       strcmp(pci->driver, "pci-stub") == 0;
}

static void check_group(const struct devices *devices, const struct wanted *wanted)
{
	const struct host_facts *host = devices->host;
	char others[LIST_TEXT] = "";
	char item[96];
	struct diag *diag;

	for (size_t i = 0; i < host->pci_count; i++) {
		const struct host_pci *pci = &host->pci[i];
		int owner = devices->owner[i];

		if (pci == wanted->pci || pci->group != wanted->pci->group ||
		    owner == (int)wanted->partition || (owner == NOBODY && harmless(pci)))
			continue;
		if (owner != NOBODY)
			snprintf(item, sizeof(item), "%s (partition %s)", pci->address,
				 devices->machine->partition[owner].name);
		else
			snprintf(item, sizeof(item), "%s (driver %s)", pci->address, pci->driver);
		list_add(others, item);
	}
	if (*others == '\0')
		return;
	diag = begin(devices, wanted, FINDING_REFUSED, "device-group");
	diag_set(diag, EBUSY, "%s is in IOMMU group %d together with %s: the IOMMU cannot keep them apart",
		 wanted->device->address, wanted->pci->group, others);
	diag_remedy(diag, "pass the whole group to one partition, or choose a device with a group of its "
		    "own (bulkhead discover)");
}

static void check_iommu(const struct devices *devices, const struct wanted *wanted)
{
	const struct host_facts *host = devices->host;
	bool none = host->iommu == FACT_NO;
	struct diag *diag;

	if (host->iommu == FACT_UNKNOWN) {
		unknown(devices, wanted, "the IOMMU group");
		return;
	}
	if (!none && wanted->pci->group >= 0) {
		check_group(devices, wanted);
		return;
	}
	diag = begin(devices, wanted, FINDING_REFUSED, "device-no-iommu");
	if (none)
		diag_set(diag, ENOTSUP, "no IOMMU is in use on this host: a device could write to all "
			 "memory");
	else
		diag_set(diag, ENOTSUP, "%s has no IOMMU group: it could write to all memory",
			 wanted->device->address);
	diag_remedy(diag, "enable VT-d or AMD-Vi in the firmware, and boot with intel_iommu=on on Intel");
}

/* The nodes of the partition's CPUs; false where one of them is not told. */
static bool nodes_of(const struct devices *devices, const struct wanted *wanted, struct cpulist *ret)
{
	const struct host_topology *topology = &devices->host->topology;
	const struct cpulist *cpus = &devices->machine->partition[wanted->partition].cpus;
	bool told = true;

	*ret = (struct cpulist){0};
	for (unsigned cpu = cpulist_next(cpus, 0); cpu < CPULIST_MAX;
	     cpu = cpulist_next(cpus, cpu + 1)) {
		int node = cpu < topology->cpu_count ? topology->cpu[cpu].node : TOPOLOGY_UNKNOWN;

		if (node < 0 || node >= CPULIST_MAX)
			told = false;
		else
			cpulist_add(ret, (unsigned)node);
	}
	return told;
}

/* Node numbers are a set of small numbers too. */
static void nodes_text(const struct cpulist *nodes, char *buffer, size_t size)
{
	char whole[CPULIST_TEXT_MAX];

	cpulist_format(nodes, whole, sizeof(whole));
	snprintf(buffer, size, "%.*s", (int)size - 1, whole);
}

static void check_node(const struct devices *devices, const struct wanted *wanted)
{
	const struct partition_config *partition = &devices->machine->partition[wanted->partition];
	int node = wanted->pci->node;
	struct cpulist nodes;
	char text[64];
	struct diag *diag;
	bool told = nodes_of(devices, wanted, &nodes);

	if (node < 0 || wanted->device->any_node || cpulist_empty(&partition->cpus) ||
	    (node < CPULIST_MAX && cpulist_has(&nodes, (unsigned)node)))
		return;
	if (!told) {
		diag = begin(devices, wanted, FINDING_UNKNOWN, "device-unknown");
		diag_set(diag, ENODATA, "%s is on NUMA node %d; that of the partition's CPUs is not told",
			 wanted->device->address, node);
		diag_remedy(diag, "take the host's facts again (bulkhead capture), or state node: any");
		return;
	}
	nodes_text(&nodes, text, sizeof(text));
	diag = begin(devices, wanted, FINDING_REFUSED, "device-node");
	diag_set(diag, EINVAL, "%s is on NUMA node %d, the partition's CPUs on node %s",
		 wanted->device->address, node, text);
	diag_remedy(diag, "choose CPUs of node %d or a device of node %s, or state node: any", node, text);
}

/* Virtual functions go when the physical one's driver does, and that goes before it is passed through. */
static void check_function(const struct devices *devices, const struct wanted *wanted)
{
	const struct host_facts *host = devices->host;
	const char *target = NULL;
	const struct host_pci *physical;
	struct diag *diag;
	int owner;

	if (host_text(&host->files, &target, "/sys/bus/pci/devices/%s/physfn",
		      wanted->device->address) != 0 || strrchr(target, '/') == NULL)
		return;
	physical = host_pci_find(host, strrchr(target, '/') + 1);
	owner = physical == NULL ? NOBODY : devices->owner[physical - host->pci];
	if (owner == NOBODY)
		return;
	diag = begin(devices, wanted, FINDING_REFUSED, "device-function");
	diag_set(diag, EBUSY, "%s is a virtual function of %s, which is passed to partition %s: the driver "
		 "that makes it would be gone", wanted->device->address, physical->address,
		 devices->machine->partition[owner].name);
	diag_remedy(diag, "pass %s alone, or leave it to the host and pass virtual functions of it",
		    physical->address);
}

static void check(const struct devices *devices, const struct wanted *wanted)
{
	struct diag *diag;

	if (wanted->pci == NULL) {
		check_absent(devices, wanted);
		return;
	}
	if (wanted->pci->bridge) {
		diag = begin(devices, wanted, FINDING_REFUSED, "device-bridge");
		diag_set(diag, EINVAL, "%s is a PCI bridge: what is behind it is passed through, it is not",
			 wanted->device->address);
		diag_remedy(diag, "name the device itself (lspci -D -t)");
		return;
	}
	if (wanted->pci->class >> 8 == CLASS_HOST_BRIDGE || wanted->pci->class >> 8 == CLASS_ISA_BRIDGE) {
		diag = begin(devices, wanted, FINDING_REFUSED, "device-bridge");
		diag_set(diag, EINVAL, "%s is %s bridge, a part of the board that the host needs itself",
			 wanted->device->address,
			 wanted->pci->class >> 8 == CLASS_HOST_BRIDGE ? "a host" : "an ISA");
		diag_remedy(diag, "name a device (bulkhead discover lists those that can be passed through)");
		return;
	}
	check_iommu(devices, wanted);
	check_function(devices, wanted);
	check_node(devices, wanted);
}

static struct diag *begin_posted(const struct devices *devices, size_t index, enum finding_kind kind,
				 const char *rule)
{
	const struct partition_config *partition = &devices->machine->partition[index];
	const struct text_place *at = &partition->at.posted;
	struct diag *diag = findings_add(devices->findings, kind, rule, (int)index);

	if (at->line == 0)
		at = partition->device_count != 0 ? &partition->device[0].at : &partition->at.self;
	diag_at(diag, devices->machine->file, at->line, at->column);
	diag_key(diag, "partitions[%zu].interrupts.posted", index);
	return diag;
}

static const char posted_remedy[] =
	"on Intel: VT-d with interrupt posting, kvm_intel.enable_apicv=1, no intremap=off and no nopost; "
	"on AMD: kvm_amd.avic=1; or state interrupts: {posted: wanted}";

/* What is wanted is noted where it would be used; what is required is held against the host in any case. */
static void check_posted(const struct devices *devices, size_t index)
{
	const struct partition_config *partition = &devices->machine->partition[index];
	enum fact posted = devices->host->posted_interrupts;
	bool required = partition->posted_interrupts;
	struct diag *diag;

	if (posted == FACT_YES || (!required && partition->device_count == 0))
		return;
	if (posted == FACT_UNKNOWN) {
		diag = begin_posted(devices, index, required ? FINDING_UNKNOWN : FINDING_NOTE,
				    "posted-unknown");
		diag_set(diag, required ? ENODATA : 0, "whether this host can post device interrupts to a "
			 "running vCPU could not be read (/sys/class/iommu, the KVM modules' parameters)");
		diag_remedy(diag, "load kvm_intel or kvm_amd and look again, or capture the host anew");
	} else if (required) {
		diag = begin_posted(devices, index, FINDING_REFUSED, "posted-absent");
		diag_set(diag, ENOTSUP, "this host cannot post device interrupts to a running vCPU, and "
			 "the partition requires it");
		diag_remedy(diag, "%s", posted_remedy);
	} else {
		diag = begin_posted(devices, index, FINDING_NOTE, "posted-absent");
		diag_set(diag, 0, "this host cannot post device interrupts to a running vCPU: each one is "
			 "a host interrupt, and an exit of the vCPU it is for");
	}
}

static int in_file_order(const void *a, const void *b)
{
	const struct wanted *one = a;
	const struct wanted *two = b;

	if (one->partition != two->partition)
		return one->partition < two->partition ? -1 : 1;
	return one->index < two->index ? -1 : one->index > two->index;
}

static int by_address(const void *a, const void *b)
{
	int order = strcmp(((const struct wanted *)a)->device->address,
			   ((const struct wanted *)b)->device->address);

	return order != 0 ? order : in_file_order(a, b);
}

static int devices_find(struct devices *devices)
{
	const struct machine_config *machine = devices->machine;
	const struct host_facts *host = devices->host;
	size_t count = 0;

	for (size_t i = 0; i < machine->partition_count; i++)
		count += machine->partition[i].device_count;
	devices->wanted = calloc(count + 1, sizeof(*devices->wanted));
	devices->owner = calloc(host->pci_count + 1, sizeof(*devices->owner));
	if (devices->wanted == NULL || devices->owner == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < host->pci_count; i++)
		devices->owner[i] = NOBODY;
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		for (size_t j = 0; j < partition->device_count; j++) {
			const struct partition_device *device = &partition->device[j];
			const struct host_pci *pci = host_pci_find(host, device->address);

			devices->wanted[devices->count++] = (struct wanted){i, j, device, pci};
			if (pci != NULL && devices->owner[pci - host->pci] == NOBODY)
				devices->owner[pci - host->pci] = (int)i;
		}
	}
	return 0;
}

static void check_all_twice(const struct devices *devices)
{
	struct wanted *wanted = devices->wanted;
	size_t first = 0;

	qsort(wanted, devices->count, sizeof(*wanted), by_address);
	for (size_t i = 1; i < devices->count; i++) {
		if (strcmp(wanted[i].device->address, wanted[first].device->address) == 0)
			check_twice(devices, &wanted[i], &wanted[first]);
		else
			first = i;
	}
	qsort(wanted, devices->count, sizeof(*wanted), in_file_order);
}

static void devices_done(struct devices *devices)
{
	free(devices->wanted);
	free(devices->owner);
}

int device_plan(const struct machine_config *machine, const struct host_facts *host,
		struct findings *findings)
{
	_cleanup_(devices_done) struct devices devices = {
		.machine = machine, .host = host, .findings = findings,
	};

	if (devices_find(&devices) != 0)
		return -ENOMEM;
	check_all_twice(&devices);
	for (size_t i = 0; i < devices.count; i++)
		check(&devices, &devices.wanted[i]);
	for (size_t i = 0; i < machine->partition_count; i++)
		check_posted(&devices, i);
	return 0;
}
