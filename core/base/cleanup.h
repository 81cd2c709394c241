// SPDX-License-Identifier: Apache-2.0
/*
 * Ownership a reader can see: a local declared with one of these attributes is ended at the end of
 * its scope, unless it was handed over with an explicit take.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **stream)
{
	if (*stream != NULL)
		fclose(*stream);
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)

/** take_fd() - hand a descriptor over: the variable no longer owns it. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/** take_pointer() - hand a pointer over: the variable no longer owns it. */
#define take_pointer(variable) \
	({ \
		__typeof__(variable) taken_ = (variable); \
		(variable) = NULL; \
		taken_; \
	})
