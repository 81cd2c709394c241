// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/changes_fixture.h"

#include <CUnit/CUnit.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/change_compare.h"
#include "core/base/diag.h"
#include "core/host/source.h"
#include "rt/doctor.h"
#include "tests/unit/doctor_fixture.h"

enum { FIELD_STATE = 3, FIELD_PRIORITY = 40, FIELD_POLICY = 41 };

static void put(struct host_files *files, const char *path, const char *text)
{
	CU_ASSERT_EQUAL_FATAL(host_files_put(files, path, text), 0);
}

/* The old text with one part of it, @length bytes at @at, replaced; to be freed. */
static char *splice(const char *old, const char *at, size_t length, const char *with)
{
	char *text = NULL;

	CU_ASSERT_FATAL(asprintf(&text, "%.*s%s%s", (int)(at - old), old, with, at + length) >= 0);
	return text;
}

/* A word that stands alone. */
static const char *find_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += length) {
		if ((at == text || strchr(" \t\n", at[-1]) != NULL) && strchr(" \t\n", at[length]) != NULL)
			return at;
	}
	return NULL;
}

/* "always [madvise] never": the brackets move. */
static char *choose(const char *old, const char *word)
{
	char *text = calloc(1, strlen(old) + strlen(word) + 8);
	size_t length = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (const char *c = old; *c != '\0'; c++) {
		if (*c != '[' && *c != ']')
			text[length++] = *c;
	}
	const char *at = find_word(text, word);

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	length = strlen(word);
	memmove(text + (at - text) + length + 2, at + length, strlen(at + length) + 1);
	memmove(text + (at - text) + 1, word, length);
	text[at - text + (ptrdiff_t)length + 1] = ']';
	text[at - text] = '[';
	return text;
}

/* A word of a list of those that are on: "+cpuset" joins, "-cpuset" leaves, "HRTICK" and "NO_HRTICK" change places. */
static char *switch_word(const char *old, const char *word)
{
	const char *name = word + strspn(word, "+-");
	bool is_no = strncmp(name, "NO_", 3) == 0;
	char other[64];

	if (change_compare(COMPARE_WORD, word, old))
		return strdup(old);
	if (*word == '-')
		return splice(old, find_word(old, name), strlen(name), "");
	snprintf(other, sizeof(other), "%s%s", is_no ? "" : "NO_", is_no ? name + 3 : name);
	const char *at = find_word(old, other);

	if (at != NULL)
		return splice(old, at, strlen(other), name);
	snprintf(other, sizeof(other), "%s ", name);
	return splice(old, old, 0, other);
}

