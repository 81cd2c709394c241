// SPDX-License-Identifier: Apache-2.0
/*
 * host_state: every setting of this host that a plan may change, one "PATH: TEXT" a line, in an order that stays;
 * for comparing a host before and after. Whole files of /etc and /run/systemd are told by size and a hash.
 * What changes by itself is left out, each with its reason below. Ends with 0; 1 where memory runs out.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, TEXT_BYTES = 1 << 16 };

/* enum how - what of a file is told. */
enum how {
	SETTINGS, /* the text of those that can be written and read */
	GROUPS,   /* the same; also those whose text follows from settings, and which folders there are */
	FILES,    /* size, mode, owner and a hash, and which folders there are */
};

static const struct {
	const char *folder;
	enum how how;
} roots[] = {
	{"/etc", FILES},
	{"/proc/irq", SETTINGS},
	{"/proc/sys", SETTINGS},
	{"/run/systemd", FILES},
	{"/sys/devices/system/clocksource", SETTINGS},
	{"/sys/devices/system/cpu", SETTINGS},
	{"/sys/devices/system/machinecheck", SETTINGS},
	{"/sys/devices/system/node", SETTINGS},
	{"/sys/devices/virtual/workqueue", SETTINGS},
	{"/sys/fs/cgroup", GROUPS},
	{"/sys/fs/resctrl", GROUPS},
	{"/sys/kernel/debug/sched", SETTINGS},
	{"/sys/kernel/mm", SETTINGS},
	{"/sys/kernel/rcu_expedited", SETTINGS},
	{"/sys/kernel/rcu_normal", SETTINGS},
	{"/sys/module", SETTINGS},
};

/* What is no setting, or changes without anybody's doing. */
static const struct {
	const char *pattern;
	const char *reason;
} left_out[] = {
	{"/proc/sys/kernel/ns_last_pid", "counts processes"},
	{"/proc/sys/kernel/perf_event_max_sample_rate", "the kernel lowers it when an interrupt took long"},
	{"/proc/sys/kernel/random/*", "entropy"},
	{"/proc/sys/vm/stat_refresh", "no setting: reading it makes every CPU sum its counters up"},
	{"/sys/kernel/debug/sched/domains/*/max_newidle_lb_cost", "a measurement of the scheduler's"},
	{"/sys/devices/system/node/node[0-9]*/memory[0-9]*", "links to memory blocks, which are no settings"},
	{"/sys/devices/system/cpu/cpu[0-9]*/cache/index*/cache_disable_*", "no settings of this host's"},
	{"/sys/devices/system/cpu/cpu[0-9]*/node[0-9]*", "links to nodes, which are told themselves"},
	{"/sys/devices/system/node/node[0-9]*/cpu[0-9]*", "links to CPUs, which are told themselves"},
	{"/sys/fs/cgroup/*cgroup.procs", "who is in a group: the processes of whoever compares"},
	{"/sys/fs/cgroup/*cgroup.threads", "the same"},
	{"/sys/fs/cgroup/*.pressure", "measurements; what is written is a threshold of whoever has it open"},
	{"/sys/fs/cgroup/*.peak", "measurements"},
	{"/run/systemd/journal/*", "the journal's own"},
	{"/run/systemd/units/*", "invocations of units"},
	{"/run/systemd/sessions/*", "who is logged in"},
	{"/run/systemd/users/*", "the same"},
	{"/run/systemd/seats/*", "the same"},
	{"/run/systemd/timesync/*", "the time"},
	{"/run/systemd/netif/*", "leases"},
	{"/etc/mtab", "mounts of whoever looks"},
};

/* Kernel threads that come and go with their work; those of interrupts follow them when they come. */
static const char *const passing_threads[] = {"kdmflush*", "loop*", "irq/*"};

/* PF_WQ_WORKER of the kernel: workers and rescuers are where their last work was. */
#define WORKER 0x20UL

struct state {
	char **line;
	size_t count;
	size_t room;
};

static void add(struct state *state, const char *path, const char *text)
{
	if (state->count == state->room) {
		state->room = state->room == 0 ? 4096 : 2 * state->room;
		state->line = reallocarray(state->line, state->room, sizeof(state->line[0]));
		if (state->line == NULL)
			exit(1);
	}
	if (asprintf(&state->line[state->count++], "%s: %s", path, text) < 0)
		exit(1);
}

/* The first line's end and all others are written as \n, so that a setting stays one line. */
static void add_bytes(struct state *state, const char *path, const char *bytes, size_t length)
{
	static char text[2 * TEXT_BYTES + 1];
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n')
			text[used++] = '\\';
		text[used++] = bytes[i] == '\n' ? 'n' : bytes[i] == '\0' ? ' ' : bytes[i];
	}
	text[used] = '\0';
	add(state, path, text);
}

static bool is_left_out(const char *path)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (fnmatch(left_out[i].pattern, path, 0) == 0)
			return true;
	}
	return false;
}

static ssize_t read_text(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	ssize_t length = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (got > 0 && (size_t)length < size) {
		got = read(fd, buffer + length, size - (size_t)length);
		length = got < 0 ? -errno : length + got;
	}
	close(fd);
	return length;
}

static void tell_setting(struct state *state, const char *path)
{
	static char buffer[TEXT_BYTES];
	ssize_t length = read_text(path, buffer, sizeof(buffer));

	if (length >= 0)
		add_bytes(state, path, buffer, (size_t)length);
	else
		add(state, path, strerrorname_np((int)-length));
}

