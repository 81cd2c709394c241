// SPDX-License-Identifier: Apache-2.0
/* Parameters of KVM that can be written while it is loaded; rt/boot_plan.h has the others. */
#include <string.h>

#include "core/host/host.h"
#include "rt/setting_plan.h"

#define KVM "/sys/module/kvm/parameters"
#define SPLIT KVM "/nx_huge_pages"
#define BUG "/sys/devices/system/cpu/vulnerabilities/itlb_multihit"

static const struct setting settings[] = {
	{KVM "/halt_poll_ns", COMPARE_NUMBER, "0", "H2-halt-polling",
	 "a SCHED_DEADLINE vCPU that polls after HLT spends its runtime on waiting", NULL},
	/* -1 until a vendor's module is loaded, which decides; written, it takes 0 and 1 alone. */
	{KVM "/pi_inject_timer", COMPARE_NUMBER, "0", "P9-guest-timer",
	 "the timer of a guest that keeps its HLT exits off would expire on a housekeeping CPU", "-1"},
};

/*
 * On a CPU with the bug pages stay split, and nothing joins them again; on one without it they need not be
 * split. A CPU of which nobody knows is taken for one with it. What is off stays as it is: "never" takes nothing
 * else any more.
 */
static void want_no_split_pages(const struct setting_plan *plan)
{
	static const struct setting off = {
		.path = SPLIT, .compare = COMPARE_EXACT, .value = "N", .check = "P1-nx-huge-pages",
		.reason = "KVM splits huge pages that hold code and joins them again, and then all vCPUs fault at once",
	};
	static const struct setting never_joined = {
		.path = KVM "/nx_huge_pages_recovery_ratio", .compare = COMPARE_NUMBER, .value = "0",
		.check = "P1-nx-huge-pages",
		.reason = "huge pages that KVM has split and joins again make all vCPUs fault at once",
	};
	const char *split = NULL;
	const char *bug = NULL;

	if (!setting_read(plan, SPLIT, &split))
		return;
	bool on = strcmp(split, "Y") == 0 || strcmp(split, "auto") == 0;

	if (!on)
		setting_add(plan, &off, split, split);
	else if (host_text(&plan->subject.host->files, &bug, BUG) == 0 && strcmp(bug, "Not affected") == 0)
		setting_add(plan, &off, split, off.value);
	else
		setting_want(plan, &never_joined);
}

void setting_kvm(const struct setting_plan *plan)
{
	setting_want_all(plan, settings, sizeof(settings) / sizeof(settings[0]));
	want_no_split_pages(plan);
}
