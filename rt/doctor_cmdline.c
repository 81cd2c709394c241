// SPDX-License-Identifier: Apache-2.0
/* The kernel's command line: what it says of the real-time CPUs, and what it says to no effect. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"

enum { VALUE_MAX = 1024 };

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

/* A number below CPULIST_MAX at *@text, and moves past it. */
static int number_parse(const char **text, unsigned *ret)
{
	char *end = NULL;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	unsigned long value = strtoul(*text, &end, 10);

	*text = end;
	*ret = (unsigned)value;
	return value < CPULIST_MAX ? 0 : -ERANGE;
}

/* The same of a CPU, where N is the last one. */
static int cpu_parse(const struct host_facts *host, const char **text, unsigned *ret)
{
	if (**text != 'N')
		return number_parse(text, ret);
	++*text;
	*ret = host->topology.cpu_count > 0 ? (unsigned)host->topology.cpu_count - 1 : 0;
	return 0;
}

/* What may follow a range, ":USED/GROUP": of each group of CPUs the first so many. */
static int stride_parse(const char **text, unsigned *ret_used, unsigned *ret_group)
{
	int error;

	++*text;
	error = number_parse(text, ret_used);
	if (error != 0 || **text != '/')
		return -EINVAL;
	++*text;
	error = number_parse(text, ret_group);
	return error != 0 || *ret_group == 0 || *ret_used > *ret_group ? -EINVAL : 0;
}

/* One of "2", "2-5", "0-15:1/4". */
static int item_parse(const struct host_facts *host, const char **text, struct cpulist *ret)
{
	unsigned first = 0;
	unsigned used = 1;
	unsigned group = 1;
	int error = cpu_parse(host, text, &first);
	unsigned last = first;

	if (error == 0 && **text == '-') {
		++*text;
		error = cpu_parse(host, text, &last);
	}
	if (error == 0 && **text == ':')
		error = stride_parse(text, &used, &group);
	if (error != 0 || last < first)
		return error != 0 ? error : -EINVAL;
	for (unsigned cpu = first; cpu <= last; cpu++) {
		if ((cpu - first) % group < used)
			cpulist_add(ret, cpu);
	}
	return 0;
}

/*
 * A list as the kernel takes it on its command line; "all" is every CPU. Returns 0; -EINVAL or -ERANGE
 * where the kernel takes none of it, and @ret is as it was.
 */
static int list_parse(const struct host_facts *host, const char *text, struct cpulist *ret)
{
	struct cpulist list = {0};

	if (strcmp(text, "all") == 0) {
		*ret = host->topology.present;
		return 0;
	}
	for (;; text++) {
		int error = item_parse(host, &text, &list);

		if (error != 0 || (*text != ',' && *text != '\0'))
			return error != 0 ? error : -EINVAL;
		if (*text == '\0')
			break;
	}
	*ret = list;
	return 0;
}

/* struct isolcpus - its flags, as kernel/sched/isolation.c reads them, and where its list begins. */
struct isolcpus {
	bool domain;
	bool managed_irq;
	bool skipped; /* a flag this kernel does not know, and goes on after */
	bool ignored; /* the whole parameter */
	const char *list;
};

static struct isolcpus isolcpus_parse(const char *text)
{
	struct isolcpus ret = {0};
	bool flags = false;

	while (isalpha((unsigned char)*text)) {
		size_t length = strcspn(text, ",");
		bool nohz = length == 4 && strncmp(text, "nohz", 4) == 0;
		bool domain = length == 6 && strncmp(text, "domain", 6) == 0;
		bool managed = length == 11 && strncmp(text, "managed_irq", 11) == 0;

		if (text[length] == '\0')
			ret.ignored = true;
		for (size_t i = 0; i < length; i++)
			ret.ignored |= !isalpha((unsigned char)text[i]) && text[i] != '_';
		ret.domain |= domain;
		ret.managed_irq |= managed;
		flags |= nohz || domain || managed;
		ret.skipped |= !nohz && !domain && !managed;
		text += length + (text[length] == ',');
	}
	ret.domain |= !flags;
	ret.ignored |= *text == '\0';
	ret.list = text;
	return ret;
}

static bool wants_isolation(const struct doctor_subject *subject, enum isolation isolation)
{
	for (size_t i = 0; subject->machine != NULL && i < subject->machine->partition_count; i++) {
		if (subject->machine->partition[i].isolation == isolation)
			return true;
	}
	return false;
}

