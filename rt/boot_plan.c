// SPDX-License-Identifier: Apache-2.0
#include "rt/boot_plan.h"

#include <errno.h>
#include <linux/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/findings.h"
#include "core/config/machine.h"
#include "core/host/cpu_parameter.h"
#include "core/host/host.h"
#include "rt/boot_draft.h"

enum {
	OLDEST = KERNEL_VERSION(6, 1, 0),
	COMMAND_LINE_MAX = 2047, /* COMMAND_LINE_SIZE of x86, less the terminator */
};

struct diag *boot_note(const struct boot_draft *draft, const char *rule)
{
	struct diag *diag = findings_add(draft->findings, FINDING_NOTE, rule, FINDING_MACHINE);

	diag_at(diag, draft->request->machine->file, 0, 0);
	return diag;
}

bool boot_has_words(const char *text, const char *words)
{
	size_t length = strlen(words);

	for (const char *at = text; (at = strstr(at, words)) != NULL; at += length) {
		bool begins = at == text || strchr(" \t\n\"", at[-1]) != NULL;

		if (begins && (at[length] == '\0' || strchr(" \t\n\"", at[length]) != NULL))
			return true;
	}
	return false;
}

/* The command line as the kernel got it; "" where it is not known. */
static const char *command_line(const struct host_facts *host)
{
	const char *text = NULL;

	return host_text(&host->files, &text, "/proc/cmdline") == 0 ? text : "";
}

/* Of two with one name the kernel mostly takes the last, so that one that stands there need not count. */
static bool is_live(const struct boot_draft *draft, const char *text)
{
	const struct host_facts *host = draft->request->host;
	const char *equals = strchr(text, '=');
	char name[64];
	char value[BOOT_VALUE_MAX];

	if (!boot_has_words(command_line(host), text))
		return false;
	if (strchr(text, ' ') != NULL)
		return true;
	snprintf(name, sizeof(name), "%.*s", equals == NULL ? (int)strlen(text) : (int)(equals - text), text);
	return host_parameter(host, name, value, sizeof(value)) == 0 &&
	       strcmp(value, equals == NULL ? "" : equals + 1) == 0;
}

int boot_parameter_add(struct boot_draft *draft, const char *text, const char *reason)
{
	struct boot_plan *plan = draft->plan;
	struct boot_parameter *parameter =
		reallocarray(plan->parameter, plan->count + 1, sizeof(*parameter));

	if (parameter == NULL)
		return -ENOMEM;
	plan->parameter = parameter;
	parameter = &plan->parameter[plan->count];
	*parameter = (struct boot_parameter){.text = strdup(text), .live = is_live(draft, text)};
	if (parameter->text == NULL)
		return -ENOMEM;
	snprintf(parameter->reason, sizeof(parameter->reason), "%s", reason);
	plan->count++;
	return 0;
}

/* Whether the kernel that runs knows the parameter; says so where not. */
static bool is_known(const struct boot_draft *draft, const struct boot_rule *rule)
{
	char value[16] = "";
	struct diag *diag;

	if (draft->version < rule->since) {
		diag = boot_note(draft, "boot-old");
		diag_set(diag, 0, "%s is left out: it needs Linux %u.%u, and this host runs %u.%u", rule->name,
			 rule->since >> 16, rule->since >> 8 & 0xff, draft->version >> 16,
			 draft->version >> 8 & 0xff);
		return false;
	}
	if (rule->config == NULL ||
	    host_config(draft->request->host, rule->config, value, sizeof(value)) != 0 ||
	    strcmp(value, "n") != 0)
		return true;
	diag = boot_note(draft, "boot-config");
	diag_set(diag, 0, "%s is left out: this host's kernel was built without CONFIG_%s", rule->name,
		 rule->config);
	diag_remedy(diag, "boot a kernel with it, where there is one");
	return false;
}

/* isolcpus=domain of others: a second list without domain would hide it from all who read the command line. */
static bool hides_domain(const char *name, const char *value, const char *ours)
{
	struct isolcpus theirs = host_isolcpus_parse(value);

	return strcmp(name, "isolcpus") == 0 && theirs.domain && !theirs.ignored &&
	       !host_isolcpus_parse(ours).domain;
}

/*
 * Another value than ours that is not of an earlier plan of ours either: somebody else writes it, and goes
 * on doing so. Returns whether ours is better left out.
 */
static bool yields(const struct boot_draft *draft, const char *name, const char *ours)
{
	const struct host_facts *host = draft->request->host;
	const char *installed = NULL;
	char value[BOOT_VALUE_MAX];
	char words[BOOT_VALUE_MAX + 64];
	struct diag *diag;
	bool hidden;

	if (host_parameter(host, name, value, sizeof(value)) != 0 || strcmp(value, ours) == 0)
		return false;
	snprintf(words, sizeof(words), "%s%s%s", name, *value == '\0' ? "" : "=", value);
	if (host_text(&host->files, &installed, BOOT_GRUB_FILE) == 0 && boot_has_words(installed, words))
		return false;
	hidden = hides_domain(name, value, ours);
	diag = boot_note(draft, "boot-elsewhere");
	diag_set(diag, 0, "the kernel was booted with %.160s, which is not Bulkhead's%s", words,
		 hidden ? ": isolcpus=managed_irq is left out beside it" : "");
	diag_remedy(diag, "take it off where it is set (GRUB_CMDLINE_LINUX of /etc/default/grub, for one): of "
		    "two the kernel may take either");
	return hidden;
}

