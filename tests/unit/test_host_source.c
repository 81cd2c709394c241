// SPDX-License-Identifier: Apache-2.0
/* The door: the running host stored and read back, foreign trees, and trees made to do harm. */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cpulist.h"
#include "core/base/diag.h"
#include "core/base/sys_host.h"
#include "core/host/files.h"
#include "core/host/source.h"

void test_host_source_register(void);

static char root[64];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *at(const char *path)
{
	static char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return full;
}

/* An empty folder to build a tree in, and the parents of @path in it. */
static void parents(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s", at(path));
	for (char *slash = strchr(full + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0777);
		*slash = '/';
	}
}

static void begin(void)
{
	snprintf(root, sizeof(root), "/tmp/host-source-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(root));
}

static void end(void)
{
	remove_tree(root);
}

static void store(const char *path, const void *bytes, size_t length)
{
	parents(path);
	FILE *file = fopen(at(path), "we");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, length, file), length);
	CU_ASSERT_EQUAL(fclose(file), 0);
}

static void store_text(const char *path, const char *text)
{
	store(path, text, strlen(text));
}

static void link_to(const char *path, const char *target)
{
	parents(path);
	CU_ASSERT_EQUAL_FATAL(symlink(target, at(path)), 0);
}

static int read_path(const char *path, unsigned groups, struct host_files *ret, struct diag *why)
{
	struct host_source source = {.tree = path};

	return host_files_read(&source, groups, ret, why);
}

static void read_root(unsigned groups, struct host_files *ret)
{
	struct diag why = {0};

	CU_ASSERT_EQUAL_FATAL(read_path(root, groups, ret, &why), 0);
}

static void assert_text(const struct host_files *files, const char *path, const char *expected)
{
	const char *text = NULL;

	CU_ASSERT_EQUAL_FATAL(host_text(files, &text, "%s", path), 0);
	CU_ASSERT_STRING_EQUAL(text, expected);
}

static void assert_error(const struct host_files *files, const char *path, int expected)
{
	const char *text = NULL;

	CU_ASSERT_EQUAL(host_text(files, &text, "%s", path), expected);
}

static void assert_refused(int error, const char *part)
{
	struct host_files files = {0};
	struct diag why = {0};
	char line[2048];

	CU_ASSERT_EQUAL(read_path(root, HOST_ALL, &files, &why), error);
	CU_ASSERT_EQUAL(why.error, -error);
	CU_ASSERT_STRING_EQUAL(why.file, root);
	CU_ASSERT_PTR_NOT_NULL(strstr(diag_format(&why, line, sizeof(line)), part));
	host_files_done(&files);
}

static bool same_file(const struct host_file *a, const struct host_file *b)
{
	return strcmp(a->path, b->path) == 0 && a->error == b->error && a->length == b->length &&
	       (a->error != 0 || memcmp(a->text, b->text, a->length + 1) == 0);
}

static void assert_same(const struct host_files *a, const struct host_files *b)
{
	CU_ASSERT_EQUAL_FATAL(a->count, b->count);
	CU_ASSERT_EQUAL_FATAL(a->cover_count, b->cover_count);
	CU_ASSERT_EQUAL(a->complete, b->complete);
	for (size_t i = 0; i < a->count; i++)
		CU_ASSERT_TRUE(same_file(&a->file[i], &b->file[i]));
	for (size_t i = 0; i < a->cover_count; i++)
		CU_ASSERT_STRING_EQUAL(a->cover[i], b->cover[i]);
}

static void the_running_host_comes_back_as_it_was_stored(void)
{
	struct host_files live = {0};
	struct host_files replayed = {0};
	struct diag why = {0};
	size_t count = 0;

	begin();
	CU_ASSERT_EQUAL_FATAL(read_path(NULL, HOST_CAPTURE, &live, &why), 0);
	CU_ASSERT_TRUE(live.complete && live.sorted && live.count > 100);
	CU_ASSERT_EQUAL(host_files_put_error(&live, "/proc/swaps", EACCES), 0); /* at least one error */
	CU_ASSERT_EQUAL(host_files_put_bytes(&live, "/proc/cmdline", "a\0\xff\n\nb", 6), 0);
	CU_ASSERT_EQUAL(host_files_put(&live, "/proc/modules", ""), 0);
	CU_ASSERT_EQUAL(host_files_put(&live, "/proc/filesystems", "\n"), 0);
	host_files_sort(&live);
	CU_ASSERT_EQUAL_FATAL(host_files_write(&live, at("/capture"), &count, &why), 0);
	CU_ASSERT_TRUE(count > 100);
	CU_ASSERT_EQUAL_FATAL(read_path(at("/capture"), HOST_CAPTURE, &replayed, &why), 0);
	assert_same(&live, &replayed);
	host_files_done(&live);
	host_files_done(&replayed);
	end();
}

