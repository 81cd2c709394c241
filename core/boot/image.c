// SPDX-License-Identifier: Apache-2.0
#include "core/boot/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/boot/bzimage.h"
#include "core/boot/elf.h"
#include "core/boot/multiboot.h"

static int refuse_open(int error, struct diag *why)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		diag_set(why, error, "there is no such file");
		diag_remedy(why, "check the path");
		break;
	case EACCES:
	case EPERM:
		diag_set(why, error, "may not be read");
		diag_remedy(why, "make the file and the folders above it readable for this user");
		break;
	default:
		diag_set(why, error, "cannot be opened (%s)", strerror(error));
		break;
	}
	return -error;
}

static int check_file(const struct stat *status, struct diag *why)
{
	int error = 0;

	if (S_ISDIR(status->st_mode))
		error = diag_set(why, EISDIR, "is a folder, not an image");
	else if (!S_ISREG(status->st_mode))
		error = diag_set(why, EINVAL, "is not a regular file");
	else if (status->st_size == 0)
		error = diag_set(why, ENODATA, "is empty");
	else if ((uint64_t)status->st_size > IMAGE_BYTES_MAX)
		error = diag_set(why, EFBIG, "is larger than 4 GiB, too large for an image");
	if (error != 0)
		diag_remedy(why, "name the image's own file, and check that it was copied whole");
	return error;
}

static int open_mapped(const char *path, struct image *ret, struct diag *why)
{
	struct stat status;
	void *data = NULL;
	int error;

	/* A FIFO must not block here, nor a terminal become ours. */
	_cleanup_close_ int fd = sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return refuse_open(-fd, why);
	if (fstat(fd, &status) != 0)
		return refuse_open(errno, why);
	error = check_file(&status, why);
	if (error != 0)
		return error;
	error = sys_map(fd, 0, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, &data);
	if (error < 0)
		return diag_set(why, -error, "cannot be mapped (%s)", strerror(-error));
	*ret = (struct image){ .data = data, .size = (size_t)status.st_size, .path = path, .mapped = 1 };
	return 0;
}

int image_open(const char *path, struct image *ret, struct diag *why)
{
	int error = open_mapped(path, ret, why);

	if (error != 0)
		diag_at(why, path, 0, 0);
	return error;
}

void image_done(struct image *image)
{
	if (!image->mapped)
		return;
	/* munmap() takes no const; nothing is written. */
	munmap((void *)(uintptr_t)image->data, image->size);
	*image = (struct image){ .data = NULL };
}

static bool starts_with(const struct image *image, const char *bytes, size_t count)
{
	return image->size >= count && memcmp(image->data, bytes, count) == 0;
}

static int refuse_unknown(const struct image *image, struct diag *why)
{
	diag_set(why, ENOEXEC,
		 "is no bootable image: neither a Linux bzImage (\"HdrS\" at 0x202), nor an ELF with a PVH "
		 "entry note, nor has it a Multiboot 1 header (0x1badb002 in the first 8 KiB)");
	if (starts_with(image, "\x1f\x8b", 2) || starts_with(image, "\xfd" "7zXZ", 5) ||
	    starts_with(image, "\x28\xb5\x2f\xfd", 4))
		diag_remedy(why, "the file is compressed: unpack it first");
	else if (elf_is(image))
		diag_remedy(why, "a Linux kernel needs CONFIG_PVH; else boot its bzImage");
	else
		diag_remedy(why, "give a bzImage, a PVH ELF or a Multiboot 1 kernel");
	return -ENOEXEC;
}

/* An ELF says what it is in its first bytes; all else may stand in one by accident. */
static int detect_elf(const struct image *image, enum image_kind *ret, struct diag *why)
{
	struct elf_file elf;
	uint64_t entry;
	int error = elf_open(image, &elf, why);

	/* Xen's PVH entry, for one, is for Xen's own guests: what offers Multiboot to all, boots by that. */
	if (error == 0 && image->data[EI_CLASS] == ELFCLASS32 && multiboot_is(image)) {
		*ret = IMAGE_MULTIBOOT;
		return 0;
	}
	if (error == 0)
		error = elf_pvh_entry(&elf, &entry, why);
	if (error == 0) {
		*ret = IMAGE_PVH;
		return 0;
	}
	if (error != -ENOENT)
		return error;
	if (!multiboot_is(image))
		return refuse_unknown(image, why);
	*ret = IMAGE_MULTIBOOT;
	return 0;
}

static int detect(const struct image *image, enum image_kind *ret, struct diag *why)
{
	if (elf_is(image))
		return detect_elf(image, ret, why);
	if (bzimage_is(image))
		*ret = IMAGE_BZIMAGE;
	else if (multiboot_is(image))
		*ret = IMAGE_MULTIBOOT;
	else
		return refuse_unknown(image, why);
	return 0;
}

int image_detect(const struct image *image, enum image_kind *ret, struct diag *why)
{
	int error = detect(image, ret, why);

	if (error != 0)
		diag_at(why, image->path, 0, 0);
	return error;
}