/* The line of a text that begins like another one, up to the colon, or its end. */
static const char *line_like(const char *text, const char *line)
{
	size_t key = strcspn(line, ":\n");

	while (*text != '\0') {
		const char *begin = text + strspn(text, " ");

		if (strncmp(begin, line, key) == 0 && begin[key] == ':')
			break;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

/* Each line takes the place of the one like it. */
static char *replace_lines(const char *old, const char *lines)
{
	char *text = strdup(old);

	for (const char *line = lines; *line != '\0'; line += *line == '\n') {
		int length = (int)strcspn(line, "\n");
		char *with = NULL;

		CU_ASSERT_FATAL(text != NULL && asprintf(&with, "%.*s", length, line) >= 0);
		const char *at = line_like(text, line);
		char *replaced = splice(text, at, strcspn(at, "\n"), with);

		free(with);
		free(text);
		text = replaced;
		line += length;
	}
	return text;
}

static void make_text(const struct change *change, struct host_files *files)
{
	const char *value = change->expect != NULL ? change->expect : change->value;
	const char *old = change->old != NULL ? change->old : "";
	char *text = NULL;

	if (change->compare == COMPARE_CHOICE)
		text = choose(old, value);
	else if (change->compare == COMPARE_WORD)
		text = switch_word(old, value);
	else if (change->compare == COMPARE_LINES)
		text = replace_lines(old, value);
	put(files, change->path, text != NULL ? text : value);
	free(text);
}

static void read_thread(const struct host_files *files, const struct change *change, const char *name,
			const char **ret)
{
	CU_ASSERT_EQUAL_FATAL(host_text(files, ret, "%s/%s", change->path, name), 0);
}

static void make_affinity(const struct change *change, struct host_files *files)
{
	static const char label[] = "Cpus_allowed_list:\t";
	const char *status = NULL;
	char path[96];

	read_thread(files, change, "status", &status);
	const char *at = strstr(status, label);

	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at += sizeof(label) - 1;
	char *text = splice(status, at, strcspn(at, "\n"), change->value);

	snprintf(path, sizeof(path), "%s/status", change->path);
	put(files, path, text);
	free(text);
}

/* Fields are counted from 1, the name is the second: proc_pid_stat(5). */
static char *with_field(const char *stat, unsigned field, unsigned value)
{
	const char *at = strrchr(stat, ')') + 2;
	char number[16];

	for (unsigned i = FIELD_STATE; i < field; i++)
		at += strcspn(at, " ") + 1;
	snprintf(number, sizeof(number), "%u", value);
	return splice(stat, at, strcspn(at, " "), number);
}

/* "other", "fifo 4": by their numbers in sched.h. */
static unsigned parse_policy(const char *text, unsigned *ret_priority)
{
	static const char *const name[] = {
		[SCHED_OTHER] = "other", [SCHED_FIFO] = "fifo", [SCHED_RR] = "rr", [SCHED_BATCH] = "batch",
		[SCHED_IDLE] = "idle",
	};
	char word[16] = "";

	*ret_priority = 0;
	CU_ASSERT_FATAL(sscanf(text, "%15s %u", word, ret_priority) >= 1);
	for (unsigned i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if (name[i] != NULL && strcmp(name[i], word) == 0)
			return i;
	}
	CU_FAIL_FATAL("no policy of that name");
	return 0;
}

static void make_policy(const struct change *change, struct host_files *files)
{
	unsigned priority = 0;
	unsigned policy = parse_policy(change->value, &priority);
	const char *stat = NULL;

	read_thread(files, change, "stat", &stat);
	char *half = with_field(stat, FIELD_PRIORITY, priority);
	char *text = with_field(half, FIELD_POLICY, policy);
	char path[96];

	snprintf(path, sizeof(path), "%s/stat", change->path);
	put(files, path, text);
	free(text);
	free(half);
}

void changes_make_so(const struct changes *changes, struct host_files *files)
{
	CU_ASSERT_FALSE_FATAL(changes->lost);
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->item[i];

		switch (change->kind) {
		case CHANGE_FOLDER:
		case CHANGE_GROUP:
			break;
		case CHANGE_AFFINITY:
			make_affinity(change, files);
			break;
		case CHANGE_POLICY:
			make_policy(change, files);
			break;
		case CHANGE_TEXT:
		case CHANGE_GROUP_TEXT:
		case CHANGE_FILE:
			make_text(change, files);
			break;
		}
	}
	host_files_sort(files);
}

const struct change *changes_find(const struct changes *changes, const char *path)
{
	for (size_t i = 0; i < changes->count; i++) {
		if (strcmp(changes->item[i].path, path) == 0)
			return &changes->item[i];
	}
	return NULL;
}

void assert_changes_alike(const struct changes *a, const struct changes *b)
{
	CU_ASSERT_EQUAL(a->count, b->count);
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		const struct change *one = &a->item[i];
		const struct change *other = &b->item[i];
		bool alike = one->kind == other->kind && strcmp(one->path, other->path) == 0 &&
			     one->started == other->started && strcmp(one->name, other->name) == 0;

		CU_ASSERT_TRUE(alike);
		if (!alike) {
			fprintf(stderr, "%s and then %s\n", one->path, other->path);
			return;
		}
	}
}

void assert_changes_held(const struct changes *changes, const char *host)
{
	CU_ASSERT_EQUAL(changes_pending(changes), 0);
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->item[i];

		if (!change->held)
			fprintf(stderr, "%s: %s: \"%s\", not \"%s\"\n", host, change->path,
				change->old != NULL ? change->old : "(nothing)",
				change->value != NULL ? change->value : "(made)");
	}
}

static void cpus_set(struct cpulist *ret, const char *text)
{
	CU_ASSERT_EQUAL_FATAL(cpulist_parse_kernel(text, ret), 0);
}

void change_bench_cut(struct change_bench *bench, const char *fifo, const char *deadline)
{
	static char file[] = "machine.yaml";
	struct partition_config partition[] = {
		{.name = "spatial", .schedule = {.policy = VCPU_POLICY_FIFO, .priority = 1},
		 .exits_disabled = EXITS_DISABLED_MWAIT},
		{.name = "temporal", .schedule = {.policy = VCPU_POLICY_DEADLINE}},
	};
	size_t count = 0;

	cpus_set(&partition[0].cpus, fifo);
	cpus_set(&partition[1].cpus, deadline);
	bench->cpus = (struct cpu_division){.housekeeping = bench->host.topology.online};
	for (size_t i = 0; i < 2; i++) {
		if (cpulist_empty(&partition[i].cpus))
			continue;
		bench->partition[count++] = partition[i];
		cpulist_or(&bench->cpus.partitions, &partition[i].cpus, &bench->cpus.partitions);
	}
	cpulist_minus(&bench->cpus.housekeeping, &bench->cpus.partitions, &bench->cpus.housekeeping);
	bench->machine = (struct machine_config){
		.file = file, .partition = bench->partition, .partition_count = count,
	};
}

