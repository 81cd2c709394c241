// SPDX-License-Identifier: Apache-2.0
/*
 * A host of real files in a folder, whose kernel is played by a table of calls, and which can be made to
 * fail, or its program to end, at each of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/base/borrow.h"
#include "core/base/change.h"

enum fault {
	FAULT_NONE,
	FAULT_FAIL,        /* one call fails, and does nothing */
	FAULT_FAIL_LATE,   /* one call does what it is to do, and fails; not of discard */
	FAULT_FAIL_ALWAYS, /* from one call on all of them fail */
	FAULT_KILL,        /* the program ends before a call */
	FAULT_KILL_LATE,   /* after a call */
	FAULT_KILL_WITHIN, /* in the middle of a line to the journal; as FAULT_KILL of other calls */
};

enum fault_status { FAULT_STATUS_KILLED = 97 };

/** struct borrow_host - @root: of its files. @journal: the folder of the journal. */
struct borrow_host {
	char root[36];
	char journal[48];
	struct borrow borrow;
	enum fault fault;
	unsigned fault_call;
	size_t fault_bytes; /* of a line, for FAULT_KILL_WITHIN */
	unsigned calls;     /* that may fail, since they were last counted */
	unsigned reads;
	unsigned writes; /* to the host: write and remove */
	unsigned effects;
	unsigned progress;
	const char *refuses; /* the end of a path that keeps its value whatever is written to it */
	bool thread_is_gone;
	bool raises; /* a signal after the first write */
};

/** borrow_host_make() - as it comes up. The one there is. borrow_host_done() removes it. */
struct borrow_host *borrow_host_make(void);
void borrow_host_done(void);

/** borrow_host_fault() - from here on calls are counted, and this happens at @call, counted from 1. */
void borrow_host_fault(enum fault fault, unsigned call);

/** borrow_host_text() - a file of it, at @path below its root; to be freed, NULL where there is none. */
char *borrow_host_text(const char *path);
void borrow_host_store(const char *path, const char *text);

/** borrow_host_path() - the absolute path of one of its; valid until the next call. */
const char *borrow_host_path(const char *path);

/** borrow_host_state() - all that is in it: paths, modes, texts; to be freed. */
char *borrow_host_state(void);

/** borrow_host_first(), borrow_host_second() - two lists that have some settings in common. */
void borrow_host_first(struct changes *ret);
void borrow_host_second(struct changes *ret);

/** borrow_host_repairs() - some of the first list, and some more. */
void borrow_host_repairs(struct changes *ret);

/** borrow_host_same() - whether the state is @state still; prints both where not, unless @when is NULL. */
bool borrow_host_same(const char *state, const char *when);
