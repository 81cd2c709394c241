// SPDX-License-Identifier: Apache-2.0
/* The rules between the partitions of a machine. */
#pragma once

struct diag;
struct machine_config;

/**
 * machine_rules_check() - each partition has a name of its own.
 * @why: complete with place, key and the other line.
 *
 * Pure. Returns 0 or -EINVAL.
 */
int machine_rules_check(const struct machine_config *machine, struct diag *why);
