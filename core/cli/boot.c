// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/boot_machine.h"
#include "core/cli/boot_print.h"
#include "core/cli/boot_verify.h"
#include "core/cli/change_print.h"
#include "core/cli/change_progress.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/findings_print.h"
#include "core/cli/refusal.h"

static const char help[] =
	"Usage: bulkhead boot --print [--json] [--host DIR] FILE\n"
	"       bulkhead boot --install [--json] FILE\n"
	"       bulkhead boot --verify [--json] [--host DIR] FILE\n"
	"       bulkhead boot --uninstall [--json]\n"
	"Have a host boot for a machine file: the kernel's command line, options of KVM's modules,\n"
	"settings, and systemd services that start its partitions at power-on.\n"
	"\n"
	"      --print      print each parameter with its reason, and each file\n"
	"      --install    write the files, and have the boot loader's configuration made anew;\n"
	"                   all or nothing, and what was there is kept in " BORROW_BOOT_FOLDER "\n"
	"      --verify     after a reboot: hold each item against the running kernel\n"
	"      --uninstall  put all back as it was before\n"
	"      --host DIR   plan for a host stored by bulkhead capture\n"
	"      --json       print as JSON\n"
	"  -h, --help       show this text\n"
	"\n"
	"Exit status: 0 it holds, or was done; 1 the file is refused, or an item does not hold;\n"
	"2 it could not be told, or a write failed and all were put back.\n"
	"bulkhead-boot(8) says what is written and why.\n";

/* struct request - what the command line asks for; one of the first four. */
struct request {
	bool print, install, verify, uninstall;
	const char *file;
	struct host_source source;
	bool json;
};

/* struct booted - what came of it. @tried: files were written, or put back. */
struct booted {
	struct boot_machine boot;
	struct boot_items items;
	struct borrow_result result;
	bool tried;
};

static void booted_done(struct booted *booted)
{
	boot_items_done(&booted->items);
	boot_machine_done(&booted->boot);
}

static int require_root(struct diag *why)
{
	if (geteuid() == 0)
		return 0;
	diag_set(why, EPERM, "how this host boots may be changed by root alone");
	diag_remedy(why, "run it as root; bulkhead boot --print shows what it would write");
	return -EPERM;
}

/* Units are of no use where nothing reads them, and the parameters alone are half a boot. */
static void refuse_without_systemd(struct boot_machine *boot)
{
	const char *name = NULL;
	struct diag *diag;

	if (host_text(&boot->host.files, &name, "/proc/1/comm") != 0 || strcmp(name, "systemd") == 0)
		return;
	diag = findings_add(&boot->findings, FINDING_REFUSED, "boot-init", FINDING_MACHINE);
	diag_at(diag, boot->machine.file, 0, 0);
	diag_set(diag, ENOTSUP, "process 1 of this host is not systemd, which starts partitions at power-on");
	diag_got(diag, name, strlen(name));
	diag_remedy(diag, "add what bulkhead boot --print shows by hand, and have bulkhead apply run at boot");
}

/* The distribution's command says nothing for as long as it takes. */
static void announce_update(const struct changes *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (files->item[i].held || files->item[i].after != AFTER_BOOT_UPDATE ||
		    !isatty(STDERR_FILENO))
			continue;
		fputs("bulkhead: the boot loader's configuration is made anew too, which can take a minute\n", stderr);
		return;
	}
}

static int write_files(struct booted *booted, struct diag *why)
{
	struct change_progress progress = {
		.verb = "installing", .total = changes_pending(&booted->boot.files),
	};
	const struct borrow borrow = {
		.folder = BORROW_BOOT_FOLDER, .progress = change_progress_step, .context = &progress,
	};
	announce_update(&booted->boot.files);
	int error = borrow_apply(&borrow, &booted->boot.files, &booted->result, why);

	change_progress_end(&progress);
	booted->tried = error == 0;
	return error;
}

static int put_back(struct booted *booted, struct diag *why)
{
	struct change_progress progress = {.verb = "putting back"};
	const struct borrow borrow = {
		.folder = BORROW_BOOT_FOLDER, .progress = change_progress_step, .context = &progress,
	};
	int error = borrow_revert(&borrow, &booted->result, why);

	change_progress_end(&progress);
	booted->tried = error == 0;
	return error;
}

static int boot_act(const struct request *request, struct booted *ret, struct diag *why)
{
	struct boot_machine *boot = &ret->boot;
	int error = request->install || request->uninstall ? require_root(why) : 0;

	if (error != 0 || request->uninstall)
		return error != 0 ? error : put_back(ret, why);
	error = boot_machine_make(request->file, &request->source, request->verify ? HOST_LOG : 0, boot, why);
	if (error != 0)
		return error;
	if (request->install)
		refuse_without_systemd(boot);
	if (flow_verdict(&boot->findings) == FLOW_NOT_HELD)
		return 0;
	if (request->verify) {
		error = boot_verify(boot, &ret->items, &boot->findings);
		if (error != 0)
			return diag_set(why, ENOMEM, "not enough memory to verify the boot");
	}
	if (request->install && flow_verdict(&boot->findings) == FLOW_HELD)
		error = write_files(ret, why);
	return error;
}

