// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/change_print.h"
#include "core/cli/change_progress.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/cut.h"
#include "core/cli/findings_print.h"
#include "core/cli/refusal.h"
#include "core/cli/running.h"
#include "sched/group_calls.h"

static const char help[] =
	"Usage: bulkhead apply [--json] [--verbose] FILE\n"
	"Make this host what a machine file needs: all that bulkhead plan prints, or nothing.\n"
	"What was there is noted in " BORROW_HOST_FOLDER " before it is changed, and what is\n"
	"written is read back; bulkhead revert puts it back, and so does the next apply with\n"
	"what its file asks for no longer. Takes root.\n"
	"\n"
	"      --verbose   print each change, as plan does\n"
	"      --json      print the verdict, all findings and the changes as JSON\n"
	"  -h, --help      show this text\n"
	"\n"
	"Exit status: 0 the host is so; 1 the file is refused, and nothing was changed; 2 it could\n"
	"not be told, or a change failed and all were put back.\n";

/* struct request - what the command line asks for. */
struct request {
	const char *file;
	bool json;
	bool verbose;
};

/* struct applied - what came of it. @tried: the host was written to; @done: and is now as it should be. */
struct applied {
	struct cut_plan plan;
	struct running running;
	struct borrow_result result;
	bool tried;
	bool done;
};

static const struct borrow journal = {.folder = BORROW_HOST_FOLDER};

static void applied_done(struct applied *applied)
{
	running_done(&applied->running);
	cut_plan_done(&applied->plan);
}

/* A cpuset partition that is not valid says why in words of the kernel's. */
static void explain_failure(struct diag *why)
{
	char read[sizeof(why->got)];
	char remedy[sizeof(why->remedy)];

	memcpy(read, why->got, sizeof(read));
	memcpy(remedy, why->remedy, sizeof(remedy));
	if (why->error != EIO)
		return;
	group_invalid_explain(read, why);
	if (remedy[0] != '\0' && strcmp(remedy, why->remedy) != 0)
		diag_remedy(why, "%.180s; %.180s", why->remedy, remedy);
}

static int write_host(struct applied *applied, struct diag *why)
{
	const struct cut_plan *plan = &applied->plan;
	struct change_progress progress = {
		.verb = "applying", .total = plan->returned.count + changes_pending(&plan->changes),
	};
	struct borrow borrow = journal;

	borrow.calls = flow_calls();
	borrow.progress = change_progress_step;
	borrow.context = &progress;
	applied->tried = true;
	int error = borrow_apply(&borrow, &plan->changes, &applied->result, why);

	change_progress_end(&progress);
	applied->done = error == 0;
	if (error != 0)
		explain_failure(why);
	return error;
}

/* Nothing is written where anything was refused or not to be told. */
static int apply_file(const char *file, struct applied *ret, struct diag *why)
{
	static const struct host_source here = {0};
	int error;

	if (geteuid() != 0) {
		diag_set(why, EPERM, "the settings of this host may be changed by root alone");
		diag_remedy(why, "run it as root; bulkhead plan shows what it would change");
		return -EPERM;
	}
	error = cut_plan_make(file, &here, &journal, &ret->plan, why);
	if (error == 0)
		error = running_find(&ret->running, why);
	if (error != 0)
		return error;
	cut_plan_spare(&ret->plan, &ret->running);
	return flow_verdict(&ret->plan.findings) == FLOW_HELD ? write_host(ret, why) : 0;
}

static int print_json(const struct request *request, const struct applied *applied)
{
	const struct borrow_result *result = &applied->result;
	json_t *report = change_report_to_json(request->file, &applied->plan.findings);
	json_t *changes = json_array();
	int failed = 0;

	if (applied->done) {
		failed |= changes_to_json(&applied->plan.returned, changes);
		failed |= changes_to_json(&applied->plan.changes, changes);
	}
	failed |= json_object_set_new(report, "changes", changes);
	failed |= borrow_result_to_json(result, report);
	return change_report_print(report) | failed;
}

static void print_text(const struct request *request, const struct applied *applied)
{
	const struct borrow_result *result = &applied->result;

	findings_print(&applied->plan.findings, stderr);
	if (!applied->done) {
		fprintf(stderr, "bulkhead: %s: not applied; %s\n", request->file,
			!applied->tried ? "nothing was changed" :
			applied_unfinished(&journal) ? "not all that was changed could be put back" :
				    "all that was changed has been put back");
		return;
	}
	if (request->verbose) {
		changes_print(&applied->plan.returned, stdout);
		changes_print(&applied->plan.changes, stdout);
	}
	printf("%s: applied: ", request->file);
	if (result->written + result->restored + result->gone == 0)
		fputs("all was so already", stdout);
	else
		borrow_result_print(result, stdout);
	putchar('\n');
}

static int apply(const struct request *request)
{
	_cleanup_(applied_done) struct applied applied = {0};
	struct diag why = {0};
	int error = apply_file(request->file, &applied, &why);

	/* What kept it from being planned is all there is to say. */
	if (error != 0 && !applied.tried && !request->json)
		return refusal_print(&why);
	if (error != 0)
		*findings_add(&applied.plan.findings, FINDING_UNKNOWN, "apply-failed", FINDING_MACHINE) = why;
	if (!request->json) {
		print_text(request, &applied);
	} else if (print_json(request, &applied) != 0) {
		diag_set(&why, ENOMEM, "what was done cannot be printed as JSON");
		return refusal_print(&why);
	}
	return output_finish(flow_verdict_status(flow_verdict(&applied.plan.findings)));
}

int command_apply(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"json", .flag = &request.json},
		{"verbose", .flag = &request.verbose},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 1)
		return refusal_usage(argv[0], "one machine file is needed");
	request.file = arguments.text[0];
	return apply(&request);
}
