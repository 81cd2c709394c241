// SPDX-License-Identifier: Apache-2.0
/* The files by which a host boots for a machine. */
#pragma once

struct boot_plan;
struct changes;
struct cpu_division;
struct diag;
struct findings;
struct host_facts;
struct machine_config;

/** enum boot_loader - how parameters of the kernel are kept on a host. */
enum boot_loader {
	BOOT_LOADER_GRUB_FOLDER, /* Debian and its kin: files in /etc/default/grub.d */
	BOOT_LOADER_GRUBBY,      /* Fedora and its kin: grubby writes them into each kernel's own entry */
	BOOT_LOADER_OTHER,       /* not known: by hand */
};

/** boot_loader_find() - by /etc/os-release. Pure. */
enum boot_loader boot_loader_find(const struct host_facts *host);

/**
 * struct boot_files_request - what is written from; all borrowed.
 * @settings: of setting_changes(): those under /proc/sys are kept in sysctl.d too.
 * @program, @file: absolute paths of bulkhead and of the machine file.
 */
struct boot_files_request {
	const struct machine_config *machine;
	const struct host_facts *host;
	const struct cpu_division *cpus;
	const struct boot_plan *boot;
	const struct changes *settings;
	const char *program;
	const char *file;
};

/**
 * boot_files() - each file whole, of kind CHANGE_FILE, behind the CHANGE_FOLDER that it is in.
 * @findings: unknown boot-file (one that is there and could not be read, so that it could not be put back);
 * notes boot-loader (parameters are not installed: what to do instead), boot-grub (no GRUB is there to take
 * them).
 *
 * Pure. Stage: plan. Returns 0; -EINVAL with @why for a path that no unit of systemd can name; -ENOMEM.
 */
int boot_files(const struct boot_files_request *request, struct changes *ret, struct findings *findings,
	       struct diag *why);
