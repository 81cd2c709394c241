// SPDX-License-Identifier: Apache-2.0
#include "core/cli/discover_devices.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/partition.h"
#include "core/host/host.h"

/* PCI Code and ID Assignment Specification, class codes; narrower ones before wider ones. */
static const struct {
	unsigned class; /* the upper bits of the 24 */
	unsigned shift;
	const char *name;
} classes[] = {
	{0x0106, 8, "SATA"},
	{0x0107, 8, "SAS"},
	{0x0108, 8, "NVMe"},
	{0x01, 16, "storage"},
	{0x0200, 8, "Ethernet"},
	{0x02, 16, "network"},
	{0x0300, 8, "VGA"},
	{0x03, 16, "display"},
	{0x0403, 8, "audio"},
	{0x04, 16, "multimedia"},
	{0x07, 16, "communication"},
	{0x0c03, 8, "USB"},
	{0x0c04, 8, "Fibre Channel"},
	{0x0c06, 8, "InfiniBand"},
	{0x0c09, 8, "CAN"},
	{0x0d, 16, "wireless"},
	{0x10, 16, "encryption"},
	{0x11, 16, "signal processing"},
	{0x12, 16, "accelerator"},
	{0x00, 16, "unclassified"},
	{0xff, 16, "unclassified"},
};

const char *passthrough_class(unsigned class)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (class >> classes[i].shift == classes[i].class)
			return classes[i].name;
	}
	return NULL;
}

/* "0000:03:00.0", as a machine file writes it. */
static bool address_valid(const char *address)
{
	static const char form[] = "hhhh:hh:hh.o";

	if (strlen(address) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++) {
		const char *allowed = form[i] == 'h' ? "0123456789abcdef" : form[i] == 'o' ? "01234567" :
				      form[i] == ':' ? ":" : ".";

		if (strchr(allowed, address[i]) == NULL)
			return false;
	}
	return true;
}

static bool wanted(const struct host_pci *pci)
{
	return !pci->bridge && passthrough_class(pci->class) != NULL && address_valid(pci->address);
}

/* What the host uses and no guest wants keeps its whole group with the host. */
static bool blocks(const struct host_pci *pci)
{
	return !pci->bridge && !wanted(pci) && pci->driver[0] != '\0' &&
	       strcmp(pci->driver, "vfio-pci") != 0 && strcmp(pci->driver, "pci-stub") != 0;
}

static int by_group(const void *a, const void *b)
{
	const struct host_pci *one = *(const struct host_pci *const *)a;
	const struct host_pci *two = *(const struct host_pci *const *)b;

	if (one->group != two->group)
		return one->group < two->group ? -1 : 1;
	return strcmp(one->address, two->address);
}

/* One group's functions. */
static void add_group(const struct host_pci *const *pci, size_t count, struct passthrough *ret)
{
	size_t devices = 0;
	bool blocked = false;

	for (size_t i = 0; i < count; i++) {
		devices += wanted(pci[i]);
		blocked |= blocks(pci[i]);
	}
	if (blocked) {
		ret->shared += devices;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (wanted(pci[i]))
			ret->device[ret->count++] =
				(struct passthrough_device){pci[i], devices - 1};
	}
}

int passthrough_find(const struct host_facts *host, struct passthrough *ret)
{
	const struct host_pci **pci = calloc(host->pci_count + 1, sizeof(*pci));
	size_t count = 0;
	size_t next;

	*ret = (struct passthrough){
		.device = calloc(host->pci_count + 1, sizeof(*ret->device)),
	};
	if (pci == NULL || ret->device == NULL) {
		free(pci);
		passthrough_done(ret);
		return -ENOMEM;
	}
	for (size_t i = 0; i < host->pci_count; i++) {
		if (host->pci[i].group >= 0)
			pci[count++] = &host->pci[i];
	}
	qsort(pci, count, sizeof(*pci), by_group);
	for (size_t i = 0; i < count; i = next) {
		for (next = i + 1; next < count && pci[next]->group == pci[i]->group;)
			next++;
		add_group(pci + i, next - i, ret);
	}
	free(pci);
	return 0;
}

void passthrough_done(struct passthrough *passthrough)
{
	free(passthrough->device);
	*passthrough = (struct passthrough){0};
}
