// SPDX-License-Identifier: Apache-2.0
/* Hosts made up for planning: filled in by hand, with nothing read. */
#pragma once

struct host_facts;

/** ORACLE_HOSTS - the number of shapes. */
enum { ORACLE_HOSTS = 7 };

/**
 * oracle_host_make() - the host of a shape: a PC with SMT, a server of two nodes with devices and cache
 * allocation, one with several caches per node, one with sparse CPU numbers and offline siblings, a virtual
 * machine without PREEMPT_RT on cgroup version 1, one of which little is known, one booted with isolcpus.
 * @shape: below ORACLE_HOSTS.
 *
 * Returns 0 or -ENOMEM; ended with host_facts_done().
 */
int oracle_host_make(unsigned shape, struct host_facts *ret);
