// SPDX-License-Identifier: Apache-2.0
/* CPUID of the calling CPU as text. Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E. */
#include <cpuid.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/cleanup.h"
#include "core/host/files.h"
#include "core/host/live_cpuid.h"

enum {
	LEAVES_MAX = 64,  /* of one range: none has as many */
	SUBLEAVES_MAX = 16,
};

struct registers {
	uint32_t a, b, c, d;
};

/* How the subleaves of a leaf end. */
enum subleaves {
	SUBLEAVES_NONE,
	SUBLEAVES_TO_A,       /* subleaf 0's EAX is the last one's number */
	SUBLEAVES_CACHES,     /* type 0 in EAX bits 4:0 ends them */
	SUBLEAVES_LEVELS,     /* type 0 in ECX bits 15:8 ends them */
	SUBLEAVES_RESOURCES,  /* 0 to 5, Intel's resource allocation and monitoring */
};

static enum subleaves subleaves_of(uint32_t leaf)
{
	switch (leaf) {
	case 4:
	case 0x8000001d:
		return SUBLEAVES_CACHES;
	case 7:
		return SUBLEAVES_TO_A;
	case 0xb:
	case 0x1f:
		return SUBLEAVES_LEVELS;
	case 0xf:
	case 0x10:
	case 0x80000020:
		return SUBLEAVES_RESOURCES;
	default:
		return SUBLEAVES_NONE;
	}
}

static bool is_last(enum subleaves kind, uint32_t subleaf, const struct registers *got, uint32_t first_a)
{
	switch (kind) {
	case SUBLEAVES_TO_A:
		return subleaf >= first_a;
	case SUBLEAVES_CACHES:
		return (got->a & 0x1f) == 0;
	case SUBLEAVES_LEVELS:
		return (got->c >> 8 & 0xff) == 0;
	case SUBLEAVES_RESOURCES:
		return subleaf == 5;
	case SUBLEAVES_NONE:
	default:
		return true;
	}
}

static void print_leaf(FILE *stream, uint32_t leaf)
{
	enum subleaves kind = subleaves_of(leaf);
	uint32_t first_a = 0;

	for (uint32_t subleaf = 0; subleaf < SUBLEAVES_MAX; subleaf++) {
		struct registers got = {0};

		__cpuid_count(leaf, subleaf, got.a, got.b, got.c, got.d);
		if (subleaf == 0)
			first_a = got.a;
		fprintf(stream, "0x%x 0x%x 0x%x 0x%x 0x%x 0x%x\n", leaf, subleaf, got.a, got.b, got.c,
			got.d);
		if (is_last(kind, subleaf, &got, first_a))
			return;
	}
}

static void print_range(FILE *stream, uint32_t first)
{
	struct registers got = {0};

	__cpuid(first, got.a, got.b, got.c, got.d);
	if (got.a < first || got.a > first + LEAVES_MAX)
		got.a = first;
	for (uint32_t leaf = first; leaf <= got.a; leaf++)
		print_leaf(stream, leaf);
}

int live_cpuid(struct host_files *files)
{
	_cleanup_free_ char *text = NULL;
	struct registers got = {0};
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL)
		return -ENOMEM;
	__cpuid(1, got.a, got.b, got.c, got.d);
	print_range(stream, 0);
	if ((got.c >> 31 & 1) != 0) /* a hypervisor's leaves; without one they are not defined */
		print_range(stream, 0x40000000);
	print_range(stream, 0x80000000);
	if (fclose(stream) != 0 || length == 0)
		return -ENOMEM;
	return host_files_put_bytes(files, "/bulkhead/cpuid", text, length - 1);
}
