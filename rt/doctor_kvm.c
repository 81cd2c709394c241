// SPDX-License-Identifier: Apache-2.0
/* KVM itself: whether it can be used, and what its modules do to a running guest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"

enum {
	PROCESS_MAKES_THREAD_SINCE = 6 << 16 | 14 << 8,
	NEVER_SINCE = 6 << 16 | 5 << 8, /* a kvm that does not know a value does not load */
};

static bool is_off(const char *text)
{
	return strcmp(text, "N") == 0 || strcmp(text, "n") == 0 || strcmp(text, "0") == 0;
}

/* The exits that must be off: what the file asks for, else what a guest that waits by itself needs. */
static unsigned exits_wanted(const struct doctor_subject *subject)
{
	const struct machine_config *machine = subject->machine;
	unsigned wanted = 0;

	if (machine == NULL)
		return EXITS_DISABLED_HLT | EXITS_DISABLED_PAUSE;
	for (size_t i = 0; i < machine->partition_count; i++)
		wanted |= machine->partition[i].exits_disabled;
	return wanted;
}

/* Whether each partition of a policy has that exit off: then what happens on it does not matter. */
static bool exit_is_off(const struct doctor_subject *subject, unsigned exit, bool deadline_only)
{
	const struct machine_config *machine = subject->machine;

	if (machine == NULL)
		return false;
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];
		enum vcpu_policy policy = partition->schedule.policy;

		if (policy == VCPU_POLICY_OTHER || (deadline_only && policy != VCPU_POLICY_DEADLINE))
			continue;
		if ((partition->exits_disabled & exit) == 0)
			return false;
	}
	return true;
}

static void look_kvm_usable(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *text = NULL;
	int error = host_text(&subject->host->files, &text, "/bulkhead/kvm-capabilities");

	doctor_expect(result, "/dev/kvm can be opened");
	if (error == 0) {
		doctor_say(result, DOCTOR_PASS, "/dev/kvm can be opened");
		return;
	}
	if (error == -ENOENT || error == -ENODEV || error == -ENXIO) {
		doctor_say(result, DOCTOR_FAIL, "/dev/kvm: %s", host_unknown(error));
		doctor_advise(result, "modprobe %s # where that fails, turn virtualization on in the firmware (VT-x or "
			      "SVM)", doctor_vendor_module(subject->host));
		return;
	}
	doctor_unknown(result, "/dev/kvm", error);
	if (error == -EACCES)
		doctor_advise(result, "usermod -aG kvm $USER # or run as root");
}

static void look_halt_polling(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *text = NULL;

	doctor_expect(result, "0");
	if (!subject->needs_deadline || exit_is_off(subject, EXITS_DISABLED_HLT, true)) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no temporal partition leaves its guest on HLT");
		return;
	}
	int error = doctor_parameter(subject, result, &text, "kvm", "halt_poll_ns");

	if (error == -ENOENT)
		doctor_unknown(result, "/sys/module/kvm/parameters/halt_poll_ns", error);
	if (error != 0)
		return;
	doctor_say(result, strcmp(text, "0") == 0 ? DOCTOR_PASS : DOCTOR_WARN, "%s ns", text);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "echo 0 > /sys/module/kvm/parameters/halt_poll_ns");
}

static void advise_nx(const struct doctor_subject *subject, struct doctor_result *result, bool affected)
{
	if (affected)
		doctor_advise(result, "echo 0 > /sys/module/kvm/parameters/nx_huge_pages_recovery_ratio # "
			      "where all guests are trusted, echo N > /sys/module/kvm/parameters/nx_huge_pages");
	else
		doctor_advise(result, "echo N > /sys/module/kvm/parameters/nx_huge_pages; echo options kvm "
			      "nx_huge_pages=%s > /etc/modprobe.d/bulkhead-kvm.conf",
			      subject->host->kernel.version >= NEVER_SINCE ? "never" : "0");
}

