// SPDX-License-Identifier: Apache-2.0
/* Control groups: CPUs set apart at run time, and whether real-time threads are let in. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/machine.h"
#include "core/host/cpu_parameter.h"
#include "core/host/host.h"
#include "rt/doctor_checks.h"

/* As deep as cgroups are looked at: a slice, a unit, a guest within it. */
enum { DEPTHS = 3, GROUPS_OFF_SINCE = 6 << 16 | 16 << 8 };

/*
 * What is wrong where no partition can be kept apart by a cpuset: one that must be fails, one that is left
 * to the host, or no file at all, warns; and nothing is without partitions that have CPUs of their own.
 */
static enum doctor_verdict without_cpuset(const struct doctor_subject *subject)
{
	const struct machine_config *machine = subject->machine;
	enum doctor_verdict verdict = machine == NULL ? DOCTOR_WARN : DOCTOR_NOT_APPLICABLE;

	for (size_t i = 0; machine != NULL && i < machine->partition_count; i++) {
		const struct partition_config *partition = &machine->partition[i];

		if (partition->isolation == ISOLATION_CPUSET)
			return DOCTOR_FAIL;
		if (partition->isolation == ISOLATION_ANY && !cpulist_empty(&partition->cpus))
			verdict = DOCTOR_WARN;
	}
	return verdict;
}

static void look_cpuset(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_cgroup *cgroup = &subject->host->cgroup;

	enum doctor_verdict verdict = without_cpuset(subject);

	doctor_expect(result, "cgroup v2 with the cpuset controller");
	if (verdict == DOCTOR_NOT_APPLICABLE) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is isolated by a cpuset");
		return;
	}
	if (cgroup->mode == CGROUP_UNKNOWN) {
		doctor_say(result, DOCTOR_UNKNOWN, "/proc/mounts could not be read");
		return;
	}
	if (cgroup->mode == CGROUP_V2 && cgroup->cpuset == FACT_UNKNOWN) {
		doctor_say(result, DOCTOR_UNKNOWN, "%s/cgroup.controllers could not be read", cgroup->mount);
		return;
	}
	if (cgroup->mode == CGROUP_V2 && cgroup->cpuset == FACT_YES) {
		doctor_say(result, DOCTOR_PASS, "cgroup v2 with cpuset");
		return;
	}
	doctor_say(result, verdict, "%s", cgroup->mode == CGROUP_V2 ? "cgroup v2 without cpuset" :
		   cgroup->mode == CGROUP_HYBRID ? "cpuset is a cgroup v1 hierarchy's" :
		   cgroup->mode == CGROUP_V1 ? "cgroup v1" : "no cgroups");
	doctor_advise(result, "add systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all to the kernel command "
		      "line, without cgroup_disable=cpuset, and reboot");
}

/* struct reason - the kernel's words for why a partition is none, and what helps; %s is its folder. */
struct reason {
	const char *words;
	const char *remedy;
};

/* kernel/cgroup/cpuset.c, perr_strings, of Linux 6.1 to 6.18. */
static const struct reason reasons[] = {
	{"Invalid cpu list in cpuset.cpus.exclusive",
	 "cat %s/cpuset.cpus.exclusive %s/cpuset.cpus # its CPUs must be online, and no sibling's"},
	{"Parent is an invalid partition root",
	 "cat %s/../cpuset.cpus.partition # make the parent valid first, then write this one again"},
	{"Parent is not a partition root",
	 "echo root > %s/../cpuset.cpus.partition # or write cpuset.cpus.exclusive from the root down"},
	{"Cpu list in cpuset.cpus not exclusive",
	 "grep . %s/../*/cpuset.cpus # take its CPUs from the other groups, then write this one again"},
	{"Parent unable to distribute cpu downstream",
	 "cat %s/../cpuset.cpus.effective # leave the parent a CPU, or move its own threads out"},
	{"No cpu available due to hotplug",
	 "cat /sys/devices/system/cpu/offline %s/cpuset.cpus # bring one of its CPUs online"},
	{"cpuset.cpus is empty", "cat %s/cpuset.cpus # write its CPUs there, then cpuset.cpus.partition"},
	{"cpuset.cpus and cpuset.cpus.exclusive are empty",
	 "cat %s/cpuset.cpus # write its CPUs there, then cpuset.cpus.partition"},
	{"partition config conflicts with housekeeping setup",
	 "cat /proc/cmdline # take isolcpus=domain off, or its CPUs out of the partition, and reboot"},
	{"Enable partition not permitted", "id # write cpuset.cpus.partition as root (CAP_SYS_ADMIN)"},
};

