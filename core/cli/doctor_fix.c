// SPDX-License-Identifier: Apache-2.0
#include "core/cli/doctor_fix.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/borrow.h"
#include "core/base/cleanup.h"
#include "core/base/diag.h"
#include "core/cli/change_print.h"
#include "core/cli/commands.h"
#include "core/cli/cut.h"
#include "core/cli/doctor_visit.h"
#include "core/cli/findings_print.h"
#include "core/cli/flow.h"
#include "core/cli/refusal.h"
#include "core/cli/running.h"
#include "core/config/machine.h"
#include "irq/interrupt_changes.h"
#include "rt/host_changes.h"

/*
 * struct treatment - what is done for a host.
 * @wanted: all changes that there are. @chosen: of them those that a check which does not hold asks for.
 * @findings: what the plan had to say.
 */
struct treatment {
	struct doctor_visit before;
	struct doctor_visit after;
	struct machine_plan plan;
	struct changes wanted;
	struct changes chosen;
	struct findings findings;
	struct borrow_result result;
};

static void treatment_done(struct treatment *treatment)
{
	findings_done(&treatment->findings);
	changes_done(&treatment->chosen);
	changes_done(&treatment->wanted);
	machine_plan_done(&treatment->plan);
	doctor_visit_done(&treatment->after);
	doctor_visit_done(&treatment->before);
}

/* All of a machine's changes, in the order of apply. */
static int plan_machine(const struct machine_config *machine, struct treatment *treatment)
{
	const struct host_facts *host = &treatment->before.host;
	int error = flow_plan(machine, host, &treatment->plan, &treatment->findings);

	if (error != 0 || flow_verdict(&treatment->findings) == FLOW_NOT_HELD)
		return error;
	return flow_changes(machine, &treatment->plan, host, &treatment->wanted, &treatment->findings);
}

/* Without a file: what concerns the CPUs as such. */
static int plan_host(struct treatment *treatment)
{
	const struct doctor_subject *subject = &treatment->before.report.subject;
	const struct cpu_division cpus = {
		.partitions = subject->rt_cpus, .housekeeping = subject->housekeeping,
	};
	int error = setting_changes(NULL, subject->host, &cpus, &treatment->wanted, &treatment->findings);

	if (error == 0)
		error = thread_changes(NULL, subject->host, &cpus, &treatment->wanted, &treatment->findings);
	if (error == 0)
		error = interrupt_changes(subject->host, &cpus, &treatment->wanted, &treatment->findings);
	return error == 0 && treatment->wanted.lost ? -ENOMEM : error;
}

static bool is_asked_for(const struct doctor_fix *fix, const struct doctor_check *check)
{
	return fix->check == NULL || strcmp(fix->check, check->id) == 0;
}

static bool does_not_hold(const struct doctor_finding *finding)
{
	return finding->result.verdict == DOCTOR_FAIL || finding->result.verdict == DOCTOR_WARN;
}

static bool is_remedy(const struct doctor_fix *fix, const struct doctor_report *report,
		      const struct change *change)
{
	for (size_t i = 0; change->check != NULL && !change->held && i < report->count; i++) {
		const struct doctor_finding *finding = &report->finding[i];

		if (strcmp(finding->check->id, change->check) == 0)
			return is_asked_for(fix, finding->check) && does_not_hold(finding);
	}
	return false;
}

static bool has_change(const struct changes *changes, const char *check)
{
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->item[i].check != NULL && strcmp(changes->item[i].check, check) == 0)
			return true;
	}
	return false;
}

static int choose(const struct doctor_fix *fix, struct treatment *treatment)
{
	for (size_t i = 0; i < treatment->wanted.count; i++) {
		const struct change *change = &treatment->wanted.item[i];
		struct change copy;

		if (!is_remedy(fix, &treatment->before.report, change))
			continue;
		if (change_copy(change, &copy) != 0)
			return -ENOMEM;
		struct change *chosen = changes_add(&treatment->chosen, change->kind, change->domain, "%s", "");

		change_done(chosen);
		*chosen = copy;
	}
	return treatment->chosen.lost ? -ENOMEM : 0;
}

/*
 * Nothing is changed under a partition that runs, nor is what it runs on put back, as borrow_add() does with an apply
 * that did not end. Returns 0; 1 where something would be; or -errno with @why.
 */
static int spare(const struct borrow *borrow, struct treatment *treatment, struct diag *why)
{
	_cleanup_(running_done) struct running running = {0};
	int error = running_find(&running, why);

	if (error != 0)
		return error;
	if (treatment->chosen.count > 0 && applied_unfinished(borrow))
		applied_spare(&running, &treatment->findings);
	else
		changes_spare(&treatment->chosen, &running, &treatment->findings);
	return flow_verdict(&treatment->findings) == FLOW_NOT_HELD;
}

/* Returns 0; 1 where the plan refuses the file, or the changes; or -errno with @why. */
static int treat(const struct doctor_fix *fix, const struct doctor_patient *patient,
		 struct treatment *treatment, struct diag *why)
{
	const struct borrow borrow = {.folder = BORROW_HOST_FOLDER, .calls = flow_calls()};
	int error = doctor_visit(patient, &treatment->before, why);

