// SPDX-License-Identifier: Apache-2.0
/* The files of configs/ that the program carries within itself, so that it works from anywhere. */
#pragma once

/** profile_X_yaml, quickstart_yaml - the files' bytes, terminated by a NUL at ..._end. */
extern const char profile_industrial_yaml[], profile_industrial_yaml_end[];
extern const char profile_nfv_yaml[], profile_nfv_yaml_end[];
extern const char profile_best_effort_yaml[], profile_best_effort_yaml_end[];
extern const char quickstart_yaml[], quickstart_yaml_end[];

/** unit_X - systemd units in which core/cli/boot_files.c replaces @BULKHEAD@, @FILE@ and others. */
extern const char unit_slice[], unit_host[], unit_partition[], unit_watch[];

/** QUICKSTART_NAME - what stands for the path of quickstart_yaml in messages. */
#define QUICKSTART_NAME "configs/quickstart.yaml"
