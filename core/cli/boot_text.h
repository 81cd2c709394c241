// SPDX-License-Identifier: Apache-2.0
/* What stands in the files by which a host boots; for core/cli/boot_files.c. */
#pragma once

#include <stdio.h>

struct boot_files_request;
struct partition_config;

/** boot_text_head() - who wrote a file, and who takes it away: two lines of comment. */
void boot_text_head(const struct boot_files_request *request, FILE *stream);

/** boot_text_grub() - parameters for GRUB's configuration, which a shell reads. */
void boot_text_grub(const struct boot_files_request *request, FILE *stream);

/** boot_text_modprobe() - options of modules that are none of the kernel's parts. */
void boot_text_modprobe(const struct boot_files_request *request, FILE *stream);

/** boot_text_sysctl() - settings under /proc/sys: sysctl.d(5). */
void boot_text_sysctl(const struct boot_files_request *request, FILE *stream);

/** boot_text_allowed() - [Slice] or [Scope] with AllowedCPUs=. */
void boot_text_allowed(const struct boot_files_request *request, const char *section, FILE *stream);

/** boot_text_manager() - system.conf.d: CPUs of what systemd starts. */
void boot_text_manager(const struct boot_files_request *request, FILE *stream);

/** boot_text_partition() - a partition's drop-in. @before: the partition ahead of it in the file, or NULL. */
void boot_text_partition(const struct boot_files_request *request, const struct partition_config *partition,
			 const struct partition_config *before, FILE *stream);

/** boot_text_target() - what comes up at power-on. */
void boot_text_target(const struct boot_files_request *request, FILE *stream);