/* Pages are split: harmless only while nothing joins them again, and needless where the CPU is sound. */
static void look_nx_split(const struct doctor_subject *subject, struct doctor_result *result,
			  const char *nx)
{
	const char *bug = NULL;
	int64_t ratio = 0;

	if (!doctor_number(subject, result, &ratio,
			   "/sys/module/kvm/parameters/nx_huge_pages_recovery_ratio") ||
	    !doctor_text(subject, result, &bug,
			 "/sys/devices/system/cpu/vulnerabilities/itlb_multihit"))
		return;
	bool affected = strcmp(bug, "Not affected") != 0;

	doctor_say(result, ratio != 0 ? DOCTOR_FAIL : affected ? DOCTOR_PASS : DOCTOR_WARN,
		   "%s, recovery ratio %lld, itlb_multihit: %s", nx, (long long)ratio, bug);
	if (result->verdict != DOCTOR_PASS)
		advise_nx(subject, result, affected);
}

static void look_nx_huge_pages(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *nx = NULL;
	int error = doctor_parameter(subject, result, &nx, "kvm", "nx_huge_pages");

	doctor_expect(result, "N or never; on a CPU with the bug, recovery ratio 0");
	if (error == -ENOENT)
		doctor_unknown(result, "/sys/module/kvm/parameters/nx_huge_pages", error);
	if (error != 0)
		return;
	if (is_off(nx) || strcmp(nx, "never") == 0)
		doctor_say(result, DOCTOR_PASS, "%s", nx);
	else if (strcmp(nx, "Y") == 0 || strcmp(nx, "auto") == 0)
		look_nx_split(subject, result, nx);
	else
		doctor_unknown(result, "/sys/module/kvm/parameters/nx_huge_pages", -EINVAL);
}

/* Up to Linux 6.13 a kernel thread per machine is moved through every cgroup hierarchy. */
static void look_create_vm(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *nx = NULL;
	const char *mounts = NULL;

	doctor_expect(result, "favordynmods, or nx_huge_pages never");
	if (subject->host->kernel.version == 0) {
		doctor_say(result, DOCTOR_UNKNOWN, "the kernel's release is not known");
		return;
	}
	if (subject->host->kernel.version >= PROCESS_MAKES_THREAD_SINCE) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "Linux %s makes no such thread",
			   subject->host->kernel.release);
		return;
	}
	int error = doctor_parameter(subject, result, &nx, "kvm", "nx_huge_pages");

	if (error == -ENOENT)
		doctor_unknown(result, "/sys/module/kvm/parameters/nx_huge_pages", error);
	if (error == 0 && strcmp(nx, "never") == 0)
		doctor_say(result, DOCTOR_PASS, "nx_huge_pages is never");
	if (error != 0 || strcmp(nx, "never") == 0 ||
	    !doctor_text(subject, result, &mounts, "/proc/mounts"))
		return;
	if (strstr(mounts, "favordynmods") != NULL) {
		doctor_say(result, DOCTOR_PASS, "favordynmods");
		return;
	}
	doctor_say(result, DOCTOR_WARN, "no favordynmods, nx_huge_pages %s", nx);
	if (subject->host->cgroup.mode == CGROUP_V2)
		doctor_advise(result, "mount -o remount,favordynmods /sys/fs/cgroup");
	else
		doctor_advise(result, "echo options kvm nx_huge_pages=never > /etc/modprobe.d/bulkhead-kvm.conf # then "
			      "reload kvm (of Linux 6.1.53 or 6.5 and later), where all guests are trusted or the CPU is "
			      "not affected: see P1-nx-huge-pages");
}

/* The module of this CPU's vendor, or says unknown: parameters of none are known before it is loaded. */
static const char *vendor_module(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *module = doctor_kvm_module(subject);

	if (module != NULL)
		return module;
	if (!subject->host->files.complete) {
		doctor_unknown(result, "/sys/module/kvm_intel, kvm_amd", -ENODATA);
		return NULL;
	}
	doctor_say(result, DOCTOR_UNKNOWN, "neither kvm_intel nor kvm_amd is loaded, or not to be read");
	doctor_advise(result, "modprobe %s", doctor_vendor_module(subject->host));
	return NULL;
}

