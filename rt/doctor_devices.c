// SPDX-License-Identifier: Apache-2.0
/* Passed-through devices: whether they can be, and whether their interrupts reach the guest by hardware. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "core/host/interrupts.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_samples.h"
#include "rt/doctor_words.h"

#define PCI "/sys/bus/pci/devices/"

static bool no_devices(const struct doctor_subject *subject, struct doctor_result *result)
{
	if (!subject->needs_devices)
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition has a device");
	return !subject->needs_devices;
}

static bool is_amd(const struct doctor_subject *subject)
{
	return strcmp(doctor_vendor_module(subject->host), "kvm_amd") == 0;
}

static void advise_iommu(const struct doctor_subject *subject, struct doctor_result *result)
{
	doctor_advise(result, "turn %s on in the firmware, add %siommu=pt to the kernel command line and reboot",
		      is_amd(subject) ? "AMD-Vi (IOMMU)" : "VT-d", is_amd(subject) ? "" : "intel_iommu=on ");
}

static void look_iommu(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_facts *host = subject->host;

	doctor_expect(result, "in use: devices have IOMMU groups");
	if (no_devices(subject, result))
		return;
	if (host->iommu == FACT_YES) {
		doctor_say(result, DOCTOR_PASS, "in use");
	} else if (host->iommu == FACT_NO) {
		doctor_say(result, subject->machine != NULL ? DOCTOR_FAIL : DOCTOR_WARN, "not in use");
		advise_iommu(subject, result);
	} else {
		int error = host_files_told(&host->files, PCI "*/iommu_group");

		doctor_unknown(result, PCI "*/iommu_group", error != 0 ? error : ENODATA);
	}
}

/* Whether a file wants interrupts posted or nothing at all. */
static bool posting_required(const struct doctor_subject *subject)
{
	for (size_t i = 0; subject->machine != NULL && i < subject->machine->partition_count; i++) {
		if (subject->machine->partition[i].posted_interrupts)
			return true;
	}
	return false;
}

/* The module parameter that KVM's use of the CPU's interrupt virtualization hangs on. */
static const char *apic_parameter(const struct doctor_subject *subject)
{
	return is_amd(subject) ? "/sys/module/kvm_amd/parameters/avic" :
		"/sys/module/kvm_intel/parameters/enable_apicv";
}

/* Why there is no posting: what an administrator can change comes first. */
static void say_not_posted(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_facts *host = subject->host;
	enum doctor_verdict verdict = posting_required(subject) ? DOCTOR_FAIL : DOCTOR_WARN;
	char value[64] = "";
	bool on = true;

	if (host_parameter(host, "intremap", value, sizeof(value)) == 0 && value[0] != '\0' &&
	    strcmp(value, "on") != 0) {
		doctor_say(result, verdict, "intremap=%s on the kernel's command line", value);
		doctor_advise(result, "take intremap=%s off the kernel command line and reboot", value);
	} else if (host_truth(&host->files, &on, "%s", apic_parameter(subject)) == 0 && !on) {
		doctor_say(result, verdict, "%s is N", apic_parameter(subject));
		doctor_advise_module(subject, result, is_amd(subject) ? "kvm_amd" : "kvm_intel",
				     is_amd(subject) ? "avic=1" : "enable_apicv=1",
				     "where it stays N the CPU has none");
	} else if (host->iommu == FACT_NO) {
		doctor_say(result, verdict, "no IOMMU is in use");
		advise_iommu(subject, result);
	} else if (host->interrupts_remapped == FACT_NO) {
		doctor_say(result, verdict, "no interrupt is remapped (IR- in /proc/interrupts)");
		doctor_advise(result, "dmesg | grep -i remapping # tells why it is off: the firmware, mostly");
	} else {
		doctor_say(result, verdict, "the IOMMU or the command line does without");
		doctor_advise(result, "dmesg | grep -i -e DMAR -e AMD-Vi -e remapping # turn on in the firmware what is "
			      "off there; else count on one exit for each interrupt");
	}
}

static void look_posted(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_facts *host = subject->host;
	const char *text = NULL;

	doctor_expect(result, "IOMMU and KVM can post interrupts to a running guest");
	if (no_devices(subject, result))
		return;
	if (host->posted_interrupts == FACT_YES) {
		doctor_say(result, DOCTOR_PASS, "they can");
	} else if (host->posted_interrupts == FACT_NO) {
		say_not_posted(subject, result);
	} else {
		int error = host_text(&host->files, &text, "%s", apic_parameter(subject));
		int rows = host_text(&host->files, &text, "/proc/interrupts");

		if (error != 0)
			doctor_unknown(result, apic_parameter(subject), error);
		else if (rows != 0)
			doctor_unknown(result, "/proc/interrupts", rows);
		else
			doctor_unknown(result, "registers in /sys/class/iommu", ENODATA);
	}
}

