// SPDX-License-Identifier: Apache-2.0
#include "core/boot/bzimage.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/boot/boot.h"
#include "core/boot/entry_tables.h"
#include "core/boot/image.h"
#include "core/boot/memory_map.h"
#include "core/boot/placement.h"

enum {
	SETUP_HEADER_OFFSET = 0x1f1,
	HEADER_LENGTH_OFFSET = 0x201, /* the jump's operand: bytes of header behind 0x202 */
	MAGIC_OFFSET = 0x202,
	MAGIC = 0x53726448, /* "HdrS" */
	SECTOR_BYTES = 512,
	PROTOCOL_MIN = 0x020c, /* xloadflags, with its 64-bit entry bit */
	ENTRY_64_OFFSET = 0x200,
	LOADER_UNREGISTERED = 0xff,
	INITRD_ALIGN = 4096,
	INITRD_PADDING = 4, /* between concatenated cpio archives */
	VIDEO_MODE_NORMAL = 0xffff,
};

/* Fields of newer protocols that an older kernel's header does not reach are zero. */
struct bzimage {
	struct setup_header header;
	const uint8_t *payload;
	uint64_t payload_bytes;
};

bool bzimage_is(const struct image *image)
{
	uint32_t magic;

	if (!image_has(image, MAGIC_OFFSET, sizeof(magic)))
		return false;
	memcpy(&magic, image->data + MAGIC_OFFSET, sizeof(magic));
	return magic == MAGIC;
}

static int read_header(const struct image *image, struct setup_header *ret, struct diag *why)
{
	size_t bytes = MAGIC_OFFSET - SETUP_HEADER_OFFSET;

	if (!image_has(image, SETUP_HEADER_OFFSET, sizeof(*ret)))
		return diag_set(why, EINVAL, "is cut off within the Linux setup header");
	bytes += image->data[HEADER_LENGTH_OFFSET];
	*ret = (struct setup_header){ 0 };
	memcpy(ret, image->data + SETUP_HEADER_OFFSET, bytes < sizeof(*ret) ? bytes : sizeof(*ret));
	return 0;
}

static int check_header(const struct setup_header *header, struct diag *why)
{
	if (header->boot_flag != 0xaa55)
		return diag_set(why, EINVAL, "has no boot flag (0xaa55) in its Linux setup header");
	if (header->version < PROTOCOL_MIN || (header->xloadflags & XLF_KERNEL_64) == 0) {
		diag_set(why, ENOEXEC, "is a Linux kernel without a 64-bit entry (boot protocol %u.%u)",
			 header->version >> 8, header->version & 0xff);
		diag_remedy(why, "use a 64-bit kernel of Linux 3.8 or later");
		return -ENOEXEC;
	}
	if ((header->loadflags & LOADED_HIGH) == 0)
		return diag_set(why, ENOEXEC, "is a zImage: only a bzImage loads at 1 MiB and above");
	if (header->relocatable_kernel != 0 &&
	    (header->kernel_alignment == 0 ||
	     (header->kernel_alignment & (header->kernel_alignment - 1)) != 0))
		return diag_set(why, EINVAL, "asks for an alignment that is no power of two (0x%x)",
				header->kernel_alignment);
	return 0;
}

static int bzimage_read(const struct image *image, struct bzimage *ret, struct diag *why)
{
	uint64_t setup_bytes;
	uint64_t bytes;
	int error = read_header(image, &ret->header, why);

	if (error == 0)
		error = check_header(&ret->header, why);
	if (error != 0)
		return error;
	/* 0 stands for 4, for the oldest kernels' sake; the boot sector is one more. */
	setup_bytes = (uint64_t)(ret->header.setup_sects == 0 ? 4 : ret->header.setup_sects) + 1;
	setup_bytes *= SECTOR_BYTES;
	/* In 16-byte units, the last one may be short; what follows is a signature, not kernel. */
	bytes = (uint64_t)ret->header.syssize * 16;
	if (bytes <= ENTRY_64_OFFSET)
		return diag_set(why, EINVAL, "has no kernel behind its Linux setup header");
	if (!image_has(image, setup_bytes, bytes - 15)) {
		diag_set(why, EINVAL, "is cut off: %zu bytes of %llu", image->size,
			 (unsigned long long)(setup_bytes + bytes));
		diag_remedy(why, "copy the kernel again");
		return -EINVAL;
	}
	if (bytes > image->size - setup_bytes)
		bytes = image->size - setup_bytes;
	ret->payload = image->data + setup_bytes;
	ret->payload_bytes = bytes;
	return 0;
}

/*
 * A relocatable 64-bit kernel may be loaded anywhere above pref_address, but never runs below it (the
 * decompressor moves it up), so lower addresses would only overwrite what lies there.
 */
static int load_kernel(const struct bzimage *bzimage, struct placement *placement,
		       struct placed *ret, struct diag *why)
{
	const struct setup_header *header = &bzimage->header;
	uint64_t bytes = header->init_size;
	uint64_t from = header->pref_address;
	int error;