static void what_was_not_asked_for_is_unknown(void)
{
	struct host_files files = {0};
	struct diag why = {0};

	CU_ASSERT_EQUAL_FATAL(read_path(NULL, HOST_MEMORY, &files, &why), 0);
	assert_error(&files, "/proc/interrupts", -ENODATA);
	assert_error(&files, "/proc/no-such-file", -ENODATA);
	assert_error(&files, "/sys/devices/cpu_lowpower/cpus", -ENOENT);
	CU_ASSERT_EQUAL(host_files_told(&files, "/sys/kernel/mm/hugepages/hugepages-*/nr_hugepages"), 0);
	CU_ASSERT_EQUAL(host_files_told(&files, "/proc/irq/*/node"), -ENODATA);
	host_files_done(&files);
}

static void the_window_has_both_samples_and_takes_its_time(void)
{
	struct host_files files = {0};
	struct diag why = {0};
	int64_t window_ns = 0;
	uint64_t before = sys_now();

	CU_ASSERT_EQUAL_FATAL(read_path(NULL, HOST_WINDOW, &files, &why), 0);
	CU_ASSERT_TRUE(sys_now() - before >= UINT64_C(1000000) * HOST_WINDOW_MS);
	CU_ASSERT_EQUAL(host_number(&files, &window_ns, "/bulkhead/window-ns"), 0);
	CU_ASSERT_TRUE(window_ns >= INT64_C(1000000) * HOST_WINDOW_MS);
	size_t at_file = 0;
	CU_ASSERT_PTR_NOT_NULL(host_files_next(&files, "/proc/interrupts", &at_file));
	at_file = 0;
	CU_ASSERT_PTR_NOT_NULL(host_files_next(&files, "/bulkhead/later/proc/interrupts", &at_file));
	host_files_done(&files);
}

static void the_affinity_is_as_before(void)
{
	struct host_files files = {0};
	struct cpulist before;
	struct cpulist after;
	struct diag why = {0};

	CU_ASSERT_EQUAL_FATAL(sys_affinity(&before), 0);
	CU_ASSERT_EQUAL_FATAL(read_path(NULL, HOST_LOG, &files, &why), 0);
	CU_ASSERT_EQUAL_FATAL(sys_affinity(&after), 0);
	CU_ASSERT_EQUAL(memcmp(&before, &after, sizeof(before)), 0);
	host_files_done(&files);
}

static void a_foreign_tree_is_incomplete(void)
{
	struct host_files files = {0};

	begin();
	store_text("/sys/devices/system/cpu/online", "0-3\n");
	store_text("/proc/version", "Linux version 6.1.0-test (someone) #1\n");
	store_text("/boot/config-6.1.0-test", "CONFIG_PREEMPT_RT=y\n");
	store_text("/boot/config-other", "CONFIG_PREEMPT_RT=n\n");
	read_root(HOST_ALL, &files);
	CU_ASSERT_FALSE(files.complete);
	assert_text(&files, "/sys/devices/system/cpu/online", "0-3");
	assert_text(&files, "/boot/config-6.1.0-test", "CONFIG_PREEMPT_RT=y");
	assert_error(&files, "/boot/config-other", -ENODATA);
	assert_error(&files, "/sys/devices/system/cpu/isolated", -ENODATA);
	host_files_done(&files);
	end();
}

static void a_release_is_no_path(void)
{
	struct host_files files = {0};

	begin();
	store_text("/proc/sys/kernel/osrelease", "../../secret\n");
	store_text("/boot/config-", "x\n");
	store_text("/secret/config", "x\n");
	read_root(HOST_ALL, &files);
	for (size_t i = 0; i < files.count; i++)
		CU_ASSERT_PTR_NULL(strstr(files.file[i].path, ".."));
	host_files_done(&files);
	end();
}

