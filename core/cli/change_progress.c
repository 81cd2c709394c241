// SPDX-License-Identifier: Apache-2.0
#include "core/cli/change_progress.h"

#include <stdio.h>
#include <unistd.h>

#include "core/base/sys_host.h"

enum {
	SILENT_MS = 2000, /* what is done sooner needs no telling */
	EVERY_MS = 100,
};

static uint64_t after_ms(uint64_t ms)
{
	return sys_now() + ms * UINT64_C(1000000);
}

void change_progress_step(void *context, const struct change *change, bool restoring)
{
	struct change_progress *progress = context;

	(void)change;
	(void)restoring;
	if (progress->begun++ == 0)
		progress->silent_until_ns = after_ms(SILENT_MS);
	if (sys_now() < progress->silent_until_ns || !isatty(STDERR_FILENO))
		return;
	progress->silent_until_ns = after_ms(EVERY_MS);
	progress->shown = true;
	fprintf(stderr, "\rbulkhead: %s: change %zu", progress->verb, progress->begun);
	/* Putting back what an earlier apply left behind comes on top of what was expected. */
	if (progress->begun <= progress->total)
		fprintf(stderr, " of %zu", progress->total);
	fputs("\033[K", stderr);
}

void change_progress_end(struct change_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