	if (error != 0)
		return error;
	error = patient->machine != NULL ? plan_machine(patient->machine, treatment) : plan_host(treatment);
	if (error == 0 && flow_verdict(&treatment->findings) == FLOW_NOT_HELD)
		return 1;
	if (error == 0)
		error = choose(fix, treatment);
	if (error != 0)
		return diag_set(why, ENOMEM, "not enough memory to plan the changes");
	error = spare(&borrow, treatment, why);
	if (error == 0 && treatment->chosen.count > 0)
		error = borrow_add(&borrow, &treatment->chosen, &treatment->result, why);
	return error != 0 ? error : doctor_visit(patient, &treatment->after, why);
}

/* Why a check still does not hold. */
static const char *cause_of(const struct treatment *treatment, const char *check)
{
	if (has_change(&treatment->chosen, check))
		return "changed, and not so yet";
	if (has_change(&treatment->wanted, check))
		return "what can be changed while the host runs is as it should be";
	return "cannot be changed while the host runs";
}

static void print_left(const struct doctor_fix *fix, const struct treatment *treatment)
{
	const struct doctor_report *report = &treatment->after.report;

	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_finding *finding = &report->finding[i];

		if (!is_asked_for(fix, finding->check))
			continue;
		if (does_not_hold(finding))
			printf("%s still: %s: %s: %s; %s\n", doctor_verdict_name(finding->result.verdict),
			       finding->check->id, finding->result.value,
			       cause_of(treatment, finding->check->id), finding->result.remedy);
		else if (fix->check != NULL)
			printf("%s: %s: %s\n", doctor_verdict_name(finding->result.verdict), finding->check->id,
			       finding->result.value);
	}
}

static void print_text(const struct doctor_fix *fix, const struct treatment *treatment)
{
	changes_print(&treatment->chosen, stdout);
	if (treatment->chosen.count == 0)
		puts(fix->check == NULL ? "no failing check has a change that is not made" :
					  "there is no change to be made for it");
	print_left(fix, treatment);
	if (treatment->result.written > 0)
		printf("%zu change%s made; bulkhead revert puts back what was there\n", treatment->result.written,
		       treatment->result.written == 1 ? "" : "s");
}

static json_t *left_to_json(const struct doctor_fix *fix, const struct treatment *treatment)
{
	const struct doctor_report *report = &treatment->after.report;
	json_t *left = json_array();

	for (size_t i = 0; i < report->count; i++) {
		const struct doctor_finding *finding = &report->finding[i];

		if (!is_asked_for(fix, finding->check) || !does_not_hold(finding))
			continue;
		json_array_append_new(left, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", finding->check->id,
						      "verdict", doctor_verdict_name(finding->result.verdict),
						      "value", finding->result.value, "cause",
						      cause_of(treatment, finding->check->id), "remedy",
						      finding->result.remedy));
	}
	return left;
}

static int status_of(const struct doctor_fix *fix, const struct treatment *treatment)
{
	const struct doctor_report *report = &treatment->after.report;

	if (fix->check == NULL)
		return doctor_visit_status(&treatment->after);
	for (size_t i = 0; i < report->count; i++) {
		if (!is_asked_for(fix, report->finding[i].check))
			continue;
		if (report->finding[i].result.verdict == DOCTOR_UNKNOWN)
			return COMMAND_UNKNOWN;
		return does_not_hold(&report->finding[i]) ? COMMAND_NOT_HELD : COMMAND_HELD;
	}
	return COMMAND_UNKNOWN;
}

static const char *verdict_of(const struct doctor_fix *fix, const struct treatment *treatment)
{
	switch (status_of(fix, treatment)) {
	case COMMAND_HELD:
		return "held";
	case COMMAND_NOT_HELD:
		return "not-held";
	default:
		return "unknown";
	}
}

static int print_json(const struct doctor_fix *fix, const struct doctor_patient *patient,
		      const struct treatment *treatment)
{
	json_t *report = change_report_to_json(patient->machine == NULL ? NULL : patient->machine->file,
					       &treatment->findings);
	json_t *changes = json_array();
	int failed = changes_to_json(&treatment->chosen, changes);

	/* Not of the plan, but of what the doctor found behind it. */
	failed |= json_object_set_new(report, "verdict", json_string(verdict_of(fix, treatment)));
	failed |= json_object_set_new(report, "changes", changes);
	failed |= json_object_set_new(report, "left", left_to_json(fix, treatment));
	failed |= borrow_result_to_json(&treatment->result, report);
	return change_report_print(report) | failed;
}

int doctor_fix(const struct doctor_fix *fix, const struct doctor_patient *patient)
{
	_cleanup_(treatment_done) struct treatment treatment = {0};
	struct diag why = {0};

	if (geteuid() != 0) {
		diag_set(&why, EPERM, "the settings of this host may be changed by root alone");
		diag_remedy(&why, "run it as root; without --fix the doctor says what to do");
		return refusal_print(&why);
	}
	int error = treat(fix, patient, &treatment, &why);

	if (error < 0)
		return refusal_print(&why);
	if (error > 0) {
		findings_print(&treatment.findings, stderr);
		fprintf(stderr, "bulkhead: %s: %s; nothing was changed\n",
			patient->machine == NULL ? "doctor" : patient->machine->file,
			treatment.chosen.count > 0 ? "not while a partition runs" : "not for this host");
		return output_finish(COMMAND_NOT_HELD);
	}
	if (!fix->json) {
		print_text(fix, &treatment);
	} else if (print_json(fix, patient, &treatment) != 0) {
		diag_set(&why, ENOMEM, "what was done cannot be printed as JSON");
		return refusal_print(&why);
	}
	return output_finish(status_of(fix, &treatment));
}