static void the_only_folder_in_a_folder_is_the_tree(void)
{
	struct host_source source = {.tree = root};
	struct host_files files = {0};
	struct diag why = {0};
	char folder[PATH_MAX];

	begin();
	assert_refused(-ENOENT, "neither sys nor proc");
	store_text("/README", "collected by another tool\n");
	store_text("/machine/sys/devices/system/cpu/online", "0\n");
	read_root(HOST_TOPOLOGY, &files);
	assert_text(&files, "/sys/devices/system/cpu/online", "0");
	CU_ASSERT_EQUAL(host_source_folder(&source, folder, sizeof(folder), &why), 0);
	CU_ASSERT_STRING_EQUAL(folder, at("/machine"));
	CU_ASSERT_EQUAL(host_source_folder(&source, folder, 8, &why), -ENAMETOOLONG);
	host_files_done(&files);
	store_text("/another/sys/x", "");
	assert_refused(-ENOENT, "neither sys nor proc");
	end();
}

static void an_xml_file_tells_no_files(void)
{
	struct host_files files = {0};
	struct diag why = {0};
	char path[PATH_MAX];

	begin();
	store_text("/topology.xml", "<topology/>");
	snprintf(path, sizeof(path), "%s", at("/topology.xml"));
	CU_ASSERT_EQUAL(read_path(path, HOST_ALL, &files, &why), 0);
	CU_ASSERT_TRUE(files.count == 0 && !files.complete);
	CU_ASSERT_EQUAL(read_path(at("/none"), HOST_ALL, &files, &why), -ENOENT);
	CU_ASSERT_EQUAL(mkfifo(at("/fifo"), 0600), 0);
	CU_ASSERT_EQUAL(read_path(at("/fifo"), HOST_ALL, &files, &why), -ENOTDIR);
	host_files_done(&files);
	end();
}

/* Where hwloc does not look: a file for a snapshot that is something else is an unreadable file. */
static void what_is_no_regular_file_is_unreadable(void)
{
	struct host_files files = {0};

	begin();
	store_text("/sys/ok", "");
	parents("/etc/default/irqbalance");
	CU_ASSERT_EQUAL(mkfifo(at("/etc/default/irqbalance"), 0600), 0);
	parents("/etc/tuned/active_profile/x");
	link_to("/etc/sysconfig", "sysconfig");
	link_to("/boot", "/boot");
	store_text("/lib", "a file for a folder");
	store_text("/proc/sys/kernel/osrelease", "6.1.0-test\n");
	read_root(HOST_ALL, &files);
	assert_error(&files, "/etc/default/irqbalance", -EINVAL);
	assert_error(&files, "/etc/tuned/active_profile", -EISDIR);
	assert_error(&files, "/etc/sysconfig/irqbalance", -ELOOP);
	assert_error(&files, "/boot/config-6.1.0-test", -ELOOP);
	assert_error(&files, "/lib/modules/6.1.0-test/config", -ENOTDIR);
	host_files_done(&files);
	end();
}

static void links_stay_within_the_tree(void)
{
	struct host_files files = {0};

	begin();
	store_text("/sys/x", "");
	store_text("/secret", "in the tree\n");
	link_to("/etc/default/irqbalance", "../../../../../../../../../../secret");
	link_to("/etc/sysconfig/irqbalance", "/secret");
	link_to("/etc/tuned/active_profile", "/etc/passwd");
	read_root(HOST_ALL, &files);
	assert_text(&files, "/etc/default/irqbalance", "in the tree");
	assert_text(&files, "/etc/sysconfig/irqbalance", "in the tree");
	assert_error(&files, "/etc/tuned/active_profile", -ENODATA);
	host_files_done(&files);
	end();
}

