// SPDX-License-Identifier: Apache-2.0
/* A machine made by hand beside a host made by hand, and what a plan finds against it. */
#pragma once

#include "core/base/findings.h"
#include "core/config/machine.h"
#include "tests/unit/host_fixture.h"

enum { CUT_PARTITIONS = 8 };

/** struct cut - partition N stands in line 10 * (N + 1) of "machine.yaml", host.housekeeping in line 3. */
struct cut {
	struct machine_config machine;
	struct partition_config partition[CUT_PARTITIONS];
	struct host_facts host;
	struct findings findings;
};

/** cut_set_up() - a host of that shape, and a machine without partitions. */
void cut_set_up(struct cut *cut, const struct host_shape *shape);

/** cut_add() - one more partition: FIFO, 64 MiB of ordinary pages. @cpus: a CPU list, "" none. */
struct partition_config *cut_add(struct cut *cut, const char *name, const char *cpus);

/** cut_cpus() - read a CPU list, "" the empty one. */
struct cpulist cut_cpus(const char *text);

/** cut_count() - findings of one rule. */
size_t cut_count(const struct cut *cut, const char *rule);

/** cut_assert_only() - there is exactly one finding, and it reads so from the line number on. */
void cut_assert_only(const struct cut *cut, enum finding_kind kind, const char *rule, const char *text);

/** cut_assert_nth() - the same of the finding with that index, whatever else there is. */
void cut_assert_nth(const struct cut *cut, size_t nth, enum finding_kind kind, const char *rule,
		    const char *text);

/** cut_assert_nothing() - no finding at all. */
void cut_assert_nothing(const struct cut *cut);

void cut_tear_down(struct cut *cut);
