// SPDX-License-Identifier: Apache-2.0
/* The kernel's command line: what it says of the real-time CPUs, and what it says to no effect. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/cpu_parameter.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"
#include "rt/doctor_words.h"

enum { VALUE_MAX = 1024, VALUE_SHOWN = 160, LIST_TEXT_MAX = 320 };

/* A parameter's value; false after having said unknown. An absent one gives *@present false. */
static bool parameter(const struct doctor_subject *subject, struct doctor_result *result,
		      const char *name, char *value, bool *present)
{
	int error = host_parameter(subject->host, name, value, VALUE_MAX);

	*present = error == 0;
	if (error == 0)
		return true;
	value[0] = '\0';
	if (error == -ENOENT)
		return true;
	doctor_unknown(result, "/proc/cmdline", error);
	return false;
}

/* The CPUs of partitions that are isolated in that way; false where there are none of them. */
static bool isolated_by(const struct doctor_subject *subject, enum isolation isolation,
			struct cpulist *ret)
{
	const struct machine_config *machine = subject->machine;
	bool any = false;

	*ret = (struct cpulist){0};
	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		if (machine->partition[i].isolation != isolation)
			continue;
		any = true;
		cpulist_or(ret, &machine->partition[i].cpus, ret);
	}
	return any;
}

static char *rt_list(const struct doctor_subject *subject, char *buffer, size_t size)
{
	return doctor_list(&subject->rt_cpus, buffer, size);
}

/* struct isolation_asked - what the file asks of isolcpus=domain: to have these CPUs, or to be absent. */
struct isolation_asked {
	bool domain;
	bool no_domain;
	struct cpulist cpus;
};

/* What is wrong with a list the kernel can read; "" nothing; NULL: it cannot be told. */
static const char *isolcpus_fault(const struct doctor_subject *subject, const struct isolcpus *isolcpus,
				  const struct cpulist *list, const struct isolation_asked *asked)
{
	const struct host_kernel *kernel = &subject->host->kernel;
	struct cpulist missing;

	if (isolcpus->domain && asked->no_domain)
		return ", and the file asks for isolation: cpuset";
	cpulist_minus(&asked->cpus, list, &missing);
	if (asked->domain && (!isolcpus->domain || !cpulist_empty(&missing)))
		return ", and the file asks for isolation: isolcpus of other CPUs";
	if (!isolcpus->domain)
		return "";
	if (!kernel->isolated_known)
		return NULL;
	/* Without CONFIG_CPU_ISOLATION, or where the kernel refused the list. */
	cpulist_and(list, &subject->host->topology.present, &missing);
	cpulist_minus(&missing, &kernel->isolated, &missing);
	return cpulist_empty(&missing) ? "" : ": the kernel does not isolate all of them";
}

static void look_isolcpus(const struct doctor_subject *subject, struct doctor_result *result)
{
	struct isolation_asked asked = {0};
	struct cpulist isolated = {0};
	struct cpulist none;
	char value[VALUE_MAX];
	char list[LIST_TEXT_MAX];
	bool present = false;

	asked.domain = isolated_by(subject, ISOLATION_ISOLCPUS, &asked.cpus);
	asked.no_domain = isolated_by(subject, ISOLATION_CPUSET, &none);
	const char *flags = asked.domain ? "managed_irq,domain" : "managed_irq";

	doctor_expect(result, "none, or flags and a CPU list, as %s,%s", flags,
		      rt_list(subject, list, sizeof(list)));
	if (!parameter(subject, result, "isolcpus", value, &present))
		return;
	if (!present) {
		doctor_say(result, asked.domain ? DOCTOR_FAIL : DOCTOR_PASS, "not given%s",
			   asked.domain ? ", and the file asks for isolation: isolcpus" : "");
		if (asked.domain)
			doctor_advise(result, "add isolcpus=managed_irq,domain,%s to the kernel command line", list);
		return;
	}
	struct isolcpus isolcpus = host_isolcpus_parse(value);
	int error = isolcpus.ignored ? -EINVAL :
		host_list_parse(subject->host, isolcpus.list, &isolated);
	const char *fault = error != 0 ? ": the kernel ignores all of it" :
		isolcpus_fault(subject, &isolcpus, &isolated, &asked);

	if (fault == NULL)
		doctor_unknown(result, "/sys/devices/system/cpu/isolated", ENODATA);
	else if (fault[0] != '\0')
		doctor_say(result, DOCTOR_FAIL, "%.*s%s", VALUE_SHOWN, value, fault);
	else if (isolcpus.skipped)
		doctor_say(result, DOCTOR_WARN, "%.*s: the kernel skips a flag", VALUE_SHOWN, value);
	else
		doctor_say(result, DOCTOR_PASS, "%s", value);
	if (result->verdict == DOCTOR_FAIL || result->verdict == DOCTOR_WARN)
		doctor_advise(result, "write isolcpus=%s,%s on the kernel command line", flags, list);
}

