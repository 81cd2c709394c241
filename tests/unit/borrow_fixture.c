// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/borrow_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cpulist.h"
#include "core/base/diag.h"
#include "core/base/folder.h"
#include "core/base/journal.h"

enum { TEXT_MAX = 4096 };


static struct borrow_host host;

const char *borrow_host_path(const char *path)
{
	static char absolute[512];

	snprintf(absolute, sizeof(absolute), "%s/%s", host.root, path);
	return absolute;
}

char *borrow_host_text(const char *path)
{
	char *text = calloc(1, TEXT_MAX);
	FILE *file = fopen(borrow_host_path(path), "re");

	if (text != NULL && file != NULL)
		text[fread(text, 1, TEXT_MAX - 1, file)] = '\0';
	if (file == NULL) {
		free(text);
		return NULL;
	}
	fclose(file);
	return text;
}

void borrow_host_store(const char *path, const char *text)
{
	FILE *file = fopen(borrow_host_path(path), "we");

	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

/* Whether this call is the one that something happens at; what happens before it does. */
static bool is_due(void)
{
	host.calls++;
	if (host.calls != host.fault_call && (host.fault != FAULT_FAIL_ALWAYS || host.calls < host.fault_call))
		return false;
	if (host.fault == FAULT_KILL || host.fault == FAULT_KILL_WITHIN)
		_exit(FAULT_STATUS_KILLED);
	return host.fault != FAULT_NONE;
}

/* -EIO where the call fails without a trace. */
static int before_call(bool *ret_due)
{
	*ret_due = is_due();
	return *ret_due && (host.fault == FAULT_FAIL || host.fault == FAULT_FAIL_ALWAYS) ? -EIO : 0;
}

static int after_call(bool due, int result)
{
	if (due && host.fault == FAULT_KILL_LATE)
		_exit(FAULT_STATUS_KILLED);
	return due && host.fault == FAULT_FAIL_LATE ? -EIO : result;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return end != NULL && length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* A thread's CPUs are a file here: thread-7. */
static struct change in_files(const struct change *change)
{
	static char path[256];
	struct change file = *change;

	if (change->kind != CHANGE_AFFINITY)
		return file;
	snprintf(path, sizeof(path), "%s/thread-%s", host.root, strrchr(change->path, '/') + 1);
	file.kind = CHANGE_TEXT;
	file.path = path;
	return file;
}

static int read_host(const struct change *change, char **ret, struct diag *why)
{
	const struct change file = in_files(change);
	char *text = NULL;
	bool due;
	int error = before_call(&due);

	host.reads++;
	if (error == 0 && change->kind == CHANGE_AFFINITY && host.thread_is_gone)
		error = -ESRCH;
	if (error == 0)
		error = borrow_read(&file, &text, why);
	int result = after_call(due, error);

	if (result != error)
		*why = (struct diag){0};
	if (result == 0)
		*ret = text;
	else
		free(text);
	return result;
}

/* "memory pids": in an order of its own, whatever was written first. */
static void write_controllers(const char *path, const char *text)
{
	static const char *const names[] = {"cpuset", "cpu", "io", "memory", "pids"};
	char *now = borrow_host_text(path);
	char next[TEXT_MAX] = "";
	const struct change probe = {.compare = COMPARE_WORD};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char word[16];
		struct change asked = probe;

		snprintf(word, sizeof(word), "+%s", names[i]);
		asked.value = word;
		bool on = change_holds(&asked, now);

		if (strncmp(text + 1, names[i], strlen(names[i])) == 0 && strcspn(text, "\n") == strlen(word))
			on = *text == '+';
		if (on)
			snprintf(next + strlen(next), sizeof(next) - strlen(next), "%s%s",
				 next[0] == '\0' ? "" : " ", names[i]);
	}
	snprintf(next + strlen(next), sizeof(next) - strlen(next), "\n");
	free(now);
	borrow_host_store(path, next);
}

static void write_choice(const char *path, const char *text)
{
	char next[TEXT_MAX] = "";
	static const char *const names[] = {"always", "madvise", "never"};

	for (size_t i = 0; i < 3; i++) {
		bool chosen = strncmp(text, names[i], strlen(names[i])) == 0;

		snprintf(next + strlen(next), sizeof(next) - strlen(next), chosen ? "%s[%s]" : "%s%s",
			 i == 0 ? "" : " ", names[i]);
	}
	snprintf(next + strlen(next), sizeof(next) - strlen(next), "\n");
	borrow_host_store(path, next);
}

static bool has_partition(void)
{
	static const char *const groups[] = {"plc/partition", "hmi/partition"};
	bool has = false;

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		char *text = borrow_host_text(groups[i]);

		has = has || (text != NULL && strcmp(text, "isolated\n") == 0);
		free(text);
	}
	return has;
}