static void what_hwloc_must_not_open_is_refused(void)
{
	begin();
	parents("/sys/devices/system/cpu/online");
	CU_ASSERT_EQUAL(mkfifo(at("/sys/devices/system/cpu/online"), 0600), 0);
	assert_refused(-EINVAL, "sys/devices/system/cpu/online: cannot be read safely: neither folder");
	unlink(at("/sys/devices/system/cpu/online"));
	link_to("/sys/devices/system/cpu/online", "/etc/passwd");
	assert_refused(-EINVAL, "leads out of the tree");
	unlink(at("/sys/devices/system/cpu/online"));
	link_to("/sys/devices/system/cpu/online", "../../../../../etc/passwd");
	assert_refused(-EINVAL, "leads out of the tree");
	unlink(at("/sys/devices/system/cpu/online"));
	store_text("/sys/devices/system/cpu/online", "0");
	CU_ASSERT_EQUAL(truncate(at("/sys/devices/system/cpu/online"), INT64_C(1) << 40), 0);
	assert_refused(-EINVAL, "larger than any");
	/* A stored topology is what hwloc reads instead; it too must be a regular file. */
	store_text("/bulkhead/topology.xml", "<topology/>");
	struct host_files files = {0};
	read_root(HOST_TOPOLOGY, &files);
	assert_error(&files, "/sys/devices/system/cpu/online", -EFBIG);
	host_files_done(&files);
	unlink(at("/bulkhead/topology.xml"));
	link_to("/bulkhead/topology.xml", "/etc/passwd");
	assert_refused(-EINVAL, "topology.xml is no regular file");
	end();
}

static void harmless_links_are_no_reason_to_refuse(void)
{
	struct host_files files = {0};

	begin();
	store_text("/proc/1/mounts", "x\n");
	link_to("/proc/mounts", "1/mounts");
	link_to("/proc/1/cwd", "/etc");
	link_to("/sys/loop", "loop");
	link_to("/sys/dangling", "nowhere");
	link_to("/sys/up", "..");
	read_root(HOST_KERNEL, &files);
	assert_text(&files, "/proc/mounts", "x");
	host_files_done(&files);
	end();
}

static void folders_deeper_than_any_are_refused(void)
{
	char path[256] = "/sys";

	begin();
	for (size_t i = strlen(path); i < sizeof(path) - 1; i++)
		path[i] = i % 2 == 0 ? '/' : 'd';
	parents(path);
	assert_refused(-E2BIG, "deeper");
	end();
}

static void a_links_text_is_the_fact(void)
{
	struct host_files files = {0};

	begin();
	store_text("/sys/x", "");
	link_to("/sys/bus/pci/devices/0000:01:00.0/iommu_group", "../../../../kernel/iommu_groups/7");
	store_text("/sys/bus/pci/devices/0000:02:00.0/iommu_group", "../../../../kernel/iommu_groups/8\n");
	parents("/sys/bus/pci/devices/0000:03:00.0/iommu_group/x");
	link_to("/sys/kernel/iommu_groups/7/devices/0000:01:00.0", "../../../../devices/pci0000:00/0000:01:00.0");
	read_root(HOST_DEVICES, &files);
	assert_text(&files, "/sys/bus/pci/devices/0000:01:00.0/iommu_group", "../../../../kernel/iommu_groups/7");
	assert_text(&files, "/sys/bus/pci/devices/0000:02:00.0/iommu_group", "../../../../kernel/iommu_groups/8");
	assert_error(&files, "/sys/bus/pci/devices/0000:03:00.0/iommu_group", -EINVAL);
	assert_text(&files, "/sys/kernel/iommu_groups/7/devices/0000:01:00.0",
		    "../../../../devices/pci0000:00/0000:01:00.0");
	host_files_done(&files);
	end();
}

static void bytes_come_as_they_are_and_names_must_be_printable(void)
{
	struct host_files files = {0};

	begin();
	store("/proc/cmdline", "a\0b\xff\n", 5);
	store_text("/sys/fs/cgroup/good/cpuset.cpus", "1\n");
	store_text("/sys/fs/cgroup/\x1b[2J/cpuset.cpus", "2\n");
	store_text("/sys/fs/cgroup/\xff/cpuset.cpus", "2\n");
	read_root(HOST_KERNEL, &files);
	size_t index = 0;
	const struct host_file *file = host_files_next(&files, "/proc/cmdline", &index);
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_TRUE(file->length == 4 && memcmp(file->text, "a\0b\xff", 5) == 0);
	assert_text(&files, "/sys/fs/cgroup/good/cpuset.cpus", "1");
	assert_error(&files, "/sys/fs/cgroup/other/cpuset.cpus", -EILSEQ); /* not all of them were seen */
	for (size_t i = 0; i < files.count; i++)
		CU_ASSERT_PTR_NULL(strpbrk(files.file[i].path, "\x1b\xff"));
	host_files_done(&files);
	end();
}