static int add_rule(struct boot_draft *draft, const struct boot_rule *rule)
{
	char value[BOOT_VALUE_MAX] = "";
	char text[BOOT_VALUE_MAX + 64];

	if (!rule->wanted(draft, value) || !is_known(draft, rule) || yields(draft, rule->name, value))
		return 0;
	snprintf(text, sizeof(text), "%s%s%s", rule->name, *value == '\0' ? "" : "=", value);
	return boot_parameter_add(draft, text, rule->reason);
}

static uint64_t pages_of(const struct boot_request *request)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < request->pool_count; i++)
		pages += request->pool[i].pages;
	return pages;
}

/* By node since Linux 5.16, "0:4,1:2"; where no node is stated, as many as there are in all. */
static void write_pools(const struct boot_request *request, char *ret, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < request->pool_count; i++) {
		if (request->pool[i].node < 0) {
			snprintf(ret, size, "%llu", (unsigned long long)pages_of(request));
			return;
		}
		int written = snprintf(ret + length, size - length, "%s%d:%llu", i == 0 ? "" : ",",
				       request->pool[i].node, (unsigned long long)request->pool[i].pages);

		if (written > 0 && (size_t)written < size - length)
			length += (size_t)written;
	}
}

/* Of two counts of one size the kernel takes the first. */
static int add_pools(struct boot_draft *draft)
{
	const struct boot_request *request = draft->request;
	char pools[1024] = "";
	char text[1200];
	char value[BOOT_VALUE_MAX];

	if (pages_of(request) == 0)
		return 0;
	write_pools(request, pools, sizeof(pools));
	snprintf(text, sizeof(text), "hugepagesz=1G hugepages=%s", pools);
	if (!boot_has_words(command_line(request->host), text) &&
	    host_parameter(request->host, "hugepagesz", value, sizeof(value)) == 0 &&
	    strcmp(value, "1G") == 0)
		yields(draft, "hugepages", pools);
	return boot_parameter_add(draft, text,
				  "the kernel finds whole gigabytes for partitions only before anything else is in "
				  "memory");
}

static void check_length(const struct boot_draft *draft)
{
	const char *now = command_line(draft->request->host);
	size_t length = strlen(now);
	struct diag *diag;

	for (size_t i = 0; i < draft->plan->count; i++) {
		const char *text = draft->plan->parameter[i].text;

		length += boot_has_words(now, text) ? 0 : strlen(text) + 1;
	}
	if (length <= COMMAND_LINE_MAX)
		return;
	diag = findings_add(draft->findings, FINDING_REFUSED, "boot-long", FINDING_MACHINE);
	diag_at(diag, draft->request->machine->file, 0, 0);
	diag_set(diag, E2BIG, "the kernel's command line would have %zu characters, and it takes %d", length,
		 COMMAND_LINE_MAX);
	diag_remedy(diag, "give the partitions CPUs that follow one another, so that their lists are short");
}

static void draft_begin(struct boot_draft *draft)
{
	const struct boot_request *request = draft->request;
	struct diag *diag;

	doctor_subject_init(&draft->subject, request->host, request->machine);
	cpulist_format(&request->cpus->partitions, draft->rt, sizeof(draft->rt));
	cpulist_format(&request->cpus->housekeeping, draft->housekeeping, sizeof(draft->housekeeping));
	draft->version = request->host->kernel.version;
	if (draft->version != 0)
		return;
	draft->version = OLDEST;
	diag = findings_add(draft->findings, FINDING_UNKNOWN, "boot-release", FINDING_MACHINE);
	diag_at(diag, request->machine->file, 0, 0);
	diag_set(diag, ENODATA, "which kernel this host runs could not be read (/proc/sys/kernel/osrelease), so "
		 "which parameters it knows is not known");
	diag_remedy(diag, "let it be read, or capture the host again with it");
}

int boot_plan(const struct boot_request *request, struct boot_plan *ret, struct findings *findings)
{
	_cleanup_free_ struct boot_draft *draft = calloc(1, sizeof(*draft));
	const struct boot_rule *rule;
	int error = 0;

	if (draft == NULL)
		return -ENOMEM;
	draft->request = request;
	draft->plan = ret;
	draft->findings = findings;
	draft_begin(draft);
	for (size_t i = 0; error == 0 && (rule = boot_rule_at(i)) != NULL; i++)
		error = add_rule(draft, rule);
	if (error == 0)
		error = add_pools(draft);
	if (error == 0)
		error = boot_options(draft);
	if (error == 0)
		check_length(draft);
	return error;
}

void boot_plan_done(struct boot_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->parameter[i].text);
	free(plan->parameter);
	free(plan->option);
	*plan = (struct boot_plan){0};
}