/* A folder goes into a command only where a shell takes it for one word. */
static bool is_plain(const char *path)
{
	for (const char *c = path; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c) && strchr("/._-:@", *c) == NULL)
			return false;
	}
	return true;
}

static void advise_partition(struct doctor_result *result, const char *folder, const char *state)
{
	char remedy[sizeof(result->remedy)];
	size_t length = 0;
	const char *format = "cat %s/cpuset.cpus.partition";

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const char *words = strchr(state, '(');

		if (words != NULL && strncmp(words + 1, reasons[i].words, strlen(reasons[i].words)) == 0 &&
		    words[1 + strlen(reasons[i].words)] == ')')
			format = reasons[i].remedy;
	}
	for (const char *c = format; *c != '\0' && length < sizeof(remedy) - 1; c++) {
		if (strncmp(c, "%s", 2) != 0) {
			remedy[length++] = *c;
			continue;
		}
		int written = snprintf(remedy + length, sizeof(remedy) - length, "%s", folder);

		length += written > 0 ? (size_t)written : 0;
		length = length < sizeof(remedy) ? length : sizeof(remedy) - 1;
		c++;
	}
	remedy[length] = '\0';
	doctor_advise(result, "%s", remedy);
}

static void say_invalid(struct doctor_result *result, const struct host_file *file)
{
	static const char name[] = "/cpuset.cpus.partition";
	char folder[160] = "/sys/fs/cgroup";
	size_t length = strlen(file->path) - (sizeof(name) - 1);

	if (length < sizeof(folder)) {
		memcpy(folder, file->path, length);
		folder[length] = '\0';
	}
	doctor_say(result, DOCTOR_FAIL, "%s: %s", folder, file->text);
	advise_partition(result, is_plain(folder) ? folder : "'its folder'", file->text);
}

/*
 * struct partitions - what the files of all partitions come to; @error: not all of them are known; @lost: a group
 * of vCPUs that is no partition any more.
 */
struct partitions {
	int error;
	const struct host_file *unread;
	const struct host_file *invalid;
	const struct host_file *lost;
	size_t valid;
};

/* The groups that bulkhead makes for vCPUs are threaded, and partitions; see bulkhead(1), apply. */
static enum fact is_of_vcpus(const struct doctor_subject *subject, const struct host_file *file)
{
	const char *mount = subject->host->cgroup.mount;
	const char *name = file->path + strlen(mount) + 1;
	const char *text = NULL;

	if (strncmp(name, "bulkhead-", 9) != 0 && strncmp(name, "bulkhead.cpu", 12) != 0)
		return FACT_NO;
	int error = host_text(&subject->host->files, &text, "%s/%.*s/cgroup.type", mount,
			      (int)strcspn(name, "/"), name);

	if (error != 0)
		return error == -ENOENT ? FACT_NO : FACT_UNKNOWN;
	return strcmp(text, "threaded") == 0 ? FACT_YES : FACT_NO;
}

static void partitions_add(const struct doctor_subject *subject, struct partitions *found,
			   const struct host_file *file)
{
	if (file->error != 0 || file->text == NULL) {
		found->unread = file;
		return;
	}
	if (strstr(file->text, "invalid") != NULL)
		found->invalid = file;
	else if (strcmp(file->text, "root") == 0 || strcmp(file->text, "isolated") == 0)
		found->valid++;
	else if (strcmp(file->text, "member") != 0 || is_of_vcpus(subject, file) == FACT_UNKNOWN)
		found->unread = file;
	else if (is_of_vcpus(subject, file) == FACT_YES)
		found->lost = file;
}

