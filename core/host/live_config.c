// SPDX-License-Identifier: Apache-2.0
#include "core/host/live_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <zlib.h>

#include "core/base/cleanup.h"
#include "core/base/sys.h"
#include "core/host/files.h"

enum { CONFIG_BYTES_MAX = 4 << 20 }; /* those of distributions have some 300 KB */

/* Unpacks what @fd holds, and closes it. Returns the length or -errno. */
static int unpack(int fd, char *text, unsigned size)
{
	gzFile file = gzdopen(fd, "rb");
	int length;

	if (file == NULL) {
		close(fd);
		return -ENOMEM;
	}
	length = gzread(file, text, size);
	if (length >= 0 && (unsigned)length == size)
		length = -EFBIG;
	if (gzclose_r(file) != Z_OK && length >= 0)
		length = -EIO;
	return length < 0 && length != -EFBIG ? -EIO : length;
}

int live_config(struct host_files *files)
{
	static const char path[] = "/bulkhead/kernel-config";
	_cleanup_free_ char *text = NULL;
	int fd = sys_open("/proc/config.gz", O_RDONLY);
	int length;

	if (fd < 0)
		return fd == -ENOENT ? 0 : host_files_put_error(files, path, -fd);
	text = malloc(CONFIG_BYTES_MAX + 1);
	if (text == NULL) {
		close(fd);
		return -ENOMEM;
	}
	length = unpack(fd, text, CONFIG_BYTES_MAX);
	if (length < 0)
		return host_files_put_error(files, path, -length);
	text[length] = '\0';
	return host_files_put(files, path, text);
}
