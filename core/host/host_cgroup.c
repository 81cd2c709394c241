// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/host_parse.h"

/* struct mount - one line of /proc/mounts. */
struct mount {
	char point[128];
	char type[32];
	char options[256];
};

/* struct seen - what the mounts come to. */
struct seen {
	bool v1;
	bool v1_cpuset;
	bool v2;
};

/* Blanks in a mount point are written as three octal digits behind a backslash. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; to++) {
		if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* Whether a word stands in @text, between commas or blanks. */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	while (*text != '\0') {
		size_t part = strcspn(text, ", \n");

		if (part == length && strncmp(text, word, length) == 0)
			return true;
		text += part + (text[part] != '\0');
	}
	return false;
}

static void look(const struct mount *mount, struct seen *seen, struct host_cgroup *cgroup)
{
	if (strcmp(mount->type, "cgroup") == 0) {
		seen->v1 = true;
		seen->v1_cpuset = seen->v1_cpuset || has_word(mount->options, "cpuset");
	}
	if (strcmp(mount->type, "cgroup2") != 0)
		return;
	/* Mounted twice, it is one hierarchy: the place where every tool looks for it is taken. */
	if (!seen->v2 || strcmp(mount->point, "/sys/fs/cgroup") == 0)
		snprintf(cgroup->mount, sizeof(cgroup->mount), "%s", mount->point);
	seen->v2 = true;
}

static void look_at_mounts(const char *text, struct seen *seen, struct host_cgroup *cgroup)
{
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		struct mount mount;

		line += *line == '\n';
		/* Longer ones than these are no control groups that could be worked with. */
		if (sscanf(line, "%*s %127s %31s %255s", mount.point, mount.type, mount.options) !=
		    3)
			continue;
		unescape(mount.point);
		look(&mount, seen, cgroup);
	}
}

static enum fact has_cpuset(const struct host_files *files, const char *mount)
{
	const char *text = NULL;

	if (host_text(files, &text, "%s/cgroup.controllers", mount) != 0)
		return FACT_UNKNOWN;
	return has_word(text, "cpuset") ? FACT_YES : FACT_NO;
}

void host_cgroup_parse(struct host_facts *facts)
{
	struct host_cgroup *cgroup = &facts->cgroup;
	struct seen seen = {0};
	const char *text = NULL;

	*cgroup = (struct host_cgroup){0};
	if ((facts->groups & HOST_KERNEL) == 0 || host_text(&facts->files, &text, "/proc/mounts") != 0)
		return;
	look_at_mounts(text, &seen, cgroup);
	cgroup->cpuset = FACT_NO;
	if (!seen.v2) {
		cgroup->mode = seen.v1 ? CGROUP_V1 : CGROUP_NONE;
		return;
	}
	cgroup->mode = seen.v1_cpuset ? CGROUP_HYBRID : CGROUP_V2;
	if (cgroup->mode == CGROUP_V2)
		cgroup->cpuset = has_cpuset(&facts->files, cgroup->mount);
}