static struct partitions partitions_find(const struct doctor_subject *subject)
{
	struct partitions found = {0};
	char pattern[192];

	for (int depth = 1; depth <= DEPTHS; depth++) {
		const struct host_file *file;
		size_t at = 0;

		snprintf(pattern, sizeof(pattern), "%s%.*s/cpuset.cpus.partition",
			 subject->host->cgroup.mount, depth * 2, "/*/*/*");
		if (found.error == 0)
			found.error = host_files_told(&subject->host->files, pattern);
		while ((file = host_files_next(&subject->host->files, pattern, &at)) != NULL)
			partitions_add(subject, &found, file);
	}
	return found;
}

/* Says unknown where a partition is not known; whether it did. */
static bool partitions_unknown(struct doctor_result *result, const struct partitions *found)
{
	if (found->unread != NULL)
		doctor_unknown(result, found->unread->path,
			       found->unread->error != 0 ? found->unread->error : EINVAL);
	else if (found->error != 0)
		doctor_unknown(result, "cpuset.cpus.partition of all groups", found->error);
	return found->unread != NULL || found->error != 0;
}

static void look_partitions(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_cgroup *cgroup = &subject->host->cgroup;

	doctor_expect(result, "none invalid, and every group of vCPUs one");
	if (cgroup->mode == CGROUP_UNKNOWN) {
		doctor_say(result, DOCTOR_UNKNOWN, "/proc/mounts could not be read");
		return;
	}
	if (cgroup->mode != CGROUP_V2) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "cpuset is not a cgroup v2 controller here");
		return;
	}
	struct partitions found = partitions_find(subject);

	if (found.invalid != NULL) {
		say_invalid(result, found.invalid);
		return;
	}
	if (found.lost != NULL) {
		doctor_say(result, DOCTOR_FAIL, "%.160s: %s", found.lost->path, found.lost->text);
		doctor_advise(result, "bulkhead apply FILE # with the file that was applied");
		return;
	}
	if (partitions_unknown(result, &found))
		return;
	doctor_say(result, DOCTOR_PASS, "%zu partition%s in %d levels of groups, none invalid", found.valid,
		   found.valid == 1 ? "" : "s", DEPTHS);
}

/* Linux 6.1 crashes when a partition takes all that isolcpus=domain left to the scheduler's domains. */
static void look_isolcpus_beside(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_facts *host = subject->host;
	char value[1024];

	doctor_expect(result, "cpuset partitions or isolcpus=domain, not both");
	int error = host_parameter(host, "isolcpus", value, sizeof(value));

	if (error != 0 && error != -ENOENT) {
		doctor_unknown(result, "/proc/cmdline", error);
		return;
	}
	struct isolcpus isolcpus = {0};

	if (error == 0)
		isolcpus = host_isolcpus_parse(value);
	if (!isolcpus.domain || isolcpus.ignored) {
		doctor_say(result, DOCTOR_PASS, "no isolcpus=domain");
		return;
	}
	if (host->cgroup.mode == CGROUP_UNKNOWN) {
		doctor_say(result, DOCTOR_UNKNOWN, "/proc/mounts could not be read");
		return;
	}
	struct partitions found = {0};

	if (host->cgroup.mode == CGROUP_V2)
		found = partitions_find(subject);
	if (partitions_unknown(result, &found))
		return;
	if (found.valid == 0 && found.invalid == NULL) {
		doctor_say(result, DOCTOR_PASS, "isolcpus=%s, no partition", value);
		return;
	}
	doctor_say(result, DOCTOR_FAIL, "isolcpus=%.160s and %zu cpuset partition%s", value, found.valid,
		   found.valid == 1 ? "" : "s");
	doctor_advise(result, "take domain off isolcpus on the kernel command line, as in isolcpus=managed_irq,%s, "
		      "and reboot", isolcpus.list);
}