/*
 * Linux 6.1: where a cpuset partition comes or goes, threads that were never in it get all CPUs that are left;
 * and its own CPUs they cannot have while it stands.
 */
static void reset_threads(void)
{
	const char *left = has_partition() ? "0-1\n" : "0-3\n";

	borrow_host_store("thread-7", left);
	borrow_host_store("thread-8", left);
	borrow_host_store("thread-9", left);
}

static int write_thread(const struct change *file, const char *text, struct diag *why)
{
	char cut[CPULIST_TEXT_MAX];
	struct cpulist cpus;
	struct cpulist left;

	if (cpulist_parse_kernel(text, &cpus) != 0 ||
	    cpulist_parse_kernel(has_partition() ? "0-1" : "0-3", &left) != 0)
		return -EINVAL;
	cpulist_and(&cpus, &left, &cpus);
	return borrow_write(file, cpulist_format(&cpus, cut, sizeof(cut)), why);
}

static int make_group(const char *path)
{
	char file[256];

	if (mkdir(path, 0755) != 0)
		return -errno;
	snprintf(file, sizeof(file), "%s/cpus", path);
	borrow_host_store(file + strlen(host.root) + 1, "\n");
	snprintf(file, sizeof(file), "%s/partition", path);
	borrow_host_store(file + strlen(host.root) + 1, "member\n");
	return 0;
}

static int write_partition(const struct change *change, const char *text, struct diag *why)
{
	int error = borrow_write(change, text, why);

	reset_threads();
	return error;
}

static int write_kernel(const struct change *change, const char *text, struct diag *why)
{
	const struct change file = in_files(change);
	const char *below = file.path + strlen(host.root) + 1;

	if (change->kind == CHANGE_GROUP)
		return make_group(change->path);
	if (ends_with(change->path, host.refuses))
		return 0;
	if (change->kind == CHANGE_AFFINITY && host.thread_is_gone)
		return -ESRCH;
	if (change->compare == COMPARE_WORD && (*text == '+' || *text == '-'))
		write_controllers(below, text);
	else if (change->compare == COMPARE_CHOICE)
		write_choice(below, text);
	else if (change->kind == CHANGE_AFFINITY)
		return write_thread(&file, text, why);
	else if (!ends_with(change->path, "/partition"))
		return borrow_write(&file, text, why);
	else
		return write_partition(change, text, why);
	return 0;
}

static int write_host(const struct change *change, const char *text, struct diag *why)
{
	bool due;
	int error = before_call(&due);

	if (error != 0)
		return error;
	host.writes++;
	if (host.raises && host.writes == 1)
		raise(SIGTERM);
	return after_call(due, write_kernel(change, text, why));
}

static int remove_host(const struct change *change, struct diag *why)
{
	bool due;
	int error = before_call(&due);
	char path[256];

	if (error != 0)
		return error;
	host.writes++;
	if (change->kind == CHANGE_GROUP) {
		/* Its CPUs would be given back too late. */
		snprintf(path, sizeof(path), "%s/partition", change->path + strlen(host.root) + 1);
		char *partition = borrow_host_text(path);
		bool is_member = partition == NULL || strcmp(partition, "member\n") == 0;

		free(partition);
		if (!is_member)
			return -EBUSY;
		snprintf(path, sizeof(path), "%s/cpus", change->path);
		unlink(path);
		snprintf(path, sizeof(path), "%s/partition", change->path);
		unlink(path);
	}
	return after_call(due, borrow_remove(change, why));
}

