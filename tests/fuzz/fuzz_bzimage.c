// SPDX-License-Identifier: Apache-2.0
/* The bzImage loader: the input is the file, made to look like one at first sight. */
#include "tests/fuzz/boot_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *image = target_copy(data, size);

	if (image == NULL)
		return 0;
	if (size >= 0x206) {
		memcpy(image + 0x1fe, "\x55\xaa", 2);
		memcpy(image + 0x202, "HdrS", 4);
	}
	target_boot(image, size);
	free(image);
	return 0;
}
