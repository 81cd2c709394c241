// SPDX-License-Identifier: Apache-2.0
#include "core/cli/moment.h"

#include <stdio.h>
#include <time.h>

char *moment_format(int64_t seconds, char ret[MOMENT_TEXT_MAX])
{
	time_t moment = (time_t)seconds;
	struct tm local;

	if (seconds == 0 || localtime_r(&moment, &local) == NULL ||
	    strftime(ret, MOMENT_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &local) == 0)
		snprintf(ret, MOMENT_TEXT_MAX, "-");
	return ret;
}
