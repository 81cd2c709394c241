// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/host_parse.h"

static const char functions[] = "/sys/bus/pci/devices/";

enum { CLASS_PCI_BRIDGE = 0x0604, CLASS_SEMI_TRANSPARENT_BRIDGE = 0x0609 };

static int64_t number_or(const struct host_files *files, const char *address, const char *name,
			 int64_t otherwise)
{
	int64_t value = 0;

	if (host_number(files, &value, "%s%s/%s", functions, address, name) != 0)
		return otherwise;
	return value;
}

/* What a link points to, by its last part; NULL where there is none. */
static int link_name(const struct host_files *files, const char *address, const char *name,
		     const char **ret)
{
	const char *target = NULL;
	int error = host_text(files, &target, "%s%s/%s", functions, address, name);

	if (error == 0) {
		const char *slash = strrchr(target, '/');

		*ret = slash != NULL ? slash + 1 : target;
	}
	return error;
}

/* Whether the function has a group: yes, no, or not to be told. */
static enum fact parse_group(const struct host_files *files, struct host_pci *pci)
{
	const char *name = NULL;
	char *end = NULL;
	long group;
	int error = link_name(files, pci->address, "iommu_group", &name);

	pci->group = -1;
	if (error == -ENOENT)
		return FACT_NO;
	if (error != 0 || *name < '0' || *name > '9')
		return FACT_UNKNOWN;
	errno = 0;
	group = strtol(name, &end, 10);
	if (errno != 0 || *end != '\0' || group > INT32_MAX)
		return FACT_UNKNOWN;
	pci->group = (int)group;
	return FACT_YES;
}

static enum fact parse_function(const struct host_files *files, struct host_pci *pci)
{
	const char *driver = NULL;
	int64_t node = number_or(files, pci->address, "numa_node", -1);

	pci->class = (unsigned)(number_or(files, pci->address, "class", 0) & 0xffffff);
	pci->vendor = (unsigned)(number_or(files, pci->address, "vendor", 0) & 0xffff);
	pci->device = (unsigned)(number_or(files, pci->address, "device", 0) & 0xffff);
	pci->node = node >= 0 && node <= INT32_MAX ? (int)node : -1;
	pci->bridge = pci->class >> 8 == CLASS_PCI_BRIDGE ||
		      pci->class >> 8 == CLASS_SEMI_TRANSPARENT_BRIDGE;
	if (link_name(files, pci->address, "driver", &driver) == 0)
		snprintf(pci->driver, sizeof(pci->driver), "%s", driver);
	return parse_group(files, pci);
}

/* Takes the address out of ".../ADDRESS/class"; false for what is none. */
static bool address_of(const char *path, struct host_pci *pci)
{
	const char *address = path + sizeof(functions) - 1;
	size_t length = strcspn(address, "/");

	if (length == 0 || length >= sizeof(pci->address))
		return false;
	memcpy(pci->address, address, length);
	pci->address[length] = '\0';
	return true;
}

static int add_function(struct host_facts *facts, size_t *room, const struct host_pci *pci)
{
	if (facts->pci_count == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		struct host_pci *grown = reallocarray(facts->pci, more, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		facts->pci = grown;
		*room = more;
	}
	facts->pci[facts->pci_count++] = *pci;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct host_pci *)a)->address, ((const struct host_pci *)b)->address);
}

/* Groups exist where one function has one; they do not where each was seen to have none. */
static enum fact iommu_of(size_t count, size_t grouped, size_t untold)
{
	if (grouped > 0)
		return FACT_YES;
	return count > 0 && untold == 0 ? FACT_NO : FACT_UNKNOWN;
}

int host_pci_parse(struct host_facts *facts)
{
	const struct host_file *file;
	size_t count_of[FACT_YES + 1] = {0};
	size_t room = 0;
	size_t at = 0;

	free(facts->pci);
	facts->pci = NULL;
	facts->pci_count = 0;
	facts->iommu = FACT_UNKNOWN;
	if ((facts->groups & HOST_DEVICES) == 0)
		return 0;
	while ((file = host_files_next(&facts->files, "/sys/bus/pci/devices/*/class", &at)) != NULL) {
		struct host_pci pci = {0};

		if (!address_of(file->path, &pci))
			continue;
		count_of[parse_function(&facts->files, &pci)]++;
		if (add_function(facts, &room, &pci) != 0)
			return -ENOMEM;
	}
	if (facts->pci_count > 0)
		qsort(facts->pci, facts->pci_count, sizeof(*facts->pci), by_address);
	facts->iommu = iommu_of(facts->pci_count, count_of[FACT_YES], count_of[FACT_UNKNOWN]);
	return 0;
}

const struct host_pci *host_pci_find(const struct host_facts *facts, const char *address)
{
	struct host_pci key = {0};
	size_t length = strlen(address);

	if (length >= sizeof(key.address) || facts->pci_count == 0)
		return NULL;
	memcpy(key.address, address, length + 1);
	return bsearch(&key, facts->pci, facts->pci_count, sizeof(key), by_address);
}
