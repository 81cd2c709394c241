// SPDX-License-Identifier: Apache-2.0
#include "core/cli/boot_text.h"

#include <string.h>

#include "core/base/change.h"
#include "core/base/cpulist.h"
#include "core/cli/boot_files.h"
#include "core/config/machine.h"
#include "rt/boot_plan.h"

#define SYSCTLS "/proc/sys/"

void boot_text_head(const struct boot_files_request *request, FILE *stream)
{
	fprintf(stream, "# Written by bulkhead boot --install for machine %s, %s\n"
		"# bulkhead boot --uninstall takes it away again.\n", request->machine->name, request->file);
}

/* Behind what others have put there, so that it stands last on the command line. */
void boot_text_grub(const struct boot_files_request *request, FILE *stream)
{
	const struct boot_plan *boot = request->boot;

	boot_text_head(request, stream);
	for (size_t i = 0; i < boot->count; i++)
		fprintf(stream, "#\n# %s\n#   %s\n", boot->parameter[i].text, boot->parameter[i].reason);
	fputs("GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT", stream);
	for (size_t i = 0; i < boot->count; i++)
		fprintf(stream, " %s", boot->parameter[i].text);
	fputs("\"\n", stream);
}

void boot_text_modprobe(const struct boot_files_request *request, FILE *stream)
{
	const struct boot_plan *boot = request->boot;

	boot_text_head(request, stream);
	for (size_t i = 0; i < boot->option_count; i++) {
		const struct boot_option *option = &boot->option[i];

		if (!option->built_in)
			fprintf(stream, "\n# %s\noptions %s %s=%s\n", option->reason, option->module, option->name,
				option->value);
	}
}

/* With a slash first, a dot in a name is not taken for another: sysctl.d(5). */
static void write_key(const char *path, FILE *stream)
{
	const char *name = path + sizeof(SYSCTLS) - 1;

	if (strchr(name, '.') != NULL) {
		fputs(name, stream);
		return;
	}
	for (; *name != '\0'; name++)
		fputc(*name == '/' ? '.' : *name, stream);
}

void boot_text_sysctl(const struct boot_files_request *request, FILE *stream)
{
	const struct changes *settings = request->settings;

	boot_text_head(request, stream);
	for (size_t i = 0; i < settings->count; i++) {
		const struct change *change = &settings->item[i];

		if (change->kind != CHANGE_TEXT || change->value == NULL ||
		    strncmp(change->path, SYSCTLS, sizeof(SYSCTLS) - 1) != 0)
			continue;
		fprintf(stream, "\n# %s\n", change->reason);
		write_key(change->path, stream);
		fprintf(stream, " = %s\n", change->value);
	}
}

static void write_housekeeping(const struct boot_files_request *request, const char *key, FILE *stream)
{
	char text[CPULIST_TEXT_MAX];

	fprintf(stream, "%s=%s\n", key,
		cpulist_format(&request->cpus->housekeeping, text, sizeof(text)));
}

void boot_text_allowed(const struct boot_files_request *request, const char *section, FILE *stream)
{
	boot_text_head(request, stream);
	fprintf(stream, "[%s]\n", section);
	write_housekeeping(request, "AllowedCPUs", stream);
}

void boot_text_manager(const struct boot_files_request *request, FILE *stream)
{
	boot_text_head(request, stream);
	fputs("[Manager]\n", stream);
	write_housekeeping(request, "CPUAffinity", stream);
}

void boot_text_partition(const struct boot_files_request *request, const struct partition_config *partition,
			 const struct partition_config *before, FILE *stream)
{
	boot_text_head(request, stream);
	if (before != NULL)
		fprintf(stream, "[Unit]\nAfter=bulkhead@%s.service\n\n", before->name);
	fprintf(stream, "[Service]\nRestart=%s\n", partition->restart_on_crash ? "on-failure" : "no");
	if (partition->restart_on_crash)
		fputs("RestartSec=1\n", stream);
}

void boot_text_target(const struct boot_files_request *request, FILE *stream)
{
	const struct machine_config *machine = request->machine;

	boot_text_head(request, stream);
	fputs("[Unit]\nWants=bulkhead-host.service bulkhead-watch.service\n", stream);
	for (size_t i = 0; i < machine->partition_count; i++) {
		if (machine->partition[i].autostart)
			fprintf(stream, "Wants=bulkhead@%s.service\n", machine->partition[i].name);
	}
}