static void look_pause_exits(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *text = NULL;

	doctor_expect(result, "0");
	if (doctor_no_cpus(subject, result))
		return;
	if (exit_is_off(subject, EXITS_DISABLED_PAUSE, false)) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "every real-time partition has its PAUSE exits off");
		return;
	}
	const char *module = vendor_module(subject, result);

	if (module == NULL)
		return;
	const char *name = strcmp(module, "kvm_amd") == 0 ? "pause_filter_count" : "ple_gap";
	int error = doctor_parameter(subject, result, &text, module, name);

	if (error == -ENOENT)
		doctor_unknown(result, name, error);
	if (error != 0)
		return;
	doctor_say(result, strcmp(text, "0") == 0 ? DOCTOR_PASS : DOCTOR_WARN, "%s %s", name, text);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise_module(subject, result, module,
				     strcmp(module, "kvm_amd") == 0 ? "pause_filter_count=0" : "ple_gap=0", "");
}

/* "NAME VALUE" lines, the name with or without the prefix all capabilities have. */
static int kvm_capability(const char *text, const char *name, long *ret)
{
	static const char prefix[] = "KVM_CAP_";
	size_t length = strlen(name);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, prefix, sizeof(prefix) - 1) == 0)
			line += sizeof(prefix) - 1;
		if (strncmp(line, name, length) != 0 || line[length] != ' ')
			continue;
		char *end = NULL;

		*ret = strtol(line + length + 1, &end, 0);
		return end != line + length + 1 && (*end == '\n' || *end == '\0') ? 0 : -EINVAL;
	}
	return -ENODATA;
}

/* Why HLT and MWAIT exits cannot be turned off. */
static void advise_exits(const struct doctor_subject *subject, struct doctor_result *result,
			 unsigned missing)
{
	bool mitigated = false;

	if (host_truth(&subject->host->files, &mitigated, "/sys/module/kvm/parameters/mitigate_smt_rsb") ==
		    0 && mitigated)
		doctor_advise(result, "turn SMT off: add nosmt=force to the kernel command line (kvm keeps these "
			      "exits on while sibling threads share return predictions)");
	else if (missing == EXITS_DISABLED_MWAIT)
		doctor_advise(result, "leave mwait out of exits.disable: this CPU has no MWAIT for guests, or its "
			      "local timer stops in deep idle states (no ARAT)");
	else
		doctor_advise(result, "leave out of exits.disable what this host's KVM does not offer");
}

static void look_disable_exits(const struct doctor_subject *subject, struct doctor_result *result)
{
	static const char path[] = "/bulkhead/kvm-capabilities";
	const char *text = NULL;
	long offered = 0;
	unsigned wanted = exits_wanted(subject);

	doctor_expect(result, "all of 0x%x", wanted);
	if (!subject->needs_exits_disabled || wanted == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition turns exits off");
		return;
	}
	if (!doctor_text(subject, result, &text, path))
		return;
	int error = kvm_capability(text, "X86_DISABLE_EXITS", &offered);

	if (error != 0) {
		doctor_unknown(result, "KVM_CAP_X86_DISABLE_EXITS", error);
		return;
	}
	unsigned missing = wanted & ~(unsigned)offered;

	doctor_say(result, missing == 0 ? DOCTOR_PASS : DOCTOR_FAIL, "0x%lx%s%s%s%s", (unsigned long)offered,
		   missing & EXITS_DISABLED_MWAIT ? ", mwait not offered" : "",
		   missing & EXITS_DISABLED_HLT ? ", hlt not offered" : "",
		   missing & EXITS_DISABLED_PAUSE ? ", pause not offered" : "",
		   missing & EXITS_DISABLED_CSTATE ? ", cstate not offered" : "");
	if (missing != 0)
		advise_exits(subject, result, missing);
}

static void look_apicv(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *text = NULL;
	const char *module = vendor_module(subject, result);

	doctor_expect(result, "Y");
	if (module == NULL)
		return;
	const char *name = strcmp(module, "kvm_amd") == 0 ? "avic" : "enable_apicv";
	int error = doctor_parameter(subject, result, &text, module, name);

	if (error == -ENOENT)
		doctor_unknown(result, name, error);
	if (error != 0)
		return;
	doctor_say(result, is_off(text) ? DOCTOR_WARN : DOCTOR_PASS, "%s %s", name, text);
	if (result->verdict == DOCTOR_PASS && strcmp(text, "Y") != 0 && strcmp(text, "1") != 0)
		doctor_unknown(result, name, -EINVAL);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise_module(subject, result, module,
				     strcmp(module, "kvm_amd") == 0 ? "avic=1" : "enable_apicv=1",
				     "it stays N on a CPU without it");
}

