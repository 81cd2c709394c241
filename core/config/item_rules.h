// SPDX-License-Identifier: Apache-2.0
/* The rules between the values of a partition's devices, and of its tasks. */
#pragma once

#include "core/config/rules.h"

/** item_rules_check() - the part of rules_check() that looks at single items. Pure; returns the same. */
int item_rules_check(const struct partition_config *partition, struct violation *ret,
		     struct diag *why);
