// SPDX-License-Identifier: Apache-2.0
#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/host/host.h"
#include "tests/unit/host_fixture.h"

#define HOSTS "build/fixtures/hosts/"

static struct host_facts host;

/* A folder of its own for each test that writes one. */
static char root[64];

static int make_root(void)
{
	snprintf(root, sizeof(root), "/tmp/bulkhead-topology-XXXXXX");
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

static char *in_root(const char *path)
{
	static char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	return full;
}

static void make_folders(const char *path)
{
	char *full = in_root(path);

	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
}

static void write_file(const char *path, const char *text)
{
	make_folders(path);
	FILE *file = fopen(in_root(path), "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
}

static int read_tree(const char *tree, struct diag *why)
{
	const struct host_source source = {.tree = tree};

	return host_facts_read(&source, HOST_TOPOLOGY | HOST_MEMORY, &host, why);
}

static void assert_read(const char *tree)
{
	struct diag why = {0};
	char text[1024];
	int error = read_tree(tree, &why);

	if (error != 0)
		printf("%s\n", diag_format(&why, text, sizeof(text)));
	CU_ASSERT_EQUAL_FATAL(error, 0);
}

static void assert_cpus(const struct cpulist *list, const char *expected)
{
	char text[CPULIST_TEXT_MAX];

	CU_ASSERT_STRING_EQUAL(cpulist_format(list, text, sizeof(text)), expected);
}

static void assert_siblings(unsigned cpu, const char *expected)
{
	struct cpulist siblings;

	topology_siblings(&host.topology, cpu, &siblings);
	assert_cpus(&siblings, expected);
}

static void assert_counts(unsigned packages, unsigned cores, size_t caches, size_t nodes)
{
	CU_ASSERT_EQUAL(host.topology.packages, packages);
	CU_ASSERT_EQUAL(host.topology.cores, cores);
	CU_ASSERT_EQUAL_FATAL(host.topology.cache_count, caches);
	CU_ASSERT_EQUAL_FATAL(host.topology.node_count, nodes);
}

static void asks_of_tables(void)
{
	struct cpulist some = {0};

	host_fixture_make(&host, &(struct host_shape){.nodes = 2, .cores = 2, .threads = 2});
	assert_siblings(1, "1,5");
	assert_siblings(7, "3,7");
	assert_siblings(99, "99");
	cpulist_add(&some, 2);
	cpulist_add(&some, 5);
	cpulist_add(&some, 4000);
	topology_cores_of(&host.topology, &some, &some);
	assert_cpus(&some, "1-2,5-6,4000");
	host_fixture_offline(&host, 5);
	assert_siblings(1, "1");
	assert_siblings(5, "5");
	CU_ASSERT_EQUAL(topology_node(&host.topology, 1)->number, 1);
	CU_ASSERT_PTR_NULL(topology_node(&host.topology, 2));
	CU_ASSERT_PTR_NULL(topology_node(&host.topology, -1));
	host_fixture_done(&host);
}

static void reads_a_pc(void)
{
	assert_read(HOSTS "pc-smt");
	assert_counts(1, 4, 1, 1);
	assert_siblings(0, "0,4");
	assert_siblings(7, "3,7");
	assert_cpus(&host.topology.allowed, "0-7");
	CU_ASSERT_EQUAL(host.topology.cache[0].level, 3);
	CU_ASSERT_EQUAL(host.topology.cache[0].bytes, 8 << 20);
	CU_ASSERT_EQUAL(host.topology.cache[0].ways, 16);
	CU_ASSERT_EQUAL(host.topology.node[0].memory_bytes, UINT64_C(16) << 30);
	CU_ASSERT_EQUAL(host.topology.node[0].pool[0].free, 1024);
	CU_ASSERT_TRUE(host.topology.node[0].pool[1].known);
	CU_ASSERT_FALSE(host.live);
	host_facts_done(&host);
}

static void reads_two_nodes(void)
{
	assert_read(HOSTS "server-numa");
	assert_counts(2, 32, 2, 2);
	assert_siblings(20, "20,52");
	assert_cpus(&host.topology.node[1].cpus, "16-31,48-63");
	CU_ASSERT_EQUAL(host.topology.cpu[48].node, 1);
	CU_ASSERT_EQUAL(host.topology.cpu[48].package, 1);
	CU_ASSERT_EQUAL(host.topology.node[1].pool[0].total, 8192);
	CU_ASSERT_EQUAL(host.topology.node[1].pool[0].free, 8190);
	CU_ASSERT_EQUAL(host.topology.node[1].pool[1].free, 32);
	host_facts_done(&host);
}

static void reads_kinds_of_cores(void)
{
	assert_read(HOSTS "hybrid");
	assert_counts(1, 14, 1, 1);
	CU_ASSERT_EQUAL(host.topology.kinds, 2);
	CU_ASSERT_EQUAL(host.topology.cpu[11].kind, 1);
	CU_ASSERT_EQUAL(host.topology.cpu[12].kind, 0);
	assert_siblings(11, "10-11");
	assert_siblings(12, "12");
	host_facts_done(&host);
}

static void reads_several_caches(void)
{
	assert_read(HOSTS "epyc-llc");
	assert_counts(1, 16, 4, 1);
	assert_cpus(&host.topology.cache[1].cpus, "4-7,20-23");
	CU_ASSERT_EQUAL(host.topology.cpu[23].cache, 1);
	CU_ASSERT_EQUAL(host.topology.kinds, 1);
	host_facts_done(&host);
}

static void reads_hosts_without(void)
{
	assert_read(HOSTS "vm-nosmt");
	assert_counts(1, 4, 1, 1);
	assert_siblings(3, "3");
	host_facts_done(&host);
	assert_read(HOSTS "cgroup-v1");
	assert_counts(1, 2, 1, 1);
	CU_ASSERT_EQUAL(host.topology.cache[0].level, 2);
	host_facts_done(&host);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* It takes 5 ms; a limit far above that tells growth with the square of the CPUs all the same. */
static void reads_a_large_one_quickly(void)
{
	int64_t start = now_ms();

	assert_read(HOSTS "big-1024");
	CU_ASSERT_TRUE(now_ms() - start < 2000);
	assert_counts(4, 512, 64, 10);
	assert_siblings(511, "511,1023");
	assert_cpus(&host.topology.node[8].cpus, "");
	CU_ASSERT_EQUAL(host.topology.node[8].memory_bytes, UINT64_C(512) << 30);
	assert_cpus(&host.topology.node[7].cpus, "448-511,960-1023");
	host_facts_done(&host);
}

static void reads_this_host(void)
{
	char before[64];
	char *kept;

	setenv("HWLOC_COMPONENTS", "x86", 1);
	setenv("HWLOC_FSROOT", "/nonexistent", 1);
	assert_read(NULL);
	kept = getenv("HWLOC_FSROOT");
	CU_ASSERT_PTR_NOT_NULL_FATAL(kept);
	snprintf(before, sizeof(before), "%s", kept);
	CU_ASSERT_STRING_EQUAL(before, "/nonexistent");
	CU_ASSERT_STRING_EQUAL(getenv("HWLOC_COMPONENTS"), "x86");
	unsetenv("HWLOC_COMPONENTS");
	unsetenv("HWLOC_FSROOT");
	CU_ASSERT_TRUE(host.live);
	CU_ASSERT_TRUE(host.topology.cores > 0);
	CU_ASSERT_EQUAL(sysconf(_SC_NPROCESSORS_ONLN), (long)cpulist_count(&host.topology.online));
	CU_ASSERT_FALSE(cpulist_empty(&host.topology.allowed));
	host_facts_done(&host);
}

/* What this host's hwloc writes is what it reads. */
static void writes_xml(void)
{
	unsigned cores;
	struct diag why = {0};

	CU_ASSERT_EQUAL_FATAL(make_root(), 0);
	assert_read(NULL);
	cores = host.topology.cores;
	host_facts_done(&host);
	CU_ASSERT_EQUAL(topology_write_xml(in_root("topology.xml"), &why), 0);
	assert_read(in_root("topology.xml"));
	CU_ASSERT_EQUAL(host.topology.cores, cores);
	host_facts_done(&host);
	CU_ASSERT_NOT_EQUAL(topology_write_xml(in_root("none/topology.xml"), &why), 0);
	drop_root();
}

static void write_cpu(unsigned cpu, const char *siblings, const char *package)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/thread_siblings", cpu);
	write_file(path, siblings);
	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/core_siblings", cpu);
	write_file(path, package);
	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/topology/core_id", cpu);
	write_file(path, "0\n");
}

/* Numbers with gaps: CPUs 0, 2, 8, 10, of which 10 is offline, and 40, hot-added; nodes 0, 2 and 5. */
static void write_sparse_tree(void)
{
	CU_ASSERT_EQUAL_FATAL(make_root(), 0);
	write_file("sys/devices/system/cpu/present", "0,2,8,10,40\n");
	write_file("sys/devices/system/cpu/online", "0,2,8\n");
	write_cpu(0, "00000005\n", "00000005\n");
	write_cpu(2, "00000005\n", "00000005\n");
	write_cpu(8, "00000100\n", "00000100\n");
	write_file("sys/devices/system/node/node0/cpulist", "0,2\n");
	write_file("sys/devices/system/node/node0/cpumap", "00000005\n");
	write_file("sys/devices/system/node/node0/meminfo", "Node 0 MemTotal: 1024 kB\n");
	write_file("sys/devices/system/node/node2/cpulist", "8,10\n");
	write_file("sys/devices/system/node/node2/cpumap", "00000100\n");
	write_file("sys/devices/system/node/node5/cpulist", "\n");
	write_file("sys/devices/system/node/node5/cpumap", "00000000\n");
	write_file("sys/devices/system/node/node5/meminfo", "Node 5 MemTotal: 2048 kB\n");
}

static void reads_a_sparse_tree(void)
{
	const struct host_topology *topology = &host.topology;

	write_sparse_tree();
	assert_read(root);
	assert_cpus(&topology->present, "0,2,8,10,40");
	assert_cpus(&topology->online, "0,2,8");
	CU_ASSERT_EQUAL(topology->cpu_count, 41);
	assert_counts(2, 2, 0, 3);
	assert_siblings(2, "0,2");
	assert_siblings(8, "8");
	assert_siblings(10, "10");
	CU_ASSERT_EQUAL(topology->cpu[0].core, 0);
	CU_ASSERT_EQUAL(topology->cpu[1].core, TOPOLOGY_UNKNOWN);
	CU_ASSERT_EQUAL(topology->cpu[8].core, 1);
	CU_ASSERT_EQUAL(topology->cpu[8].node, 2);
	CU_ASSERT_EQUAL(topology->cpu[8].cache, TOPOLOGY_UNKNOWN);
	CU_ASSERT_EQUAL(topology->cpu[10].node, TOPOLOGY_UNKNOWN);
	CU_ASSERT_EQUAL(topology->cpu[40].package, TOPOLOGY_UNKNOWN);
	assert_cpus(&topology_node(topology, 2)->cpus, "8");
	CU_ASSERT_FALSE(topology_node(topology, 2)->memory_known);
	CU_ASSERT_EQUAL(topology_node(topology, 5)->memory_bytes, 2048 * 1024);
	assert_cpus(&topology_node(topology, 5)->cpus, "");
	CU_ASSERT_FALSE(topology_node(topology, 5)->pool[0].known);
	host_facts_done(&host);
	drop_root();
}

static void nodes_that_claim_one_cpu_get_it_once(void)
{
	write_sparse_tree();
	write_file("sys/devices/system/node/node2/cpulist", "0,2,8\n");
	assert_read(root);
	CU_ASSERT_EQUAL(host.topology.cpu[2].node, 0);
	assert_cpus(&topology_node(&host.topology, 2)->cpus, "8");
	host_facts_done(&host);
	drop_root();
}

/* An XML file says how many huge pages there are, not how many are free: none are none. */
static void assert_pools_of_xml(void)
{
	const struct host_node *node = topology_node(&host.topology, 1);

	CU_ASSERT_TRUE(node->pool[0].known);
	CU_ASSERT_EQUAL(node->pool[0].total, 0);
	CU_ASSERT_TRUE(node->pool[1].known);
	CU_ASSERT_FALSE(topology_node(&host.topology, 0)->pool[0].known);
	CU_ASSERT_TRUE(topology_node(&host.topology, 0)->pool[1].known);
	CU_ASSERT_FALSE(topology_node(&host.topology, 2)->pool[0].known);
}

/* The fast memory of a processor lies beside its usual memory: CPUs belong to the latter. */
static void ordinary_memory_has_the_cpus(void)
{
	static const char sets[] = "cpuset=\"0x3\" complete_cpuset=\"0x3\" allowed_cpuset=\"0x3\" "
				   "nodeset=\"0x7\" complete_nodeset=\"0x7\" allowed_nodeset=\"0x7\"";
	static const char *const nodes =
		"<object type=\"NUMANode\" os_index=\"0\" subtype=\"MCDRAM\" cpuset=\"0x3\" "
		"complete_cpuset=\"0x3\" nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"2\" "
		"local_memory=\"4096\"><page_type size=\"2097152\" count=\"3\"/></object>"
		"<object type=\"NUMANode\" os_index=\"1\" cpuset=\"0x3\" complete_cpuset=\"0x3\" "
		"nodeset=\"0x2\" complete_nodeset=\"0x2\" gp_index=\"3\" local_memory=\"8192\">"
		"<page_type size=\"4096\" count=\"2\"/><page_type size=\"2097152\" count=\"0\"/></object>"
		"<object type=\"NUMANode\" os_index=\"2\" cpuset=\"0x3\" complete_cpuset=\"0x3\" "
		"nodeset=\"0x4\" complete_nodeset=\"0x4\" gp_index=\"4\" local_memory=\"0\"/>";
	static const char *const units =
		"<object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\" nodeset=\"0x7\" "
		"complete_nodeset=\"0x7\" gp_index=\"5\"/>"
		"<object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\" nodeset=\"0x7\" "
		"complete_nodeset=\"0x7\" gp_index=\"6\"/>";
	char text[4096];

	CU_ASSERT_EQUAL_FATAL(make_root(), 0);
	snprintf(text, sizeof(text),
		 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
		 "<topology version=\"2.0\">\n<object type=\"Machine\" os_index=\"0\" %s gp_index=\"1\">\n"
		 "%s\n%s\n</object>\n</topology>\n", sets, nodes, units);
	write_file("memory.xml", text);
	assert_read(in_root("memory.xml"));
	CU_ASSERT_EQUAL(host.topology.cpu[0].node, 1);
	CU_ASSERT_EQUAL(host.topology.cpu[1].node, 1);
	CU_ASSERT_EQUAL(host.topology.cpu[1].core, TOPOLOGY_UNKNOWN);
	assert_cpus(&topology_node(&host.topology, 0)->cpus, "");
	CU_ASSERT_TRUE(topology_node(&host.topology, 0)->memory_known);
	CU_ASSERT_FALSE(topology_node(&host.topology, 2)->memory_known);
	assert_pools_of_xml();
	host_facts_done(&host);
	drop_root();
}

static void assert_refused(const char *tree)
{
	struct diag why = {0};
	int error = read_tree(tree, &why);

	CU_ASSERT_NOT_EQUAL(error, 0);
	CU_ASSERT_NOT_EQUAL(why.text[0], '\0');
	if (error == 0)
		host_facts_done(&host);
}

static void what_is_no_topology_is_refused(void)
{
	CU_ASSERT_EQUAL_FATAL(make_root(), 0);
	assert_refused("/nonexistent");
	assert_refused("/dev/null");
	assert_refused(root);
	write_file("empty.xml", "");
	assert_refused(in_root("empty.xml"));
	write_file("words.xml", "CPUs? Many.");
	assert_refused(in_root("words.xml"));
	write_file("none.xml", "<?xml version=\"1.0\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
			       "<topology version=\"2.0\">\n</topology>\n");
	assert_refused(in_root("none.xml"));
	write_file("sys/devices/system/cpu/online", "\n");
	assert_refused(root);
	drop_root();
	CU_ASSERT_EQUAL_FATAL(make_root(), 0);
	/* One that says only how many CPUs there are in words for people. */
	write_file("proc/cpuinfo", "processor\t: 0\nprocessor\t: 1\n");
	assert_refused(root);
	drop_root();
}

static void links_and_pipes_lead_nowhere(void)
{
	write_sparse_tree();
	unlink(in_root("sys/devices/system/cpu/cpu8/topology/core_id"));
	CU_ASSERT_EQUAL(mkfifo(in_root("sys/devices/system/cpu/cpu8/topology/core_id"), 0600), 0);
	assert_refused(root);
	drop_root();
	CU_ASSERT_EQUAL_FATAL(make_root(), 0);
	CU_ASSERT_EQUAL(mkfifo(in_root("pipe.xml"), 0600), 0);
	assert_refused(in_root("pipe.xml"));
	drop_root();
}

void test_topology_register(void);

void test_topology_register(void)
{
	CU_pSuite suite = CU_add_suite("test_topology", NULL, NULL);

	CU_ADD_TEST(suite, asks_of_tables);
	CU_ADD_TEST(suite, reads_a_pc);
	CU_ADD_TEST(suite, reads_two_nodes);
	CU_ADD_TEST(suite, reads_kinds_of_cores);
	CU_ADD_TEST(suite, reads_several_caches);
	CU_ADD_TEST(suite, reads_hosts_without);
	CU_ADD_TEST(suite, reads_a_large_one_quickly);
	CU_ADD_TEST(suite, reads_this_host);
	CU_ADD_TEST(suite, writes_xml);
	CU_ADD_TEST(suite, reads_a_sparse_tree);
	CU_ADD_TEST(suite, nodes_that_claim_one_cpu_get_it_once);
	CU_ADD_TEST(suite, ordinary_memory_has_the_cpus);
	CU_ADD_TEST(suite, what_is_no_topology_is_refused);
	CU_ADD_TEST(suite, links_and_pipes_lead_nowhere);
}