/* What systemd took in is what its files were then. */
static int have_effect(enum change_after after, struct diag *why)
{
	const char *name = after == AFTER_IRQBALANCE_RESTART ? "policy" : "unit";
	bool due;
	int error = before_call(&due);
	char from[64];
	char to[64];

	(void)why;
	if (error != 0)
		return error;
	host.effects++;
	snprintf(from, sizeof(from), "etc/%s", name);
	snprintf(to, sizeof(to), "loaded-%s", name);
	char *text = borrow_host_text(from);

	if (text == NULL)
		unlink(borrow_host_path(to));
	else
		borrow_host_store(to, text);
	free(text);
	return after_call(due, 0);
}

static int append_line(int fd, const char *line, size_t length)
{
	bool due;

	if (host.fault == FAULT_KILL_WITHIN && host.calls + 1 == host.fault_call) {
		size_t cut = host.fault_bytes < length ? host.fault_bytes : length - 1;

		if (write(fd, line, cut) != (ssize_t)cut)
			abort();
		_exit(FAULT_STATUS_KILLED);
	}
	int error = before_call(&due);

	return error != 0 ? error : after_call(due, journal_write_line(fd, line, length));
}

static int discard_journal(const char *path)
{
	bool due;
	int error = before_call(&due);

	if (error != 0 || (due && host.fault == FAULT_FAIL_LATE))
		return -EIO;
	return after_call(due, journal_discard(path));
}

static void count_progress(void *context, const struct change *change, bool restoring)
{
	struct borrow_host *counted = context;

	(void)change, (void)restoring;
	counted->progress++;
}

static const struct borrow_calls calls = {
	.read = read_host,
	.write = write_host,
	.remove = remove_host,
	.after = have_effect,
	.append = append_line,
	.discard = discard_journal,
};

