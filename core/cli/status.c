// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/diag.h"
#include "core/cli/command_line.h"
#include "core/cli/commands.h"
#include "core/cli/control_client.h"
#include "core/cli/control_message.h"
#include "core/cli/moment.h"
#include "core/cli/refusal.h"
#include "core/cli/run_folder.h"

static const char help[] =
	"Usage: bulkhead status [--json] NAME\n"
	"Show a running partition: whether it is sealed, the exits its vCPUs made and why, and\n"
	"where each thread is, read back now.\n"
	"\n"
	"      --json  print JSON\n"
	"  -h, --help  show this text\n"
	"\n"
	"Exit status: 0 it runs as promised; 1 it does not: it is paused, ended or crashed, made\n"
	"more exits than it may, or a thread is not where it belongs; 2 could not tell.\n";

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "-" : text;
}

static int64_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_head(const json_t *status)
{
	char since[MOMENT_TEXT_MAX];
	const char *file = text_of(status, "file");

	printf("%s: %s%s since %s, process %" PRId64 ", VMM %" PRId64 "\n", text_of(status, "name"),
	       text_of(status, "phase"), json_is_true(json_object_get(status, "sealed")) ? ", sealed," : "",
	       moment_format(number_of(status, "since"), since), number_of(status, "pid"),
	       number_of(status, "vmm"));
	if (*file != '\0')
		printf("  of %s\n", file);
}

static void print_vcpus(const json_t *status)
{
	size_t i;
	const json_t *vcpu;

	json_array_foreach(json_object_get(status, "vcpus"), i, vcpu) {
		const char *over = json_string_value(json_object_get(vcpu, "over_budget"));
		int64_t cpu = number_of(vcpu, "cpu");
		char where[24] = "any CPU";

		if (cpu >= 0)
			snprintf(where, sizeof(where), "CPU %" PRId64, cpu);
		printf("  vCPU %zu on %s: %" PRId64 " exits, %" PRId64 " while sealed%s%s\n", i, where,
		       number_of(vcpu, "exits"), number_of(vcpu, "sealed_exits"),
		       over == NULL ? "" : ": more than allowed, the first too many: ",
		       over == NULL ? "" : over);
	}
}

static void print_exits(const json_t *status)
{
	size_t i;
	const json_t *row;

	json_array_foreach(json_object_get(status, "exits"), i, row) {
		printf("  exit %-32s %12" PRId64 "\n", text_of(row, "cause"), number_of(row, "count"));
	}
}

static void print_policy(const json_t *thread, char *buffer, size_t size)
{
	const char *policy = text_of(thread, "policy");

	if (json_object_get(thread, "priority") != NULL)
		snprintf(buffer, size, "%s %" PRId64, policy, number_of(thread, "priority"));
	else if (json_object_get(thread, "runtime_ns") != NULL)
		snprintf(buffer, size, "%s %" PRId64 "/%" PRId64 " us", policy,
			 number_of(thread, "runtime_ns") / 1000, number_of(thread, "period_ns") / 1000);
	else
		snprintf(buffer, size, "%s", policy);
}

static void print_threads(const json_t *status)
{
	size_t i;
	const json_t *thread;

	json_array_foreach(json_object_get(status, "threads"), i, thread) {
		const char *wrong = json_string_value(json_object_get(thread, "wrong"));
		char policy[80];

		print_policy(thread, policy, sizeof(policy));
		printf("  thread %-24s %7" PRId64 "  CPU %-8s %-16s %s%s%s\n", text_of(thread, "name"),
		       number_of(thread, "tid"), text_of(thread, "cpus"), policy, text_of(thread, "group"),
		       wrong == NULL ? "" : "  WRONG: ", wrong == NULL ? "" : wrong);
	}
}

static void print_downgrades(const json_t *status)
{
	size_t i;
	const json_t *text;

	json_array_foreach(json_object_get(status, "downgrades"), i, text) {
		if (json_is_string(text))
			printf("  best effort: %s\n", json_string_value(text));
	}
}

static void print_text(const json_t *status)
{
	print_head(status);
	print_vcpus(status);
	print_exits(status);
	print_threads(status);
	print_downgrades(status);
}

static int print_json(const json_t *status)
{
	int failed = json_dumpf(status, stdout, JSON_INDENT(2));

	putchar('\n');
	return failed;
}

/* Where its supervisor is gone and its folder is not, it crashed. */
static int tell_gone(const char *name, const struct diag *why, bool json)
{
	char path[RUN_PATH_MAX];
	bool crashed = access(run_path(name, "lock", path), F_OK) == 0;
	json_t *status;

	if (!crashed) {
		refusal_print(why);
		return COMMAND_NOT_HELD;
	}
	if (!json) {
		printf("%s: crashed\n", name);
		if (access(run_path(name, "log", path), R_OK) == 0)
			printf("  its messages are in %s\n", path);
		return output_finish(COMMAND_NOT_HELD);
	}
	status = json_pack("{s:i, s:s, s:s, s:b}", "format", 1, "name", name, "phase", "crashed", "held", 0);
	print_json(status);
	json_decref(status);
	return output_finish(COMMAND_NOT_HELD);
}

static int show(const json_t *reply, bool json)
{
	json_t *status = json_object_get(reply, "status");
	bool held = json_is_true(json_object_get(status, "held"));
	struct diag why = {0};

	if (!json_is_object(status)) {
		diag_set(&why, EBADMSG, "its supervisor does not say how it is");
		return refusal_print(&why);
	}
	json_object_set_new(status, "format", json_integer(1));
	if (json)
		print_json(status);
	else
		print_text(status);
	return output_finish(held ? COMMAND_HELD : COMMAND_NOT_HELD);
}

int command_status(int argc, char **argv)
{
	const struct control_request request = {.command = CONTROL_STATUS};
	bool json = false;
	const struct command_option options[] = {{"json", .flag = &json}, {0}};
	struct command_arguments arguments;
	json_t *reply = NULL;
	struct diag why = {0};
	int status = command_line_parse(argc, argv, help, options, &arguments);

	if (status != PARSE_DONE)
		return status;
	if (arguments.count != 1)
		return refusal_usage(argv[0], "one partition's name is needed");
	int error = control_ask(arguments.text[0], &request, &reply, NULL, &why);
	if (error == -ESRCH)
		return tell_gone(arguments.text[0], &why, json);
	if (error != 0)
		return refusal_print(&why);
	status = show(reply, json);
	json_decref(reply);
	return status;
}
