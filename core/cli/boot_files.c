// SPDX-License-Identifier: Apache-2.0
#include "core/cli/boot_files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/change.h"
#include "core/base/cleanup.h"
#include "core/base/cpulist.h"
#include "core/base/findings.h"
#include "core/cli/boot_text.h"
#include "core/cli/unit_text.h"
#include "core/config/embedded.h"
#include "core/config/machine.h"
#include "core/host/host.h"
#include "irq/balancer_changes.h"
#include "rt/boot_plan.h"
#include "rt/doctor_checks.h"

#define UNITS "/etc/systemd/system/"
#define BALANCER_ENVIRONMENT "/etc/bulkhead/irqbalance"

/* struct author - who writes the files, and where to. @text, @length: of the one in the making. */
struct author {
	const struct boot_files_request *request;
	struct changes *changes;
	struct findings *findings;
	FILE *stream;
	char *text;
	size_t length;
};

/* A file's words as os-release(5) has them: ID=debian, ID_LIKE="ubuntu debian". */
static bool is_like(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "ID=", 3) != 0 && strncmp(line, "ID_LIKE=", 8) != 0)
			continue;
		const char *line_end = line + strcspn(line, "\n");

		for (const char *at = strchr(line, '='); at != NULL && at < line_end; at = strpbrk(at + 1, " \"'")) {
			if (strncmp(at + 1, name, length) == 0 && strchr(" \"'\n", at[1 + length]) != NULL)
				return true;
		}
	}
	return false;
}

enum boot_loader boot_loader_find(const struct host_facts *host)
{
	const char *text = NULL;

	if (host_text(&host->files, &text, "/etc/os-release") != 0)
		return BOOT_LOADER_OTHER;
	if (is_like(text, "debian") || is_like(text, "ubuntu"))
		return BOOT_LOADER_GRUB_FOLDER;
	return is_like(text, "fedora") || is_like(text, "rhel") ? BOOT_LOADER_GRUBBY : BOOT_LOADER_OTHER;
}

static FILE *begin(struct author *author)
{
	author->text = NULL;
	author->stream = open_memstream(&author->text, &author->length);
	return author->stream;
}

/*
 * The folder of a file, which goes again with the last of them. Facts do not tell of folders: one that is there
 * already is left as it is by whoever makes the changes.
 */
static void want_folder(struct author *author, const char *path, const char *domain, bool is_there)
{
	int length = (int)(strrchr(path, '/') - path);
	struct changes *changes = author->changes;
	struct change *change;

	for (size_t i = 0; i < changes->count; i++) {
		const char *known = changes->item[i].path;

		if (changes->item[i].kind == CHANGE_FOLDER && known != NULL &&
		    strncmp(known, path, (size_t)length) == 0 && known[length] == '\0')
			return;
	}
	change = changes_add(changes, CHANGE_FOLDER, domain, "%.*s", length, path);
	change_made(changes, change, is_there);
	change_reason(change, "a file is written in it");
}

/* Ends the file in the making, as it shall be at @path. */
static void end(struct author *author, const char *path, const char *domain, enum change_after after,
		const char *reason)
{
	_cleanup_free_ char *text = NULL;
	const char *old = NULL;
	int failed = author->stream == NULL || fclose(author->stream) != 0;
	int error = host_text(&author->request->host->files, &old, "%s", path);
	struct change *change;

	text = author->text;
	author->text = NULL;
	author->stream = NULL;
	if (failed || text == NULL) {
		author->changes->lost = true;
		return;
	}
	/* A host that was stored without it can be planned for; one whose file is there could not be put back. */
	if (error != 0 && error != -ENOENT && error != -ENODATA) {
		struct diag *why =
			findings_add(author->findings, FINDING_UNKNOWN, "boot-file", FINDING_MACHINE);

		diag_set(why, -error, "%s could not be read (%s), so that it could not be put back", path,
			 host_unknown(error));
		diag_remedy(why, "run as root");
		return;
	}
	want_folder(author, path, domain, error == 0);
	change = changes_add(author->changes, CHANGE_FILE, domain, "%s", path);
	change_text(author->changes, change, COMPARE_EXACT, error == 0 ? old : NULL, "%s", text);
	change->after = after;
	change_reason(change, "%s", reason);
}

static struct diag *note(struct author *author, const char *rule)
{
	struct diag *diag = findings_add(author->findings, FINDING_NOTE, rule, FINDING_MACHINE);

	diag_at(diag, author->request->machine->file, 0, 0);
	return diag;
}

