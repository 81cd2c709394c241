// SPDX-License-Identifier: Apache-2.0
/* The Multiboot loader: the input is the file; its first magic number gets the checksum that fits. */
#include "tests/fuzz/boot_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_checksum(uint8_t *image, size_t size)
{
	for (size_t at = 0; at + 12 <= size && at < 8192; at += 4) {
		uint32_t header[3];

		memcpy(header, image + at, sizeof(header));
		if (header[0] != 0x1badb002)
			continue;
		/* The file as it is must be refused too, now and then. */
		if ((header[1] & 0x80000000) == 0)
			header[2] = (uint32_t)(0 - (uint64_t)header[0] - header[1]);
		memcpy(image + at, header, sizeof(header));
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *image = target_copy(data, size);

	if (image == NULL)
		return 0;
	mend_checksum(image, size);
	target_boot(image, size);
	free(image);
	return 0;
}