struct borrow_host *borrow_host_make(void)
{
	/* In memory where that can be: a disk would be waited for at each of thousands of lines. */
	host = (struct borrow_host){.root = "/dev/shm/bulkhead-borrow-XXXXXX"};
	if (mkdtemp(host.root) == NULL) {
		host = (struct borrow_host){.root = "/tmp/bulkhead-borrow-XXXXXX"};
		if (mkdtemp(host.root) == NULL)
			abort();
	}
	snprintf(host.journal, sizeof(host.journal), "%s.journal", host.root);
	host.borrow = (struct borrow){
		.folder = host.journal, .calls = &calls, .progress = count_progress, .context = &host,
	};
	if (mkdir(borrow_host_path("etc"), 0755) != 0)
		abort();
	borrow_host_store("runtime", "950000\n");
	borrow_host_store("huge", "always [madvise] never\n");
	borrow_host_store("controllers", "memory pids\n");
	borrow_host_store("thread-7", "0-2\n");
	borrow_host_store("thread-8", "0-1\n");
	borrow_host_store("thread-9", "0-3\n");
	borrow_host_store("mask", "0000000f\n");
	borrow_host_store("etc/policy", "OPTIONS=\"a\xff\x01z\"\n\n");
	borrow_host_store("loaded-policy", "OPTIONS=\"a\xff\x01z\"\n\n");
	if (chmod(borrow_host_path("etc/policy"), 0640) != 0)
		abort();
	return &host;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

void borrow_host_done(void)
{
	nftw(host.root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	nftw(host.journal, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void borrow_host_fault(enum fault fault, unsigned call)
{
	host.fault = fault;
	host.fault_call = call;
	host.calls = 0;
	host.reads = 0;
	host.writes = 0;
	host.effects = 0;
	host.progress = 0;
}


static void list_folder(FILE *out, const char *path)
{
	struct dirent **entry = NULL;
	int count = scandir(borrow_host_path(path), &entry, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char below[256];
		struct stat status;

		snprintf(below, sizeof(below), "%.128s%s%.100s", path, path[0] == '\0' ? "" : "/",
			 entry[i]->d_name);
		if (entry[i]->d_name[0] != '.' || strlen(entry[i]->d_name) > 2) {
			if (lstat(borrow_host_path(below), &status) != 0)
				abort();
			char *text = S_ISREG(status.st_mode) ? borrow_host_text(below) : NULL;

			fprintf(out, "%s %o %s\n", below, (unsigned)status.st_mode, text == NULL ? "" : text);
			free(text);
			if (S_ISDIR(status.st_mode))
				list_folder(out, below);
		}
		free(entry[i]);
	}
	free(entry);
}

char *borrow_host_state(void)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		abort();
	list_folder(out, "");
	if (fclose(out) != 0)
		abort();
	return text;
}

bool borrow_host_same(const char *state, const char *when)
{
	char *now = borrow_host_state();
	bool same = strcmp(now, state) == 0;

	if (!same && when != NULL)
		fprintf(stderr, "%s: the host was\n%sand is\n%s", when, state, now);
	free(now);
	return same;
}

static struct change *add(struct changes *ret, enum change_kind kind, const char *path)
{
	struct change *change = changes_add(ret, kind, "kernel", "%s", borrow_host_path(path));

	change_reason(change, "it is so in the test");
	return change;
}

static void add_text(struct changes *ret, const char *path, enum change_compare compare, const char *value)
{
	change_text(ret, add(ret, CHANGE_TEXT, path), compare, NULL, "%s", value);
}

static void add_file(struct changes *ret, const char *path, enum change_after after, const char *value)
{
	struct change *change = add(ret, CHANGE_FILE, path);

	change_text(ret, change, COMPARE_EXACT, NULL, "%s", value);
	change->after = after;
}

static void add_group(struct changes *ret, const char *name, const char *cpus)
{
	char path[64];

	change_made(ret, add(ret, CHANGE_GROUP, name), false);
	snprintf(path, sizeof(path), "%s/cpus", name);
	change_text(ret, add(ret, CHANGE_GROUP_TEXT, path), COMPARE_CPUS, NULL, "%s", cpus);
	snprintf(path, sizeof(path), "%s/partition", name);
	struct change *change = add(ret, CHANGE_GROUP_TEXT, path);

	change_text(ret, change, COMPARE_EXACT, NULL, "isolated");
	change_restore(ret, change, "member");
}

static void add_controller(struct changes *ret)
{
	struct change *change = add(ret, CHANGE_GROUP_TEXT, "controllers");

	change_text(ret, change, COMPARE_WORD, NULL, "+cpuset");
	change_restore(ret, change, "-cpuset");
}

static void add_thread(struct changes *ret, unsigned number, const char *cpus)
{
	struct change *change =
		changes_add(ret, CHANGE_AFFINITY, "threads", "/proc/%u/task/%u", number, number);

	change_text(ret, change, COMPARE_CPUS, NULL, "%s", cpus);
	change->started = 42;
	snprintf(change->name, sizeof(change->name), "kthread");
}

void borrow_host_first(struct changes *ret)
{
	add_text(ret, "runtime", COMPARE_NUMBER, "-1");
	add_text(ret, "huge", COMPARE_CHOICE, "never");
	add_thread(ret, 7, "0-1");
	add_thread(ret, 8, "0-1");
	add_file(ret, "etc/unit", AFTER_SYSTEMD_RELOAD, "[Slice]\nAllowedCPUs=0-1\n");
	add_file(ret, "etc/policy", AFTER_IRQBALANCE_RESTART, "OPTIONS=none\n");
	add_controller(ret);
	add_group(ret, "plc", "2-3");
	change_made(ret, add(ret, CHANGE_FOLDER, "etc/more.d"), false);
	add_file(ret, "etc/more.d/file", AFTER_NOTHING, "x\n");
	add_file(ret, "etc/new/deep.d/file", AFTER_NOTHING, "y\n");
}

void borrow_host_second(struct changes *ret)
{
	add_thread(ret, 7, "0");
	add_thread(ret, 8, "0-1");
	add_text(ret, "runtime", COMPARE_NUMBER, "980000");
	add_text(ret, "mask", COMPARE_MASK, "3");
	add_file(ret, "etc/unit", AFTER_SYSTEMD_RELOAD, "[Slice]\nAllowedCPUs=0-2\n");
	add_controller(ret);
	add_group(ret, "hmi", "3");
}

void borrow_host_repairs(struct changes *ret)
{
	add_text(ret, "runtime", COMPARE_NUMBER, "-1");
	add_thread(ret, 9, "0-1");
	add_text(ret, "mask", COMPARE_MASK, "3");
	add_file(ret, "etc/unit", AFTER_SYSTEMD_RELOAD, "[Slice]\nAllowedCPUs=0-1\n");
}