static void a_maze_of_links_comes_to_an_end(void)
{
	struct host_files files = {0};
	char path[64];

	begin();
	store_text("/bulkhead/topology.xml", "<topology/>");
	for (unsigned i = 0; i < 200; i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%03u", i);
		link_to(path, ".");
	}
	/* 200 to the third power, each with five files to look for. */
	read_root(HOST_KERNEL, &files);
	assert_error(&files, "/sys/fs/cgroup/none/cpuset.cpus", -E2BIG);
	host_files_done(&files);
	end();
}

static void a_threads_status_is_cut_to_its_facts(void)
{
	struct host_files files = {0};

	begin();
	store_text("/sys/x", "");
	store_text("/proc/7/task/7/stat", "7 (a b) S 1\n");
	store_text("/proc/7/task/7/status", "Name:\ta b\nUmask:\t0022\nUid:\t0\nGroups:\t4 24\nCpus_allowed_list:\t0-3\n");
	read_root(HOST_THREADS, &files);
	assert_text(&files, "/proc/7/task/7/stat", "7 (a b) S 1");
	assert_text(&files, "/proc/7/task/7/status", "Name:\ta b\nUid:\t0\nCpus_allowed_list:\t0-3");
	host_files_done(&files);
	end();
}

static void a_capture_restores_its_errors(void)
{
	struct host_files files = {0};

	begin();
	store_text("/sys/devices/system/cpu/online", "0\n");
	store_text("/bulkhead/capture.json",
		   "{\"format\": 1, \"unreadable\": [{\"path\": \"/proc/sys/net/core/bpf_jit_enable\", \"error\": "
		   "\"EACCES\"}], \"looked-for\": [\"/proc/sys/net/core/bpf_jit_enable\", \"/proc/cmdline\", "
		   "\"/a/pattern/of/tomorrow\"]}");
	read_root(HOST_KERNEL, &files);
	CU_ASSERT_TRUE(files.complete);
	assert_error(&files, "/proc/sys/net/core/bpf_jit_enable", -EACCES);
	assert_error(&files, "/proc/cmdline", -ENOENT);
	assert_error(&files, "/proc/version", -ENODATA);
	assert_error(&files, "/a/pattern/of/tomorrow", -ENODATA);
	host_files_done(&files);
	end();
}

static void a_capture_that_is_not_understood_is_refused(void)
{
	static const char *const texts[] = {
		"", "{", "[]", "null", "{}", "{\"format\": 2, \"unreadable\": [], \"looked-for\": []}",
		"{\"format\": \"1\", \"unreadable\": [], \"looked-for\": []}",
		"{\"format\": 1, \"looked-for\": []}", "{\"format\": 1, \"unreadable\": []}",
		"{\"format\": 1, \"unreadable\": [1], \"looked-for\": []}",
		"{\"format\": 1, \"unreadable\": [{\"path\": \"/x\", \"error\": \"ENOTHING\"}], \"looked-for\": []}",
		"{\"format\": 1, \"unreadable\": [{\"path\": \"x\", \"error\": \"EIO\"}], \"looked-for\": []}",
		"{\"format\": 1, \"unreadable\": [{\"error\": \"EIO\"}], \"looked-for\": []}",
		"{\"format\": 1, \"unreadable\": [], \"looked-for\": [7]}",
		"{\"format\": 1, \"unreadable\": {}, \"looked-for\": {}}",
		"{\"format\": 1, \"format\": 1, \"unreadable\": [], \"looked-for\": []}",
	};

	begin();
	store_text("/sys/devices/system/cpu/online", "0\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		store_text("/bulkhead/capture.json", texts[i]);
		assert_refused(-EINVAL, "capture.json is not one that this version understands");
	}
	unlink(at("/bulkhead/capture.json"));
	CU_ASSERT_EQUAL(mkfifo(at("/bulkhead/capture.json"), 0600), 0);
	assert_refused(-EINVAL, "capture.json");
	end();
}

