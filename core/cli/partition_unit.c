// SPDX-License-Identifier: Apache-2.0
#include "core/cli/partition_unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/systemctl.h"
#include "core/cli/unit_text.h"
#include "core/config/partition.h"

/* What the units allow themselves: five minutes for the host, two for the partition, and some for systemd. */
enum { START_SECONDS = 450, STOP_SECONDS = 120 };

static const char unit_path[] = "/etc/systemd/system/bulkhead@.service";

/* A unit that runs another machine's partitions is not for this file's. */
bool partition_unit_runs(const char *file)
{
	_cleanup_free_ char *real = realpath(file, NULL);
	_cleanup_free_ char *quoted = NULL;
	_cleanup_free_ char *arguments = NULL;
	struct diag why = {0};
	char unit[16384];

	if (real == NULL || !systemd_runs() || sys_read_file(unit_path, unit, sizeof(unit)) <= 0 ||
	    unit_quote(real, UNIT_ARGUMENT, &quoted, &why) != 0)
		return false;
	if (asprintf(&arguments, " run %s %%i\n", quoted) < 0) {
		arguments = NULL;
		return false;
	}
	return strstr(unit, arguments) != NULL;
}

static int tell(const char *verb, const char *name, unsigned seconds, struct diag *why)
{
	char unit[PARTITION_NAME_MAX + sizeof("bulkhead@.service")];

	snprintf(unit, sizeof(unit), "bulkhead@%s.service", name);
	return systemctl(verb, unit, seconds, why);
}

/* systemctl waits until the unit is ready, which is when its guest runs. */
int partition_unit_start(const char *name, struct diag *why)
{
	return tell("start", name, START_SECONDS, why);
}

int partition_unit_stop(const char *name, struct diag *why)
{
	if (!systemd_runs() || access(unit_path, F_OK) != 0)
		return 0;
	return tell("stop", name, STOP_SECONDS, why);
}