/* Without GRUB's own configuration nothing reads its folder, or nothing has been installed to. */
static void write_parameters(struct author *author)
{
	const struct boot_files_request *request = author->request;
	const char *text = NULL;
	bool has_grub = host_text(&request->host->files, &text, "/etc/default/grub") != -ENOENT;
	struct diag *diag;

	if (request->boot->count == 0)
		return;
	if (boot_loader_find(request->host) != BOOT_LOADER_GRUB_FOLDER) {
		diag = note(author, "boot-loader");
		diag_set(diag, 0, "this host's boot loader takes its parameters in another way than by files: they "
			 "are not installed");
		diag_remedy(diag, "add them as bulkhead boot --print says");
		return;
	}
	if (begin(author) != NULL)
		boot_text_grub(request, author->stream);
	end(author, BOOT_GRUB_FILE, "boot", has_grub ? AFTER_BOOT_UPDATE : AFTER_NOTHING,
	    "the kernel is booted with what it takes on its command line alone");
	if (has_grub)
		return;
	diag = note(author, "boot-grub");
	diag_set(diag, 0, "no /etc/default/grub: GRUB is not installed, and nothing reads " BOOT_GRUB_FILE);
	diag_remedy(diag, "give the kernel these parameters by the boot loader that there is");
}

static bool has_options(const struct boot_plan *boot)
{
	for (size_t i = 0; i < boot->option_count; i++) {
		if (!boot->option[i].built_in)
			return true;
	}
	return false;
}

/* Else they come when udev gets to them, which may be after the first partition. */
static void write_modules(struct author *author)
{
	const struct host_facts *host = author->request->host;

	if (host->cpu_vendor[0] == '\0')
		return;
	if (begin(author) != NULL) {
		boot_text_head(author->request, author->stream);
		fprintf(author->stream, "%s\n", doctor_vendor_module(host));
	}
	end(author, "/etc/modules-load.d/bulkhead.conf", "boot", AFTER_NOTHING,
	    "KVM is there before the first service");
}

static void write_kernel(struct author *author)
{
	write_modules(author);
	if (has_options(author->request->boot)) {
		if (begin(author) != NULL)
			boot_text_modprobe(author->request, author->stream);
		end(author, "/etc/modprobe.d/bulkhead.conf", "boot", AFTER_NOTHING,
		    "KVM's modules are loaded with what they take at no other time");
	}
	if (author->request->settings->count == 0)
		return;
	if (begin(author) != NULL)
		boot_text_sysctl(author->request, author->stream);
	end(author, "/etc/sysctl.d/50-bulkhead.conf", "boot", AFTER_NOTHING,
	    "the kernel's settings are so from the beginning of each boot");
}

/* Until the partitions' CPUs are closed to them, and where no cpuset closes them at all. */
static void write_slices(struct author *author)
{
	static const struct {
		const char *path;
		const char *section;
	} unit[] = {
		{UNITS "system.slice.d/50-bulkhead.conf", "Slice"},
		{UNITS "user.slice.d/50-bulkhead.conf", "Slice"},
		{UNITS "init.scope.d/50-bulkhead.conf", "Scope"},
	};

	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (begin(author) != NULL)
			boot_text_allowed(author->request, unit[i].section, author->stream);
		end(author, unit[i].path, "systemd", AFTER_SYSTEMD_RELOAD,
		    "what systemd runs stays on housekeeping CPUs from the beginning of each boot");
	}
	if (begin(author) != NULL)
		boot_text_manager(author->request, author->stream);
	end(author, "/etc/systemd/system.conf.d/50-bulkhead.conf", "systemd", AFTER_NOTHING,
	    "systemd itself and what it starts begin on housekeeping CPUs");
}

static void write_balancer(struct author *author)
{
	_cleanup_free_ char *text = NULL;

	if (!balancer_has_unit(author->request->host))
		return;
	if (balancer_environment(&author->request->cpus->partitions, &text) != 0) {
		author->changes->lost = true;
		return;
	}
	if (begin(author) != NULL)
		fputs(text, author->stream);
	end(author, BALANCER_ENVIRONMENT, "interrupts", AFTER_NOTHING,
	    "irqbalance moves interrupts onto every CPU that it is not kept from");
	if (begin(author) != NULL)
		fputs("[Service]\nEnvironmentFile=" BALANCER_ENVIRONMENT "\n", author->stream);
	end(author, UNITS "irqbalance.service.d/50-bulkhead.conf", "interrupts", AFTER_SYSTEMD_RELOAD,
	    "irqbalance reads what its service's last file says");
}

/* struct quoted - what stands in the units' templates. */
struct quoted {
	char *program, *file, *program_path, *file_path, *machine;
};

static void quoted_done(struct quoted *quoted)
{
	free(quoted->program);
	free(quoted->file);
	free(quoted->program_path);
	free(quoted->file_path);
	free(quoted->machine);
}

