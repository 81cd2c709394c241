// SPDX-License-Identifier: Apache-2.0
#include "core/host/live_log.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/sys_host.h"
#include "core/host/files.h"

#define PATH "/bulkhead/kernel-log"

enum {
	/* syslog(2) */
	ACTION_READ_ALL = 3,
	ACTION_SIZE_BUFFER = 10,
	LOG_BYTES_MAX = 64 << 20,
	KEPT_BYTES_MAX = 256 << 10,
};

/* The rest of a log may tell more than its owner wants to hand on. */
static const char *const wanted[] = {
	"Linux version ",
	"Unknown kernel command line parameters",
	"Malformed early option",
	"Housekeeping: nohz",
	"HugeTLB: hugepages",
	" invalid for parameter ",
	"RT throttling activated",
	"RT requires X86_FEATURE_CONSTANT_TSC",
	"DL replenish lagged too much",
	"Marking TSC unstable",
	"Marking clocksource",
	"clocksource: Switched to clocksource",
	"timekeeping watchdog on CPU",
	"perf: interrupt took too long",
	"detected stall",
	"detected expedited stall",
	"blocked for more than",
	"soft lockup",
	"hrtimer: interrupt took",
	"NOHZ tick-stop error",
	"not a valid housekeeping",
};

static bool is_wanted(const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (memmem(line, length, wanted[i], strlen(wanted[i])) != NULL)
			return true;
	}
	return false;
}

/* Keeps the wanted lines, each without its "<LEVEL>". Returns how many bytes are left. */
static size_t shorten(char *text, size_t length)
{
	size_t used = 0;

	for (size_t at = 0, line; at < length; at += line) {
		const char *end = memchr(text + at, '\n', length - at);

		line = end == NULL ? length - at : (size_t)(end + 1 - text) - at;
		if (!is_wanted(text + at, line) || used + line > KEPT_BYTES_MAX)
			continue;
		const char *close = text[at] == '<' ? memchr(text + at, '>', line) : NULL;
		size_t level = close == NULL ? 0 : (size_t)(close + 1 - text) - at;
		memmove(text + used, text + at + level, line - level);
		used += line - level;
	}
	return used > 0 && text[used - 1] == '\n' ? used - 1 : used;
}

int live_log(struct host_files *files)
{
	_cleanup_free_ char *text = NULL;
	int size = sys_kernel_log(ACTION_SIZE_BUFFER, NULL, 0);

	if (size < 0)
		return host_files_put_error(files, PATH, -size);
	/* The text that is read may be larger than the records that it is made of. */
	size = size < LOG_BYTES_MAX / 2 ? size * 2 : LOG_BYTES_MAX;
	text = malloc((size_t)size + 1);
	if (text == NULL)
		return -ENOMEM;
	size = sys_kernel_log(ACTION_READ_ALL, text, size);
	if (size < 0)
		return host_files_put_error(files, PATH, -size);
	return host_files_put_bytes(files, PATH, text, shorten(text, (size_t)size));
}
