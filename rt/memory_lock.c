// SPDX-License-Identifier: Apache-2.0
#include "rt/memory_lock.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/diag.h"

int memory_lock(struct diag *why)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
		return 0;
	int error = errno;
	diag_set(why, error, "memory cannot be locked (%s)", strerror(error));
	diag_remedy(why, "run as root or with CAP_IPC_LOCK, or raise the limit (ulimit -l unlimited, "
		    "LimitMEMLOCK=infinity in the unit), or add --best-effort");
	return -error;
}
