// SPDX-License-Identifier: Apache-2.0
/* The ELF reader and the PVH loader: the input is the file, made to look like ELF at first sight. */
#include "tests/fuzz/boot_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *image = target_copy(data, size);

	if (image == NULL)
		return 0;
	if (size >= 20) {
		memcpy(image, "\x7f" "ELF", 4);
		image[5] = 1;
		/* The machine that goes with the class. */
		image[18] = image[4] == 2 ? 62 : 3;
		image[19] = 0;
	}
	target_boot(image, size);
	free(image);
	return 0;
}