static void storing_takes_a_new_or_empty_folder_and_leaves_no_half(void)
{
	struct host_files files = {.complete = true};
	struct diag why = {0};
	size_t count = 42;

	begin();
	CU_ASSERT_EQUAL(host_files_put(&files, "/proc/irq/1/node", "0"), 0);
	CU_ASSERT_EQUAL(host_files_put(&files, "/proc/irq/2/node", "0"), 0);
	host_files_sort(&files);
	CU_ASSERT_EQUAL(host_files_write(&files, at("/new"), &count, &why), 0);
	CU_ASSERT_EQUAL(count, 2);
	CU_ASSERT_EQUAL(host_files_write(&files, at("/new"), &count, &why), -ENOTEMPTY);
	CU_ASSERT_EQUAL(access(at("/new/proc/irq/2/node"), F_OK), 0);
	CU_ASSERT_EQUAL(host_files_write(&files, at("/none/new"), &count, &why), -ENOENT);
	store_text("/file", "x");
	CU_ASSERT_EQUAL(host_files_write(&files, at("/file"), &count, &why), -EEXIST);

	/* A file where a folder must be: nothing stays, and a folder that was there does. */
	CU_ASSERT_EQUAL(host_files_put(&files, "/proc/irq/1/node/below", "0"), 0);
	host_files_sort(&files);
	CU_ASSERT_EQUAL(host_files_write(&files, at("/half"), &count, &why), -ENOTDIR);
	CU_ASSERT_EQUAL(access(at("/half"), F_OK), -1);
	CU_ASSERT_EQUAL(mkdir(at("/mine"), 0700), 0);
	CU_ASSERT_EQUAL(host_files_write(&files, at("/mine"), &count, &why), -ENOTDIR);
	CU_ASSERT_EQUAL(access(at("/mine"), F_OK), 0);
	CU_ASSERT_EQUAL(rmdir(at("/mine")), 0);
	host_files_done(&files);
	end();
}

static void storing_leaves_its_folder_by_no_path(void)
{
	static const char *const paths[] = {"/../escaped", "/a/../../escaped", "/a/./b", "/a//b", "/a/", "a"};

	begin();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct host_files files = {0};
		struct diag why = {0};
		size_t count = 0;

		CU_ASSERT_EQUAL(host_files_put(&files, paths[i], "x"), 0);
		host_files_sort(&files);
		CU_ASSERT_EQUAL(host_files_write(&files, at("/new"), &count, &why), -EINVAL);
		CU_ASSERT_EQUAL(access(at("/new"), F_OK), -1);
		CU_ASSERT_EQUAL(access(at("/escaped"), F_OK), -1);
		host_files_done(&files);
	}
	end();
}

void test_host_source_register(void)
{
	CU_pSuite suite = CU_add_suite("host source", NULL, NULL);

	CU_ADD_TEST(suite, the_running_host_comes_back_as_it_was_stored);
	CU_ADD_TEST(suite, what_was_not_asked_for_is_unknown);
	CU_ADD_TEST(suite, the_window_has_both_samples_and_takes_its_time);
	CU_ADD_TEST(suite, the_affinity_is_as_before);
	CU_ADD_TEST(suite, a_foreign_tree_is_incomplete);
	CU_ADD_TEST(suite, a_release_is_no_path);
	CU_ADD_TEST(suite, the_only_folder_in_a_folder_is_the_tree);
	CU_ADD_TEST(suite, an_xml_file_tells_no_files);
	CU_ADD_TEST(suite, what_is_no_regular_file_is_unreadable);
	CU_ADD_TEST(suite, links_stay_within_the_tree);
	CU_ADD_TEST(suite, what_hwloc_must_not_open_is_refused);
	CU_ADD_TEST(suite, harmless_links_are_no_reason_to_refuse);
	CU_ADD_TEST(suite, folders_deeper_than_any_are_refused);
	CU_ADD_TEST(suite, a_links_text_is_the_fact);
	CU_ADD_TEST(suite, bytes_come_as_they_are_and_names_must_be_printable);
	CU_ADD_TEST(suite, a_maze_of_links_comes_to_an_end);
	CU_ADD_TEST(suite, a_threads_status_is_cut_to_its_facts);
	CU_ADD_TEST(suite, a_capture_restores_its_errors);
	CU_ADD_TEST(suite, a_capture_that_is_not_understood_is_refused);
	CU_ADD_TEST(suite, storing_takes_a_new_or_empty_folder_and_leaves_no_half);
	CU_ADD_TEST(suite, storing_leaves_its_folder_by_no_path);
}
