// SPDX-License-Identifier: Apache-2.0
/* A guest image file, mapped read-only, and what kind of thing it is. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct diag;

/** IMAGE_BYTES_MAX - larger files are refused: no 32-bit boot structure could describe them. */
#define IMAGE_BYTES_MAX UINT64_C(0xffffffff)

/**
 * struct image - one untrusted file.
 * @data, @size: the mapping, or bytes the caller owns (tests, embedded guests).
 * @path: as the user gave it; for messages, and the text of a Multiboot module. Not owned.
 * @mapped: whether image_done() unmaps.
 */
struct image {
	const uint8_t *data;
	size_t size;
	const char *path;
	int mapped;
};

enum image_kind {
	IMAGE_UNKNOWN,
	IMAGE_BZIMAGE,   /* Linux, "HdrS" at 0x202 */
	IMAGE_PVH,       /* ELF with a XEN_ELFNOTE_PHYS32_ENTRY note */
	IMAGE_MULTIBOOT, /* Multiboot 1 header in the first 8 KiB; ELF32 or with load addresses */
};

/**
 * image_open() - map a file read-only.
 * @path: kept, not copied; must outlive @ret.
 * @ret: set on success; the caller ends it with image_done().
 * @why: missing, no permission, not a regular file, empty, too large: text and remedy.
 *
 * A file that another process shortens while it is mapped raises SIGBUS in the reader: images must
 * not be rewritten in place while a partition starts.
 * Stage: apply. Returns 0 or -errno.
 */
int image_open(const char *path, struct image *ret, struct diag *why);
void image_done(struct image *image);

/**
 * image_detect() - which boot protocol an image asks for.
 * @ret: set on success only.
 *
 * With both a PVH note and a Multiboot header, a 32-bit ELF boots by Multiboot and a 64-bit one, for
 * which Multiboot 1 was not made, by PVH.
 * Pure. Returns 0 or -ENOEXEC, @why saying what was looked for.
 */
int image_detect(const struct image *image, enum image_kind *ret, struct diag *why);

/** image_has() - whether bytes [@offset, @offset + @length) lie inside; safe for any values. */
static inline int image_has(const struct image *image, uint64_t offset, uint64_t length)
{
	return offset <= image->size && length <= image->size - offset;
}
