// SPDX-License-Identifier: Apache-2.0
#include "core/cli/doctor_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "core/base/sys_host.h"
#include "core/cli/applied_machine.h"
#include "core/cli/commands.h"
#include "core/cli/drift.h"
#include "core/cli/drift_foreign.h"
#include "core/cli/drift_look.h"
#include "core/cli/drift_print.h"
#include "core/cli/flow.h"
#include "core/cli/refusal.h"
#include "core/cli/service_notify.h"
#include "core/config/machine.h"
#include "sched/group_overlap.h"

enum {
	NS_PER_MS = 1000000,
	/* Twice within the second in which a drift is to be told. */
	LOOK_EVERY_MS = 250,
	/* Wake-ups that come together, also those by our own repairs, are one look. */
	LOOK_APART_MS = 20,
};

#define PARTITION_FILE "/cpuset.cpus.partition"

/*
 * struct watcher - @strangers: who is in a partition's group without being of one.
 * @journal: inotify's number for the journal's folder, whose files others write.
 * @stale: they have. @own: it was us. @failed: of standard output.
 * @why: why @why_of was not put back.
 */
struct watcher {
	struct drift_watch watch;
	struct drift drift;
	struct drift strangers;
	struct borrow borrow;
	int notify;
	int journal;
	bool stale;
	bool own;
	bool json;
	bool failed;
	uint64_t watchdog_due_ns;
	char why[384];
	const struct change *why_of;
};

static void watcher_done(struct watcher *watcher)
{
	drift_done(&watcher->strangers);
	drift_done(&watcher->drift);
	drift_watch_done(&watcher->watch);
	cleanup_close(&watcher->notify);
}

static void read_notifications(struct watcher *watcher)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got;

	while ((got = sys_read(watcher->notify, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < got;) {
			struct inotify_event event;

			memcpy(&event, buffer + at, sizeof(event));
			watcher->stale |= event.wd == watcher->journal || (event.mask & IN_Q_OVERFLOW) != 0;
			at += (ssize_t)(sizeof(event) + event.len);
		}
	}
}

/* Whether somebody applies or reverts now, which takes a while. */
static bool is_being_changed(void)
{
	_cleanup_close_ int lock = sys_open(BORROW_HOST_FOLDER "/lock", O_RDONLY);

	return lock >= 0 && sys_lock(lock, false) != 0;
}

static bool is_borrowed(const struct watcher *watcher, const struct change *change)
{
	for (size_t i = 0; i < watcher->watch.applied.count; i++) {
		if (change_same(&watcher->watch.applied.item[i], change))
			return true;
	}
	return false;
}

/*
 * One change, so that others that cannot be put back do not keep it from it. What apply found as it wanted it, and
 * what was made since, has no former state that a revert could give back: not the one that others made.
 */
static int borrow_one(struct watcher *watcher, const struct change *change, struct diag *why)
{
	_cleanup_(changes_done) struct changes one = {0};
	struct borrow_result result = {0};
	struct change *copy = changes_add(&one, change->kind, change->domain, "%s", "");

	change_done(copy);
	if (change_copy(change, copy) != 0)
		return diag_set(why, ENOMEM, "not enough memory to put it back");
	if (!is_borrowed(watcher, change) && change->value != NULL)
		change_restore(&one, copy, change->value);
	if (one.lost)
		return diag_set(why, ENOMEM, "not enough memory to put it back");
	return borrow_add(&watcher->borrow, &one, &result, why);
}

static bool put_back(void *context, const struct change *change)
{
	struct watcher *watcher = context;
	struct diag why = {0};

	/* Where somebody has begun to put everything back, this would undo it. */
	read_notifications(watcher);
	if (watcher->stale)
		return false;
	int error = strcmp(change->domain, DRIFT_FOREIGN) == 0 ? drift_foreign_move(change, &why) :
								 borrow_one(watcher, change, &why);

	read_notifications(watcher);
	watcher->own |= watcher->stale;
	watcher->stale = false;
	watcher->why_of = NULL;
	if (error != 0) {
		diag_format(&why, watcher->why, sizeof(watcher->why));
		watcher->why_of = change;
	}
	return error == 0;
}