static bool is_real_time_wanted(const struct doctor_subject *subject)
{
	return subject->fifo_priority > 0 || subject->needs_deadline;
}

/* With the groups compiled in, they can be off by default (since Linux 6.16) or by rt_group_sched=0. */
static bool groups_are_off(const struct host_facts *host)
{
	char value[16] = "";
	int error = host_parameter(host, "rt_group_sched", value, sizeof(value));

	if (error == 0 && host->kernel.version >= GROUPS_OFF_SINCE) {
		char *end = NULL;
		long on = strtol(value, &end, 0);

		/* What is no number of these two changes nothing. */
		if (end != value && *end == '\0' && (on == 0 || on == 1))
			return on == 0;
	}
	return (error == 0 || error == -ENOENT) &&
	       host_config(host, "RT_GROUP_SCHED_DEFAULT_DISABLED", value, sizeof(value)) == 0 &&
	       strcmp(value, "y") == 0;
}

static void advise_rt_groups(struct doctor_result *result)
{
	doctor_advise(result, "add rt_group_sched=0 to the kernel command line (Linux 6.16 and later), or install "
		      "a kernel without CONFIG_RT_GROUP_SCHED, as distributions' real-time kernels are");
}

static void look_rt_groups(const struct doctor_subject *subject, struct doctor_result *result)
{
	const struct host_facts *host = subject->host;
	char value[16] = "";

	doctor_expect(result, "CONFIG_RT_GROUP_SCHED not set, or rt_group_sched=0");
	if (!is_real_time_wanted(subject)) {
		doctor_say(result, DOCTOR_NOT_APPLICABLE, "no partition is real-time");
		return;
	}
	int64_t runtime = doctor_root_group_runtime(host);

	/* On cgroup v1 the root group has the whole host's, and a command run in it may be SCHED_FIFO. */
	if (runtime > 0) {
		doctor_say(result, DOCTOR_WARN, "%lld us for the root group, and for others what they were given",
			   (long long)runtime);
		advise_rt_groups(result);
		return;
	}
	int error = host_config(host, "RT_GROUP_SCHED", value, sizeof(value));

	if (error != 0) {
		doctor_unknown(result, "the kernel's configuration", error);
		doctor_advise(result, "zcat /proc/config.gz | grep RT_GROUP_SCHED # or look in the kernel's package");
		return;
	}
	if (strcmp(value, "y") != 0 || groups_are_off(host)) {
		doctor_say(result, DOCTOR_PASS, strcmp(value, "y") != 0 ? "not set" : "set, and turned off");
		return;
	}
	doctor_say(result, DOCTOR_FAIL, "CONFIG_RT_GROUP_SCHED=y");
	advise_rt_groups(result);
}

static const struct doctor_check checks[] = {
	{"P16-cpuset", DOCTOR_BREAKS, "CPU partitions of cgroup v2",
	 "CPUs can be set apart at run time, and given back, only by cgroup v2 cpuset partitions.", look_cpuset},
	{"P16-partitions", DOCTOR_STALLS, "cpuset partitions there are",
	 "A cpuset partition that cannot be had is accepted and then only reads invalid; its CPUs are shared "
	 "with everything else.", look_partitions},
	{"P16-isolcpus", DOCTOR_BREAKS, "isolcpus=domain beside cpuset partitions",
	 "CPUs of isolcpus=domain cannot be in partitions, and some kernels crash when partitions take all "
	 "others.", look_isolcpus_beside},
	{"P18-rt-groups", DOCTOR_BREAKS, "real-time group scheduling",
	 "A group without real-time runtime of its own refuses SCHED_FIFO even to root, and new groups have "
	 "none.", look_rt_groups},
};

const struct doctor_table doctor_cgroup = {checks, sizeof(checks) / sizeof(checks[0])};
