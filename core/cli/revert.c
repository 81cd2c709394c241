// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
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

static const char help[] =
	"Usage: bulkhead revert [--json] [--verbose]\n"
	"Put back all that bulkhead apply changed on this host, also where it was ended in the\n"
	"middle. Takes root.\n"
	"\n"
	"      --verbose   print each change back\n"
	"      --json      print the verdict and the changes back as JSON\n"
	"  -h, --help      show this text\n"
	"\n"
	"Exit status: 0 all is as it was, or nothing was applied; 1 partitions run, and nothing was\n"
	"put back; 2 something could not be put back.\n";

/* struct request - what the command line asks for. */
struct request {
	bool json;
	bool verbose;
};

/* struct reverted - what came of it. @returned: what was put back, once @tried. */
struct reverted {
	struct findings findings;
	struct changes returned;
	struct borrow_result result;
	bool tried;
};

static void reverted_done(struct reverted *reverted)
{
	changes_done(&reverted->returned);
	findings_done(&reverted->findings);
}

static int spare_partitions(struct findings *findings, struct diag *why)
{
	_cleanup_(running_done) struct running running = {0};
	int error = running_find(&running, why);

	if (error == 0)
		applied_spare(&running, findings);
	return error;
}

static int write_host(struct reverted *ret, struct diag *why)
{
	struct change_progress progress = {.verb = "reverting", .total = ret->returned.count};
	const struct borrow borrow = {
		.folder = BORROW_HOST_FOLDER, .calls = flow_calls(),
		.progress = change_progress_step, .context = &progress,
	};
	int error = borrow_revert(&borrow, &ret->result, why);

	change_progress_end(&progress);
	ret->tried = true;
	return error;
}

static int revert_host(struct reverted *ret, struct diag *why)
{
	static const struct borrow journal = {.folder = BORROW_HOST_FOLDER};
	_cleanup_(changes_done) struct changes borrowed = {0};
	bool finished;
	int error;

	if (geteuid() != 0) {
		diag_set(why, EPERM, "the settings of this host may be changed by root alone");
		diag_remedy(why, "run it as root");
		return -EPERM;
	}
	error = borrow_list(&journal, &borrowed, &finished, why);
	/* An apply that was ended before its first change has left a journal of nothing. */
	if (error == -ENOENT) {
		*why = (struct diag){0};
		return borrow_revert(&journal, &ret->result, why);
	}
	if (error == 0)
		error = spare_partitions(&ret->findings, why);
	if (error != 0 || ret->findings.count > 0)
		return error;
	changes_returned(NULL, &borrowed, &ret->returned);
	return write_host(ret, why);
}

static int print_json(const struct reverted *reverted)
{
	json_t *report = change_report_to_json(NULL, &reverted->findings);
	json_t *changes = json_array();
	int failed = reverted->tried ? changes_to_json(&reverted->returned, changes) : 0;

	failed |= json_object_set_new(report, "changes", changes);
	failed |= borrow_result_to_json(&reverted->result, report);
	return change_report_print(report) | failed;
}

static void print_text(const struct request *request, const struct reverted *reverted)
{
	findings_print(&reverted->findings, stderr);
	if (reverted->findings.count > 0)
		return;
	if (!reverted->tried) {
		puts("nothing is applied");
		return;
	}
	if (request->verbose)
		changes_print(&reverted->returned, stdout);
	fputs("reverted: ", stdout);
	borrow_result_print(&reverted->result, stdout);
	putchar('\n');
}

static int revert(const struct request *request)
{
	_cleanup_(reverted_done) struct reverted reverted = {0};
	struct diag why = {0};
	int error = revert_host(&reverted, &why);

	if (error != 0 && !request->json)
		return refusal_print(&why);
	if (error != 0)
		*findings_add(&reverted.findings, FINDING_UNKNOWN, "revert-failed", FINDING_MACHINE) = why;
	if (!request->json) {
		print_text(request, &reverted);
	} else if (print_json(&reverted) != 0) {
		diag_set(&why, ENOMEM, "what was done cannot be printed as JSON");
		return refusal_print(&why);
	}
	return output_finish(flow_verdict_status(flow_verdict(&reverted.findings)));
}

int command_revert(int argc, char **argv)
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
	if (arguments.count != 0)
		return refusal_usage(argv[0], "it takes no file: what was applied is noted");
	return revert(&request);
}
