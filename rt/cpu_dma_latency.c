// SPDX-License-Identifier: Apache-2.0
#include "rt/cpu_dma_latency.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"

int cpu_dma_latency_hold(struct diag *why)
{
	static const char path[] = "/dev/cpu_dma_latency";
	const int32_t microseconds = 0;
	_cleanup_close_ int fd = sys_open(path, O_WRONLY);
	int error = fd < 0 ? fd : sys_write_all(fd, &microseconds, sizeof(microseconds));

	if (error == 0)
		return take_fd(&fd);
	diag_set(why, -error, "%s cannot be held (%s): CPUs may idle deeply", path, strerror(-error));
	diag_remedy(why, "run as root, or set cpu-dma-latency: false, or add --best-effort");
	return error;
}
