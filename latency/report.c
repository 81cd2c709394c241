// SPDX-License-Identifier: Apache-2.0
#include "latency/report.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/diag.h"

/* A pipe or a terminal cannot be replaced by a rename; it is written to as it is. */
static bool replaceable(const char *path)
{
	struct stat status;

	return stat(path, &status) < 0 || S_ISREG(status.st_mode);
}

static int write_in_place(int (*report)(const struct evidence *, FILE *),
			  const struct evidence *evidence, const char *path)
{
	_cleanup_fclose_ FILE *out = fopen(path, "we");

	return out == NULL ? -errno : report(evidence, out);
}

/* Everybody may read a report; mkstemp() lets only its owner. */
static int mode_set(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask) < 0 ? -errno : 0;
}

static int write_stream(int (*report)(const struct evidence *, FILE *),
			  const struct evidence *evidence, int fd)
{
	FILE *out = fdopen(fd, "w");
	int r;

	if (out == NULL) {
		r = -errno;
		close(fd);
		return r;
	}
	r = report(evidence, out);
	if (fclose(out) != 0 && r == 0)
		r = -errno;
	return r;
}

static int write_beside(int (*report)(const struct evidence *, FILE *),
			  const struct evidence *evidence, const char *path)
{
	char beside[PATH_MAX];
	int length = snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
	int fd, r;

	if (length < 0 || (size_t)length >= sizeof(beside))
		return -ENAMETOOLONG;
	fd = mkstemp(beside);
	if (fd < 0)
		return -errno;
	r = mode_set(fd);
	if (r == 0)
		r = write_stream(report, evidence, fd);
	else
		close(fd);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(beside);
	return r;
}

int report_write_file(int (*report)(const struct evidence *evidence, FILE *out),
		      const struct evidence *evidence, const char *path, struct diag *why)
{
	int r = replaceable(path) ? write_beside(report, evidence, path)
				  : write_in_place(report, evidence, path);

	if (r < 0) {
		diag_set(why, -r, "the report cannot be written: %s", strerror(-r));
		diag_at(why, path, 0, 0);
	}
	return r;
}