static void look_constant_tsc(const struct doctor_subject *subject, struct doctor_result *result)
{
	const char *cpuinfo = NULL;
	const char *log = NULL;

	doctor_expect(result, "constant_tsc and nonstop_tsc");
	if (!doctor_text(subject, result, &cpuinfo, "/proc/cpuinfo"))
		return;
	if (strstr(cpuinfo, "\nflags") == NULL) {
		doctor_unknown(result, "/proc/cpuinfo", -EINVAL);
		return;
	}
	bool constant = doctor_has_flag(cpuinfo, "constant_tsc");
	bool nonstop = doctor_has_flag(cpuinfo, "nonstop_tsc");

	doctor_say(result, !constant ? DOCTOR_FAIL : nonstop ? DOCTOR_PASS : DOCTOR_WARN, "%s, %s",
		   constant ? "constant_tsc" : "no constant_tsc", nonstop ? "nonstop_tsc" : "no nonstop_tsc");
	if (!constant && host_text(&subject->host->files, &log, "/bulkhead/kernel-log") == 0 &&
	    strstr(log, "RT requires X86_FEATURE_CONSTANT_TSC") != NULL)
		doctor_say(result, DOCTOR_FAIL, "no constant_tsc, and kvm refused to load for that");
	if (result->verdict != DOCTOR_PASS)
		doctor_advise(result, "grep -o -w -e constant_tsc -e nonstop_tsc /proc/cpuinfo | sort -u # a CPU without "
			      "an invariant TSC will not do; a virtual host needs it passed on (QEMU: -cpu "
			      "host,+invtsc; libvirt: <feature policy='require' name='invtsc'/>)");
}

static const struct doctor_check checks[] = {
	{"H1-kvm-usable", DOCTOR_BREAKS, "KVM can be used",
	 "Partitions are guests on KVM; without /dev/kvm none starts.", look_kvm_usable},
	{"H2-halt-polling", DOCTOR_JITTER, "polling after HLT (kvm halt_poll_ns)",
	 "A SCHED_DEADLINE vCPU that polls after HLT spends its runtime on waiting, and lacks it later in the "
	 "period.", look_halt_polling},
	{"P1-nx-huge-pages", DOCTOR_JITTER, "splitting of executable huge pages (kvm nx_huge_pages)",
	 "KVM splits huge pages that hold code and joins them again from time to time; each time all vCPUs fault "
	 "and wait for one lock, some 100 us at once.", look_nx_huge_pages},
	{"P2-create-vm", DOCTOR_CARE, "time to create a guest",
	 "KVM moves a thread through the cgroups for each guest, which takes tens of milliseconds under a lock "
	 "that favours readers.", look_create_vm},
	{"P4-pause-exits", DOCTOR_JITTER, "exits of PAUSE loops",
	 "KVM takes a spinning vCPU out of the guest so that others may run; one with a CPU of its own only "
	 "loses time.", look_pause_exits},
	{"P10-disable-exits", DOCTOR_BREAKS, "exits KVM can turn off",
	 "A partition that turns off exits which this KVM does not offer does not start.", look_disable_exits},
	{"P14-apicv", DOCTOR_JITTER, "virtual interrupt controller in hardware (APICv, AVIC)",
	 "Without it each interrupt, its end, and each one between vCPUs takes the guest out to the host.",
	 look_apicv},
	{"P24-constant-tsc", DOCTOR_BREAKS, "a time stamp counter of one rate",
	 "On a PREEMPT_RT kernel KVM does not load without a constant TSC, and a guest's clock stands on it.",
	 look_constant_tsc},
};

const struct doctor_table doctor_kvm = {checks, sizeof(checks) / sizeof(checks[0])};
