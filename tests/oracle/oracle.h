// SPDX-License-Identifier: Apache-2.0
/*
 * The oracle: whether a plan that was accepted is sound, found out by brute force from the file and the
 * host alone. Written apart from the planner and as plainly as can be, so that the two do not share a
 * mistake; it may be slow.
 */
#pragma once

#include <stddef.h>

struct host_facts;
struct machine_config;
struct machine_plan;

/**
 * oracle_judge() - look for anything an accepted plan must not have.
 * @text: on an offence, what it is.
 *
 * Returns 0 where the plan is sound, 1 where it is not.
 */
int oracle_judge(const struct machine_config *machine, const struct host_facts *host,
		 const struct machine_plan *plan, char *text, size_t size);
