// SPDX-License-Identifier: Apache-2.0
/*
 * Posted interrupts: a device's interrupt reaches a running guest without an exit where every IOMMU can
 * post and KVM uses the CPU's own interrupt controller for guests.
 *
 * Intel VT-d specification, 10.4.2 (capability register, bit 59 PI) and 10.4.3 (extended capability
 * register, bit 3 IR); AMD I/O virtualization specification, extended feature register (bit 7 GASup, bits
 * 23:21 GAMSup); which of them Linux asks for: drivers/iommu/{intel,amd}.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/host_parse.h"

#define INTEL_CAN_POST (UINT64_C(1) << 59)
#define INTEL_CAN_REMAP (UINT64_C(1) << 3)
#define AMD_CAN_POST (UINT64_C(1) << 7 | UINT64_C(1) << 21)

enum { AMD_FIRST_IS_FIRST = 6 << 16 | 7 << 8 };

/* The weaker of two answers: no, then unknown, then yes. */
static enum fact both(enum fact a, enum fact b)
{
	if (a == FACT_NO || b == FACT_NO)
		return FACT_NO;
	return a == FACT_YES && b == FACT_YES ? FACT_YES : FACT_UNKNOWN;
}

/*
 * Where the register begins that counts, in what sysfs writes: Linux 5.19 to 6.6 put the AMD IOMMU's second
 * feature register before the first, later kernels behind it (drivers/iommu/amd/init.c,
 * amd_iommu_show_features()). NULL where it is not told.
 */
static const char *register_text(const struct host_file *file, unsigned version)
{
	const char *colon = file->text == NULL ? NULL : strchr(file->text, ':');

	if (colon == NULL || version >= AMD_FIRST_IS_FIRST)
		return file->text;
	return version == 0 ? NULL : colon + 1;
}

/* Whether a register, which sysfs writes as hexadecimal without 0x, has all of @bits. */
static enum fact has_bits(const char *text, uint64_t bits)
{
	char *end = NULL;
	unsigned long long value;

	if (text == NULL)
		return FACT_UNKNOWN;
	errno = 0;
	value = strtoull(text, &end, 16);
	if (errno != 0 || end == text)
		return FACT_UNKNOWN;
	return (value & bits) == bits ? FACT_YES : FACT_NO;
}

/* Whether all registers that match have @bits; @ret_count of them were seen. */
static enum fact all_have(const struct host_facts *facts, const char *pattern, uint64_t bits,
			  size_t *ret_count)
{
	const struct host_file *file;
	enum fact all = FACT_YES;
	size_t at = 0;

	*ret_count = 0;
	while ((file = host_files_next(&facts->files, pattern, &at)) != NULL) {
		all = both(all, has_bits(register_text(file, facts->kernel.version), bits));
		++*ret_count;
	}
	return all;
}

static enum fact switched_on(const struct host_files *files, const char *module,
			     const char *parameter)
{
	bool on = false;

	/* A module that is not loaded says nothing of what it would do. */
	if (host_truth(files, &on, "/sys/module/%s/parameters/%s", module, parameter) != 0)
		return FACT_UNKNOWN;
	return on ? FACT_YES : FACT_NO;
}

/* What the command line forbids: interrupt remapping or posting. */
static bool forbidden(const struct host_facts *facts)
{
	char value[64];

	if (host_parameter(facts, "intremap", value, sizeof(value)) == 0 &&
	    (strstr(value, "off") != NULL || strstr(value, "nopost") != NULL))
		return true;
	if (host_parameter(facts, "amd_iommu_guest_ir", value, sizeof(value)) == 0 &&
	    strcmp(value, "vapic") != 0)
		return true;
	return host_parameter(facts, "nointremap", value, sizeof(value)) == 0;
}

/* The chip's name in the rows of message-signalled interrupts tells: kernel/irq/msi.c, drivers/iommu. */
static enum fact remapped(const struct host_files *files)
{
	const char *rows = NULL;

	if (host_text(files, &rows, "/proc/interrupts") != 0 || strstr(rows, "PCI-MSI") == NULL)
		return FACT_UNKNOWN;
	return strstr(rows, " IR-PCI-MSI") != NULL ? FACT_YES : FACT_NO;
}

void host_posted_parse(struct host_facts *facts)
{
	const struct host_files *files = &facts->files;
	enum fact intel;
	enum fact amd;
	enum fact posted = FACT_UNKNOWN;
	size_t intel_units = 0;
	size_t amd_units = 0;
	size_t counted = 0;
	bool devices_off = false;

	facts->posted_interrupts = facts->interrupts_remapped = FACT_UNKNOWN;
	if ((facts->groups & HOST_DEVICES) == 0)
		return;
	facts->interrupts_remapped = remapped(files);
	intel = all_have(facts, "/sys/class/iommu/dmar*/intel-iommu/cap", INTEL_CAN_POST,
			 &intel_units);
	intel = both(intel, all_have(facts, "/sys/class/iommu/dmar*/intel-iommu/ecap",
				     INTEL_CAN_REMAP, &counted));
	amd = all_have(facts, "/sys/class/iommu/ivhd*/amd-iommu/features", AMD_CAN_POST, &amd_units);
	if (intel_units > 0)
		posted = both(intel, switched_on(files, "kvm_intel", "enable_apicv"));
	else if (amd_units > 0)
		posted = both(amd, switched_on(files, "kvm_amd", "avic"));
	else if (facts->iommu == FACT_NO)
		posted = FACT_NO;
	if (forbidden(facts) ||
	    (host_truth(files, &devices_off, "/sys/module/kvm/parameters/enable_device_posted_irqs") ==
		     0 && !devices_off))
		posted = FACT_NO;
	facts->posted_interrupts = both(posted, facts->interrupts_remapped);
}