/* Interrupts of passed-through devices that the host took within the window. */
static bool count_vfio(const struct doctor_samples *samples, struct doctor_result *result,
		       struct doctor_items *items, unsigned *ret_rows)
{
	for (size_t i = 0; i < samples->after.count; i++) {
		const struct interrupt_row *row = &samples->after.row[i];
		char label[128];
		uint64_t more = 0;

		interrupt_label(&samples->after, row, label, sizeof(label));
		if (row->number == INTERRUPT_NONE || strstr(label, "vfio-") == NULL)
			continue;
		++*ret_rows;
		if (!doctor_samples_growth(samples, result, row->name, &samples->after.cpus, &more))
			return false;
		if (more > 0)
			doctor_items_add(items, "%s %.40s +%" PRIu64, row->name, strstr(label, "vfio-"), more);
	}
	return true;
}

static void look_posting_in_use(const struct doctor_subject *subject, struct doctor_result *result)
{
	_cleanup_(doctor_samples_done) struct doctor_samples samples = {0};
	const struct cpulist none = {0};
	struct doctor_items items = {0};
	unsigned rows = 0;

	doctor_expect(result, "rows of vfio in /proc/interrupts do not count");
	if (no_devices(subject, result) || !doctor_samples_read(subject, result, &none, &samples) ||
	    !count_vfio(&samples, result, &items, &rows))
		return;
	if (rows == 0) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no device is passed through now");
	} else if (items.count > 0) {
		doctor_say(result, posting_required(subject) ? DOCTOR_FAIL : DOCTOR_WARN, "in %lld ms: IRQ %s",
			   doctor_samples_ms(&samples), doctor_items_end(&items));
		doctor_advise(result, "systemctl disable --now irqbalance # in the guest, and give each of the device's "
			      "interrupts one CPU there; then see P11-posted and P14-apicv");
	} else if (subject->host->posted_interrupts == FACT_YES) {
		doctor_say(result, DOCTOR_PASS, "none of %u rows counted in %lld ms", rows,
			   doctor_samples_ms(&samples));
	} else {
		doctor_say(result, DOCTOR_UNKNOWN, "none of %u rows counted in %lld ms: posted, or the devices were "
			   "silent", rows, doctor_samples_ms(&samples));
	}
}

static void advise_bind(struct doctor_result *result, const char *address, bool has_driver)
{
	char unbind[96] = "";

	if (has_driver)
		snprintf(unbind, sizeof(unbind), "echo %s > " PCI "%s/driver/unbind; ", address, address);
	doctor_advise(result, "modprobe vfio-pci; echo vfio-pci > " PCI "%s/driver_override; %secho %s > "
		      "/sys/bus/pci/drivers_probe", address, unbind, address);
}

/* Whether that one device is ready; else @result says what is wrong with it. */
static bool device_is_bound(const struct doctor_subject *subject, const char *address,
			    struct doctor_result *result)
{
	const struct host_files *files = &subject->host->files;
	const char *target = NULL;

	if (host_pci_find(subject->host, address) == NULL) {
		int error = host_files_told(files, PCI "*/class");

		if (error != 0) {
			doctor_unknown(result, "/sys/bus/pci/devices", error);
			return false;
		}
		doctor_say(result, DOCTOR_FAIL, "%s is not on this host", address);
		doctor_advise(result, "lspci -D # lists the devices with their addresses");
		return false;
	}
	int error = host_text(files, &target, PCI "%s/driver", address);

	if (error != 0 && error != -ENOENT) {
		doctor_unknown(result, PCI "*/driver", error);
		return false;
	}
	const char *slash = error == 0 ? strrchr(target, '/') : NULL;
	const char *driver = slash != NULL ? slash + 1 : target;

	if (error == 0 && strcmp(driver, "vfio-pci") == 0)
		return true;
	doctor_say(result, DOCTOR_FAIL, "%s: %.32s", address, error == 0 ? driver : "no driver");
	advise_bind(result, address, error == 0);
	return false;
}

static void look_bound(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct machine_config *machine = subject->machine;
	unsigned devices = 0;

	doctor_expect(result, "driver vfio-pci for each device of the file");
	if (no_devices(subject, result))
		return;
	if (machine == NULL) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no file names devices");
		return;
	}
	for (size_t i = 0; i < machine->partition_count; i++) {
		for (size_t j = 0; j < machine->partition[i].device_count; j++, devices++) {
			if (!device_is_bound(subject, machine->partition[i].device[j].address, result))
				return;
		}
	}
	doctor_say(result, DOCTOR_PASS, "all %u of them", devices);
}

static const struct doctor_check checks[] = {
	{"P11-posted", DOCTOR_JITTER, "posted interrupts",
	 "Without them each interrupt of a passed-through device stops the guest, so that the host can hand it on.",
	 look_posted},
	{"P11-posting-in-use", DOCTOR_JITTER, "interrupts of devices that run now",
	 "A device's interrupt stays with the host although it could be posted, where a guest spreads it over "
	 "several CPUs.", look_posting_in_use},
	{"D1-iommu", DOCTOR_BREAKS, "IOMMU",
	 "Only an IOMMU keeps a device's accesses within its guest's memory; without one nothing is passed through.",
	 look_iommu},
	{"D2-vfio-bound", DOCTOR_BREAKS, "drivers of passed-through devices",
	 "A device is passed through by the driver vfio-pci; while another one has it, the partition does not "
	 "start.", look_bound},
};

const struct doctor_table doctor_devices = {checks, sizeof(checks) / sizeof(checks[0])};
