// SPDX-License-Identifier: Apache-2.0
/*
 * Each refusal of the plan is shown by a file in configs/broken/ whose first line says on which host, and
 * with which words: "# expect on HOST: ", or "# expect unknown on HOST: " where that cannot be told.
 * tests/bad-input/host says which host that is.
 */
#include <CUnit/CUnit.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/cli/flow.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "core/host/source.h"

void test_broken_on_hosts_register(void);

/* All rules that the headers of the plans name. */
struct rule {
	const char *name;
	enum finding_kind kind;
	unsigned files;
};

static struct rule rules[] = {
	/* sched/placement.h */
	{"cpu-overlap", FINDING_REFUSED, 0},
	{"cpu-absent", FINDING_REFUSED, 0},
	{"cpu-offline", FINDING_REFUSED, 0},
	{"cpu-boot", FINDING_REFUSED, 0},
	{"cpu-short", FINDING_REFUSED, 0},
	{"housekeeping-none", FINDING_REFUSED, 0},
	{"housekeeping-absent", FINDING_REFUSED, 0},
	{"sibling-shared", FINDING_REFUSED, 0},
	{"span-cache", FINDING_REFUSED, 0},
	{"span-node", FINDING_REFUSED, 0},
	/* sched/memory_plan.h */
	{"node-absent", FINDING_REFUSED, 0},
	{"node-without-memory", FINDING_REFUSED, 0},
	{"memory-node", FINDING_REFUSED, 0},
	{"memory-pool", FINDING_REFUSED, 0},
	{"memory-host", FINDING_REFUSED, 0},
	{"memory-unknown", FINDING_UNKNOWN, 0},
	/* sched/isolation.h */
	{"isolation-cgroup", FINDING_REFUSED, 0},
	{"isolation-isolcpus-missing", FINDING_REFUSED, 0},
	{"isolation-isolcpus-conflict", FINDING_REFUSED, 0},
	{"isolation-deadline", FINDING_REFUSED, 0},
	{"isolation-mixed", FINDING_REFUSED, 0},
	{"isolation-unknown", FINDING_UNKNOWN, 0},
	/* sched/cache_plan.h */
	{"cache-absent", FINDING_REFUSED, 0},
	{"cache-ways", FINDING_REFUSED, 0},
	{"cache-closids", FINDING_REFUSED, 0},
	{"cache-unknown", FINDING_UNKNOWN, 0},
	{"bandwidth-absent", FINDING_REFUSED, 0},
	{"bandwidth-least", FINDING_REFUSED, 0},
	/* sched/reservation.h */
	{"reservation-kernel", FINDING_REFUSED, 0},
	{"reservation-demand", FINDING_REFUSED, 0},
	{"reservation-period", FINDING_REFUSED, 0},
	{"reservation-tasks", FINDING_REFUSED, 0},
	{"reservation-unknown", FINDING_UNKNOWN, 0},
	/* irq/device_plan.h */
	{"device-absent", FINDING_REFUSED, 0},
	{"device-twice", FINDING_REFUSED, 0},
	{"device-bridge", FINDING_REFUSED, 0},
	{"device-no-iommu", FINDING_REFUSED, 0},
	{"device-group", FINDING_REFUSED, 0},
	{"device-function", FINDING_REFUSED, 0},
	{"device-node", FINDING_REFUSED, 0},
	{"device-unknown", FINDING_UNKNOWN, 0},
	{"posted-absent", FINDING_REFUSED, 0},
	{"posted-unknown", FINDING_UNKNOWN, 0},
	/* rt/kernel_plan.h */
	{"kernel-preempt-rt", FINDING_REFUSED, 0},
	{"kernel-old", FINDING_REFUSED, 0},
	{"kernel-unknown", FINDING_UNKNOWN, 0},
};

/*
 * What no sound file and whole host show, and other tests do by hand: isolation-cpus (the file's own rules
 * refuse a mode without CPUs first), reservation-runtime (likewise a runtime beyond its deadline or below the
 * kernel's least), topology-unknown (hwloc tells cores, caches and nodes, or that it understands nothing).
 */
static const char *const elsewhere[] = {
	"isolation-cpus", "reservation-runtime", "topology-unknown",
};

/* struct scene - one file, and what is found on its host. */
struct scene {
	const char *path;
	enum finding_kind kind;
	char *expected; /* within @first */
	char first[2048];
	char folder[64];
	struct machine_config machine;
	struct host_facts host;
	struct machine_plan plan;
	struct findings findings;
};

static void scene_done(struct scene *scene)
{
	char command[128];

	findings_done(&scene->findings);
	machine_plan_done(&scene->plan);
	host_facts_done(&scene->host);
	machine_done(&scene->machine);
	snprintf(command, sizeof(command), "rm -rf %s", scene->folder);
	// NOLINTNEXTLINE(cert-env33-c): a folder that scene_read_host() made
	CU_ASSERT_EQUAL(system(command), 0);
}

/* Behind a host's name: what is otherwise there, each ", where PATH is not told" or ", where PATH is "TEXT"". */
static char *changes_skip(char *at)
{
	static const char where[] = ", where ";
	static const char not_told[] = " is not told";

	while (strncmp(at, where, strlen(where)) == 0) {
		at += strlen(where);
		at += strcspn(at, " ");
		if (strncmp(at, not_told, strlen(not_told)) == 0) {
			at += strlen(not_told);
			continue;
		}
		at = strchr(at, '"');
		at = at == NULL ? NULL : strchr(at + 1, '"');
		CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		at++;
	}
	return at;
}

