// SPDX-License-Identifier: Apache-2.0
#include "sched/group_overlap.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cpulist.h"
#include "core/base/diag.h"
#include "core/base/sys.h"
#include "sched/phrase.h"

#define CPUS_FILE "/cpuset.cpus"

static bool is_unit(const char *name)
{
	static const char *const ends[] = {".slice", ".scope", ".service", ".mount"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t length = strlen(ends[i]);

		if (strlen(name) > length && strcmp(name + strlen(name) - length, ends[i]) == 0)
			return true;
	}
	return false;
}

void group_overlap_say(const char *group, const struct cpulist *shared, const struct cpulist *keep,
		       struct diag *why)
{
	const char *slash = strrchr(group, '/');
	const char *name = slash == NULL ? group : slash + 1;
	char cpus[PHRASE_CPUS_MAX];
	char rest[PHRASE_CPUS_MAX];

	diag_set(why, EBUSY, "%s %s in control group %s: a CPU of two groups makes the cpuset partition "
		 "invalid", phrase_cpus(shared, cpus, sizeof(cpus)),
		 cpulist_count(shared) == 1 ? "is" : "are", group);
	phrase_list(keep, rest, sizeof(rest));
	if (cpulist_empty(keep))
		diag_remedy(why, "remove that group");
	else if (is_unit(name))
		diag_remedy(why, "systemctl set-property %s AllowedCPUs=%s", name, rest);
	else
		diag_remedy(why, "echo %s > %s/cpuset.cpus, or remove that group", rest, group);
}

/* What a group states; empty where it states nothing, or is gone. */
static struct cpulist cpus_of(const char *file)
{
	struct cpulist cpus = {0};
	char text[CPULIST_TEXT_MAX];

	if (sys_read_file(file, text, sizeof(text)) < 0 || cpulist_parse_kernel(text, &cpus) != 0)
		return (struct cpulist){0};
	return cpus;
}

/* Of the partitions beside it as well: none of their CPUs is to be had either. */
static struct cpulist taken_by(const glob_t *files)
{
	struct cpulist taken = {0};

	for (size_t i = 0; i < files->gl_pathc; i++) {
		char path[PATH_MAX];
		char text[256];
		struct cpulist cpus;

		if (snprintf(path, sizeof(path), "%s.partition", files->gl_pathv[i]) >= (int)sizeof(path) ||
		    sys_read_file(path, text, sizeof(text)) < 0 || strncmp(text, "member", 6) == 0)
			continue;
		cpus = cpus_of(files->gl_pathv[i]);
		cpulist_or(&taken, &cpus, &taken);
	}
	return taken;
}

static bool look_beside(const char *group, const struct cpulist *own, const glob_t *files, struct diag *why)
{
	const size_t length = strlen(group);

	for (size_t i = 0; i < files->gl_pathc; i++) {
		const char *file = files->gl_pathv[i];
		struct cpulist cpus = cpus_of(file);
		struct cpulist shared;
		struct cpulist taken;
		char other[PATH_MAX];

		cpulist_and(&cpus, own, &shared);
		if (cpulist_empty(&shared) ||
		    (strncmp(file, group, length) == 0 && strcmp(file + length, CPUS_FILE) == 0))
			continue;
		snprintf(other, sizeof(other), "%.*s", (int)(strlen(file) - strlen(CPUS_FILE)), file);
		taken = taken_by(files);
		cpulist_minus(&cpus, &taken, &cpus);
		group_overlap_say(other, &shared, &cpus, why);
		return true;
	}
	return false;
}

bool group_overlap_find(const char *group, struct diag *why)
{
	const char *slash = strrchr(group, '/');
	char path[PATH_MAX];
	glob_t files = {0};
	bool found = false;

	if (slash == NULL || snprintf(path, sizeof(path), "%s" CPUS_FILE, group) >= (int)sizeof(path))
		return false;
	const struct cpulist own = cpus_of(path);

	if (snprintf(path, sizeof(path), "%.*s/*" CPUS_FILE, (int)(slash - group), group) >= (int)sizeof(path))
		return false;
	if (!cpulist_empty(&own) && glob(path, 0, NULL, &files) == 0)
		found = look_beside(group, &own, &files, why);
	globfree(&files);
	return found;
}