static void parse(struct change_bench *bench)
{
	free(bench->host.pci);
	bench->host.pci = NULL;
	bench->host.pci_count = 0;
	CU_ASSERT_EQUAL_FATAL(host_facts_parse(&bench->host), 0);
}

void change_bench_plan(struct change_bench *bench, change_planner *planner)
{
	parse(bench);
	changes_done(&bench->changes);
	findings_done(&bench->findings);
	CU_ASSERT_EQUAL_FATAL(planner(&bench->machine, &bench->host, &bench->cpus, &bench->changes,
				      &bench->findings), 0);
	CU_ASSERT_FALSE(bench->changes.lost);
}

void change_bench_done(struct change_bench *bench)
{
	changes_done(&bench->changes);
	findings_done(&bench->findings);
	host_facts_done(&bench->host);
}

static void assert_remedied(const struct change_bench *bench, const struct change *change,
			    const char *name)
{
	struct doctor_subject subject;
	struct doctor_result result = {0};

	if (change->check == NULL)
		return;
	doctor_subject_init(&subject, &bench->host, &bench->machine);
	doctor_check_find(change->check)->look(&subject, &result);
	CU_ASSERT_EQUAL(result.verdict, DOCTOR_PASS);
	if (result.verdict != DOCTOR_PASS)
		fprintf(stderr, "%s: %s = %s, and still %s says %s: %s\n", name, change->path, change->value,
			change->check, doctor_verdict_name(result.verdict), result.value);
}

void assert_fixed_point(struct change_bench *bench, change_planner *planner, const char *name)
{
	struct changes first;

	change_bench_plan(bench, planner);
	first = bench->changes;
	bench->changes = (struct changes){0};
	changes_make_so(&first, &bench->host.files);
	change_bench_plan(bench, planner);
	assert_changes_alike(&first, &bench->changes);
	assert_changes_held(&bench->changes, name);
	for (size_t i = 0; i < first.count; i++)
		assert_remedied(bench, &first.item[i], name);
	changes_done(&first);
}

/* The last CPUs of a host, of which the first one is nobody's. */
static void last_cpus(const struct cpulist *online, char last[16], char before[16])
{
	unsigned cpu[2] = {0, 0};

	for (unsigned next = 0; (next = cpulist_next(online, next)) < CPULIST_MAX; next++) {
		cpu[0] = cpu[1];
		cpu[1] = next;
	}
	CU_ASSERT_NOT_EQUAL_FATAL(cpu[1], 0);
	snprintf(last, 16, "%u", cpu[1]);
	before[0] = '\0';
	if (cpu[0] != 0)
		snprintf(before, 16, "%u", cpu[0]);
}

static void fixed_point_of_tree(change_planner *planner, const char *name, bool with_fifo,
				bool with_deadline)
{
	struct change_bench bench = {0};
	struct diag why = {0};
	char tree[128];
	char last[16];
	char before[16];

	snprintf(tree, sizeof(tree), "build/fixtures/hosts/%s", name);
	CU_ASSERT_EQUAL_FATAL(host_facts_read(&(struct host_source){.tree = tree}, HOST_ALL, &bench.host, &why), 0);
	last_cpus(&bench.host.topology.online, last, before);
	change_bench_cut(&bench, with_fifo ? last : "", !with_deadline ? "" : with_fifo ? before : last);
	assert_fixed_point(&bench, planner, name);
	CU_ASSERT_NOT_EQUAL(bench.changes.count, 0);
	change_bench_done(&bench);
}

void assert_fixed_points(change_planner *planner)
{
	static const char *const host[] = {
		"pc-smt", "server-numa", "hybrid", "epyc-llc", "vm-nosmt", "cgroup-v1", "big-1024",
	};

	for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++) {
		fixed_point_of_tree(planner, host[i], true, false);
		fixed_point_of_tree(planner, host[i], false, true);
		fixed_point_of_tree(planner, host[i], true, true);
	}
}
