// SPDX-License-Identifier: Apache-2.0
#include "rt/boot_effect.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cpumask.h"
#include "core/host/cpu_parameter.h"
#include "core/host/host.h"
#include "rt/boot_draft.h"
#include "rt/boot_plan.h"
#include "rt/doctor_checks.h"

#define LOG "/bulkhead/kernel-log"

/* struct judged - a parameter's name and value, and where to say what was found. */
struct judged {
	const struct host_facts *host;
	char name[64];
	const char *value;
	char *found;
};

static enum boot_effect say(char *found, enum boot_effect effect, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum boot_effect say(char *found, enum boot_effect effect, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(found, BOOT_FOUND_MAX, format, arguments);
	va_end(arguments);
	return effect;
}

static enum boot_effect unread(char *found, const char *path, int error)
{
	return say(found, BOOT_UNKNOWN, "%.200s: %s", path, host_unknown(error));
}

/* A file that must read so; @other: another text that is as good, or NULL. */
static enum boot_effect read_file(const struct judged *judged, const char *path, const char *wanted,
				  const char *other)
{
	const char *text = NULL;
	int error = host_text(&judged->host->files, &text, "%s", path);

	if (error != 0)
		return unread(judged->found, path, error);
	bool same = strcmp(text, wanted) == 0 || (other != NULL && strcmp(text, other) == 0);

	return say(judged->found, same ? BOOT_HELD : BOOT_NOT_HELD, "%.160s reads %.100s", path, text);
}

/* CPUs that the kernel tells of must hold all that the parameter gives. */
static enum boot_effect hold_cpus(const struct judged *judged, const char *list, bool known,
				  const struct cpulist *told, const char *path)
{
	struct cpulist wanted = {0};
	struct cpulist missing;
	char text[160];

	if (!known || host_list_parse(judged->host, list, &wanted) != 0)
		return unread(judged->found, path, -ENODATA);
	cpulist_minus(&wanted, told, &missing);
	return say(judged->found, cpulist_empty(&missing) ? BOOT_HELD : BOOT_NOT_HELD, "%s reads %s", path,
		   doctor_list(told, text, sizeof(text)));
}

static enum boot_effect judge_nohz_full(const struct judged *judged)
{
	const struct host_kernel *kernel = &judged->host->kernel;

	return hold_cpus(judged, judged->value, kernel->nohz_full_known, &kernel->nohz_full,
			 "/sys/devices/system/cpu/nohz_full");
}

static enum boot_effect judge_isolcpus(const struct judged *judged)
{
	const struct host_kernel *kernel = &judged->host->kernel;
	struct isolcpus isolcpus = host_isolcpus_parse(judged->value);

	if (isolcpus.ignored)
		return say(judged->found, BOOT_NOT_HELD, "the kernel ignores all of it");
	if (!isolcpus.domain)
		return say(judged->found, BOOT_HELD, "on the command line");
	return hold_cpus(judged, isolcpus.list, kernel->isolated_known, &kernel->isolated,
			 "/sys/devices/system/cpu/isolated");
}

/* Whoever changes the default later still leaves partition CPUs out: what counts is that none came in. */
static enum boot_effect judge_irqaffinity(const struct judged *judged)
{
	static const char path[] = "/proc/irq/default_smp_affinity";
	const char *text = NULL;
	struct cpulist wanted = {0};
	struct cpulist told = {0};
	int error = host_text(&judged->host->files, &text, path);

	if (error != 0)
		return unread(judged->found, path, error);
	if (cpumask_parse(text, &told) != 0 ||
	    host_list_parse(judged->host, judged->value, &wanted) != 0)
		return unread(judged->found, path, -EINVAL);
	cpulist_minus(&told, &wanted, &told);
	cpulist_and(&told, &judged->host->topology.online, &told);
	return say(judged->found, cpulist_empty(&told) ? BOOT_HELD : BOOT_NOT_HELD, "%s reads %.100s", path,
		   text);
}

/* "0:4,1:2", or a count of all nodes. */
static enum boot_effect judge_pools(const struct judged *judged)
{
	const struct host_topology *topology = &judged->host->topology;
	const char *at = strstr(judged->value, "hugepages=");
	uint64_t wanted = 0;
	uint64_t there = 0;

	at = at == NULL ? "" : at + strlen("hugepages=");
	for (size_t i = 0; i < topology->node_count; i++) {
		const struct host_pool *pool = &topology->node[i].pool[HOST_POOLS - 1];

		if (!pool->known)
			return say(judged->found, BOOT_UNKNOWN, "the pools of node %u are not known",
				   topology->node[i].number);
		there += pool->total;
	}
	for (; *at != '\0'; at += *at == ',') {
		char *end = NULL;
		unsigned long long number = strtoull(at, &end, 10);

		if (*end == ':')
			number = strtoull(end + 1, &end, 10);
		if (end == at || (*end != ',' && *end != '\0'))
			return say(judged->found, BOOT_NOT_HELD, "not a count of pages");
		wanted += number;
		at = end;
	}
	return say(judged->found, there >= wanted ? BOOT_HELD : BOOT_NOT_HELD, "%llu pages of 1 GiB",
		   (unsigned long long)there);
}

static enum boot_effect judge_thp(const struct judged *judged)
{
	static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	const char *text = NULL;
	int error = host_text(&judged->host->files, &text, path);

	if (error != 0)
		return unread(judged->found, path, error);
	return say(judged->found, strstr(text, "[never]") != NULL ? BOOT_HELD : BOOT_NOT_HELD,
		   "%s reads %.100s", path, text);
}

static enum boot_effect judge_tsc(const struct judged *judged)
{
	return read_file(judged, "/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc",
			 NULL);
}

static enum boot_effect judge_rcu_normal(const struct judged *judged)
{
	return read_file(judged, "/sys/kernel/rcu_normal", "1", NULL);
}

static enum boot_effect judge_softlockup(const struct judged *judged)
{
	return read_file(judged, "/proc/sys/kernel/soft_watchdog", "0", NULL);
}

static enum boot_effect judge_nmi(const struct judged *judged)
{
	return read_file(judged, "/proc/sys/kernel/nmi_watchdog", "0", NULL);
}

/* Where no pressure is kept there are no files of it. */
static enum boot_effect judge_pressure(const struct judged *judged)
{
	static const char path[] = "/proc/pressure/cpu";
	const char *text = NULL;
	int error = host_text(&judged->host->files, &text, path);

	if (error == -ENOENT)
		return say(judged->found, BOOT_HELD, "no pressure is kept");
	return error != 0 ? unread(judged->found, path, error) :
	       say(judged->found, BOOT_NOT_HELD, "%s is there", path);
}

/* A driver that was not started leaves no file, or says so in it. */
static enum boot_effect judge_scaling(const struct judged *judged)
{
	char path[96];
	const char *text = NULL;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s/status", judged->name);
	int error = host_text(&judged->host->files, &text, "%s", path);

	if (error == -ENOENT)
		return say(judged->found, BOOT_HELD, "the driver does not run");
	return error != 0 ? unread(judged->found, path, error) : read_file(judged, path, "off", "disable");
}

static enum boot_effect judge_iommu(const struct judged *judged)
{
	switch (judged->host->iommu) {
	case FACT_YES:
		return say(judged->found, BOOT_HELD, "an IOMMU is in use");
	case FACT_NO:
		return say(judged->found, BOOT_NOT_HELD, "no IOMMU is in use: enable it in the firmware");
	case FACT_UNKNOWN:
		break;
	}
	return say(judged->found, BOOT_UNKNOWN, "whether an IOMMU is in use is not known");
}

static enum boot_effect judge_cgroup(const struct judged *judged)
{
	if (judged->host->cgroup.mode == CGROUP_UNKNOWN)
		return unread(judged->found, "/proc/mounts", -ENODATA);
	return say(judged->found, judged->host->cgroup.mode == CGROUP_V2 ? BOOT_HELD : BOOT_NOT_HELD,
		   judged->host->cgroup.mode == CGROUP_V2 ? "control groups are version 2" :
		   "control groups are not version 2 alone");
}

/* "MODULE.NAME=VALUE": what the module shows; some show nothing. */
static enum boot_effect judge_module(const struct judged *judged)
{
	char path[160];
	const char *text = NULL;
	const char *dot = strchr(judged->name, '.');

	if (dot == NULL)
		return say(judged->found, BOOT_HELD, "on the command line");
	snprintf(path, sizeof(path), "/sys/module/%.*s/parameters/%s", (int)(dot - judged->name),
		 judged->name, dot + 1);
	if (host_text(&judged->host->files, &text, "%s", path) == -ENOENT)
		return say(judged->found, BOOT_HELD, "on the command line");
	return read_file(judged, path, judged->value, strcmp(judged->value, "0") == 0 ? "N" : NULL);
}

static const struct {
	const char *name;
	enum boot_effect (*judge)(const struct judged *judged);
} judges[] = {
	{"nohz_full", judge_nohz_full},
	{"isolcpus", judge_isolcpus},
	{"irqaffinity", judge_irqaffinity},
	{"hugepagesz", judge_pools},
	{"transparent_hugepage", judge_thp},
	{"tsc", judge_tsc},
	{"rcupdate.rcu_normal_after_boot", judge_rcu_normal},
	{"nosoftlockup", judge_softlockup},
	{"nmi_watchdog", judge_nmi},
	{"psi", judge_pressure},
	{"intel_pstate", judge_scaling},
	{"amd_pstate", judge_scaling},
	{"intel_iommu", judge_iommu},
	{"systemd.unified_cgroup_hierarchy", judge_cgroup},
};

/* Whether the kernel said that it does not know the parameter, nor any program's. */
static bool is_unknown(const struct host_facts *host, const char *parameter)
{
	static const char words[] = "Unknown kernel command line parameters";
	char line[BOOT_VALUE_MAX];
	const char *log = NULL;
	const char *at = host_text(&host->files, &log, LOG) == 0 ? strstr(log, words) : NULL;

	if (at == NULL)
		return false;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return boot_has_words(line, parameter);
}

enum boot_effect boot_effect(const struct boot_parameter *parameter, const struct host_facts *host,
			     char ret_found[BOOT_FOUND_MAX])
{
	const char *equals = strchr(parameter->text, '=');
	struct judged judged = {
		.host = host,
		.value = equals == NULL ? "" : equals + 1,
		.found = ret_found,
	};
	const char *text = NULL;
	int error = host_text(&host->files, &text, "/proc/cmdline");

	snprintf(judged.name, sizeof(judged.name), "%.*s", (int)strcspn(parameter->text, "="),
		 parameter->text);
	if (error != 0)
		return unread(ret_found, "/proc/cmdline", error);
	if (!parameter->live)
		return say(ret_found, BOOT_NOT_HELD, boot_has_words(text, parameter->text) ?
			   "another one follows it on the command line" : "not on the command line");
	if (is_unknown(host, parameter->text))
		return say(ret_found, BOOT_NOT_HELD, "the kernel's log says that it does not know it");
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		if (strcmp(judges[i].name, judged.name) == 0)
			return judges[i].judge(&judged);
	}
	return judge_module(&judged);
}