/* FNV-1a: two files that differ and have the same would be an accident. */
static void tell_file(struct state *state, const char *path, const struct stat *about)
{
	static char buffer[TEXT_BYTES];
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	char text[160];
	ssize_t got = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);

	while (fd >= 0 && (got = read(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t i = 0; i < got; i++)
			hash = (hash ^ (unsigned char)buffer[i]) * UINT64_C(0x100000001b3);
	}
	if (fd >= 0)
		close(fd);
	snprintf(text, sizeof(text), "%o %u:%u %jd bytes, %016" PRIx64, about->st_mode, about->st_uid,
		 about->st_gid, (intmax_t)about->st_size, hash);
	add(state, path, text);
}

static void tell_link(struct state *state, const char *path)
{
	char target[PATH_BYTES];
	ssize_t length = readlink(path, target, sizeof(target));

	add_bytes(state, path, target, length < 0 ? 0 : (size_t)length);
}

/* Of a group's files, those that follow from what is written elsewhere. */
static bool is_derived(const char *name)
{
	return strcmp(name, "cgroup.controllers") == 0 || strcmp(name, "cgroup.type") == 0 ||
	       strstr(name, ".effective") != NULL || strcmp(name, "cpuset.cpus.isolated") == 0 ||
	       strcmp(name, "schemata") == 0;
}

static bool is_setting(const struct stat *about)
{
	return (about->st_mode & 0444) != 0 && (about->st_mode & 0222) != 0;
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void walk(struct state *state, const char *path, enum how how, dev_t device);

static void walk_folder(struct state *state, const char *path, enum how how, dev_t device)
{
	struct dirent **entry;
	int count = scandir(path, &entry, is_entry, alphasort);

	if (how != SETTINGS)
		add(state, path, "folder");
	for (int i = 0; i < count; i++) {
		char below[PATH_BYTES];

		snprintf(below, sizeof(below), "%s/%s", path, entry[i]->d_name);
		free(entry[i]);
		walk(state, below, how, device);
	}
	if (count >= 0)
		free(entry);
}

/* What is mounted below is another file system, and some mount what is only looked at. */
static void walk(struct state *state, const char *path, enum how how, dev_t device)
{
	struct stat about;

	if (is_left_out(path) || lstat(path, &about) != 0 || (device != 0 && about.st_dev != device))
		return;
	if (S_ISDIR(about.st_mode))
		walk_folder(state, path, how, about.st_dev);
	else if (how == FILES && S_ISLNK(about.st_mode))
		tell_link(state, path);
	else if (how == FILES && S_ISREG(about.st_mode))
		tell_file(state, path, &about);
	else if (how != FILES && S_ISREG(about.st_mode) &&
		 (is_setting(&about) || (how == GROUPS && is_derived(strrchr(path, '/') + 1))))
		tell_setting(state, path);
}

static bool is_passing(const char *name)
{
	for (size_t i = 0; i < sizeof(passing_threads) / sizeof(passing_threads[0]); i++) {
		if (fnmatch(passing_threads[i], name, 0) == 0)
			return true;
	}
	return false;
}

/* Fields of /proc/PID/stat are counted as proc_pid_stat(5) does; those told here stand behind the name. */
static const char *stat_field(const char *behind_name, int number)
{
	for (int field = 3; field < number && behind_name != NULL; field++) {
		behind_name = strchr(behind_name, ' ');
		if (behind_name != NULL)
			behind_name++;
	}
	return behind_name;
}

/* Name, policy, priority and CPUs of a kernel thread; whose parent is kthreadd, process 2. */
static void tell_thread(struct state *state, const char *number)
{
	char path[300], stat[1024], status[8192], text[1024];

	snprintf(path, sizeof(path), "/proc/%s/stat", number);
	ssize_t length = read_text(path, stat, sizeof(stat) - 1);

	if (length <= 0)
		return;
	stat[length] = '\0';
	char *end = strrchr(stat, ')');
	char *name = strchr(stat, '(');
	const char *parent = end == NULL ? NULL : stat_field(end + 2, 4);
	const char *flags = end == NULL ? NULL : stat_field(end + 2, 9);
	const char *priority = end == NULL ? NULL : stat_field(end + 2, 40);

	if (parent == NULL || flags == NULL || priority == NULL || name == NULL ||
	    (atoi(parent) != 2 && atoi(number) != 2) || (strtoul(flags, NULL, 10) & WORKER) != 0)
		return;
	*end = '\0';
	if (is_passing(name + 1))
		return;
	snprintf(path, sizeof(path), "/proc/%s/status", number);
	length = read_text(path, status, sizeof(status) - 1);
	status[length < 0 ? 0 : length] = '\0';
	const char *cpus = strstr(status, "Cpus_allowed_list:");

	snprintf(text, sizeof(text), "%s, priority and policy %.*s, CPUs %.*s", name + 1,
		 (int)strcspn(priority, " ") + 2, priority, cpus == NULL ? 0 : (int)strcspn(cpus + 19, "\n"),
		 cpus == NULL ? "" : cpus + 19);
	snprintf(path, sizeof(path), "/proc/%s", number);
	add(state, path, text);
}

static int is_number(const struct dirent *entry)
{
	return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

static void tell_threads(struct state *state)
{
	struct dirent **entry;
	int count = scandir("/proc", &entry, is_number, versionsort);

	for (int i = 0; i < count; i++) {
		tell_thread(state, entry[i]->d_name);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
}

int main(void)
{
	struct state state = {0};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		walk(&state, roots[i].folder, roots[i].how, 0);
	tell_threads(&state);
	for (size_t i = 0; i < state.count; i++)
		puts(state.line[i]);
	return fflush(stdout) == 0 ? 0 : 1;
}
