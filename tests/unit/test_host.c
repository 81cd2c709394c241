// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/diag.h"
#include "rt/host.h"

/* A tree of a host's files, written under a folder of its own. */
static char root[64];

static void put(const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	FILE *file = fopen(full, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
}

static int make_root(void)
{
	snprintf(root, sizeof(root), "/tmp/bulkhead-host-XXXXXX");
	return mkdtemp(root) == NULL;
}

static int drop_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static int drop_root(void)
{
	return nftw(root, drop_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void needs_cpus_and_memory(void)
{
	struct host_facts host;
	struct diag why = {0};

	CU_ASSERT_EQUAL(host_facts_read(root, &host, &why), -ENOENT);
	CU_ASSERT_STRING_EQUAL(why.file, "/sys/devices/system/cpu/present");
	put("/sys/devices/system/cpu/present", "0-3\n");
	put("/sys/devices/system/cpu/online", "0-1,x\n");
	CU_ASSERT_EQUAL(host_facts_read(root, &host, &why), -EINVAL);
	CU_ASSERT_STRING_EQUAL(why.file, "/sys/devices/system/cpu/online");
	put("/sys/devices/system/cpu/online", "0-1,3\n");
	CU_ASSERT_EQUAL(host_facts_read(root, &host, &why), -ENOENT);
	put("/proc/meminfo", "nothing\n");
	CU_ASSERT_EQUAL(host_facts_read(root, &host, &why), -EINVAL);
	CU_ASSERT_STRING_EQUAL(why.file, "/proc/meminfo");
}

static void reads_a_host(void)
{
	struct host_facts host;

	put("/proc/meminfo", "MemTotal:  2048 kB\nMemFree: 1 kB\nMemAvailable:   1024 kB\n");
	put("/proc/cpuinfo", "processor : 0\nmodel name\t: A CPU\nmodel name\t: Another\n");
	put("/proc/version", "Linux version 6.1.0-rt (somebody) #1\n");
	put("/sys/kernel/realtime", "1\n");
	put("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "7\n");
	CU_ASSERT_EQUAL_FATAL(host_facts_read(root, &host, NULL), 0);
	CU_ASSERT_EQUAL(cpulist_count(&host.present), 4);
	CU_ASSERT_EQUAL(cpulist_count(&host.online), 3);
	CU_ASSERT_TRUE(memcmp(&host.allowed, &host.online, sizeof(host.online)) == 0);
	CU_ASSERT_EQUAL(host.memory_total_bytes, 2048 * 1024);
	CU_ASSERT_EQUAL(host.memory_available_bytes, 1024 * 1024);
	CU_ASSERT_EQUAL(host.free_2m, 7);
	CU_ASSERT_EQUAL(host.free_1g, 0);
	CU_ASSERT_TRUE(host.preempt_rt);
	CU_ASSERT_STRING_EQUAL(host.cpu_model, "A CPU");
	CU_ASSERT_STRING_EQUAL(host.kernel, "6.1.0-rt");
}

static void preempt_rt_is_never_assumed(void)
{
	struct host_facts host;

	put("/sys/kernel/realtime", "0\n");
	CU_ASSERT_EQUAL(host_facts_read(root, &host, NULL), 0);
	CU_ASSERT_FALSE(host.preempt_rt);
	put("/sys/kernel/realtime", "yes\n");
	CU_ASSERT_EQUAL(host_facts_read(root, &host, NULL), 0);
	CU_ASSERT_FALSE(host.preempt_rt);
}

void test_host_register(void);

void test_host_register(void)
{
	CU_pSuite suite = CU_add_suite("test_host", make_root, drop_root);

	CU_ADD_TEST(suite, needs_cpus_and_memory);
	CU_ADD_TEST(suite, reads_a_host);
	CU_ADD_TEST(suite, preempt_rt_is_never_assumed);
}
