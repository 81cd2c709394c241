// SPDX-License-Identifier: Apache-2.0
/* Where KVM keeps a guest's timer, and what it does to guests by a timer of its own. */
#include <errno.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"

static void look_kvmclock_sync(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *text = NULL;
	int error = doctor_parameter(subject, result, &text, "kvm", "kvmclock_periodic_sync");

	doctor_expect(result, "N");
	if (error == -ENOENT) {
		doctor_say(result, DOCTOR_PASS, "this kvm has no periodic synchronization to turn off");
		return;
	}
	if (error != 0)
		return;
	if (strcmp(text, "Y") != 0 && strcmp(text, "N") != 0) {
		doctor_unknown(result, "/sys/module/kvm/parameters/kvmclock_periodic_sync", -EINVAL);
		return;
	}
	doctor_say(result, *text == 'N' ? DOCTOR_PASS : DOCTOR_WARN, "%s", text);
	if (*text == 'Y')
		doctor_advise(result, "echo options kvm kvmclock_periodic_sync=0 > "
			      "/etc/modprobe.d/bulkhead-kvmclock.conf # then reboot, or reload kvm with no guest "
			      "running (built-in: kvm.kvmclock_periodic_sync=0 on the kernel command line)");
}

/* Exits whose absence lets KVM move the guest's timer away: it takes such a vCPU to be always running. */
static bool stays_in_guest(const struct doctor_subject *subject, unsigned exits)
{
	const struct machine_config *machine = subject->machine;

	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (partition->schedule.policy != VCPU_POLICY_OTHER &&
		    (partition->exits_disabled & exits) != 0)
			return true;
	}
	return machine == NULL;
}

static bool apicv_is_off(const struct host_facts *host)
{
	bool on = true;

	return host_truth(&host->files, &on, "/sys/module/%s/parameters/%s", doctor_vendor_module(host),
			  strcmp(doctor_vendor_module(host), "kvm_amd") == 0 ? "avic" : "enable_apicv") == 0 && !on;
}

/* lapic.c: a timer interrupt is posted from elsewhere with pi_inject_timer, an active APICv, and HLT or MWAIT exits off. */
static void look_guest_timer(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *inject = NULL;

	doctor_expect(result, "pi_inject_timer 0");
	if (!stays_in_guest(subject, EXITS_DISABLED_HLT | EXITS_DISABLED_MWAIT)) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE,
			   "every real-time partition has its HLT and MWAIT exits on");
		return;
	}
	int error = doctor_parameter(subject, result, &inject, "kvm", "pi_inject_timer");

	if (error == -ENOENT)
		doctor_unknown(result, "/sys/module/kvm/parameters/pi_inject_timer", error);
	if (error != 0)
		return;
	if (strcmp(inject, "0") == 0) {
		doctor_say(result, DOCTOR_PASS, "pi_inject_timer 0");
		return;
	}
	if (strcmp(inject, "-1") == 0) {
		doctor_say(result, DOCTOR_UNKNOWN, "pi_inject_timer -1: decided when a vendor's module is loaded");
		doctor_advise(result, "modprobe %s", doctor_vendor_module(subject->host));
		return;
	}
	if (strcmp(inject, "1") != 0) {
		doctor_unknown(result, "/sys/module/kvm/parameters/pi_inject_timer", -EINVAL);
		return;
	}
	if (apicv_is_off(subject->host)) {
		doctor_say(result, DOCTOR_PASS, "pi_inject_timer 1, without effect while KVM uses no APICv or AVIC");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "pi_inject_timer 1%s",
		   cpulist_empty(&subject->host->kernel.nohz_full) ? "" : ", as nohz_full sets it");
	doctor_advise(result, "echo 0 > /sys/module/kvm/parameters/pi_inject_timer # before guests start; or keep "
		      "1 and measure with the housekeeping CPUs under load: bulkhead latency");
}

static void look_preemption_timer(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *text = NULL;
	const char *module = doctor_kvm_module(subject);

	doctor_expect(result, "Y, and MWAIT exits left on");
	if (strcmp(module != NULL ? module : doctor_vendor_module(subject->host), "kvm_amd") == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "AMD processors have no such timer");
		return;
	}
	int error = doctor_parameter(subject, result, &text, "kvm_intel", "preemption_timer");

	if (error == -ENOENT)
		doctor_unknown(result, "/sys/module/kvm_intel/parameters/preemption_timer", error);
	if (error != 0)
		return;
	if (strcmp(text, "Y") != 0 && strcmp(text, "N") != 0) {
		doctor_unknown(result, "/sys/module/kvm_intel/parameters/preemption_timer", -EINVAL);
		return;
	}
	doctor_say(result, *text == 'Y' ? DOCTOR_PASS : DOCTOR_WARN, "%s", text);
	if (*text == 'N') {
		doctor_advise_module(subject, result, "kvm_intel", "preemption_timer=1",
				     "it stays N on a CPU without it");
	} else if (subject->machine != NULL && stays_in_guest(subject, EXITS_DISABLED_MWAIT)) {
		/* lapic.c: kvm_can_use_hv_timer() */
		doctor_say(result, DOCTOR_WARN, "Y, but not for a partition that has its MWAIT exits off");
		doctor_advise(result, "bulkhead show FILE # then take mwait out of exits.disable; hlt alone keeps the "
			      "timer");
	}
}

static const struct doctor_check checks[] = {
	{"P3-kvmclock-sync", DOCTOR_JITTER, "periodic synchronization of kvmclock",
	 "Every 300 seconds KVM takes all vCPUs of a guest out to the host at once.", look_kvmclock_sync},
	{"P9-guest-timer", DOCTOR_JITTER, "CPU on which a guest's timer expires (kvm pi_inject_timer)",
	 "With it a guest that keeps its HLT exits off has its timer on a housekeeping CPU, and wakes up as late "
	 "as that CPU is busy.", look_guest_timer},
	{"P9-preemption-timer", DOCTOR_JITTER, "VMX preemption timer",
	 "Without it a guest's timer is a timer of the host, whose interrupt costs more than the exit of the "
	 "guest's own.", look_preemption_timer},
};

const struct doctor_table doctor_timers = {checks, sizeof(checks) / sizeof(checks[0])};
