// SPDX-License-Identifier: Apache-2.0
/*
 * Cache allocation, from the kernel where resctrl is mounted, else from CPUID: Intel SDM volume 3, 18.19
 * (leaf 0x10); AMD APM volume 3, leaves 0x80000008 and 0x80000020.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/host_parse.h"

enum {
	LEAF_FEATURES = 0x7,
	LEAF_ALLOCATION = 0x10,
	ALLOCATION_ENUMERATED = 1 << 15, /* leaf 7 EBX */
	LEAF_BANDWIDTH_MAX = 3,
};

#define LEAF_EXTENDED UINT32_C(0x80000000)
#define LEAF_AMD_FEATURES UINT32_C(0x80000008)
#define LEAF_AMD_BANDWIDTH UINT32_C(0x80000020)
#define AMD_BANDWIDTH_ENFORCED (UINT32_C(1) << 6) /* leaf 0x80000008 EBX */

struct cpuid_leaf {
	uint32_t eax, ebx, ecx, edx;
};

/* The six numbers of a line "LEAF SUBLEAF EAX EBX ECX EDX". */
static bool read_leaf(const char *line, uint32_t ret[6])
{
	const char *stop = line + strcspn(line, "\n");

	for (int i = 0; i < 6; i++) {
		char *end = NULL;
		unsigned long value = strtoul(line, &end, 16);

		if (end == line || end > stop || value > UINT32_MAX)
			return false;
		ret[i] = (uint32_t)value;
		line = end;
	}
	return true;
}

/* Finds a leaf; false where the text has no such line. */
static bool find_leaf(const char *text, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *ret)
{
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		uint32_t number[6];

		line += *line == '\n';
		if (!read_leaf(line, number) || number[0] != leaf || number[1] != subleaf)
			continue;
		*ret = (struct cpuid_leaf){number[2], number[3], number[4], number[5]};
		return true;
	}
	return false;
}

/* One level by leaf 0x10: @bit of its subleaf 0 says whether there is subleaf @bit. */
static void level_from_cpuid(const char *text, unsigned bit, struct host_resctrl *ret)
{
	struct cpuid_leaf which;
	struct cpuid_leaf level;

	if (!find_leaf(text, LEAF_ALLOCATION, 0, &which))
		return;
	ret->supported = FACT_NO;
	if ((which.ebx >> bit & 1) == 0)
		return;
	ret->supported = FACT_YES;
	if (!find_leaf(text, LEAF_ALLOCATION, bit, &level))
		return;
	ret->closids = (level.edx & 0xffff) + 1;
	if (bit != LEAF_BANDWIDTH_MAX)
		ret->ways = (level.eax & 0x1f) + 1;
}

static void bandwidth_of_amd(const char *text, struct host_resctrl *ret)
{
	struct cpuid_leaf leaf;

	if (!find_leaf(text, LEAF_AMD_FEATURES, 0, &leaf) || (leaf.ebx & AMD_BANDWIDTH_ENFORCED) == 0)
		return;
	ret->supported = FACT_YES;
	if (find_leaf(text, LEAF_AMD_BANDWIDTH, 1, &leaf))
		ret->closids = (leaf.edx & 0xffff) + 1;
}

static void from_cpuid(const char *text, struct host_facts *facts)
{
	struct cpuid_leaf highest;
	struct cpuid_leaf features;

	if (!find_leaf(text, 0, 0, &highest))
		return;
	if (highest.eax < LEAF_ALLOCATION ||
	    (find_leaf(text, LEAF_FEATURES, 0, &features) &&
	     (features.ebx & ALLOCATION_ENUMERATED) == 0)) {
		facts->l3.supported = FACT_NO;
		facts->l2.supported = FACT_NO;
		facts->bandwidth.supported = FACT_NO;
	} else {
		level_from_cpuid(text, 1, &facts->l3);
		level_from_cpuid(text, 2, &facts->l2);
		level_from_cpuid(text, LEAF_BANDWIDTH_MAX, &facts->bandwidth);
	}
	bandwidth_of_amd(text, &facts->bandwidth);
}

/* A number of resctrl's info folder; 0 where not told. */
static unsigned info_number(const struct host_files *files, const char *folder, const char *name)
{
	int64_t value = 0;

	if (host_number(files, &value, "/sys/fs/resctrl/info/%s/%s", folder, name) != 0 ||
	    value < 0 || value > UINT16_MAX)
		return 0;
	return (unsigned)value;
}

static unsigned info_mask_bits(const struct host_files *files, const char *folder)
{
	const char *text = NULL;

	if (host_text(files, &text, "/sys/fs/resctrl/info/%s/cbm_mask", folder) != 0)
		return 0;
	return (unsigned)__builtin_popcountll(strtoull(text, NULL, 16));
}

/* One folder of info/; true when it is there. */
static bool from_info(const struct host_files *files, const char *folder, struct host_resctrl *ret)
{
	unsigned closids = info_number(files, folder, "num_closids");

	if (closids == 0)
		return false;
	*ret = (struct host_resctrl){
		.supported = FACT_YES,
		.closids = closids,
		.ways = info_mask_bits(files, folder),
		.ways_min = info_number(files, folder, "min_cbm_bits"),
	};
	return true;
}

/* What a mounted resctrl does not list cannot be allocated, whatever the CPU could. */
static void level_from_info(const struct host_files *files, const char *name, struct host_resctrl *ret)
{
	char code[16];

	*ret = (struct host_resctrl){.supported = files->complete ? FACT_NO : FACT_UNKNOWN};
	/* Mounted with code and data apart, a level has two folders, alike but for the name. */
	snprintf(code, sizeof(code), "%sCODE", name);
	if (!from_info(files, name, ret))
		from_info(files, code, ret);
}

void host_resctrl_parse(struct host_facts *facts)
{
	const char *text = NULL;
	size_t at = 0;

	facts->l2 = facts->l3 = facts->bandwidth = (struct host_resctrl){0};
	if ((facts->groups & HOST_KERNEL) == 0)
		return;
	if (host_files_next(&facts->files, "/sys/fs/resctrl/info/*/*", &at) != NULL) {
		level_from_info(&facts->files, "L3", &facts->l3);
		level_from_info(&facts->files, "L2", &facts->l2);
		level_from_info(&facts->files, "MB", &facts->bandwidth);
	} else if (host_text(&facts->files, &text, "/bulkhead/cpuid") == 0) {
		from_cpuid(text, facts);
	}
}