static char *rt_list(const struct doctor_subject *subject, char *buffer, size_t size)
{
	return cpulist_format(&subject->rt_cpus, buffer, size);
}

static void look_isolcpus(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	char list[128];
	struct cpulist isolated = {0};
	bool present = false;

	doctor_expect(result, "none, or flags and a CPU list, as managed_irq,%s",
		      rt_list(subject, list, sizeof(list)));
	if (!parameter(subject, result, "isolcpus", value, &present))
		return;
	struct isolcpus isolcpus = isolcpus_parse(value);

	if (!present) {
		bool wanted = wants_isolation(subject, ISOLATION_ISOLCPUS);

		doctor_say(result, wanted ? DOCTOR_FAIL : DOCTOR_PASS, "not given%s",
			   wanted ? ", and the file asks for isolation: isolcpus" : "");
		if (wanted)
			doctor_advise(result, "add isolcpus=managed_irq,domain,%s to the kernel command line", list);
		return;
	}
	int error = isolcpus.ignored ? -EINVAL : list_parse(subject->host, isolcpus.list, &isolated);

	doctor_say(result, DOCTOR_PASS, "%s", value);
	if (error != 0)
		doctor_say(result, DOCTOR_FAIL, "%s: the kernel ignores all of it", value);
	else if (isolcpus.domain && wants_isolation(subject, ISOLATION_CPUSET))
		doctor_say(result, DOCTOR_FAIL, "%s, and the file asks for isolation: cpuset", value);
	else if (isolcpus.skipped)
		doctor_say(result, DOCTOR_WARN, "%s: the kernel skips a flag", value);
	if (result->verdict != DOCTOR_PASS)
		doctor_advise(result, "write isolcpus=managed_irq,%s on the kernel command line", list);
}

static void look_managed_irq(const struct doctor_subject *subject, struct doctor_result *result)
{
	char value[VALUE_MAX];
	char list[128];
	struct cpulist covered = {0};
	struct cpulist missing;
	bool present = false;

	doctor_expect(result, "isolcpus=managed_irq,%s", rt_list(subject, list, sizeof(list)));
	if (doctor_no_cpus(subject, result) ||
	    !parameter(subject, result, "isolcpus", value, &present))
		return;
	struct isolcpus isolcpus = isolcpus_parse(value);

	if (isolcpus.managed_irq && !isolcpus.ignored)
		list_parse(subject->host, isolcpus.list, &covered);
	cpulist_minus(&subject->rt_cpus, &covered, &missing);
	doctor_say(result, cpulist_empty(&missing) ? DOCTOR_PASS : DOCTOR_WARN, "%s%s",
		   present ? "isolcpus=" : "no isolcpus", value);
	if (result->verdict == DOCTOR_WARN)
		doctor_advise(result, "add isolcpus=managed_irq,%s to the kernel command line and reboot", list);
}

static void look_nohz_full(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_kernel *kernel = &subject->host->kernel;
	char list[128];
	char value[16] = "";
	char covered[128];
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
	cpulist_format(&kernel->nohz_full, covered, sizeof(covered));
	doctor_say(result, cpulist_empty(&missing) ? DOCTOR_PASS : DOCTOR_WARN, "%s",
		   covered[0] == '\0' ? "none" : covered);
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
	char list[128];
	struct cpulist covered = {0};
	struct cpulist missing;
	bool present = false;

	doctor_expect(result, "rcu_nocbs=%s, or nohz_full", rt_list(subject, list, sizeof(list)));
	if (doctor_no_cpus(subject, result) ||
	    !parameter(subject, result, "rcu_nocbs", value, &present))
		return;
	if (present)
		list_parse(subject->host, *value == '\0' ? "all" : value, &covered);
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
	char list[128];
	struct cpulist given = {0};
	struct cpulist both;
	bool present = false;

	cpulist_format(&subject->housekeeping, list, sizeof(list));
	doctor_expect(result, "irqaffinity=%s", list);
	if (doctor_no_cpus(subject, result) ||
	    !parameter(subject, result, "irqaffinity", value, &present))
		return;
	int error = present ? list_parse(subject->host, value, &given) : 0;

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
	const char *text = strcmp(name, "isolcpus") == 0 ? isolcpus_parse(value).list : value;
	struct cpulist given = {0};
	struct cpulist rest;
	int error = strcmp(name, "rcu_nocbs") == 0 && *text == '\0' ? 0 : list_parse(host, text, &given);

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
		doctor_advise(result, "correct %s on the kernel command line and reboot; lscpu -e shows the CPUs",
			      name);
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