static void look_managed_irq(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	char list[LIST_TEXT_MAX];
	struct cpulist covered = {0};
	struct cpulist missing;
	bool present = false;

	doctor_expect(result, "isolcpus=managed_irq,%s", rt_list(subject, list, sizeof(list)));
	if (doctor_no_cpus(subject, result) ||
	    !parameter(subject, result, "isolcpus", value, &present))
		return;
	struct isolcpus isolcpus = host_isolcpus_parse(value);

	if (isolcpus.managed_irq && !isolcpus.ignored)
		host_list_parse(subject->host, isolcpus.list, &covered);
	cpulist_minus(&subject->rt_cpus, &covered, &missing);
	doctor_say(result, cpulist_empty(&missing) ? DOCTOR_PASS : DOCTOR_WARN, "%s%s",
		   present ? "isolcpus=" : "no isolcpus", value);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "add isolcpus=managed_irq,%s to the kernel command line and reboot", list);
}

static void look_nohz_full(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_kernel *kernel = &subject->host->kernel;
	char list[LIST_TEXT_MAX];
	char value[16] = "";
	char covered[160];
	struct cpulist missing;

	doctor_expect(result, "all of %s", rt_list(subject, list, sizeof(list)));
	if (doctor_no_cpus(subject, result))
		return;
	if (!kernel->nohz_full_known) {
		const char *text = NULL;
		int error = host_text(&subject->host->files, &text, "/sys/devices/system/cpu/nohz_full");

		doctor_unknown(result, "/sys/devices/system/cpu/nohz_full", error != 0 ? error : -EINVAL);
		return;
	}
	cpulist_minus(&subject->rt_cpus, &kernel->nohz_full, &missing);
	doctor_list(&kernel->nohz_full, covered, sizeof(covered));
	doctor_say(result, cpulist_empty(&missing) ? DOCTOR_PASS : DOCTOR_WARN, "%s",
		   covered);
	if (result->verdict == DOCTOR_PASS)
		return;
	if (host_config(subject->host, "NO_HZ_FULL", value, sizeof(value)) == 0 && strcmp(value, "n") == 0)
		doctor_advise(result, "install a kernel with CONFIG_NO_HZ_FULL=y and add nohz_full=%s to its command "
			      "line", list);
	else
		doctor_advise(result, "add nohz=on nohz_full=%s to the kernel command line and reboot", list);
}

static void look_rcu_nocbs(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	char option[16] = "";
	char list[LIST_TEXT_MAX];
	struct cpulist covered = {0};
	struct cpulist missing;
	bool present = false;

	doctor_expect(result, "rcu_nocbs=%s, or nohz_full", rt_list(subject, list, sizeof(list)));
	if (doctor_no_cpus(subject, result) ||
	    !parameter(subject, result, "rcu_nocbs", value, &present))
		return;
	/* Without a list it only lets the CPUs be chosen later; without the option it does nothing. */
	if (present && (host_config(subject->host, "RCU_NOCB_CPU", option, sizeof(option)) != 0 ||
			strcmp(option, "y") == 0))
		host_list_parse(subject->host, value, &covered);
	cpulist_minus(&subject->rt_cpus, &covered, &missing);
	cpulist_minus(&missing, &subject->host->kernel.nohz_full, &missing);
	if (!cpulist_empty(&missing) && !subject->host->kernel.nohz_full_known) {
		doctor_say(result, DOCTOR_UNKNOWN, "/sys/devices/system/cpu/nohz_full is not known");
		return;
	}
	doctor_say(result, cpulist_empty(&missing) ? DOCTOR_PASS : DOCTOR_WARN, "%s%s",
		   present ? "rcu_nocbs=" : cpulist_empty(&missing) ? "by nohz_full" : "no rcu_nocbs", value);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "add rcu_nocbs=%s to the kernel command line and reboot", list);
}

