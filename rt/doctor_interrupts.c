// SPDX-License-Identifier: Apache-2.0
/* Interrupts on real-time CPUs: those other CPUs send, ticks, and where those of devices go by default. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cpumask.h"
#include "core/host/host.h"
#include "core/host/interrupts.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_irq_affinity.h"
#include "rt/doctor_irqbalance.h"
#include "rt/doctor_samples.h"
#include "rt/doctor_words.h"

enum {
	IPI_STREAM_PER_SECOND = 20, /* on one CPU: below, it may be what a set-up left behind */
	LOWEST_HZ = 100,            /* of CONFIG_HZ: a tick that runs is at least as frequent */
	MASK_TEXT_MAX = 320,
};

static void look_ipis(const struct doctor_subject *subject, struct doctor_result *result)
{
	static const char *const row[] = {"TLB", "CAL", "RES", "IWI"};
	_cleanup_(doctor_samples_done) struct doctor_samples samples = {0};
	struct doctor_items items = {0};
	struct doctor_cpu_text text;
	uint64_t sum = 0;
	uint64_t more = 0;

	doctor_expect(result, "none (TLB, CAL, RES, IWI)");
	if (doctor_no_cpus(subject, result) ||
	    !doctor_samples_read(subject, result, &subject->rt_cpus, &samples))
		return;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (!doctor_samples_growth(&samples, result, row[i], &subject->rt_cpus, &more))
			return;
		if (more > 0)
			doctor_items_add(&items, "%s %llu", row[i], (unsigned long long)more);
		sum += more < UINT32_MAX ? more : UINT32_MAX;
	}
	doctor_cpu_text(&subject->rt_cpus, &text);
	if (items.count == 0) {
		doctor_say(result, DOCTOR_PASS, "none on CPU %s in %lld ms", text.text,
			   doctor_samples_ms(&samples));
		return;
	}
	uint64_t per_second = sum * 1000 / (uint64_t)(samples.window_ns / 1000000 + 1);
	bool stream = per_second / cpulist_count(&subject->rt_cpus) >= IPI_STREAM_PER_SECOND;

	doctor_say(result, stream ? DOCTOR_FAIL : DOCTOR_WARN, "on CPU %s in %lld ms: %s", text.text,
		   doctor_samples_ms(&samples), doctor_items_end(&items));
	doctor_advise(result, "trace-cmd record -e ipi -e csd sleep 10; trace-cmd report # names the senders: keep "
		      "their threads off CPU %s, and load no module or BPF program while partitions run",
		      text.text);
}

static void look_ticks(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_kernel *kernel = &subject->host->kernel;
	_cleanup_(doctor_samples_done) struct doctor_samples samples = {0};
	struct doctor_cpu_text text;
	uint64_t most = 0;
	uint64_t more = 0;

	doctor_expect(result, "fewer than %d/s on each CPU", LOWEST_HZ / 2);
	if (doctor_no_cpus(subject, result) ||
	    !doctor_samples_read(subject, result, &subject->rt_cpus, &samples))
		return;
	for (unsigned cpu = 0; (cpu = cpulist_next(&subject->rt_cpus, cpu)) < CPULIST_MAX; cpu++) {
		struct cpulist one = {0};

		cpulist_add(&one, cpu);
		if (!doctor_samples_growth(&samples, result, "LOC", &one, &more))
			return;
		most = more > most ? more : most;
	}
	doctor_cpu_text(&subject->rt_cpus, &text);
	if (most > (uint64_t)doctor_samples_ms(&samples) * (LOWEST_HZ / 2) / 1000) {
		doctor_say(result, DOCTOR_WARN, "up to %llu in %lld ms on one of CPU %s",
			   (unsigned long long)most, doctor_samples_ms(&samples), text.text);
		doctor_advise(result, "add nohz_full=%s to the kernel command line and reboot # a guest's own timers "
			      "are counted here too: look again while none runs", text.text);
	} else if (kernel->nohz_full_known && doctor_cpus_within(&subject->rt_cpus, &kernel->nohz_full)) {
		doctor_say(result, DOCTOR_PASS, "at most %llu in %lld ms, nohz_full",
			   (unsigned long long)most, doctor_samples_ms(&samples));
	} else {
		/* An idle CPU has no tick anyway. */
		doctor_say(result, DOCTOR_UNKNOWN, "at most %llu in %lld ms, which says little of a busy CPU "
			   "without nohz_full", (unsigned long long)most, doctor_samples_ms(&samples));
		doctor_advise(result, "add nohz_full=%s to the kernel command line and reboot", text.text);
	}
}

static void look_default_affinity(const struct doctor_subject *subject, struct doctor_result *result)
{
	struct cpulist mask;
	struct doctor_cpu_text text;
	char written[MASK_TEXT_MAX];
	const char *given = NULL;

	doctor_expect(result, "no real-time CPU");
	if (doctor_no_cpus(subject, result) ||
	    !doctor_text(subject, result, &given, "/proc/irq/default_smp_affinity"))
		return;
	if (cpumask_parse(given, &mask) != 0) {
		doctor_unknown(result, "/proc/irq/default_smp_affinity", EINVAL);
		return;
	}
	/* The mask names CPUs that the host does not have as well. */
	if (!cpulist_empty(&subject->host->topology.present))
		cpulist_and(&mask, &subject->host->topology.present, &mask);
	/* The kernel accepts none that is empty. */
	if (cpulist_empty(&mask)) {
		doctor_unknown(result, "/proc/irq/default_smp_affinity", EINVAL);
		return;
	}
	bool meets = doctor_cpus_meet(&mask, &subject->rt_cpus);

	doctor_say(result, meets ? DOCTOR_WARN : DOCTOR_PASS, "CPU %s", doctor_cpu_text(&mask, &text));
	if (meets)
		doctor_advise(result, "echo %s > /proc/irq/default_smp_affinity # and boot with irqaffinity=%s",
			      cpumask_format(&subject->housekeeping, written, sizeof(written)),
			      doctor_housekeeping_text(subject, &text));
}

static const struct doctor_check checks[] = {
	{"P7-ipis", DOCTOR_JITTER, "interrupts sent to real-time CPUs by others",
	 "A CPU that changes kernel mappings, kernel text or a shared address space interrupts all that might "
	 "hold a copy, those of partitions too.", look_ipis},
	{"P7-ticks", DOCTOR_JITTER, "timer interrupts on real-time CPUs",
	 "The scheduler's tick takes a guest out to the host up to a thousand times in each second.",
	 look_ticks},
	{"P12-irq-affinity", DOCTOR_JITTER, "device interrupts on real-time CPUs",
	 "Each interrupt of a foreign device takes the guest out to the host, and its softirq work runs there "
	 "as well.", doctor_look_irq_affinity},
	{"P12-irq-pending", DOCTOR_CARE, "interrupt moves that have not happened",
	 "An interrupt moves only when it next comes, so one that comes rarely still hits the old CPU once, at a "
	 "bad time.", doctor_look_irq_pending},
	{"P12-default-affinity", DOCTOR_CARE, "CPUs for interrupts of devices yet to come",
	 "A device that is plugged in or a driver that is loaded later gets its interrupts on these CPUs.",
	 look_default_affinity},
	{"P12-irqbalance", DOCTOR_JITTER, "CPUs that irqbalance uses",
	 "irqbalance moves interrupts onto every CPU that it is not kept from.", doctor_look_irqbalance},
};

const struct doctor_table doctor_interrupts = {checks, sizeof(checks) / sizeof(checks[0])};
