// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cli/doctor_report.h"
#include "core/config/machine.h"
#include "core/host/host.h"

enum { COLUMNS = 100, INDENT = 9 };

/* struct style - what a verdict looks like; the escape sequences only on a terminal. */
struct style {
	const char *word;
	const char *on;
};

static const struct style styles[DOCTOR_VERDICTS] = {
	[DOCTOR_FAIL] = {"FAIL", "\033[1;31m"},
	[DOCTOR_WARN] = {"WARN", "\033[1;33m"},
	[DOCTOR_UNKNOWN] = {"UNKNOWN", "\033[1;36m"},
	[DOCTOR_PASS] = {"pass", "\033[32m"},
	[DOCTOR_NOT_APPLICABLE] = {"-", ""},
};

/* no-color.org: any text but none at all. */
static bool is_coloured(void)
{
	const char *without = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && (without == NULL || without[0] == '\0') && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

/* struct wrap - what ends a line that goes on, and what the next one begins with. */
struct wrap {
	const char *end;
	const char *begin;
};

static const struct wrap plain = {"", ""};

/* Writes words, broken at blanks before COLUMNS; further lines begin at INDENT. @column: of the first word. */
static void print_wrapped(const char *text, size_t column, struct wrap wrap)
{
	bool first = true;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (!first && column + 1 + length + strlen(wrap.end) > COLUMNS) {
			printf("%s\n%*s%s", wrap.end, INDENT, "", wrap.begin);
			column = INDENT + strlen(wrap.begin);
			first = true;
		}
		printf("%s%.*s", first ? "" : " ", (int)length, text);
		column += length + !first;
		first = false;
		text += length + (text[length] == ' ');
	}
	putchar('\n');
}

static void print_indented(const char *text, struct wrap wrap)
{
	printf("%*s", INDENT, "");
	print_wrapped(text, INDENT, wrap);
}

/* Whether a remedy is a command: one that is broken over lines must still be one when it is copied. */
static bool is_command(const char *remedy)
{
	static const char *const programs[] = {
		"apt", "cat", "chrt", "cpupower", "dnf", "echo", "for", "grep", "id", "journalctl", "mkdir",
		"modprobe", "mount", "swapoff", "sysctl", "systemctl", "taskset", "tuned-adm", "zcat",
	};
	size_t length = strcspn(remedy, " ");

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (strlen(programs[i]) == length && strncmp(remedy, programs[i], length) == 0)
			return true;
	}
	return false;
}

/* What follows a command behind a # is said on a line of its own. */
static void print_remedy(const char *remedy)
{
	char command[sizeof(((struct doctor_result *)NULL)->remedy)];
	const char *comment = is_command(remedy) ? strstr(remedy, " # ") : NULL;

	snprintf(command, sizeof(command), "%s", remedy);
	if (comment != NULL)
		command[comment - remedy] = '\0';
	print_indented(command, is_command(remedy) ? (struct wrap){" \\", "  "} : plain);
	if (comment != NULL)
		print_indented(comment + 1, (struct wrap){"", "# "});
}

static void print_finding(const struct doctor_finding *finding, bool coloured)
{
	const struct doctor_check *check = finding->check;
	const struct doctor_result *result = &finding->result;
	const struct style *style = &styles[result->verdict];
	char line[1024];

	printf("\n%s%-*s%s", coloured ? style->on : "", INDENT - 1, style->word, coloured ? "\033[0m" : "");
	snprintf(line, sizeof(line), " %s (%s): %s", check->id, doctor_severity_name(check->severity),
		 check->title);
	print_wrapped(line, INDENT - 1, plain);
	snprintf(line, sizeof(line), "%s -> %s", result->value, result->expected);
	print_indented(line, plain);
	print_indented(check->why, plain);
	if (result->remedy[0] != '\0')
		print_remedy(result->remedy);
}

static void print_short(const struct doctor_finding *finding, bool coloured)
{
	const struct style *style = &styles[finding->result.verdict];
	char line[1024];

	printf("%s%-*s%s", coloured ? style->on : "", INDENT - 1, style->word, coloured ? "\033[0m" : "");
	snprintf(line, sizeof(line), " %s: %s: %s", finding->check->id, finding->check->title,
		 finding->result.value);
	print_wrapped(line, INDENT - 1, plain);
}

/* Those of one verdict, by what they cost; @print says how. */
static void print_verdict(const struct doctor_report *report, enum doctor_verdict verdict,
			  void (*print)(const struct doctor_finding *finding, bool coloured))
{
	bool coloured = is_coloured();

	for (enum doctor_severity severity = DOCTOR_BREAKS; severity <= DOCTOR_CARE; severity++) {
		for (size_t i = 0; i < report->count; i++) {
			const struct doctor_finding *finding = &report->finding[i];

			if (finding->result.verdict == verdict && finding->check->severity == severity)
				print(finding, coloured);
		}
	}
}

static void print_head(const struct doctor_report *report)
{
	const struct doctor_subject *subject = &report->subject;
	const struct host_kernel *kernel = &subject->host->kernel;
	char cpus[512];
	char line[2048];
	size_t used;

	cpulist_format(&subject->rt_cpus, cpus, sizeof(cpus));
	snprintf(line, sizeof(line), "%s%s%s: Linux %s; real-time CPUs %s (%s)%s%s",
		 report->host == NULL ? "this host" : "host ", report->host == NULL ? "" : report->host,
		 subject->host->files.complete ? "" : " (not a complete capture)",
		 kernel->release[0] == '\0' ? "of unknown release" : kernel->release,
		 cpus[0] == '\0' ? "none" : cpus, subject->rt_cpus_from,
		 subject->machine == NULL ? "" : "; for ", subject->machine == NULL ? "" : subject->machine->file);
	used = strlen(line);
	for (size_t i = 0; i < used; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	}
	print_wrapped(line, 0, plain);
}

void doctor_table_print(const struct doctor_report *report, bool verbose)
{
	print_head(report);
	print_verdict(report, DOCTOR_FAIL, print_finding);
	print_verdict(report, DOCTOR_WARN, print_finding);
	print_verdict(report, DOCTOR_UNKNOWN, print_finding);
	if (verbose) {
		putchar('\n');
		print_verdict(report, DOCTOR_PASS, print_short);
		print_verdict(report, DOCTOR_NOT_APPLICABLE, print_short);
	}
	printf("\n%u fail, %u warn, %u unknown, %u pass, %u not applicable\n", report->tally[DOCTOR_FAIL],
	       report->tally[DOCTOR_WARN], report->tally[DOCTOR_UNKNOWN], report->tally[DOCTOR_PASS],
	       report->tally[DOCTOR_NOT_APPLICABLE]);
}
