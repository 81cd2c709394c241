// SPDX-License-Identifier: Apache-2.0
/*
 * What a host is to become, as values: one change each, with what it is now, what it shall be, and why.
 *
 * Domains plan changes from a snapshot and write nothing; core/base/borrow.h makes them so and puts them
 * back. A list holds every setting that is wanted, also one that already is as it shall be: what a list no
 * longer holds is put back when the next one is applied.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** enum change_kind - what is written, and by which call; the names are the journal's too. */
enum change_kind {
	CHANGE_TEXT,       /* "text": a file of the kernel: sysfs, procfs, resctrl */
	CHANGE_FOLDER,     /* "folder": one made, a resctrl group */
	CHANGE_GROUP,      /* "group": a control group made */
	CHANGE_GROUP_TEXT, /* "group-text": a control group's file */
	CHANGE_FILE,       /* "file": a whole file of /run, /etc or /var, made or replaced */
	CHANGE_AFFINITY,   /* "affinity": the CPUs of a thread, as a CPU list */
	CHANGE_POLICY,     /* "policy": a thread's policy, "other" or "fifo 4" */
};

/** enum change_compare - when what is read back counts as what was written. */
enum change_compare {
	COMPARE_EXACT,  /* the same text, blanks at its ends apart */
	COMPARE_NUMBER, /* the same whole number */
	COMPARE_CPUS,   /* the same CPUs: both are CPU lists */
	COMPARE_WITHIN, /* some of the CPUs written, and no others: both are CPU lists */
	COMPARE_MASK,   /* the same CPUs: both are masks, "ffffffff,00000003" */
	COMPARE_CHOICE, /* "always [madvise] never": the word in brackets */
	COMPARE_WORD,   /* one of the words read; "+cpuset" is the word cpuset, "-cpuset" its absence, and
			 * "NO_HRTICK" a word of its own */
	COMPARE_LINES,  /* each line written is among those read, blanks and leading zeros apart: resctrl's
			 * schemata */
};

/** enum change_after - what makes a written file effective; done once after the last of several. */
enum change_after {
	AFTER_NOTHING,
	AFTER_SYSTEMD_RELOAD,     /* systemctl daemon-reload */
	AFTER_IRQBALANCE_RESTART, /* the same, then systemctl try-restart irqbalance.service */
	AFTER_BOOT_UPDATE,        /* the distribution's command that writes the boot loader's configuration */
};

/**
 * struct change - one setting; strings are owned.
 * @path: what is changed, absolute; of a thread "/proc/PID/task/TID"; with @kind the setting's identity, and of
 * COMPARE_WORD with the word.
 * @old: as it is now, NULL where there is no such file, folder, or group.
 * @value: what is written; NULL for a folder and a group.
 * @restore: what is written to put it back; NULL: @old is, or of COMPARE_CHOICE and COMPARE_WORD the word of it.
 * Where it is NULL a setting of a folder that is made before it in the list goes with that folder; a file that
 * was not there is removed, and the folders above it that were made for it.
 * @expect: what must be read back, by @compare; NULL: @value.
 * @started: of a thread: its start time in clock ticks, field 22 of proc_pid_stat(5), by which another
 * thread with its number is told from it. @name: of a thread: its name.
 * @held: it already is as it shall be.
 * @domain: "cgroup", "interrupts", "kernel", "threads", "hugepages", "cache", "systemd", "boot", "machine"; static.
 * @check: the doctor's check whose remedy this is, "P5-fair-server", or NULL; static.
 * @reason: why, one sentence without a full stop.
 */
struct change {
	enum change_kind kind;
	enum change_compare compare;
	enum change_after after;
	char *path;
	char *old;
	char *value;
	char *restore;
	char *expect;
	uint64_t started;
	char name[64];
	bool held;
	const char *domain;
	const char *check;
	char reason[256];
};

/**
 * struct changes - a list in the order in which they are made; zeros are empty.
 * @lost: one could not be kept for want of memory: the list is good for nothing.
 */
struct changes {
	struct change *item;
	size_t count;
	size_t room;
	bool lost;
	struct change spare;
};

/**
 * changes_add() - begin one.
 * @path: a printf format.
 *
 * Returns it, zeroed but for these, for the functions below; valid until the next changes_add(). Never NULL.
 */
struct change *changes_add(struct changes *changes, enum change_kind kind, const char *domain,
			   const char *path, ...) __attribute__((format(printf, 4, 5)));

/**
 * change_text() - what it is now, and what it shall be: fills @old, @value and @held.
 * @old: NULL where there is none yet. @value: a printf format.
 */
void change_text(struct changes *changes, struct change *change, enum change_compare compare,
		 const char *old, const char *value, ...) __attribute__((format(printf, 5, 6)));

/** change_made() - for a folder or a group: whether it is there already. */
void change_made(struct changes *changes, struct change *change, bool is_there);

/** change_restore(), change_expect() - where another text than @old restores, or than @value is read back. */
void change_restore(struct changes *changes, struct change *change, const char *text);
void change_expect(struct changes *changes, struct change *change, const char *text);

/** change_reason() - why. */
void change_reason(struct change *change, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** change_holds() - whether @text, as read now or NULL for nothing there, is what @change asks for. Pure. */
bool change_holds(const struct change *change, const char *text);

/** change_makes() - whether it makes a folder or a group, so that it has no value. */
bool change_makes(const struct change *change);

/** change_is_optional() - whether it may be there or not, so that its absence is a state as any other. */
bool change_is_optional(const struct change *change);

/** change_order() - by their settings, of which a file of words has as many: less than 0, 0 for the same, or more. */
int change_order(const struct change *a, const struct change *b);

/** change_same() - whether both are of the same setting. */
bool change_same(const struct change *a, const struct change *b);

/**
 * change_copy() - one of its own; ended with change_done().
 * @ret: set on success.
 *
 * Returns 0 or -ENOMEM.
 */
int change_copy(const struct change *change, struct change *ret);
void change_done(struct change *change);

/** changes_pending() - how many are not held. */
size_t changes_pending(const struct changes *changes);

/** change_kind_name(), change_kind_parse() - "group-text"; the latter returns 0 or -EINVAL. */
const char *change_kind_name(enum change_kind kind);
int change_kind_parse(const char *name, enum change_kind *ret);

void changes_done(struct changes *changes);