static bool is_partition_file(const char *path)
{
	size_t length = strlen(path);

	return length > strlen(PARTITION_FILE) &&
	       strcmp(path + length - strlen(PARTITION_FILE), PARTITION_FILE) == 0;
}

/* A cpuset partition cannot be had while another group has its CPUs: which one that is, the kernel does not say. */
static bool is_overlapped(void *context, const struct change *change)
{
	struct watcher *watcher = context;
	struct diag why = {0};
	char group[PATH_MAX];

	if (change->kind != CHANGE_GROUP_TEXT || !is_partition_file(change->path) || change->old == NULL ||
	    strstr(change->old, " invalid") == NULL)
		return false;
	snprintf(group, sizeof(group), "%.*s", (int)(strlen(change->path) - strlen(PARTITION_FILE)),
		 change->path);
	if (!group_overlap_find(group, &why))
		return false;
	diag_format(&why, watcher->why, sizeof(watcher->why));
	watcher->why_of = change;
	return true;
}

static void tell(void *context, const struct drift_event *event)
{
	struct watcher *watcher = context;
	struct timespec now;

	if (event->kind == DRIFT_BEGAN && !event->repaired && event->change != watcher->why_of)
		is_overlapped(context, event->change);
	clock_gettime(CLOCK_REALTIME, &now);
	if (drift_print(event, &now, event->change == watcher->why_of ? watcher->why : "", watcher->json, stdout) != 0 ||
	    fflush(stdout) != 0)
		watcher->failed = true;
	watcher->why_of = NULL;
}

/* The kernel tells at once when a partition becomes invalid: cgroup_file_notify(). */
static void watch_partitions(const struct watcher *watcher)
{
	for (size_t i = 0; i < watcher->watch.applied.count; i++) {
		const char *path = watcher->watch.applied.item[i].path;

		if (is_partition_file(path))
			inotify_add_watch(watcher->notify, path, IN_MODIFY);
	}
}

static void send_watchdog(struct watcher *watcher)
{
	uint64_t every_ns = service_watchdog_ns();
	uint64_t now_ns = sys_now();

	if (every_ns == 0 || now_ns < watcher->watchdog_due_ns)
		return;
	watcher->watchdog_due_ns = now_ns + every_ns;
	service_notify("WATCHDOG=1");
}

/* Returns 0; 1 where nothing is applied any more; or -errno with @why. */
static int reload(struct watcher *watcher, struct diag *why)
{
	int error = drift_watch_reload(&watcher->watch, why);

	if (error == -ENOENT)
		return 1;
	if (error != 0)
		return error;
	watcher->stale = false;
	watcher->own = false;
	watch_partitions(watcher);
	return 0;
}

/* Who has no business in a group leaves it before its threads get other CPUs, which they could not have there. */
static int compare(struct watcher *watcher, const struct changes *strangers, const struct changes *now)
{
	const struct drift_actions actions = {
		.repair = watcher->watch.machine->repair_drift ? put_back : NULL,
		.hindered = is_overlapped,
		.tell = tell,
		.context = watcher,
	};
	int error;

	watcher->why_of = NULL;
	error = drift_look(&watcher->strangers, strangers, &actions, sys_now());
	return error == 0 ? drift_look(&watcher->drift, now, &actions, sys_now()) : error;
}

/* While somebody changes what is applied nothing can be said of it. Returns as reload(). */
static int look(struct watcher *watcher, struct diag *why)
{
	_cleanup_(changes_done) struct changes strangers = {0};
	const struct changes *now = NULL;
	int error = 0;

	if (is_being_changed())
		return 0;
	if (watcher->stale || watcher->own)
		error = reload(watcher, why);
	if (error != 0)
		return error == -EBUSY ? 0 : error;
	error = drift_watch_look(&watcher->watch, &now, why);
	if (error != 0)
		return error;
	read_notifications(watcher);
	if (watcher->stale || is_being_changed())
		return 0;
	error = drift_foreign_find(&watcher->watch.applied, &strangers);
	if (error == 0)
		error = compare(watcher, &strangers, now);
	return error == 0 ? 0 : diag_set(why, -error, "not enough memory to tell what has changed");
}