/* Whether the file is about a host at all. */
static bool scene_begin(struct scene *scene, const char *path)
{
	static const char refused[] = "# expect on ";
	static const char unknown[] = "# expect unknown on ";
	FILE *file = fopen(path, "re");
	bool read = file != NULL && fgets(scene->first, sizeof(scene->first), file) != NULL;
	char *at = scene->first;

	if (file != NULL)
		fclose(file);
	CU_ASSERT_TRUE_FATAL(read);
	scene->path = path;
	scene->kind = strncmp(at, unknown, strlen(unknown)) == 0 ? FINDING_UNKNOWN : FINDING_REFUSED;
	if (scene->kind == FINDING_REFUSED && strncmp(at, refused, strlen(refused)) != 0)
		return false;
	at[strcspn(at, "\n")] = '\0';
	at += scene->kind == FINDING_UNKNOWN ? strlen(unknown) : strlen(refused);
	at = changes_skip(at + strcspn(at, ",:"));
	CU_ASSERT_EQUAL_FATAL(strncmp(at, ": ", 2), 0);
	scene->expected = at + 2;
	return true;
}

static void scene_read_host(struct scene *scene)
{
	struct host_source source = {0};
	struct diag why = {0};
	char command[512];
	char tree[256] = "";

	snprintf(scene->folder, sizeof(scene->folder), "/tmp/bulkhead-broken-host.%ld", (long)getpid());
	snprintf(command, sizeof(command), "tests/bad-input/host %s %s", scene->path, scene->folder);
	// NOLINTNEXTLINE(cert-env33-c): a script and files of this tree
	FILE *stream = popen(command, "re");

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	CU_ASSERT_PTR_NOT_NULL(fgets(tree, sizeof(tree), stream));
	CU_ASSERT_EQUAL_FATAL(pclose(stream), 0);
	tree[strcspn(tree, "\n")] = '\0';
	source.tree = tree;
	CU_ASSERT_EQUAL_FATAL(host_facts_read(&source, HOST_PLAN, &scene->host, &why), 0);
}

static void count_rule(const char *name, enum finding_kind kind)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcmp(rules[i].name, name) == 0 && rules[i].kind == kind) {
			rules[i].files++;
			return;
		}
	}
	printf("\n  rule %s\n", name);
	CU_FAIL("a rule that no header names");
}

/* One finding beside notes, in the words of the first line, and with a remedy. */
static void assert_found(const struct scene *scene)
{
	const struct finding *found = NULL;
	char line[2048] = "";

	for (size_t i = 0; i < scene->findings.count; i++) {
		if (scene->findings.item[i].kind == scene->kind)
			found = &scene->findings.item[i];
	}
	CU_ASSERT_EQUAL(findings_count(&scene->findings, FINDING_REFUSED),
			scene->kind == FINDING_REFUSED ? 1 : 0);
	CU_ASSERT_EQUAL(findings_count(&scene->findings, FINDING_UNKNOWN),
			scene->kind == FINDING_UNKNOWN ? 1 : 0);
	CU_ASSERT_EQUAL(flow_verdict(&scene->findings),
			scene->kind == FINDING_REFUSED ? FLOW_NOT_HELD : FLOW_UNKNOWN);
	CU_ASSERT_PTR_NOT_NULL(found);
	if (found == NULL)
		return;
	count_rule(found->rule, found->kind);
	CU_ASSERT_NOT_EQUAL(found->diag.remedy[0], '\0');
	CU_ASSERT_NOT_EQUAL(found->diag.line, 0);
	diag_format(&found->diag, line, sizeof(line));
	const char *said = strncmp(line, scene->path, strlen(scene->path)) == 0 ?
				   line + strlen(scene->path) + 1 : line;

	if (strcmp(said, scene->expected) != 0)
		printf("\n%s\n  expected %s\n  got      %s\n", scene->path, scene->expected, said);
	CU_ASSERT_STRING_EQUAL(said, scene->expected);
}

static void show(const char *path)
{
	struct scene scene = {0};
	struct diag why = {0};

	if (!scene_begin(&scene, path))
		return;
	CU_ASSERT_EQUAL_FATAL(machine_load(path, &scene.machine, &why), 0);
	scene_read_host(&scene);
	CU_ASSERT_EQUAL_FATAL(
		flow_plan(&scene.machine, &scene.host, &scene.plan, &scene.findings), 0);
	assert_found(&scene);
	scene_done(&scene);
}

static void every_file_is_refused_on_its_host_as_expected(void)
{
	glob_t files;

	CU_ASSERT_EQUAL_FATAL(glob("configs/broken/*.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		show(files.gl_pathv[i]);
	globfree(&files);
}

static void every_rule_is_shown_by_a_file(void)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].files == 0)
			printf("\n  rule %s\n", rules[i].name);
		CU_ASSERT_NOT_EQUAL(rules[i].files, 0);
		for (size_t j = 0; j < sizeof(elsewhere) / sizeof(elsewhere[0]); j++)
			CU_ASSERT_STRING_NOT_EQUAL(rules[i].name, elsewhere[j]);
	}
}

void test_broken_on_hosts_register(void)
{
	CU_pSuite suite = CU_add_suite("test_broken_on_hosts", NULL, NULL);

	CU_ADD_TEST(suite, every_file_is_refused_on_its_host_as_expected);
	CU_ADD_TEST(suite, every_rule_is_shown_by_a_file);
}
