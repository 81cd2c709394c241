// SPDX-License-Identifier: Apache-2.0
#include "rt/doctor_found.h"

#include <stdio.h>

#include "core/host/threads.h"
#include "rt/doctor_checks.h"

void doctor_found_add(struct doctor_found *found, const struct host_thread *thread, const char *what)
{
	doctor_items_add(&found->items, "%s (%u)%s%s", thread->name, thread->tid, what[0] != '\0' ? " " : "",
			 what);
	doctor_items_add(&found->tids, "%u", thread->tid);
}

void doctor_found_on_cpus(struct doctor_found *found, const struct host_thread *thread)
{
	struct doctor_cpu_text text;
	char what[96];

	snprintf(what, sizeof(what), "on %s", doctor_cpu_text(&thread->cpus, &text));
	doctor_found_add(found, thread, what);
}

void doctor_advise_taskset(const struct doctor_subject *subject, struct doctor_result *result,
			   struct doctor_found *found)
{
	struct doctor_cpu_text text;

	doctor_advise(result, "for t in %s; do taskset -pc %s $t; done%s", found->tids.text,
		      doctor_housekeeping_text(subject, &text),
		      found->tids.left_out > 0 ? " # and look again, there are more" : "");
}
