// SPDX-License-Identifier: Apache-2.0
#include "rt/memory_lock.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/diag.h"

int memory_lock(struct diag *why)
{
	return mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? 0 : memory_lock_refused(errno, why);
}

int memory_lock_refused(int error, struct diag *why)
{
	diag_set(why, error, "memory cannot be locked (%s)", strerror(error));
	diag_remedy(why, "run as root or with CAP_IPC_LOCK, or raise the limit (ulimit -l unlimited, "
		    "LimitMEMLOCK=infinity in the unit), or add --best-effort");
	return -error;
}

int memory_lock_future(enum future_lock how)
{
	int flags = MCL_FUTURE | (how == FUTURE_LOCK_ON_TOUCH ? MCL_ONFAULT : 0);

	return mlockall(flags) == 0 ? 0 : -errno;
}

void memory_unlock(void)
{
	munlockall();
}