static void look_irqaffinity(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	struct cpulist given = {0};
	struct cpulist both;
	bool present = false;

	struct doctor_cpu_text housekeeping;
	const char *list = doctor_housekeeping_text(subject, &housekeeping);

	doctor_expect(result, "irqaffinity=%s", list);
	if (doctor_no_cpus(subject, result) ||
	    !parameter(subject, result, "irqaffinity", value, &present))
		return;
	int error = present ? host_list_parse(subject->host, value, &given) : 0;

	cpulist_and(&given, &subject->rt_cpus, &both);
	doctor_say(result, !present ? DOCTOR_WARN : error != 0 || !cpulist_empty(&both) ? DOCTOR_FAIL :
		   DOCTOR_PASS, "%s%s%s", present ? "irqaffinity=" : "no irqaffinity", value,
		   error != 0 ? ": no CPU list" : "");
	if (result->verdict != DOCTOR_PASS)
		doctor_advise(result, "add irqaffinity=%s to the kernel command line and reboot", list);
}

/* The lists of one kind, read as the kernel reads them. */
static const char *const list_parameters[] = {"nohz_full", "rcu_nocbs", "irqaffinity", "isolcpus"};

/* What is wrong with one list, or NULL. */
static const char *list_fault(const struct host_facts *host, const char *name, const char *value)
{
	const char *text = strcmp(name, "isolcpus") == 0 ? host_isolcpus_parse(value).list : value;
	struct cpulist given = {0};
	struct cpulist rest;
	int error = strcmp(name, "rcu_nocbs") == 0 && *text == '\0' ? 0 : host_list_parse(host, text, &given);

	if (error != 0)
		return "no CPU list";
	cpulist_minus(&given, &host->topology.present, &rest);
	if (!cpulist_empty(&rest))
		return "CPUs this host does not have";
	cpulist_minus(&host->topology.online, &given, &rest);
	if (cpulist_empty(&rest) && (strcmp(name, "nohz_full") == 0 || strcmp(name, "isolcpus") == 0))
		return "no CPU left for the host";
	return NULL;
}

static void look_lists(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	bool present = false;

	doctor_expect(result, "CPUs this host has, and some left for the host");
	if (cpulist_empty(&subject->host->topology.present)) {
		doctor_say(result, DOCTOR_UNKNOWN, "the host's CPUs are not known");
		return;
	}
	doctor_say(result, DOCTOR_PASS, "sound");
	for (size_t i = 0; i < sizeof(list_parameters) / sizeof(list_parameters[0]); i++) {
		const char *name = list_parameters[i];

		if (!parameter(subject, result, name, value, &present))
			return;
		const char *fault = present ? list_fault(subject->host, name, value) : NULL;

		if (fault == NULL)
			continue;
		doctor_say(result, DOCTOR_FAIL, "%s=%s: %s", name, value, fault);
		doctor_advise(result, "lscpu -e # shows the CPUs there are: correct %s on the kernel command line and "
			      "reboot", name);
		return;
	}
}

static const struct doctor_check checks[] = {
	{"C1-isolcpus", DOCTOR_STALLS, "isolcpus on the kernel command line",
	 "A list that the kernel cannot read is dropped as a whole, and the CPUs are isolated by nothing.",
	 look_isolcpus},
	{"C2-managed-irq", DOCTOR_JITTER, "interrupts the kernel manages itself",
	 "The queues of NVMe and network devices have an interrupt on every CPU, which nobody can move later.",
	 look_managed_irq},
	{"C3-nohz-full", DOCTOR_JITTER, "CPUs without a tick (nohz_full)",
	 "The scheduler's tick interrupts a running guest 100 to 1000 times a second.", look_nohz_full},
	{"C4-rcu-nocbs", DOCTOR_JITTER, "CPUs without RCU callbacks (rcu_nocbs)",
	 "Callbacks of the whole kernel run on the CPU that queued them, after any of its interrupts.",
	 look_rcu_nocbs},
	{"C5-irqaffinity", DOCTOR_JITTER, "CPUs of device interrupts (irqaffinity)",
	 "An interrupt of a device that was routed to a real-time CPU at boot moves away only after it has come "
	 "there once more.", look_irqaffinity},
	{"C6-cpu-lists", DOCTOR_BREAKS, "CPU lists on the kernel command line",
	 "A list with a CPU that is not there, or with all there are, does not do what it says.", look_lists},
};

const struct doctor_table doctor_cmdline = {checks, sizeof(checks) / sizeof(checks[0])};
