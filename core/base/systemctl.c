// SPDX-License-Identifier: Apache-2.0
#include "core/base/systemctl.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/base/program.h"

bool systemd_runs(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

int systemctl(const char *verb, const char *unit, unsigned seconds, struct diag *why)
{
	static const char *const folders[] = {"/usr/bin", "/bin", NULL};
	char path[64];
	const char *const arguments[] = {path, verb, unit, NULL};

	if (program_find(folders, "systemctl", path, sizeof(path)) == NULL)
		return diag_set(why, ENOENT, "systemd runs this host, and systemctl is not there");
	return program_run(arguments, seconds, why);
}