static int write_units(struct author *author, struct diag *why)
{
	static const struct {
		const char *path;
		const char *text;
		const char *reason;
	} unit[] = {
		{UNITS "bulkhead.slice", unit_slice, "partitions and their host have a slice of their own"},
		{UNITS "bulkhead-host.service", unit_host, "the host is set up before the first partition starts"},
		{UNITS "bulkhead@.service", unit_partition, "each partition is a service whose health systemd knows"},
		{UNITS "bulkhead-watch.service", unit_watch, "what others break of it later is noticed"},
	};
	const struct boot_files_request *request = author->request;
	_cleanup_(quoted_done) struct quoted quoted = {0};
	int error = unit_quote(request->program, UNIT_PROGRAM, &quoted.program, why);

	if (error == 0)
		error = unit_quote(request->file, UNIT_ARGUMENT, &quoted.file, why);
	if (error == 0)
		error = unit_quote(request->program, UNIT_PATH, &quoted.program_path, why);
	if (error == 0)
		error = unit_quote(request->file, UNIT_PATH, &quoted.file_path, why);
	if (error == 0)
		error = unit_quote(request->machine->name, UNIT_WORDS, &quoted.machine, why);
	if (error != 0)
		return error;
	const struct unit_value values[] = {
		{"BULKHEAD", quoted.program}, {"BULKHEAD_PATH", quoted.program_path},
		{"FILE", quoted.file}, {"FILE_PATH", quoted.file_path},
		{"MACHINE", quoted.machine}, {NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (begin(author) != NULL) {
			boot_text_head(request, author->stream);
			unit_fill(unit[i].text, values, author->stream);
		}
		end(author, unit[i].path, "systemd", AFTER_SYSTEMD_RELOAD, unit[i].reason);
	}
	return 0;
}

static bool asks_for_cache(const struct machine_config *machine)
{
	for (size_t i = 0; i < machine->partition_count; i++) {
		const struct cache_request *cache = &machine->partition[i].cache;

		if (cache->l3_ways != 0 || cache->l2_ways != 0 || cache->bandwidth_percent != 0)
			return true;
	}
	return false;
}

/* No distribution mounts it by itself, and without it a plan with shares of a cache is refused. */
static void write_resctrl(struct author *author)
{
	if (!asks_for_cache(author->request->machine))
		return;
	if (begin(author) != NULL) {
		boot_text_head(author->request, author->stream);
		fputs("[Unit]\nDescription=Division of caches and memory bandwidth\n\n"
		      "[Mount]\nWhat=resctrl\nWhere=/sys/fs/resctrl\nType=resctrl\n", author->stream);
	}
	end(author, UNITS "sys-fs-resctrl.mount", "systemd", AFTER_SYSTEMD_RELOAD,
	    "caches are divided through resctrl, which nothing else mounts");
	if (begin(author) != NULL) {
		boot_text_head(author->request, author->stream);
		fputs("[Unit]\nRequiresMountsFor=/sys/fs/resctrl\n", author->stream);
	}
	end(author, UNITS "bulkhead-host.service.d/50-bulkhead.conf", "systemd", AFTER_SYSTEMD_RELOAD,
	    "resctrl is there before the host is set up");
}

static void write_partitions(struct author *author)
{
	const struct machine_config *machine = author->request->machine;
	char path[128];

	for (size_t i = 0; i < machine->partition_count; i++) {
		if (begin(author) != NULL)
			boot_text_partition(author->request, &machine->partition[i],
					    i == 0 ? NULL : &machine->partition[i - 1], author->stream);
		snprintf(path, sizeof(path), UNITS "bulkhead@%s.service.d/50-bulkhead.conf",
			 machine->partition[i].name);
		end(author, path, "systemd", AFTER_SYSTEMD_RELOAD,
		    "partitions come up in the file's order, and after a crash as it says");
	}
	if (begin(author) != NULL)
		boot_text_target(author->request, author->stream);
	end(author, UNITS "multi-user.target.d/50-bulkhead.conf", "systemd", AFTER_SYSTEMD_RELOAD,
	    "the partitions of the file come up at power-on");
}

int boot_files(const struct boot_files_request *request, struct changes *ret, struct findings *findings,
	       struct diag *why)
{
	struct author author = {.request = request, .changes = ret, .findings = findings};
	int error;

	write_parameters(&author);
	write_kernel(&author);
	if (!cpulist_empty(&request->cpus->partitions)) {
		write_slices(&author);
		write_balancer(&author);
	}
	error = write_units(&author, why);
	if (error != 0)
		return error;
	write_resctrl(&author);
	write_partitions(&author);
	return ret->lost ? diag_set(why, ENOMEM, "not enough memory to plan the files") : 0;
}