/* One item that does not hold outweighs those that cannot be told. */
static enum flow_verdict verdict_of(const struct booted *booted)
{
	enum flow_verdict verdict = flow_verdict(&booted->boot.findings);

	if (verdict == FLOW_NOT_HELD || boot_items_count(&booted->items, BOOT_NOT_HELD) > 0)
		return FLOW_NOT_HELD;
	return boot_items_count(&booted->items, BOOT_UNKNOWN) > 0 ? FLOW_UNKNOWN : verdict;
}

static int print_json(const struct request *request, const struct booted *booted)
{
	const struct boot_machine *boot = &booted->boot;
	json_t *report = change_report_to_json(request->file, &boot->findings);
	bool refused = flow_verdict(&boot->findings) == FLOW_NOT_HELD;
	int failed = json_object_set_new(report, "verdict",
					 json_string(flow_verdict_name(verdict_of(booted))));

	if ((request->print || request->install) && !refused)
		failed |= boot_to_json(boot, report);
	if (request->verify && !refused)
		failed |= boot_items_to_json(&booted->items, report);
	if (request->install || request->uninstall)
		failed |= borrow_result_to_json(&booted->result, report);
	return change_report_print(report) | failed;
}

static void print_done(const struct request *request, const struct booted *booted)
{
	const struct borrow_result *result = &booted->result;
	bool nothing = result->written + result->restored + result->gone == 0;

	if (request->uninstall) {
		if (nothing) {
			puts("Nothing is installed.");
			return;
		}
		fputs("Uninstalled: ", stdout);
		borrow_result_print(result, stdout);
		puts("\nThe kernel runs with its parameters until the next reboot.");
		return;
	}
	printf("%s: installed: ", request->file);
	if (nothing)
		fputs("all was so already", stdout);
	else
		borrow_result_print(result, stdout);
	putchar('\n');
	boot_print_advice(&booted->boot, stdout);
	printf("Next: reboot, then bulkhead boot --verify %s\n", request->file);
}

static void print_text(const struct request *request, const struct booted *booted)
{
	const struct boot_machine *boot = &booted->boot;
	bool refused = flow_verdict(&boot->findings) == FLOW_NOT_HELD;

	findings_print(&boot->findings, stderr);
	if (booted->tried)
		print_done(request, booted);
	else if (request->install)
		fprintf(stderr, "bulkhead: %s: not installed; nothing was changed\n", request->file);
	else if (refused)
		fprintf(stderr, "bulkhead: %s: does not hold on this host\n", request->file);
	else if (request->print)
		boot_print(boot, stdout);
	else if (request->verify)
		boot_items_print(&booted->items, stdout);
	if (request->verify && !refused)
		printf("%zu ok, %zu bad, %zu unknown\n", boot_items_count(&booted->items, BOOT_HELD),
		       boot_items_count(&booted->items, BOOT_NOT_HELD),
		       boot_items_count(&booted->items, BOOT_UNKNOWN));
}

static int boot_run(const struct request *request)
{
	_cleanup_(booted_done) struct booted booted = {0};
	struct diag why = {0};
	int error = boot_act(request, &booted, &why);

	if (error != 0 && !request->json) {
		findings_print(&booted.boot.findings, stderr);
		return refusal_print(&why);
	}
	if (error != 0)
		*findings_add(&booted.boot.findings, FINDING_UNKNOWN, "boot-failed", FINDING_MACHINE) = why;
	if (!request->json) {
		print_text(request, &booted);
	} else if (print_json(request, &booted) != 0) {
		diag_set(&why, ENOMEM, "what was done cannot be printed as JSON");
		return refusal_print(&why);
	}
	return output_finish(flow_verdict_status(verdict_of(&booted)));
}

int command_boot(int argc, char **argv)
{
	struct request request = {0};
	const struct command_option options[] = {
		{"print", .flag = &request.print},
		{"install", .flag = &request.install},
		{"verify", .flag = &request.verify},
		{"uninstall", .flag = &request.uninstall},
		{"host", .value = &request.source.tree},
		{"json", .flag = &request.json},
		{0},
	};
	struct command_arguments arguments;
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (request.print + request.install + request.verify + request.uninstall != 1)
		return refusal_usage(argv[0], "one of --print, --install, --verify and --uninstall is needed");
	if (request.source.tree != NULL && (request.install || request.uninstall))
		return refusal_usage(argv[0], "--host goes with --print and --verify alone: another host is not changed");
	if (arguments.count != (request.uninstall ? 0 : 1))
		return refusal_usage(argv[0], request.uninstall ? "--uninstall takes no file" :
				     "one machine file is needed");
	request.file = request.uninstall ? NULL : arguments.text[0];
	return boot_run(&request);
}