enum boot_effect boot_option_effect(const struct boot_option *option, const struct host_facts *host,
				    char ret_found[BOOT_FOUND_MAX])
{
	struct judged judged = {.host = host, .value = option->value, .found = ret_found};
	const char *text = NULL;

	if (host_text(&host->files, &text, "/sys/module/%s/parameters/%s", option->module, option->name) ==
	    -ENOENT)
		return say(ret_found, BOOT_UNKNOWN, "the module is not loaded, or has no such option");
	snprintf(judged.name, sizeof(judged.name), "%s.%s", option->module, option->name);
	return judge_module(&judged);
}

enum boot_effect boot_log_effect(const struct host_facts *host, char ret_found[BOOT_FOUND_MAX])
{
	static const char *const words[] = {
		"Housekeeping: nohz", "HugeTLB: hugepages", " invalid for parameter ",
		"Malformed early option",
	};
	const char *log = NULL;
	int error = host_text(&host->files, &log, LOG);

	if (error != 0)
		return unread(ret_found, LOG, error);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = strstr(log, words[i]);

		if (at == NULL)
			continue;
		while (at > log && at[-1] != '\n')
			at--;
		return say(ret_found, BOOT_NOT_HELD, "%.*s", (int)strcspn(at, "\n"), at);
	}
	if (strstr(log, "Linux version ") == NULL)
		return say(ret_found, BOOT_UNKNOWN, "the kernel log no longer has its beginning");
	return say(ret_found, BOOT_HELD, "nothing against the command line");
}
