// SPDX-License-Identifier: Apache-2.0
#include "sched/group_slice.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/sys.h"
#include "sched/group_rules.h"

#define SLICE "bulkhead.slice"

static int systemctl(const char *verb, struct diag *why)
{
	char program[] = "systemctl";
	char unit[] = SLICE;
	char word[16];
	char *const arguments[] = {program, word, unit, NULL};
	int status = 0;
	pid_t pid;
	int error;

	strncpy(word, verb, sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	error = posix_spawnp(&pid, program, NULL, NULL, arguments, environ);
	if (error != 0)
		return diag_set(why, error, "systemctl %s " SLICE ": %s", verb, strerror(error));
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return diag_set(why, errno, "waiting for systemctl: %s", strerror(errno));
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	diag_set(why, EIO, "systemctl %s " SLICE " failed", verb);
	diag_remedy(why, "see systemctl status " SLICE);
	return -EIO;
}

int group_slice_start(struct diag *why)
{
	return systemctl("start", why);
}

/* Stopping it would stop whatever unit is in it: ourselves among them, perhaps. */
int group_slice_stop(struct diag *why)
{
	char events[256];

	if (sys_read_file(GROUP_SLICE "/cgroup.events", events, sizeof(events)) >= 0 &&
	    strstr(events, "populated 1") != NULL) {
		diag_set(why, EBUSY, "units are running in " SLICE);
		diag_remedy(why, "stop them first: systemctl list-units --all 'bulkhead*'");
		return -EBUSY;
	}
	return systemctl("stop", why);
}
