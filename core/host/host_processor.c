// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "core/host/host.h"
#include "core/host/host_parse.h"

/* The first line "NAME<blanks>: VALUE" of /proc/cpuinfo. */
static void field(const char *text, const char *name, char *ret, size_t size)
{
	size_t length = strlen(name);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *colon = line + length;

		if (strncmp(line, name, length) != 0)
			continue;
		colon += strspn(colon, " \t");
		if (*colon != ':')
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		snprintf(ret, size, "%.*s", (int)strcspn(colon, "\n"), colon);
		host_make_plain(ret);
		return;
	}
}

void host_processor_parse(struct host_facts *facts)
{
	const char *text = NULL;

	facts->cpu_vendor[0] = '\0';
	facts->cpu_model[0] = '\0';
	if (host_text(&facts->files, &text, "/proc/cpuinfo") != 0)
		return;
	field(text, "vendor_id", facts->cpu_vendor, sizeof(facts->cpu_vendor));
	field(text, "model name", facts->cpu_model, sizeof(facts->cpu_model));
}