/* Waits until the next look is due, or sooner; returns whether a signal ends it all. */
static bool wait_for(struct watcher *watcher, int signals, uint64_t due_ns)
{
	struct pollfd poll_set[] = {
		{.fd = signals, .events = POLLIN}, {.fd = watcher->notify, .events = POLLIN},
	};
	uint64_t now_ns = sys_now();
	uint64_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;

	if (poll(poll_set, 2, (int)(left_ns / NS_PER_MS) + 1) <= 0)
		return false;
	if (poll_set[0].revents != 0)
		return true;
	sys_sleep_until(sys_now() + (uint64_t)LOOK_APART_MS * NS_PER_MS);
	read_notifications(watcher);
	return false;
}

/* @told: how many the service manager knows of. */
static void tell_manager(const struct watcher *watcher, size_t *told)
{
	size_t active = drift_active(&watcher->drift) + drift_active(&watcher->strangers);

	if (active != *told)
		service_notify("READY=1\nSTATUS=%zu settings do not hold", active);
	*told = active;
}

/* Returns 0 where a signal ended it; 1 where nothing is applied any more; or -errno with @why. */
static int run(struct watcher *watcher, int signals, struct diag *why)
{
	size_t told = SIZE_MAX;
	int error = look(watcher, why);

	while (error == 0 && !watcher->failed) {
		uint64_t due_ns = sys_now() + (uint64_t)LOOK_EVERY_MS * NS_PER_MS;

		tell_manager(watcher, &told);
		if (wait_for(watcher, signals, due_ns))
			return 0;
		error = look(watcher, why);
		send_watchdog(watcher);
	}
	return error;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -errno;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int begin(struct watcher *watcher, struct diag *why)
{
	const struct machine_config *given = watcher->watch.machine;
	int error = drift_watch_reload(&watcher->watch, why);

	if (error == 0 && watcher->watch.machine != given && !applied_machine_is(&watcher->watch.applied, given))
		fprintf(stderr, "bulkhead: note: %s is not what is applied; what is applied is watched\n", given->file);
	if (error == 0)
		error = drift_watch_begin(&watcher->watch, why);
	if (error != 0)
		return error;
	watcher->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watcher->notify < 0)
		return diag_set(why, errno, "no inotify to be woken by");
	watcher->journal = inotify_add_watch(watcher->notify, BORROW_HOST_FOLDER,
					     IN_MODIFY | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF);
	watch_partitions(watcher);
	return 0;
}

/* Watches what is applied until it is not. Returns as run(). */
static int watch(const struct machine_config *machine, bool json, int signals, struct diag *why)
{
	_cleanup_(watcher_done) struct watcher watcher = {
		.borrow = {.folder = BORROW_HOST_FOLDER, .calls = flow_calls()},
		.notify = -1,
		.json = json,
	};
	int error;

	watcher.watch.borrow = &watcher.borrow;
	watcher.watch.machine = machine;
	error = begin(&watcher, why);
	return error == 0 ? run(&watcher, signals, why) : error;
}

/* Whether a signal ends the wait for another apply. */
static bool wait_idle(int signals)
{
	struct pollfd poll_set = {.fd = signals, .events = POLLIN};

	if (service_watchdog_ns() != 0)
		service_notify("WATCHDOG=1");
	return poll(&poll_set, 1, LOOK_EVERY_MS) > 0;
}

int doctor_watch(const struct machine_config *machine, bool json)
{
	struct diag why = {0};
	_cleanup_close_ int signals = open_signals();
	int error = signals < 0 ? diag_set(&why, -signals, "signals cannot be waited for") :
				  watch(machine, json, signals, &why);

	while (error > 0) {
		fputs("bulkhead: note: nothing is applied any more: waiting for the next apply\n", stderr);
		service_notify("STATUS=nothing is applied");
		do {
			if (wait_idle(signals)) {
				error = 0;
				break;
			}
			why = (struct diag){0};
			error = watch(machine, json, signals, &why);
		} while (error == -ENOENT || error == -EBUSY);
	}
	if (error < 0)
		return refusal_print(&why);
	service_notify("STOPPING=1");
	return output_finish(COMMAND_HELD);
}
