// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "core/base/diag.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "sched/phrase.h"
#include "sched/reservation_rules.h"

/* What Linux starts with: sched_deadline_period_{min,max}_us, and 6.12's fair server. */
#define PERIOD_MIN_NS UINT64_C(100000)
#define PERIOD_MAX_NS UINT64_C(4194304000)
static const struct ratio server_initial = {50000000, 1000000000};

#define PERIOD_US_MAX UINT32_MAX /* the sysctls are 32 bits wide */

static void unknown_add(const struct reservation_view *view, const char *names, int error)
{
	size_t first = 0;

	while (view->machine->partition[first].schedule.policy != VCPU_POLICY_DEADLINE)
		first++;
	struct diag *why = reservation_finding(view, FINDING_UNKNOWN, "reservation-unknown", first);

	diag_set(why, ENODATA, "what the kernel admits is not known: /proc/sys/kernel/%s: %s", names,
		 host_unknown(error));
	diag_remedy(why, "check on the host itself, or against what \"bulkhead capture\" stored there");
}

static void kernel_limit(struct reservation_view *view)
{
	const struct fact_number *runtime = &view->host->kernel.rt_runtime_us;
	const struct fact_number *period = &view->host->kernel.rt_period_us;

	if (runtime->known && runtime->value == -1) {
		view->kernel_known = true;
		return;
	}
	if (!runtime->known || !period->known) {
		unknown_add(view, runtime->known ? "sched_rt_period_us" : "sched_rt_runtime_us",
			    runtime->known ? period->error : runtime->error);
		return;
	}
	if (runtime->value < 0 || period->value <= 0 || runtime->value > period->value) {
		unknown_add(view, "sched_rt_runtime_us", EINVAL);
		return;
	}
	view->kernel_known = true;
	view->kernel_tests = true;
	view->runtime_us = (uint64_t)runtime->value;
	view->period_us = (uint64_t)period->value;
}

static void period_bounds(struct reservation_view *view)
{
	const struct fact_number *least = &view->host->kernel.deadline_period_min_us;
	const struct fact_number *most = &view->host->kernel.deadline_period_max_us;

	view->period_min_ns = PERIOD_MIN_NS;
	view->period_max_ns = PERIOD_MAX_NS;
	if (!least->known || !most->known) {
		unknown_add(view, least->known ? "sched_deadline_period_max_us"
					       : "sched_deadline_period_min_us",
			    least->known ? most->error : least->error);
		return;
	}
	if (least->value < 0 || most->value < 0 || least->value > PERIOD_US_MAX ||
	    most->value > PERIOD_US_MAX) {
		unknown_add(view, "sched_deadline_period_{min,max}_us", EINVAL);
		return;
	}
	view->period_min_ns = (uint64_t)least->value * 1000;
	view->period_max_ns = (uint64_t)most->value * 1000;
}

void reservation_facts(struct reservation_view *view)
{
	kernel_limit(view);
	period_bounds(view);
}

struct ratio reservation_server(struct reservation_view *view, unsigned cpu)
{
	struct ratio *server = &view->server[cpu];
	uint64_t runtime_ns = 0;
	uint64_t period_ns = 0;
	int error;

	if (cpulist_has(&view->server_known, cpu))
		return *server;
	cpulist_add(&view->server_known, cpu);
	*server = (struct ratio){0, 1};
	if (view->host->kernel.has_fair_server == FACT_NO)
		return *server;
	error = host_fair_server(view->host, cpu, &runtime_ns, &period_ns);
	if (error == 0 && runtime_ns != 0 && period_ns != 0)
		*server = (struct ratio){runtime_ns < period_ns ? runtime_ns : period_ns, period_ns};
	if (error == 0)
		return *server;
	*server = server_initial;
	if (cpulist_empty(&view->assumed))
		view->assumed_error = error < 0 ? -error : error;
	cpulist_add(&view->assumed, cpu);
	return *server;
}

void reservation_server_note(const struct reservation_view *view)
{
	char cpus[PHRASE_CPUS_MAX];
	struct diag *why;

	if (cpulist_empty(&view->assumed))
		return;
	why = findings_add(view->findings, FINDING_NOTE, "reservation-fair-server", FINDING_MACHINE);
	diag_at(why, view->machine->file, 0, 0);
	diag_set(why, ENODATA, "the fair server of %s could not be read (%s): counted as the 50ms of each "
		 "1s that Linux 6.12 starts it with", phrase_cpus(&view->assumed, cpus, sizeof(cpus)),
		 host_unknown(view->assumed_error));
	diag_remedy(why, "check as root, with debugfs mounted: "
		    "cat /sys/kernel/debug/sched/fair_server/cpu*/runtime");
}

uint64_t reservation_limit(struct reservation_view *view, unsigned cpu)
{
	struct ratio server = reservation_server(view, cpu);
	uint64_t taken = ratio_sum_ppb(&server, 1);
	uint64_t limit = RESERVATION_PPB;

	if (view->kernel_tests)
		limit = (uint64_t)((unsigned __int128)view->runtime_us * RESERVATION_PPB /
				   view->period_us);
	return taken < limit ? limit - taken : 0;
}