	if (bytes < bzimage->payload_bytes)
		bytes = bzimage->payload_bytes;
	if (from < HIGH_RAM_GPA)
		from = HIGH_RAM_GPA;
	if (header->relocatable_kernel != 0 && (from & (header->kernel_alignment - 1)) != 0)
		error = placement_lowest(placement, from, bytes, header->kernel_alignment,
					 "the Linux kernel", ret, why);
	else
		error = placement_claim(placement, from, bytes, "the Linux kernel", ret, why);
	if (error != 0)
		return error;
	memcpy(ret->host, bzimage->payload, bzimage->payload_bytes);
	return 0;
}

/* Where the next archive begins: each at a multiple of 4, with nothing behind the last. */
static uint64_t padded(uint64_t bytes)
{
	return (bytes + INITRD_PADDING - 1) & ~(uint64_t)(INITRD_PADDING - 1);
}

/* The kernel unpacks archive behind archive, zeros between them skipped: so several are one. */
static int load_initrds(struct setup_header *header, const struct boot_request *request,
			struct placement *placement, struct diag *why)
{
	struct placed placed;
	uint64_t bytes = 0;
	uint64_t used = 0;
	int error;

	for (size_t i = 0; i < request->initrd_count; i++)
		bytes = padded(bytes) + request->initrd[i].size;
	if (bytes == 0)
		return 0;
	if (bytes > UINT32_MAX)
		return diag_set(why, ENOMEM, "the initrds are larger than 4 GiB together");
	error = placement_highest(placement, (uint64_t)header->initrd_addr_max + 1, bytes, INITRD_ALIGN,
				  "the initrd", &placed, why);
	if (error != 0)
		return error;
	for (size_t i = 0; i < request->initrd_count; i++) {
		const struct image *initrd = &request->initrd[i];

		memset(placed.host + used, 0, padded(used) - used);
		used = padded(used);
		memcpy(placed.host + used, initrd->data, initrd->size);
		used += initrd->size;
	}
	header->ramdisk_image = (uint32_t)placed.gpa;
	header->ramdisk_size = (uint32_t)bytes;
	return 0;
}

static int load_cmdline(struct setup_header *header, const char *cmdline,
			struct placement *placement, struct diag *why)
{
	uint64_t gpa;
	int error;

	if (strlen(cmdline) > header->cmdline_size) {
		diag_set(why, E2BIG, "takes a command line of %u bytes at most, and was given %zu",
			 header->cmdline_size, strlen(cmdline));
		diag_remedy(why, "shorten the command line");
		return -E2BIG;
	}
	error = placement_string(placement, cmdline, "the command line", &gpa, why);
	if (error == 0)
		header->cmd_line_ptr = (uint32_t)gpa;
	return error;
}

static void fill_e820(const struct memory_map *map, struct boot_params *params)
{
	for (unsigned i = 0; i < map->count; i++) {
		params->e820_table[i] = (struct boot_e820_entry){
			.addr = map->range[i].gpa,
			.size = map->range[i].bytes,
			.type = map->range[i].type,
		};
	}
	params->e820_entries = (uint8_t)map->count;
}

/* The zero page: all zero but for the kernel's own header and what is said here. */
static int load_params(struct setup_header *header, const struct boot_request *request,
		       struct placement *placement, uint64_t *ret_gpa, struct diag *why)
{
	struct boot_params params = { .acpi_rsdp_addr = request->rsdp_gpa };
	struct placed placed;
	int error;

	header->type_of_loader = LOADER_UNREGISTERED;
	header->loadflags &= (uint8_t)~(CAN_USE_HEAP | QUIET_FLAG);
	header->vid_mode = VIDEO_MODE_NORMAL;
	header->setup_data = 0;
	params.hdr = *header;
	fill_e820(request->map, &params);
	error = placement_lowest(placement, PLACEMENT_LOWEST, sizeof(params), 4096, "the zero page",
				 &placed, why);
	if (error != 0)
		return error;
	memcpy(placed.host, &params, sizeof(params));
	*ret_gpa = placed.gpa;
	return 0;
}

int bzimage_load(struct placement *placement, const struct boot_request *request,
		 struct boot_entry *ret, struct diag *why)
{
	struct boot_entry entry = { .protocol = "Linux 64-bit boot protocol", .mode = BOOT_LONG_64 };
	struct bzimage bzimage;
	struct placed kernel;
	int error = bzimage_read(request->kernel, &bzimage, why);

	if (error == 0)
		error = load_kernel(&bzimage, placement, &kernel, why);
	if (error == 0)
		error = load_cmdline(&bzimage.header, request->cmdline, placement, why);
	if (error == 0)
		error = load_initrds(&bzimage.header, request, placement, why);
	if (error == 0)
		error = load_params(&bzimage.header, request, placement, &entry.rsi, why);
	if (error == 0)
		error = entry_tables_load(placement, &entry, why);
	if (error != 0)
		return error;
	entry.rip = kernel.gpa + ENTRY_64_OFFSET;
	*ret = entry;
	return 0;
}
