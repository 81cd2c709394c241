// SPDX-License-Identifier: Apache-2.0
/* What is offered to begin with holds: the examples on a machine of their kind, the quickstart on any. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "core/base/diag.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "core/host/source.h"

void test_examples_register(void);

static const char *const all_hosts[] = {
	"pc-smt", "server-numa", "hybrid", "epyc-llc", "vm-nosmt", "cgroup-v1", "big-1024",
};

static void host_read(const char *tree, struct host_facts *ret)
{
	struct host_source source = {.tree = tree};
	struct diag why = {0};

	CU_ASSERT_EQUAL_FATAL(host_facts_read(&source, HOST_PLAN, ret, &why), 0);
}

static void assert_verdict(const struct machine_config *machine, const char *tree,
			   enum flow_verdict expected)
{
	struct machine_plan plan = {0};
	struct findings findings = {0};
	struct host_facts host;
	char line[2048];

	host_read(tree, &host);
	CU_ASSERT_EQUAL_FATAL(flow_plan(machine, &host, &plan, &findings), 0);
	if (flow_verdict(&findings) != expected) {
		printf("\n  on %s:", tree);
		for (size_t i = 0; i < findings.count; i++)
			printf("\n  %s", diag_format(&findings.item[i].diag, line, sizeof(line)));
	}
	CU_ASSERT_EQUAL(flow_verdict(&findings), expected);
	findings_done(&findings);
	machine_plan_done(&plan);
	host_facts_done(&host);
}

static void assert_holds(const struct machine_config *machine, const char *host)
{
	char tree[128];

	snprintf(tree, sizeof(tree), "build/fixtures/hosts/%s", host);
	assert_verdict(machine, tree, FLOW_HELD);
}

static void file_load(const char *path, struct machine_config *ret)
{
	struct diag why = {0};

	CU_ASSERT_EQUAL_FATAL(machine_load(path, ret, &why), 0);
}

static void each_example_holds_on_a_machine_of_its_kind(void)
{
	static const struct {
		const char *path;
		const char *host;
	} example[] = {
		{"configs/examples/press-line.yaml", "pc-smt"},
		{"configs/examples/telco-du.yaml", "server-numa"},
	};

	for (size_t i = 0; i < sizeof(example) / sizeof(example[0]); i++) {
		struct machine_config machine;

		file_load(example[i].path, &machine);
		assert_holds(&machine, example[i].host);
		machine_done(&machine);
	}
}

static void the_quickstart_holds_everywhere(void)
{
	struct machine_config machine;

	file_load("configs/quickstart.yaml", &machine);
	for (size_t i = 0; i < sizeof(all_hosts) / sizeof(all_hosts[0]); i++)
		assert_holds(&machine, all_hosts[i]);
	/* A topology alone does not tell how much memory there is to be had; nothing speaks against it. */
	assert_verdict(&machine, "build/fixtures/hosts/pc-smt/bulkhead/topology.xml", FLOW_UNKNOWN);
	machine_done(&machine);
}

/* One partition with a profile, and nothing else said that need not be. */
static void each_profile_holds_where_its_pages_are(void)
{
	static const struct {
		const char *profile;
		const char *cpus;
		const char *memory;
		const char *host;
	} use[] = {
		{"industrial", "3,7", "512M", "pc-smt"},
		{"industrial", "14-15,30-31", "512M", "epyc-llc"},
		{"nfv", "8-15,40-47", "8G", "server-numa"},
		{"nfv", "18-19", "1G", "hybrid"},
		{"best-effort", "2-3", "1G", "vm-nosmt"},
		{"best-effort", "1", "256M", "cgroup-v1"},
	};
	char text[512];

	for (size_t i = 0; i < sizeof(use) / sizeof(use[0]); i++) {
		struct machine_config machine;
		struct diag why = {0};

		snprintf(text, sizeof(text),
			 "machine: minimal\npartitions:\n  - name: guest\n    profile: %s\n    cpus: \"%s\"\n"
			 "    memory: {size: %s}\n    boot: {kernel: probe}\n",
			 use[i].profile, use[i].cpus, use[i].memory);
		CU_ASSERT_EQUAL_FATAL(machine_load_text(text, strlen(text), use[i].profile, &machine, &why), 0);
		assert_holds(&machine, use[i].host);
		machine_done(&machine);
	}
}

void test_examples_register(void)
{
	CU_pSuite suite = CU_add_suite("test_examples", NULL, NULL);

	CU_ADD_TEST(suite, each_example_holds_on_a_machine_of_its_kind);
	CU_ADD_TEST(suite, the_quickstart_holds_everywhere);
	CU_ADD_TEST(suite, each_profile_holds_where_its_pages_are);
}
