// SPDX-License-Identifier: Apache-2.0
/* CPU lists and isolcpus= as the kernel reads them on its command line. */
#pragma once

#include <stdbool.h>

struct cpulist;
struct host_facts;

/**
 * host_list_parse() - a list as the kernel takes it on its command line: "2-5", "0-15:1/4", "8-N", "all".
 * @ret: as it was after an error.
 *
 * Returns 0; -EINVAL or -ERANGE where the kernel takes none of it.
 */
int host_list_parse(const struct host_facts *host, const char *text, struct cpulist *ret);

/**
 * struct isolcpus - its flags, and where its list begins.
 * @domain: also where no flag that the kernel knows is given.
 * @skipped: there is a flag that the kernel does not know, and goes on after.
 * @ignored: the kernel ignores the whole parameter.
 */
struct isolcpus {
	bool domain;
	bool managed_irq;
	bool skipped;
	bool ignored;
	const char *list;
};

/** host_isolcpus_parse() - @text: the value of isolcpus=; borrowed. */
struct isolcpus host_isolcpus_parse(const char *text);
